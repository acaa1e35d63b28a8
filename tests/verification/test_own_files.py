"""A file of claims from outside: what is wrong in it is one line with its place, and what it prints is its own."""

import json

import pytest

from saddlecheck.verification import user_file

CLAIM = "Claim('{}', 'T', BEYOND, 'S.', x > 0, voice='ours')"
HEAD = "from saddlecheck import Claim, Paper\nfrom saddlecheck.theory import BEYOND\n"
HEAD += "from saddlecheck.theory.symbols import real\nx = real('x')\n"
ONE = f"a = {CLAIM.format('a')}\n"
WRONG = {
    "no paper": (HEAD + "y = x\n", "bad.py:1: it defines no Paper and no tuple of claims"),
    "nothing": ("", "bad.py:1: it defines no Paper"),
    "two papers": (
        HEAD + ONE + "P = Paper('p', 'T', (), 2000, (a,))\nQ = Paper('q', 'T', (), 2000, (a,))\n",
        "bad.py:7: it defines several, P and Q",
    ),
    "two tuples": (HEAD + ONE + "P = (a,)\nQ = (a, )\nR = [a]\n", "bad.py:7: it defines several, P and Q and R"),
    "an id twice": (
        HEAD + ONE + "P = Paper('p', 'T', (), 2000, (a, a))\n", "bad.py:6: two claims have the id 'a'"),
    "an id twice in a tuple": (HEAD + ONE + "P = (a, a)\n", "bad.py:6: two claims have the id 'a'"),
    "an exception": (HEAD + "\n1 / 0\n", "bad.py:6: ZeroDivisionError: division by zero"),
    "an exception below": (
        HEAD + "def f():\n    raise KeyError('k')\n\nf()\n", "bad.py:6: KeyError: 'k'"),
    "what is no Exception": (
        "class Stop(BaseException):\n    pass\n\nraise Stop('enough')\n", "bad.py:4: Stop: enough"),
    "an exit": ("import sys\nsys.exit(0)\n", "bad.py:2: it exits (0)"),
    "another exit": ("raise SystemExit('enough')\n", "bad.py:1: it exits (enough)"),
    "no Python": ("x = (\n", "bad.py:1: '(' was never closed"),
    "a zero byte": ("x = 1\0\n", "bad.py:1: source code string cannot contain null bytes"),
    "a bad claim": (HEAD + "\n\nClaim('A B', 'T', BEYOND, 'S.', x > 0)\n", "bad.py:7: claim id 'A B'"),
    "no voice in a paper": (
        HEAD + "a = Claim('a', 'T', BEYOND, 'S.', x > 0)\nPaper('p', 'T', (), 1, (a,))\n", "bad.py:6: claim a of"),
    "our paper's id": (
        HEAD + ONE + "P = Paper('kim', 'T', (), 2000, (a,))\n", "bad.py:6: 'kim' is the id of a paper of saddlecheck"),
    "no folder of records": (
        HEAD + ONE + "from pathlib import Path\nP = Paper('p', 'T', (), 2000, (a,), records=Path('none'))\n",
        "bad.py:7: records='none' is no folder"),
    "records that are no path": (
        HEAD + ONE + "P = Paper('p', 'T', (), 2000, (a,), records='.')\n", "bad.py:6: records='.' is no folder"),
    "an endless loop": ("\nwhile True:\n    pass\n", "it did not end within 1 seconds and was here"),
    "an endless loop that catches": (
        "\nwhile True:\n    try:\n        i = 0\n        while True:\n            i += 1\n    except ValueError:\n"
        "        pass\n", "it did not end within 1 seconds and was here"),
    "a nap": ("import time\ntime.sleep(100)\n", "bad.py:2: it did not end within 1 seconds"),
    "an empty claim": (
        HEAD + "P = (Claim(\"hollow\", 'T', BEYOND, 'S.', x > 1, (x**2 < 0,)),)\n", "bad.py:5: claim hollow:"),
    "an experiment that fails": (
        HEAD + "from saddlecheck.theory.claims.nodes import Prop\n"
        "from saddlecheck.numerics.experiment import Experiment\n"
        "from saddlecheck.numerics.statistics import Budget\n"
        "def measure(settings):\n    return 1 / 0\n\n"
        "a = Claim('a', 'T', BEYOND, 'S.', Prop('p', 'P.'), settles='look', voice='ours')\n"
        "e = Experiment('e', 'a', 'q', 'path', {}, Budget({'r': 1.0}), measure, 1.0)\n"
        "P = Paper('p', 'T', (), 2000, (a,), experiments=(e,))\n", "bad.py:9: ZeroDivisionError"),
}  # fmt: skip


