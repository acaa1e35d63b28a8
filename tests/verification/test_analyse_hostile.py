"""Hostile and random input to `saddlecheck analyse`: one line and exit code 2, or an answer; no traceback, no hang."""

import subprocess
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from saddlecheck.theory.critical.loss import Loss
from saddlecheck.theory.errors import BadLoss
from saddlecheck.verification.cli import main

HOSTILE = {
    "import": "__import__('os').system('echo pwned')",
    "import statement": "import os",
    "dunder": "x.__class__.__bases__[0].__subclasses__()",
    "attribute": "x.real",
    "lambda": "(lambda: 1)()",
    "comprehension": "[x for x in (1, 2)]",
    "f-string": "f'{x}'",
    "format": "'{0.__class__}'.format(x)",
    "eval": "eval('1')",
    "exec": "exec('x=1')",
    "open": "open('/etc/passwd')",
    "getattr": "getattr(x, 'y')",
    "walrus": "(y := x)",
    "ternary": "x if x else y",
    "comparison": "x < y",
    "boolean": "x and y",
    "subscript": "x[0]",
    "star": "exp(*x)",
    "keyword": "exp(x=1)",
    "string": "'x'",
    "bytes": "b'x'",
    "complex": "x + 1j",
    "semicolon": "x; y",
    "newline": "x\nimport os",
    "null byte": "x\x00",
    "unicode look-alike": "ехр(x)",  # Cyrillic letters
    "full width": "ｘ**2",
    "superscript": "x²",
    "right-to-left": "x\u202e**2",
    "tower": "9**9**9**9*x",
    "huge exponent": "x**(10**9)",
    "huge number": "1" * 5000 + "*x",
    "decimal exponent": "1e999999999*x",
    "deep": "(" * 4500 + "x" + ")" * 4500,
    "unary chain": "-" * 9000 + "x",
    "long": "x+" * 6000 + "x",
    "expansion": "(a+b+c+d+e+f+g)**60",
    "nested powers": "((((x**40)**40)**40)**40)",
    "division by zero": "x/0",
    "hidden zero": "x/(1-1)",
    "log of zero": "x + log(0)",
    "root of a negative": "x*sqrt(-1)",
    "unknown function": "gamma(x)",
    "no variables": "1 + 2",
    "many variables": "+".join(f"v{i}" for i in range(200)),
    "nan": "nan*x",
    "infinity": "oo + x",
    "empty": "",
    "blank": " \t ",
    "half": "x +",
    "caret": "x^2",
    "equation": "x = 2",
    "comment": "x # y",
    "backslash": "x \\\n + y",
    "None": "None",
    "bool": "True*x",
    "ellipsis": "...",
    "underscore": "1_000*x",
    "private": "_x + __y__",
    "function as variable": "sin + x",
    "two arguments": "exp(x, y)",
}


@pytest.fixture
def run(capsys):
    def call(*arguments):
        start = time.process_time()
        code = main.run(["analyse", *arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err, time.process_time() - start

    return call


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_is_refused_in_one_line(run, text):
    code, out, err, seconds = run("--", text)
    assert code == 2
    assert out == ""
    assert len(err.strip().splitlines()) == 1
    assert err.startswith("saddlecheck: ")
    assert len(err) < 400
    assert seconds < 2


def test_five_megabytes_from_stdin_are_refused():
    done = subprocess.run(
        [sys.executable, "-c", "from saddlecheck.verification.cli.main import main; main()", "analyse", "-"],
        input="x+" * 2_500_000 + "x", capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1


def test_ten_thousand_parentheses_from_stdin_are_refused():
    done = subprocess.run(
        [sys.executable, "-c", "from saddlecheck.verification.cli.main import main; main()", "analyse", "-"],
        input="(" * 10_000 + "x" + ")" * 10_000, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


# Grammar-shaped text: right often enough to go beyond the parser.
_ATOM = st.sampled_from(["x", "y", "w1", "0", "1", "2", "0.5", "1e-3", "pi", "3"])
_FUNCTION = st.sampled_from(["sqrt", "exp", "log", "sin", "cos", "tan", "tanh", "sigmoid", "softplus", "abs", "f"])


def _grow(inner):
    pair = st.tuples(inner, st.sampled_from(["+", "-", "*", "/", " * ", "**", "//", "%", ""]), inner)
    return st.one_of(
        pair.map("".join),
        inner.map(lambda e: f"({e})"),
        inner.map(lambda e: f"-{e}"),
        st.tuples(_FUNCTION, inner).map(lambda p: f"{p[0]}({p[1]})"),
        st.tuples(inner, st.integers(0, 6)).map(lambda p: f"({p[0]})**{p[1]}"),
    )


SHAPED = st.recursive(_ATOM, _grow, max_leaves=8)
NOISE = st.one_of(st.text(max_size=60), st.text(alphabet="xy12+-*/().,e_[]{}'\" \n=<>:;@#", max_size=40))


def parses_or_is_refused(text):
    start = time.process_time()
    said = ""
    try:
        Loss(text)
    except BadLoss as refusal:
        said = str(refusal)
    assert "\n" not in said
    assert len(said) < 400
    # A parse takes milliseconds; two seconds of this process's own time are a hang.
    assert time.process_time() - start < 2


@pytest.mark.properties
@pytest.mark.slow
@pytest.mark.untraced
@settings(max_examples=6000)
@given(SHAPED)
def test_shaped_text_is_read_or_refused(text):
    parses_or_is_refused(text)


@pytest.mark.properties
@pytest.mark.slow
@pytest.mark.untraced
@settings(max_examples=4000)
@given(NOISE)
def test_noise_is_read_or_refused(text):
    parses_or_is_refused(text)


def test_a_point_on_the_edge_of_the_domain_is_judged_without_a_warning():
    assert main.run(["analyse", "--json", "-o", "sam_normalised", "--", "(-(x**0.5))**5"]) == 0


@pytest.mark.properties
@pytest.mark.slow
@pytest.mark.untraced
@settings(max_examples=60)
@given(SHAPED)
def test_the_whole_command_answers_or_refuses(text):
    start = time.process_time()
    code = main.run(["analyse", "--json", "--timeout", "2", "-o", "gd", "-o", "sam_normalised", "--", text])
    assert code in (0, 2)
    assert time.process_time() - start < 20
