"""The command line as a user meets it: exit codes, one-line errors, results on stdout and nothing else there."""

import json

import pytest

from saddlecheck.theory import CLAIMS
from saddlecheck.theory.claims.serial import digest
from saddlecheck.verification.cli import main
from saddlecheck.verification.ledger import book, pins, wordings
from saddlecheck.verification.ledger.judge import Ground, Verdict


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        code = main.run(arguments)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


def test_check_json_is_one_object_a_line_and_nothing_else(run, tmp_path):
    code, out, err = run("check", "thm1", "thm1-strict", "--json", "--jobs", "1", "--report", str(tmp_path / "r"))
    objects = [json.loads(line) for line in out.splitlines()]
    assert [o["id"] for o in objects] == ["thm1", "thm1-strict"]
    assert {o["verdict"] for o in objects} <= {v.value for v in Verdict}
    assert code == 0, err
    assert (tmp_path / "r" / "thm1.json").exists()
    assert json.loads((tmp_path / "r" / "ledger.json").read_text())["claims"] == objects


def test_json_of_the_other_verbs_is_json_and_nothing_else(run, tmp_path):
    code, out, _ = run("claims", "--section", "4.2", "--json")
    listed = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert "thm1" in [c["id"] for c in listed]
    assert all(c["says"] and c["place"].startswith("4.2") for c in listed)

    code, out, _ = run("show", "thm1", "--json")
    shown = json.loads(out)
    assert (code, shown["verdict"]) == (0, Verdict.CONDITIONAL.value)

    (tmp_path / "thm1.json").write_text(out)
    code, out, _ = run("recheck", "thm1.json", "--json")
    assert code == 3  # its repair rests on Lyapunov's theorem, which is accepted
    lines = {line["what"]: line["result"] for line in json.loads(out)["lines"]}
    trusted = ["thm1-strict: thm1-linearisation: step lyapunov"]
    assert [i for i, result in lines.items() if result == "trusted"] == trusted
    assert (lines["conditions"], lines["witness"]) == ("verified", "verified")


def test_a_moved_verdict_and_a_reworded_claim_are_exit_code_one(run, monkeypatch):
    monkeypatch.setattr(pins, "load", lambda _path: {"exp-sign": pins.Pin("refuted", "0")})
    code, _, err = run("check", "exp-sign", "--jobs", "1")
    assert code == 1
    assert "moved: exp-sign is now 'holds', last reviewed as 'refuted'" in err
    assert "reworded: exp-sign" in err


def test_pin_records_what_was_checked(run, monkeypatch, tmp_path):
    monkeypatch.setattr(pins, "PINNED", tmp_path / "pinned.toml")
    said = run("check", "exp-sign", "--jobs", "1", "--pin")[2]
    (only,) = pins.load(tmp_path / "pinned.toml").items()
    assert only == ("exp-sign", pins.Pin("holds", wordings.wording(CLAIMS["exp-sign"]), "ours"))
    assert said == f"{tmp_path / 'pinned.toml'} holds what is now reviewed.\n"
    code, _, err = run("check", "exp-sign", "--jobs", "1")
    assert (code, err) == (0, "")


def test_the_graph_of_a_claim(run):
    code, out, _ = run("show", "exp-parabola", "--graph")
    assert code == 0
    assert out.splitlines() == [
        "exp-parabola: holds",
        "  cites exp-bound in step 'tangent'",
        "exp-bound: holds",
        "  cites exp-sign in step 'sign'",
        "exp-sign: holds",
    ]
    code, out, _ = run("show", "exp-parabola", "--graph", "--json")
    assert code == 0
    nodes = [json.loads(line) for line in out.splitlines()]
    assert [(n["id"], [e["on"] for e in n["edges"]]) for n in nodes] == [
        ("exp-parabola", ["exp-bound"]), ("exp-bound", ["exp-sign"]), ("exp-sign", []),
    ]  # fmt: skip


def test_table_for_people(run):
    code, out, _ = run("check", "thm1", "--jobs", "1")
    assert code == 0
    assert "thm1" in out
    assert "rho" in out
    assert "recheck" in out
    assert "claim" in out
    for word in Ground.ACCEPTED.split():  # the ground of its repair, folded over lines
        assert word in out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("check", "thm1-stric"), "did you mean thm1-strict"),
        (("show", "zzzz"), "`saddlecheck claims` lists them all"),
        (("check", "--jobs", "0"), "jobs"),
        (("check", "--nonsense"), "No such option"),
        (("nonsense",), "No such command"),
        (("recheck", "none.json"), "cannot be read"),
        (("claims", "--section", "9.9"), "no claim is from section"),
        (("check", "thm1", "--report", "/dev/null/x"), "Not a directory"),
        (("show",), "name a claim by its id or its place"),
    ],
)
def test_bad_usage_is_one_line_and_exit_code_two(run, arguments, says):
    code, out, err = run(*arguments)
    assert code == 2
    assert out == ""
    assert says in err
    assert len(err.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("check", "exp-sign", "--report", "taken"), "taken is there and no folder; name another place."),
        (("explorer", "--out", "taken/page.html"), "taken is there and no folder; name another place."),
        (("export", "--coq", "exp-sign", "--out", "taken"), "taken is there and no folder; name another place."),
        (("check", "exp-sign", "--junit", "folder"), "folder is a folder; name the file, as in folder/verdicts.xml."),
        (("explorer", "--out", "/proc/none.html"), "/proc/none.html cannot be used (No such file or directory); see "
         "that it can be read or written, or name another."),
        (("recheck", "none.json"), "none.json cannot be read (No such file or directory); name a file that "
         "`saddlecheck check` wrote, as in report/thm1.json."),
        (("recheck", "bytes"), "bytes is no text, so no certificate; name a file that `saddlecheck check` wrote, as in "
         "report/thm1.json."),
    ],
)  # fmt: skip
def test_what_the_system_says_of_a_file_comes_with_its_own_name_and_a_remedy(run, tmp_path, arguments, says):
    """No number of an error, and not the name of the temporary file beside the one that was asked for."""
    (tmp_path / "taken").write_text("")
    (tmp_path / "folder").mkdir()
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    assert run(*arguments) == (2, "", f"saddlecheck: {says}\n")


