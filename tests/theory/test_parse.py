"""The reader of formulas: exact, never evaluating, and unimpressed by hostile text."""

import math
import time

import pytest
import sympy as sp
from hypothesis import example, given
from hypothesis import strategies as st

from saddlecheck.theory.critical.parse import parse
from saddlecheck.theory.errors import BadLoss

x, y = sp.symbols("x y", real=True)

HOSTILE = {
    "import": "__import__('os').system('ls')",
    "import without quotes": "__import__(os)",
    "attribute": "x.__class__.__mro__",
    "method": "x.subs(x)",
    "lambda": "lambda: x",
    "format string": "f'{x}'",
    "comprehension": "(x for x in y)",
    "walrus": "(x := 3)",
    "conditional": "x if y else z",
    "boolean": "x and y",
    "comparison": "x < y",
    "subscript": "x[0]",
    "tuple": "x, y",
    "keyword argument": "exp(x=1)",
    "starred argument": "exp(*x)",
    "yield": "(yield x)",
    "await": "await x",
    "eval": "eval(x)",
    "cyrillic x": "\u0445**2",
    "full-width digit": "x**\uff12",
    "superscript": "x\u00b2",
    "nul": "x\0",
    "comment": "x # y",
    "several statements": "x; y",
    "tower": "9**9**9**9",
    "left tower": "((9**9)**9)**9",
    "huge exponent": "x**(10**9)",
    "float exponent": "x**-1e9",
    "symbolic exponent": "x**x",
    "nested powers": "((x**40)**40)**40",
    "many terms": "(a+b+c+d+e+f)**30",
    "factorial growth": "exp(exp(exp(exp(9))))*x",
    "parentheses": "(" * 10_000 + "x" + ")" * 10_000,
    "parentheses within the length": "(" * 3000 + "x" + ")" * 3000,
    "calls": "sin(" * 1500 + "x" + ")" * 1500,
    "minus signs": "-" * 9000 + "x",
    "5 MB": "x**2+" * 1_000_000 + "x",
    "division by zero": "x/0",
    "division by x - x": "1/(x-x)",
    "division by a hidden zero": "1/((x+1)**2 - x**2 - 2*x - 1)",
    "unknown function": "foo(x)",
    "two arguments": "exp(x, y)",
    "no argument": "exp()",
    "bare function": "exp + x",
    "no variables": "3",
    "200 variables": "+".join(f"x{i}" for i in range(200)),
    "nan": "nan*x",
    "inf": "inf*x",
    "overflow": "1e400*x",
    "underflow": "1e-400*x",
    "digits": "9" * 5000 + "*x",
    "hexadecimal": "0x10*x",
    "imaginary": "1j*x",
    "True": "True*x",
    "ellipsis": "...",
    "root of a negative number": "sqrt(-1)*x",
    "logarithm of zero": "log(0)*x",
    "empty": "",
    "blank": " \n\t",
    "caret": "x^2",
    "implicit product": "2x",
    "floor": "x//2",
    "matrix product": "x@y",
    "dunder": "x__y",
    "long name": "x" * 40,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_is_refused_in_one_line_at_once(text):
    start = time.process_time()
    with pytest.raises(BadLoss) as caught:
        parse(text)
    assert time.process_time() - start < 1.0
    message = str(caught.value)
    assert "\n" not in message
    assert 20 < len(message) < 220
    assert message.endswith(".")
    assert message.isascii() or "…" in message


def test_not_even_text_is_refused():
    with pytest.raises(BadLoss, match="must be text, not int"):
        parse(3)  # type: ignore[arg-type]  # the wrong type is the point


@pytest.mark.parametrize(
    ("text", "expected", "names"),
    [
        ("x**2 - y**2", x**2 - y**2, "x y"),
        ("0.1*x", x / 10, "x"),
        ("1.5e-2*x + .5", sp.Rational(3, 200) * x + sp.Rational(1, 2), "x"),
        ("x**0.5", sp.sqrt(x), "x"),
        ("-x**2", -(x**2), "x"),
        ("x - y - 1", x - y - 1, "x y"),
        ("2/x/y", 2 / (x * y), "x y"),
        ("2**3**2*x", 512 * x, "x"),
        ("0*x + 5", sp.Integer(5), "x"),
        ("x - x", sp.Integer(0), "x"),
        ("cos(pi*x)", sp.cos(sp.pi * x), "x"),
        ("sigmoid(x)", 1 / (1 + sp.exp(-x)), "x"),
        ("softplus(-x)", sp.log(1 + sp.exp(-x)), "x"),
        ("w10 + w2 + w1", sum(sp.symbols("w1 w2 w10", real=True)), "w1 w2 w10"),
        ("x\n + y", x + y, "x y"),
    ],
)
def test_reads_exactly(text, expected, names):
    expression, variables, _ = parse(text)
    assert expression == expected
    assert variables == tuple(sp.symbols(names, real=True, seq=True))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("abs(x)", sp.Abs(x)),
        ("relu(x - y)", sp.Max(0, x - y)),
        ("max(x, y, 1)", sp.Max(x, y, 1)),
        ("min(x, 2) - abs(-3)", sp.Min(x, 2) - 3),
    ],
)
def test_reads_functions_with_kinks(text, expected):
    assert parse(text)[0] == expected


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("2x", "a product is written 2*x"),
        ("2.5 sin(x)", "a product is written 2.5*sin"),
        ("x y", "a product is written x*y"),
        ("1e3x", "a product is written 1e3*x"),
        ("1.5e-3 x", "a product is written 1.5e-3*x"),
        ("sin x", "sin is a function: write sin(x)"),
        ("3(x + 1)", "write * for a product"),
        ("(x + 1)(x - 1)", "write * for a product"),
        ("x(y + 1)", "for a product write x*"),
        ("e*x", "Euler's number or a variable; write exp(1)"),
        ("x + E", "Euler's number or a variable; write exp(1)"),
        ("x^2", "powers are written **"),
        ("max(x)", "two or more arguments"),
        ("abs(x, y)", "takes one argument"),
        ("x*(-8)**(1/3)", "real number"),
        ("sqrt(-x**2)", "leaves the real numbers"),
        ("(-x**2)**(1/3)", "leaves the real numbers"),
    ],
)
def test_refusals_say_what_to_write(text, hint):
    with pytest.raises(BadLoss) as caught:
        parse(text)
    assert hint in str(caught.value)


