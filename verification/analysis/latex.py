"""A LaTeX snippet of the verdicts, with the claims that they rest on."""

from __future__ import annotations

from typing import Any

from saddlecheck.verification.analysis.result import Findings, Point
from saddlecheck.verification.analysis.settings import SHOWN

_NAMES = {
    "gd": "GD", "sam": "SAM", "sam_normalised": "normalised SAM", "heavy_ball_sam": "SAM with heavy ball",
}  # fmt: skip
_ROWS = 12


def snippet(analysis: Findings) -> str:
    """A table of the critical points and a sentence on the threshold; needs the package booktabs."""
    shown = [n for n in SHOWN if all(n in p.optimisers for p in analysis.points)] if analysis.points else []
    s = analysis.settings
    lines = [
        "% critical points and what they attract",
        r"\begin{tabular}{llll" + "l" * len(shown) + "}",
        r"\toprule",
        " & ".join(["point", "kind", "eigenvalues", r"$\rho^*$", *(_NAMES[n] for n in shown)]) + r" \\",
        r"\midrule",
    ]
    for p in analysis.points[:_ROWS]:
        none = "--" if p.threshold_known else "?"
        threshold = none if p.rho_threshold is None else f"${_number(p.rho_threshold)}$"
        cells = [_place(p), p.kind, _list(p.eigenvalues), threshold, *(p.optimisers[n].verdict for n in shown)]
        lines.append(" & ".join(cells) + r" \\")
    lines += [r"\bottomrule", r"\end{tabular}", ""]
    if len(analysis.points) > _ROWS:
        lines.append(f"% {len(analysis.points) - _ROWS} further points are left out")
    momentum = rf", $\gamma = {s.momentum:g}$" if s.momentum else ""
    lines.append(
        rf"For $\ell = {_formula(analysis)}$ at $\rho = {s.rho:g}$, $\eta = {s.lr:g}${momentum}: "
        rf"a critical point with negative eigenvalues $-\mu_i$ attracts the flow of constant-radius SAM exactly for "
        rf"$\rho > \rho^* = \max_i 1/\mu_i$ (claims {_claims(analysis)})."
    )
    if not analysis.complete:
        lines.append("% the list of critical points is not proved to be complete")
    return "\n".join(lines) + "\n"


def _formula(analysis: Findings) -> str:
    import sympy as sp

    if analysis.source is None:
        return r"\mathrm{loss}"
    return str(sp.latex(analysis.source.expr))


def _claims(analysis: Findings) -> str:
    used: dict[str, None] = {}
    for p in analysis.points:
        for n in SHOWN:
            if n in p.optimisers:
                used |= dict.fromkeys(p.optimisers[n].claims)
    return ", ".join(rf"\texttt{{{c}}}" for c in used) or "none"


def _place(p: Point) -> str:
    import sympy as sp

    def one(k: int) -> str:
        exact = None if p.exact is None else p.exact[k]
        rational = exact is not None and exact.lstrip("-").replace("/", "").isdigit()
        return str(sp.latex(sp.Rational(exact))) if rational else _number(p.at[k])

    return "$(" + ", ".join(one(k) for k in range(len(p.at))) + ")$"


def _list(values: Any) -> str:
    return "$" + ", ".join(_number(v) for v in values) + "$"


def _number(value: float) -> str:
    text = f"{value:.6g}"
    mantissa, _, exponent = text.partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else text
