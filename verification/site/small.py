"""Pages as small as they can be and still be read: a Sphinx extension that leaves out what says nothing.

Templates indent every line, Sphinx names classes that no rule has, and HTML knows by itself where a paragraph or a
cell ends: without these a page weighs a quarter less. What stands around the text is in `frame`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from saddlecheck._files import write_whole

_KEPT = re.compile(r"(<(pre|script|style|textarea)\b.*?</\2>)", re.DOTALL)
# Blanks beside the edges of these are not shown.
_BLOCKS = (
    "address|article|aside|blockquote|body|br|caption|col|colgroup|dd|details|div|dl|dt|fieldset|figcaption|figure|footer|"
    "form|h[1-6]|head|header|hr|html|legend|li|link|main|meta|nav|ol|p|section|summary|table|tbody|td|"
    "tfoot|th|thead|title|tr|ul"
)
_AROUND = re.compile(rf" ?(</?(?:{_BLOCKS})\b[^>]*>) ?")
# Ends that HTML supplies by itself before these.
_BEFORE_P = (
    "address|article|aside|blockquote|details|div|dl|fieldset|figcaption|figure|footer|form|h[1-6]|header|hr|main|nav|ol|"
    "p|pre|section|table|ul"
)
_AFTER_P = "article|aside|blockquote|body|dd|details|div|figure|footer|header|li|main|nav|section|td|th"
_ENDS = re.compile(
    rf"</(?:p>(?=<(?:{_BEFORE_P})\b|</(?:{_AFTER_P})>)|li>(?=<li\b|</[ou]l>)|t[dh]>(?=<t[dh]\b|</tr>)|"
    r"tr>(?=<tr\b|</t(?:body|head|foot)>)|dt>(?=<d[dt]\b)|dd>(?=<d[dt]\b|</dl>|</div>))"
)
_BLANKS = re.compile(r"[ \t\r\n\f]+")  # without those at which no line may end
_TAG = re.compile(r"<[a-z][^<>]*>")
_QUOTED = re.compile(r'="([\w.#/:?;,%()-]*[\w.#:?;,%()-])"(?=[\s>])')  # what needs no quotes
# Parts of code that are shown in the colour of all code: names, signs, punctuation, blanks, and Sphinx's words.
_PLAIN = re.compile(r'<span class="(?:n|o|p|w|pre)">([^<]*)</span>')
_UNSTYLED = (
    (' class="reference internal"', ' class="reference"'),
    ('<code class="docutils literal notranslate">', '<code class="literal">'),
    (' class="tex2jax_ignore mathjax_ignore"', ""),
    (' rel="stylesheet" type="text/css"', ' rel="stylesheet"'),
    (' data-content_root="../"', ""),  # for Sphinx's own search
    (' defer="defer"', " defer"),
    (" />", ">"),
    ("<!-- Generated with Sphinx", "<!-- Sphinx"),
)


def smaller(page: str) -> str:
    """The page without blanks that are not shown; blocks of code, scripts and styles stay as they are."""
    frame, mark, text = page.partition("<article")
    page = frame + mark + text.replace(' class="reference internal"', "")  # links beside the text alone have a rule
    parts = _KEPT.split(_PLAIN.sub(r"\1", _PLAIN.sub(r"\1", page)))  # one may stand in another
    shown = [part if i % 3 else _tightened(part) for i, part in enumerate(parts) if i % 3 != 2]
    return "".join(shown)


def _tightened(text: str) -> str:
    for old, new in _UNSTYLED:
        text = text.replace(old, new)
    text = _ENDS.sub("", _AROUND.sub(r"\1", _BLANKS.sub(" ", text)))
    return _TAG.sub(lambda tag: _QUOTED.sub(r"=\1", tag[0]), text)


def shrink(app: Any, error: Exception | None) -> None:
    """Make every page that Sphinx has written smaller."""
    if error is not None or app.builder.format != "html":
        return
    for path in Path(app.outdir).rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        if (done := smaller(text)) != text:
            write_whole(path, done)


def setup(app: Any) -> dict[str, bool]:
    """Let Sphinx use this module."""
    app.connect("build-finished", shrink)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