@pytest.mark.parametrize(
    ("text", "conditions"),
    [
        ("x**3/x", [("nonzero", "x")]),
        ("exp(2*log(x))", [("positive", "x")]),
        ("sqrt(x)**4", [("root", "x")]),
        ("x**-1.5 + 1/(1 + x**2)", [("positive", "x")]),
        ("tan(2*x)", [("nonzero", "cos(2*x)")]),
        ("abs(x) + relu(y - 1)", [("kink", "x"), ("kink", "y - 1")]),
        ("max(x, y, 3)", [("kink", "x - y"), ("kink", "x - 3"), ("kink", "y - 3")]),
        ("softplus(x) + sigmoid(y) + exp(-x)", []),
        ("sqrt(2)*x + abs(-3) + log(7)/pi", []),
    ],
)
def test_conditions_are_noted_as_the_text_is_read(text, conditions):
    assert [(c.kind, c.written) for c in parse(text)[2]] == conditions


def test_a_long_sum_does_not_nest():
    # 2,000 terms lean 2,000 levels to the left in the tree; they are one sum all the same.
    assert parse("+".join(["x*y"] * 2000))[0] == 2000 * x * y


def _formulas():
    leaves = st.sampled_from(["x", "y", "w1", "2", "0.5", "3.25", "1e-1"])

    def grow(inner):
        pair = st.tuples(inner, st.sampled_from(["+", "-", "*", "/"]), inner).map(lambda t: f"({t[0]}){t[1]}({t[2]})")
        call = st.tuples(st.sampled_from(["exp", "sin", "cos", "tanh", "sigmoid", "softplus"]), inner)
        power = st.tuples(inner, st.sampled_from(["2", "3", "-1"])).map(lambda t: f"({t[0]})**{t[1]}")
        sign = inner.map(lambda t: f"-({t})")
        return st.one_of(pair, call.map(lambda t: f"{t[0]}({t[1]})"), power, sign)

    return st.recursive(leaves, grow, max_leaves=12)


def _by_python(text, value):
    # An independent reading of the same grammar: Python's own, on floats.  The text was generated by this test.
    names = {name: getattr(math, name) for name in ("exp", "sin", "cos", "tanh")}
    names |= {"sigmoid": lambda a: 1 / (1 + math.exp(-a)), "softplus": lambda a: math.log1p(math.exp(a))}
    return eval(text, {"__builtins__": {}}, names | value)


@given(_formulas())
@example("(x)-((y)-(2))")
@example("-(x)**2")
def test_agrees_with_pythons_own_reading(text):
    point = {"x": 0.3, "y": -0.7, "w1": 1.1}
    try:
        expression, variables, _ = parse(text)
        expected = _by_python(text, point)
    except (BadLoss, ZeroDivisionError, OverflowError):
        return
    got = complex(expression.evalf(30, subs={v: sp.Rational(str(point[v.name])) for v in variables}))
    # Python's floats lose up to 1e-16 a step, amplified by cancellation, in at most some 30 steps on numbers that
    # we bound by 1e3 here; where the float result is larger nothing is compared.
    if abs(expected) < 1e3:
        assert abs(got - expected) <= 1e-9 * (1 + abs(expected))


def test_the_comparison_notices_a_wrong_reading():
    # false twin: powers that bind to the left of a sign, (-x)**2 for -x**2
    point = {"x": 0.3}
    assert _by_python("-(x)**2", point) != pytest.approx(float(((-x) ** 2).subs(x, 0.3)))


@given(st.one_of(st.text(max_size=60), st.text(alphabet="xy0123456789+-*/().e_ ,sqrtexplog", max_size=80)))
def test_any_text_is_read_or_refused(text):
    start = time.process_time()
    refusal = ""
    try:
        expression, variables, _ = parse(text)
    except BadLoss as reason:
        refusal = str(reason)
    else:
        assert expression.free_symbols <= set(variables)
    assert "\n" not in refusal
    assert time.process_time() - start < 2.0