CASES = {
    f"{verb}: {name}": (verb, *case)
    for name, case in WRONG.items()
    for verb in ("check", "claims")
    if verb == "check" or name not in ("an empty claim", "an experiment that fails")
}  # which are found when run


@pytest.mark.parametrize(("verb", "text", "says"), CASES.values(), ids=list(CASES))
def test_what_is_wrong_in_a_file_is_one_line_with_its_place(run, tmp_path, monkeypatch, verb, text, says):
    monkeypatch.setattr(user_file, "SECONDS", 1.0)
    (tmp_path / "bad.py").write_text(text)
    code, out, err = run(verb, "bad.py")
    lines = [line for line in err.splitlines() if "is run as your own program" not in line]
    assert code == 2
    assert out == ""
    assert len(lines) == 1, err
    assert says in lines[0]


@pytest.mark.parametrize("verb", ["show", "twins", "pages", "recheck", "report"])
def test_every_verb_that_takes_a_file_says_it_in_one_line(run, tmp_path, verb):
    (tmp_path / "bad.py").write_text(HEAD + "\n1 / 0\n")
    code, out, err = run(verb, "bad.py")
    assert (code, out) == (2, "")
    assert err.splitlines()[1:] == ["saddlecheck: bad.py:6: ZeroDivisionError: division by zero"]


def test_an_interruption_is_the_users_own_and_no_fault_of_the_file(tmp_path):
    (tmp_path / "stopped.py").write_text("raise KeyboardInterrupt\n")
    with pytest.raises(KeyboardInterrupt):
        user_file.run(tmp_path / "stopped.py")


@pytest.mark.parametrize(("word", "says"), [
    ("none.py", "none.py cannot be read"), ("good.py:nothing", "good.py:1: it defines no 'nothing'"),
    ("good.py:x", "good.py:4: x is a Symbol, neither a Paper nor a tuple of claims"),
])  # fmt: skip
def test_a_file_or_a_name_that_is_not_there(run, tmp_path, word, says):
    (tmp_path / "good.py").write_text(HEAD + ONE + "P = (a,)\n")
    code, _, err = run("check", word)
    assert code == 2
    assert says in err


def test_a_name_chooses_among_several(run, tmp_path):
    (tmp_path / "two.py").write_text(HEAD + ONE + "P = (a,)\nQ = Paper('q-paper', 'T', (), 2000, (a,))\nR = Q\n")
    for word, paper in (("two.py:P", "two"), ("two.py:Q", "q-paper"), ("two.py", "q-paper")):
        code, out, err = run("check", word, "--json", "--jobs", "1")
        assert code == 0, err
        assert json.loads(out)["paper"] == paper


def test_what_a_file_prints_does_not_end_among_the_results(run, tmp_path):
    (tmp_path / "loud.py").write_text(HEAD + ONE + "P = (a,)\nprint('hello')\n")
    code, out, err = run("check", "loud.py", "--json", "--jobs", "1")
    assert code == 0
    assert json.loads(out)["id"] == "a"
    assert "hello" in err


def test_a_file_finds_the_modules_beside_it(run, tmp_path):
    (tmp_path / "beside_it.py").write_text(HEAD + ONE)
    (tmp_path / "main_file.py").write_text("from beside_it import a\n\nP = (a,)\n")
    code, _, err = run("check", "main_file.py", "--json", "--jobs", "1")
    assert code == 0, err


def test_claims_of_which_no_twin_can_be_made_have_no_kill_rate(run, tmp_path):
    (tmp_path / "stepless.py").write_text(HEAD + ONE + "P = (a,)\n")
    code, out, err = run("twins", "stepless.py", "--jobs", "1")
    assert code == 0, err
    assert out.startswith("no false twins: ")
    assert "%" not in out
