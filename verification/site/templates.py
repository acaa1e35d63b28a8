"""Pages from templates: how they are filled in, and the words, chips and formulas that they may use."""

from __future__ import annotations

import functools
import html
from typing import TYPE_CHECKING, Any

from saddlecheck.theory.printing.tex import tex
from saddlecheck.verification.site import mathml, parts
from saddlecheck.verification.site.comparison import beside
from saddlecheck.verification.site.formula import conditions, display, stated
from saddlecheck.verification.site.fragments import environment
from saddlecheck.verification.site.prose import linked, myst, plain
from saddlecheck.verification.site.prose_formulas import set_formulas
from saddlecheck.verification.site.voices import form
from saddlecheck.verification.site.witness import witness_line

if TYPE_CHECKING:
    from jinja2 import Environment


def render(template: str, **values: Any) -> str:
    """The text of a template of `templates/`, filled in. A name that is neither given nor known is an error."""
    return _environment().get_template(template).render(**values)


def sentence(text: str) -> str:
    """A reason as a sentence: a capital where it begins with a plain word, and a full stop."""
    first = text.split(" ", 1)[0]
    if first.isalpha() and first.isascii() and len(first) > 1:
        text = text[0].upper() + text[1:]
    return text if text.endswith((".", "?", "!", ":")) else text + "."


def key(section: str) -> str:
    """A section as a word of HTML."""
    return section.replace(" ", "-").replace(".", "-")


@functools.cache
def _environment() -> Environment:
    made = environment()
    made.filters |= {
        "chip": parts.chip, "conditions": conditions, "counts": parts.counts, "display": display, "does": parts.does,
        "engine": parts.engine_name, "engine_chip": parts.engine_chip, "line": parts.inline, "math": mathml.inline,
        "form": form, "html": lambda value: html.escape(str(value)), "key": key, "mark": parts.MARK.__getitem__,
        "linked": linked, "myst": myst, "plain": plain, "set_formulas": set_formulas,
        "seconds": parts.seconds, "sentence": sentence, "settings": parts.settings,
        "slug": parts.slug, "stated": stated, "tex": tex,
    }  # fmt: skip
    made.globals |= {"beside": beside, "table": parts.table, "witness_line": witness_line}
    return made
