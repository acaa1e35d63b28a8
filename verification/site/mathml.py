r"""Formulas as MathML, set when a page is built: no script sets them, and nothing moves once the page is shown.

latex2mathml translates; here its output is made smaller and its slips are mended (arrows as identifiers, a slanted
nabla). A formula is a row of pieces (`line_breaks`), each a `<math>` of its own, which the browser wraps like words.
A piece that is wider than a phone carries its width, and the style sheet scales it to the line. As a Sphinx extension
this module sets the mathematics of Markdown and of docstrings too.
"""

from __future__ import annotations

import html
import re
from copy import deepcopy
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element, tostring

from saddlecheck.verification.site.line_breaks import pieces, width

if TYPE_CHECKING:
    from collections.abc import Sequence

_WAIT = "_static/wait.js"
_ROW = re.compile(r"\\\\(?:\[\d+pt\])?")
_ALIGNED = re.compile(r"\s*\\begin\{aligned\}(.*)\\end\{aligned\}\s*", re.DOTALL)
_WORDS = re.compile(r"\\text\{([^{}]{30,}|[^{}]*(?=\}$))\}")  # a proposition: what a line of its own or a sentence has
_FITS = 24  # characters of a piece that fit the narrowest box of a phone's page at full size
_OPERATORS = {"⟹", "⇔", "¬", "∧", "∨", "∘"}  # which latex2mathml takes for identifiers
_CONNECTIVES = {"⟹", "∧", "∨"}  # around which the printer leaves room: the style sheet does it
_SIGNS = {"+", "−", "-", "±", "∓"}  # which stand between two terms, or before one
_BEFORE_ONE = {*"=<>≤≥≠([{|,", "⟹", "⇔", "∧", "∨", "→"}  # behind which a sign is that of one term
_UPRIGHT = set("∇∞ΓΔΘΛΞΠΣΦΨΩ")  # which a browser would slant
_PARTS = {"mfrac": 2, "msup": 2, "msub": 2, "mroot": 2, "msubsup": 3}  # how many each must have
_DEFAULTS = {"stretchy": "true", "fence": "true"}  # what a bracket is without being told


def inline(latex: str) -> str:
    """A formula in a line of text, as HTML.

    Returns:
        A `math` element, or a `span` of several; nothing for an empty formula.

    Raises:
        ValueError: it has something that cannot be set.
    """
    return together(_row(latex)) if latex else ""


def together(row: str) -> str:
    """The pieces of a formula as one element."""
    is_one = row.startswith("<math") and row.endswith("</math>") and row.count("</math>") == 1
    return row if is_one or not row else f'<span class="math">{row}</span>'


def display(lines: Sequence[str], joined: str = "") -> str:
    r"""Formulas on lines of their own, as HTML.

    Args:
        lines: LaTeX; a line of `\text{...}` alone is set as words.
        joined: a word behind every line but the last.

    Returns:
        A `div` with a paragraph for each line.

    Raises:
        ValueError: a line has something that cannot be set.
    """
    return block([_row(line) for line in lines], joined)


def block(rows: Sequence[str], joined: str = "") -> str:
    """Rows that are HTML already, as `display` puts them below each other."""
    ends = [f" {joined}" if joined else ""] * (len(rows) - 1) + [""]
    return '<div class="math">' + "".join(f"<p>{row}{end}</p>" for row, end in zip(rows, ends, strict=True)) + "</div>"


def _row(latex: str) -> str:
    """The pieces of a formula; words that are asserted beside it are set as words, which wrap."""
    parts = _WORDS.split(latex.strip())
    if any(part.count(r"\left") != part.count(r"\right") for part in parts[::2]):
        parts = [latex]  # they stand inside parentheses
    done = ""
    for i, part in enumerate(parts):
        if i % 2:
            done += f"<span>{html.escape(part)}</span>"
        elif part.strip():
            done += "".join(_piece(p, first=not done and k == 0) for k, p in enumerate(_pieces(part.strip())))
    return done


def has_words(latex: str) -> bool:
    """Whether sentences are among the formulas."""
    return bool(_WORDS.search(latex))


def elements(latex: str) -> list[Element]:
    """The `math` elements of a formula's pieces.

    Returns:
        New elements at each call.

    Raises:
        ValueError: it has something that cannot be set.
    """
    return [deepcopy(_element(piece, first=i == 0)) for i, piece in enumerate(_pieces(latex.strip()))]


@lru_cache(maxsize=20_000)
def _pieces(latex: str) -> tuple[str, ...]:
    return tuple(pieces(latex))


def between_terms(sign: Element) -> None:
    """Have a sign that begins its row stand between two terms: a browser would take it for that of a number."""
    if sign.tag == "mo" and sign.text in _SIGNS:
        sign.set("form", "infix")


