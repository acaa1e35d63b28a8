r"""Formulas that stand in plain words, set as mathematics: `eta*L < 2 for every rho` has one, up to the word `for`.

Signs are translated one by one, so that nothing is computed, reordered or simplified on the way to the page.
"""

from __future__ import annotations

import re

from saddlecheck.theory.printing.prose import plain
from saddlecheck.verification.site import mathml

_GREEK = ("alpha", "beta", "gamma", "eta", "rho", "lambda", "mu", "theta", "sigma", "kappa", "tau", "phi", "pi")
_NAME = rf"(?:{'|'.join(_GREEK)}|Abs|sqrt|diag|[A-Za-z])(?:_\w+)?(?![\w'])"
_SIGN = rf"(?:{_NAME}|\d+(?:\.\d+)?|\*\*|<=|>=|[-+*/^<>=()|])"
_STRETCH = re.compile(rf"(?<![\w'-]){_SIGN}(?:\s?{_SIGN})*(?![\w'-])")
_TOKEN = re.compile(rf"\*\*|<=|>=|{_NAME}|\d+(?:\.\d+)?|.")
_LATEX = {"*": " ", "<=": r" \leq ", ">=": r" \geq ", "<": " < ", ">": " > ", "=": " = ", "+": " + ", "-": " - ",
          "/": " / ", " ": r" \, ", "diag": r"\mathrm{diag}"}  # fmt: skip


def set_formulas(text: str) -> str:
    """Words as HTML, what is a formula among them as MathML; a stretch whose brackets do not match stays as typed."""
    found: list[str] = []

    def kept(match: re.Match[str]) -> str:
        stretch = match[0]
        if not re.search(r"[*/^<>=+]| - ", stretch) or not re.search(r"\w", stretch) or not _matches(stretch):
            return stretch
        found.append(mathml.inline(latex(stretch)))
        return f"\ue000{len(found) - 1}\ue001"

    words = plain(_STRETCH.sub(kept, text))
    return re.sub("\ue000(\\d+)\ue001", lambda m: found[int(m[1])], words)


def latex(text: str) -> str:
    r"""A formula as it is typed, in LaTeX: `eta*L**2` is \eta L^{2}, `Abs(x)` and `|x|` are \left|x\right|.

    Returns:
        LaTeX.
    """
    tokens, bars = _TOKEN.findall(re.sub(r" ?(\*\*|<=|>=|[-+*/^<>=]) ?", r"\1", text)), 0
    out = []
    closing: list[str] = []  # what closes each bracket that is open
    i = 0
    while i < len(tokens):
        token, i = tokens[i], i + 1
        if token in ("**", "^"):
            if tokens[i] == "(":
                out.append("^{")
                closing.append("}")
                i += 1
            else:
                signed = tokens[i] == "-"
                out.append("^{" + "".join(tokens[i : i + 1 + signed]) + "}")
                i += 1 + signed
        elif token == "Abs":
            out.append(r"\left|")
            closing.append(r"\right|")
            i += 1  # its parenthesis
        elif token == "sqrt":
            out.append(r"\sqrt{")
            closing.append("}")
            i += 1
        elif token == "(":
            out.append(r"\left(")
            closing.append(r"\right)")
        elif token == ")":
            out.append(closing.pop())
        elif token == "|":
            out.append(r"\right|" if bars % 2 else r"\left|")
            bars += 1
        else:
            name, _, index = token.partition("_")
            sign = f"\\{name} " if name in _GREEK else name
            out.append(_LATEX.get(token, sign.strip() + f"_{{{index}}}" if index else sign))
    return re.sub(r" +(?=\^)", "", re.sub(r" +", " ", "".join(out))).strip()


def _matches(text: str) -> bool:
    """Whether every bracket has its other half."""
    depth = 0
    for sign in text:
        depth += (sign == "(") - (sign == ")")
        if depth < 0:
            return False
    return depth == 0 and text.count("|") % 2 == 0
