"""Words of claims on a page: exponents raised, short formulas kept on one line, the claims that they name linked."""

from __future__ import annotations

import re
from collections.abc import Callable, Container

from saddlecheck.theory.printing import prose

_CODE = re.compile(r"(`[^`]+`|<code>.*?</code>)")
_RAISED = re.compile(r"\^(?:\(((?:[^()]|\([^()]*\))+)\)|([-−]?[A-Za-zα-ω])(?![\w(]))")
_MINUS = re.compile(r"(?<![\w)])-(?=\()")  # -(a + b)
_TOGETHER = re.compile(r"\([^()]{1,24}\)[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]|\((?![^()]*[A-Za-z]{2})[^()]{1,24}\)")  # (1 + ρ λ)², (0.1, −2.6)
_APOSTROPHE = re.compile(r"(?<=[A-Za-z])'(?=s\b)|(?<=[a-z]{2}s)'(?= [a-z])")  # SAM's, its minima's; no prime
_INDEX = "[₀-₉ᵢⱼₙ⁰-⁹²³¹⁻ⁿᵖ]*"
_PRODUCT = re.compile(r"(?<=[α-ωℓ)²³])(?<!\w\w) (?=[α-ω]|\||\((?=[^()]{1,24}\)))")  # ρ λ, λ (1 + ρ λ), η |λ|
_VALUE = re.compile(rf"(?<!\w)([A-Za-zα-ω]{_INDEX}) ([=<>≤≥]) (?=[−\dα-ω])")  # t = 1, λ > 0
_KEPT = "\N{NO-BREAK SPACE}"  # no line ends there
_PARENTHESES = re.compile(r"\((?:[a-z0-9-]+(?:, | and |; |\)))+")
_HYPHENATED = re.compile(r"(?<![\w/.-])[a-z0-9]+(?:-[a-z0-9]+)+(?![\w/.-]*\w)")


def myst(text: str) -> str:
    """Plain text as Markdown."""
    return _outside_code(_set, prose.myst(text))


def plain(text: str) -> str:
    """Plain text as HTML."""
    return _outside_code(_set, prose.plain(text))


def linked(text: str, ids: Container[str]) -> str:
    """Markdown in which the claims are linked that it names: by an id of several parts, or by one in parentheses.

    Args:
        text: Markdown.
        ids: those of claims that have a page beside this one.

    Returns:
        Markdown.
    """

    def link(name: re.Match[str]) -> str:
        return f"[{name[0]}]({name[0]}.md)" if name[0] in ids else name[0]

    def words(part: str) -> str:
        part = _PARENTHESES.sub(lambda m: re.sub(r"[a-z0-9-]+", link, m[0]), part)
        return _HYPHENATED.sub(lambda m: m[0] if m.string[m.start() - 1 : m.start()] == "[" else link(m), part)

    def code(part: str) -> str:
        return f"[{part}]({name}.md)" if (name := part.strip("`")) in ids else part

    return _outside_code(words, text, code)


def _set(text: str) -> str:
    text = _MINUS.sub("−", text)
    text = _APOSTROPHE.sub("’", text)
    text = _TOGETHER.sub(lambda m: m[0].replace(" ", _KEPT), text)
    text = _VALUE.sub(rf"\1{_KEPT}\2{_KEPT}", _PRODUCT.sub(_KEPT, text))
    return _RAISED.sub(lambda m: f"<sup>{(m[1] or m[2]).replace('-', '−')}</sup>", text)


def _outside_code(change: Callable[[str], str], text: str, code: Callable[[str], str] = str) -> str:
    return "".join(code(part) if i % 2 else change(part) for i, part in enumerate(_CODE.split(text)))