def as_html(math: Element) -> str:
    """An element as HTML."""
    return tostring(math, encoding="unicode").replace(" />", "/>").replace("&gt;", ">")


@lru_cache(maxsize=20_000)
def _piece(latex: str, *, first: bool) -> str:
    return as_html(_element(latex, first=first))


@lru_cache(maxsize=20_000)
def _element(latex: str, *, first: bool) -> Element:
    from latex2mathml.converter import convert_to_element

    try:
        root = convert_to_element(latex)
    except Exception as error:  # a class of its own for each slip
        why = f"{type(error).__name__} {error}".strip()
        raise ValueError(f"the formula {latex!r} cannot be set as MathML: {why}; correct it.") from error
    math = Element("math")
    math.extend(_small(child) for child in root)
    while len(math) == 1 and math[0].tag == "mrow" and not math[0].attrib:
        math = _with(Element("math"), list(math[0]))
    if unknown := next((part.text for part in math.iter() if part.text and "\\" in part.text), None):
        raise ValueError(f"the formula {latex!r} has {unknown}, which cannot be set as MathML; write it otherwise.")
    if short := next((part.tag for part in math.iter() if _PARTS.get(part.tag, len(part)) != len(part)), None):
        raise ValueError(f"the formula {latex!r} cannot be set as MathML: part of its {short} is missing; correct it.")
    if not first and len(math):
        between_terms(math[0])
    if (wide := width(latex)) > _FITS:
        math.set("style", f"--w:{wide:.0f}")
    return math


def _small(part: Element) -> Element:
    """The element without what says nothing: rows of one, and attributes that a bracket has by itself."""
    children = _spaced([_small(child) for child in part if child.tag != "mo" or child.text])  # or of a lone bracket
    if part.tag == "mrow" and len(children) == 1 and not part.attrib:
        return children[0]
    made = Element(part.tag, {k: v for k, v in part.attrib.items() if _DEFAULTS.get(k) != v})
    made.text = html.unescape(part.text or "") or None
    if made.text in _OPERATORS:
        made.tag = "mo"
    elif made.tag == "mo" and made.text and made.text.isalpha():
        made = _with(Element("mi"), [], made.text)  # the name of a function
    elif made.text in _UPRIGHT:
        made.tag = "mi"
        made.set("mathvariant", "normal")
    if made.tag == "mo" and made.text and made.text in "()[]":
        made.attrib.pop("form", None)  # the bracket says on which side it stands
    if made.attrib.pop("minsize", None):  # of a bracket whose other half is on another line
        del made.attrib["maxsize"]
        made.set("stretchy", "false")
    if made.tag == "mrow" and len(children) > 1:  # in which a bar opens at the start and closes at the end
        for child, form in ((children[0], "prefix"), (children[-1], "postfix")):
            if child.get("form") == form:
                del child.attrib["form"]
    return _with(made, children, made.text)


def _spaced(parts: list[Element]) -> list[Element]:
    """The parts with the blanks around a connective made a class of it."""
    kept: list[Element] = []
    for before, part, after in zip([None, *parts], parts, [*parts[1:], None], strict=False):
        if part.tag == "mspace" and any(e is not None and e.text in _CONNECTIVES for e in (before, after)):
            continue
        if part.text in _CONNECTIVES:
            part.set("class", "and")
        if part.tag == "mo" and part.text in _SIGNS and before is not None and before.text in _BEFORE_ONE:
            part.set("form", "prefix")  # a browser knows that only of the first of a row
        kept.append(part)
    return kept


def _with(part: Element, children: list[Element], text: str | None = None) -> Element:
    part.text = text
    part.extend(children)
    return part


def setup(app: Any) -> dict[str, Any]:
    """Let Sphinx set mathematics with this module."""
    app.add_html_math_renderer("mathml", inline_renderers=(_visit, None), block_renderers=(_visit_block, None))
    app.connect("html-page-context", _wait_for_font)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _wait_for_font(_app: Any, _page: str, _template: str, context: dict[str, Any], _tree: Any) -> None:
    context["metatags"] = context.get("metatags", "") + f'<script src="{context["pathto"](_WAIT, 1)}"></script>'


def _visit(writer: Any, node: Any) -> None:
    _write(writer, inline(node.astext()))


def _visit_block(writer: Any, node: Any) -> None:
    text = node.astext()
    if found := _ALIGNED.fullmatch(text):
        text = found[1]
    _write(writer, display([row for line in _ROW.split(text) if (row := line.replace("&", "").strip())]))


def _write(writer: Any, text: str) -> None:
    from docutils.nodes import SkipNode  # type: ignore[import-untyped]  # it ships no types

    writer.body.append(text)
    raise SkipNode