def test_what_the_parser_refuses_says_where_to_read_on(run):
    assert run("check", "--nonsense")[2].endswith("See `saddlecheck check --help`.\n")
    assert run("nonsense")[2].endswith("See `saddlecheck --help`.\n")
    assert "(x). See" in run("papers", "x")[2]


def test_no_arguments_is_help_and_exit_code_two(run):
    code, out, _ = run()
    assert code == 2
    assert "check" in out


def test_claims_lists_every_id_in_order(run, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    _, out, _ = run("claims")
    listed = [line.split()[0] for line in out.splitlines()[1:] if line and not line.startswith(" ")]
    assert [i for i in listed if i in CLAIMS] == list(CLAIMS)
    _, some, _ = run("claims", "--section", "4.2")
    assert "thm1" in some
    assert "thm2" not in some


def test_show_has_statement_steps_verdict_and_witness(run):
    code, out, _ = run("show", "thm1-strict")
    assert code == 0
    for part in ("Statement", "given", "sympy: proved", "z3: proved", "accepted on a source"):
        assert part in out
    _, printed, _ = run("show", "thm1")
    assert "witness:" in printed


def test_only_what_is_not_kept_is_settled_and_printed_as_before(run, tmp_path, monkeypatch):
    monkeypatch.setenv("SADDLECHECK_CACHE", str(tmp_path / "cache"))
    settle, asked = book.check_all, []
    monkeypatch.setattr(book, "check_all", lambda ids, **more: asked.append(list(ids)) or settle(ids, **more))
    words = ("check", "exp-parabola", "exp-sign", "--json", "--no-numeric", "--jobs", "1")
    printed = run(*words)
    assert run(*words) == printed
    (tmp_path / "cache" / "result-proofs-exp-parabola.json").unlink()
    assert run(*words) == printed
    assert list(map(sorted, asked)) == [["exp-parabola", "exp-sign"], ["exp-parabola"]]


def test_recheck_of_a_fresh_certificate(run):
    run("check", "exp-parabola", "--jobs", "1")
    code, out, _ = run("recheck", "report/exp-parabola.json")
    assert code == 0
    assert out.startswith("exp-parabola: holds\n")
    assert ": verified (Cite)" in out


def test_recheck_tells_what_is_altered_from_what_is_trusted_and_from_what_is_no_certificate(run, tmp_path):
    run("check", "thm1-strict", "--jobs", "1")
    whole = json.loads((tmp_path / "report" / "thm1-strict.json").read_text())
    codes = {}
    for name, change in (
        ("altered", {"says": "Something else."}),
        ("trusted", {"model": None}),
        ("old", {"format": 1}),
    ):
        changed = {key: value for key, value in {**whole, **change}.items() if key != "digest"}
        (tmp_path / f"{name}.json").write_text(json.dumps({**changed, "digest": digest(changed)}))
        code, out, err = run("recheck", f"{name}.json")
        codes[name] = code
        assert (out == "") == (code == 2)
        assert len(err.splitlines()) == (code == 2)
    assert codes == {"altered": 1, "trusted": 3, "old": 2}


def test_twins_prints_the_kill_rate(run):
    code, out, _ = run("twins", "thm1-strict", "--jobs", "1")
    assert code == 0
    assert "100.0%" in out


def test_a_bug_is_not_dressed_up_as_bad_input(run, monkeypatch, tmp_path):
    monkeypatch.setenv("SADDLECHECK_CACHE", str(tmp_path))  # nothing is settled yet
    monkeypatch.setattr(book, "check_all", lambda *_a, **_k: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run("check", "thm1")


def test_interrupt_is_130_with_one_line(run, monkeypatch, tmp_path):
    monkeypatch.setenv("SADDLECHECK_CACHE", str(tmp_path))  # nothing is settled yet

    def stop(*_a, **_k):
        raise KeyboardInterrupt

    monkeypatch.setattr(book, "check_all", stop)
    code, _, err = run("check")
    assert code == 130
    assert "What was finished is kept" in err
