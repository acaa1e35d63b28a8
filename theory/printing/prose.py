"""The claims' plain text as typography: Greek letters, exponents and signs, with Markdown's characters made harmless.

Only how words look is changed here; every formula of a page comes from `formula`, never from text.
"""

from __future__ import annotations

import re

_GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "eta": "η", "rho": "ρ", "lam": "λ", "lambda": "λ", "mu": "μ", "tau": "τ",
    "kappa": "κ", "sigma": "σ", "phi": "φ", "pi": "π", "theta": "θ", "omega": "ω", "delta": "δ",
    "Delta": "Δ", "eps": "ε", "epsilon": "ε",
}  # fmt: skip
_SUPER = str.maketrans("0123456789+-npsu()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿᵖˢᵘ⁽⁾")
_SUB = str.maketrans("0123456789+-ijn", "₀₁₂₃₄₅₆₇₈₉₊₋ᵢⱼₙ")
_SIGNS = (("<=>", "⇔"), ("->", "→"), (">=", "≥"), ("<=", "≤"), ("+-", "±"), ("<<", "≪"), (" - ", " − "))
_MARKUP = re.compile(r"([\\*_\[\]<>$~#{}])")


def typeset(text: str) -> str:
    """Plain text as a reader expects it set: rho > 1/mu becomes ρ > 1/μ, x^2 becomes x²."""
    # In a claim's id, thm3-gamma, eq14-gamma0 or lambda-lemma-part, a letter's name stays a word.
    greek = rf"(?<![A-Za-z\\])(?<![A-Za-z0-9]{{2}}-)({'|'.join(_GREEK)})(?![A-Za-z]|-lemma)"
    text = re.sub(greek, lambda m: _GREEK[m.group()], text)
    text = re.sub(r"\bgrad\s+l\b", "∇ℓ", text)
    text = re.sub(r"\bgrad\s+f\b", "∇f", text)
    text = re.sub(r"(?<![A-Za-z'])l\(", "ℓ(", text)
    text = re.sub(r"(?<![A-Za-z'])l(?= = )", "ℓ", text)
    text = re.sub(r"_\{([0-9ijn+-]+)\}|_([0-9ijn])(?![A-Za-z])", lambda m: (m[1] or m[2]).translate(_SUB), text)
    text = re.sub(r"\^(?:\((-?\d+|2n)\)|(-?\d+)(?!\.\d|\w))", lambda m: (m[1] or m[2]).translate(_SUPER), text)
    text = re.sub(r"\^([npsu])(?![A-Za-z])", lambda m: m[1].translate(_SUPER), text)
    text = re.sub(r"\bsqrt\((\w+)\)", r"√\1", text)
    for plain, sign in _SIGNS:
        text = text.replace(plain, sign)
    return re.sub(r"(?<![\w)])-(?=[\dα-ωρμλ∇])", "−", text)


def myst(text: str) -> str:
    """Plain text, typeset, as Markdown that shows exactly that; what stands in backticks stays code."""
    parts = re.split(r"(`[^`]+`)", " ".join(text.split()))
    return "".join(part if part.startswith("`") and len(part) > 2 else _escaped(typeset(part)) for part in parts)


def plain(text: str) -> str:
    """Plain text, typeset and escaped for HTML; backticks become code elements."""
    import html

    parts = re.split(r"`([^`]+)`", " ".join(text.split()))
    return "".join(
        f"<code>{html.escape(part)}</code>" if i % 2 else html.escape(typeset(part), quote=False)
        for i, part in enumerate(parts)
    )


def _escaped(text: str) -> str:
    return _MARKUP.sub(r"\\\1", text)
