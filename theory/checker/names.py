"""The names that a symbol may have: those that a reader takes for one symbol, and for no other.

A symbol is its name. A Cyrillic letter in a formula, `x+y`, or `x1` beside `x_1` would be read as something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

# Greek letters, each read as its name: λ is lambda. Those that look like Latin ones are none of them.
_GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ζ": "zeta", "η": "eta", "θ": "theta",
    "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "π": "pi", "ρ": "rho", "σ": "sigma",
    "τ": "tau", "υ": "upsilon", "φ": "phi", "χ": "chi", "ψ": "psi", "ω": "omega", "Γ": "Gamma", "Δ": "Delta",
    "Θ": "Theta", "Λ": "Lambda", "Ξ": "Xi", "Π": "Pi", "Σ": "Sigma", "Υ": "Upsilon", "Φ": "Phi", "Ψ": "Psi",
    "Ω": "Omega",
}  # fmt: skip
# A word, then subscripts, superscript signs and primes: x_1, w_+, G_{n+1}, w'. x+y and x^2 would be read as terms.
_INDEX = r"(?:_(?:[A-Za-z0-9]+|[+-]|\{[A-Za-z0-9+,|*-]+\})|\^[+*-])"
_NAME = re.compile(rf"[A-Za-z][A-Za-z0-9]*'*{_INDEX}*'*")
_TAKEN = frozenset(
    ["E", "I", "pi", "oo", "zoo", "nan", "true", "false", "True", "False", "None", "Not", "And", "Or", "Eq", "Ne"]
) | {
    *("exp", "log", "sqrt", "cbrt", "sin", "cos", "tan", "sinh", "cosh", "tanh", "Abs", "sign", "Max", "Min", "erf"),
    *("erfi", "asin", "acos", "atan", "asinh", "acosh", "atanh", "floor", "ceiling", "Piecewise", "Derivative"),
}


def spelt(name: str) -> str:
    """A name with its Greek letters as words."""
    return "".join(_GREEK.get(letter, letter) for letter in name)


def is_readable(name: str) -> bool:
    """Whether a name is read as a symbol: letters, digits and subscripts, and no constant or function."""
    return bool(_NAME.fullmatch(spelt(name))) and spelt(name) not in _TAKEN


def alike(names: Iterable[str]) -> tuple[str, str] | None:
    """Two names that a page prints alike but for the place of a letter, such as x1 and x_1; None if all differ."""
    shown: dict[str, str] = {}
    for name in names:
        if (other := shown.setdefault(re.sub(r"[_{}]", "", spelt(name)), name)) != name:
            return other, name
    return None
