"""`saddlecheck analyse` as a user meets it: exit codes, what goes where, pipes, narrow terminals, files."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from saddlecheck.verification.analysis.schema import SCHEMA
from saddlecheck.verification.cli import main
from saddlecheck.verification.cli.analyse_command import analyse, formula_last, parse_box

QUICK = ("--rho", "1", "--lr", "0.01")


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        code = main.run(["analyse", *arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


def process(*arguments, text=None, **environment):
    return subprocess.run(
        [sys.executable, "-c", "from saddlecheck.verification.cli.main import main; main()", "analyse", *arguments],
        input=text, capture_output=True, text=True, timeout=60, check=False, env={**os.environ, **environment},
    )  # fmt: skip


def test_the_table(run):
    code, out, err = run("x**2 - y**2", *QUICK)
    assert code == 0
    assert err == ""
    for said in ("saddle", "0.5", "attracts", "repels", "thm1-threshold", "certified"):
        assert said in out


def test_json_alone_on_stdout(run):
    code, out, _ = run("x**2 - y**2", *QUICK, "--json")
    assert code == 0
    data = json.loads(out)
    jsonschema.validate(data, SCHEMA)
    assert data["complete"] is True
    assert data["points"][0]["rho_threshold"] == 0.5
    assert data["points"][0]["optimisers"]["gd"]["verdict"] == "repels"


def test_a_formula_may_begin_with_a_minus_sign_or_come_from_stdin():
    done = process("-x**2 - 2*y**2", "--json", "--no-simulate")
    assert json.loads(done.stdout)["points"][0]["kind"] == "maximum"
    done = process("-", "--json", "--no-simulate", text="x**2 + y**2\n")
    assert json.loads(done.stdout)["points"][0]["kind"] == "minimum"


@pytest.mark.parametrize(
    "formula",
    ["-cos(x)", "-log(x)+x", "-tanh(x)+x**2", "-x**2*h+h**2", "-h**2", "-o**2", "-sin(x)", "-all**2", "-x**2"],
)
@pytest.mark.parametrize("marked", [False, True])
def test_a_formula_that_begins_like_an_option_is_a_formula(run, formula, marked):
    arguments = ("--json", "--no-simulate", "-o", "gd", "--rho", "0.5", "--timeout", "5")
    code, out, err = run(*arguments, "--", formula) if marked else run(formula, *arguments)
    assert code == 0, err
    data = json.loads(out)
    assert data["settings"]["rho"] == 0.5
    assert {name for p in data["points"] for name in p["optimisers"]} <= {"gd"}


FLAGS, VALUED = {"-h", "--help", "--json", "--all"}, {"-o", "--optimiser", "--rho", "--box"}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("x**2 --rho 1", "x**2 --rho 1"),
        ("-cos(x) --rho 1 -o gd", "--rho 1 -o gd -- -cos(x)"),
        ("-o sam --box -2:2 -x", "-o sam --box -2:2 -- -x"),
        ("-h", "-h"),
        ("-h*x --json", "--json -- -h*x"),
        ("-osam -o*x", "-osam -- -o*x"),
        ("--rho -1 x", "--rho -1 x"),  # a bad value stays the option's
        ("- --json", "- --json"),
        ("--json -- -x -h", "--json -- -x -h"),
        ("x --rho", "x --rho"),
        ("--nonsense -x", "--nonsense -- -x"),
    ],
)
def test_options_are_told_from_formulas(given, expected):
    assert formula_last(given.split(), FLAGS, VALUED) == expected.split()


def test_h_alone_prints_the_help(run):
    code, out, _ = run("-h")
    assert code == 0
    assert "Usage: saddlecheck analyse" in out


@pytest.mark.slow
def test_the_examples_of_the_help_work(run):
    lines = [line.strip() for line in analyse.__doc__.splitlines()]
    examples = [shlex.split(line)[2:] for line in lines if line.startswith("saddlecheck analyse")]
    assert len(examples) == 3
    for arguments in examples:
        code, out, err = run(*arguments)
        assert code == 0, err
        assert out
    assert Path("well.png").stat().st_size > 10_000


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"COLUMNS": "40"}, {"TERM": "dumb"}])
def test_pipes_narrow_terminals_and_no_colour(environment):
    done = process("x**2 - y**2", *QUICK, "--no-simulate", **environment)
    assert done.returncode == 0
    assert "\x1b[" not in done.stdout
    assert "attracts" in done.stdout.replace("\n", "")
    assert done.stderr == ""


@pytest.mark.parametrize("formula", ["x**2 - y**2", "(x**2 - 1)**2/4", "x**2 - y**2 + z**2", "x", "w1**2*w2", "0*x"])
def test_pictures_are_written_whole(run, formula):
    code, _, err = run(formula, "--rho", "0.7", "--plot", "p.png", "--no-simulate")
    assert code == 0, err
    assert "p.png" in err
    assert Path("p.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert [p.name for p in Path().iterdir()] == ["p.png"]


def test_latex_has_the_claims(run):
    code, out, _ = run("x**2 - y**2", *QUICK, "--tex", "--no-simulate")
    assert code == 0
    assert out.startswith("%")
    assert r"\texttt{thm1-threshold}" in out
    assert out.count(r"\begin{tabular}") == out.count(r"\end{tabular}") == 1


def test_the_stable_region_is_tabulated(run):
    _, out, _ = run("x**2 - y**2", "--rho", "1", "--region", "--json", "--no-simulate")
    region = json.loads(out)["points"][0]["region"]
    sam = dict(zip(region["rho"], region["lr_max"]["sam"], strict=True))
    assert sam[0.0] is None
    assert sam[3.0] == pytest.approx(2 / (2 * (1 + 6)), rel=1e-12)  # 2/(L (1 + rho L)) with L = 2


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("x**2", "--rho", "-1"), "rho is -1"),
        (("x**2", "--rho", "nan"), "rho is nan"),
        (("x**2", "--lr", "0"), "lr is 0"),
        (("x**2", "--lr", "abc"), "--lr"),
        (("x**2", "--momentum", "1"), "momentum is 1"),
        (("x**2", "--box", "1"), "is no range"),
        (("x**2", "--box", ""), "the box is empty"),
        (("x**2", "--box", "2:1"), "empty or not finite"),
        (("x**2", "--timeout", "-3"), "has to be positive"),
        (("x**2", "--json", "--tex"), "both claim stdout"),
        (("x**2", "--plot", "p.gif"), "is written as"),
        (("x**2", "--plot", "none/p.png"), "does not exist"),
        (("x**2", "-o", "adam"), "'adam' is no optimiser"),
        (("x**2", "--nonsense"), "No such option: --nonsense"),
        (("x**2", "-y**2"), "nexpected extra argument"),
        (("x**2", "-o"), "requires an argument"),
        (("x**2", "--rho", "1e300"), "rho is 1e+300"),
        (("x**2", "--rho", "5e-324"), "rho is 5e-324"),
        (("x**2", "--lr", "1e-320"), "lr is 1e-320"),
        ((), "Missing argument"),
    ],
)
def test_bad_usage_is_one_line_and_exit_code_two(run, arguments, says):
    code, out, err = run(*arguments)
    assert code == 2
    assert out == ""
    assert says in err
    assert len(err.strip().splitlines()) == 1


def test_boxes():
    assert parse_box("-2:2", 2) == [(-2.0, 2.0), (-2.0, 2.0)]
    assert parse_box("-2:2, 0:1e1", 2) == [(-2.0, 2.0), (0.0, 10.0)]
    assert parse_box(None, 3) is None
