"""Pages as small as they can be and still be read: a Sphinx extension that leaves out what says nothing.

Five hundred pages carry one sidebar, and templates indent every line: without the blanks and the classes that no rule
names a page weighs a quarter less. The theme's icons and variables are replaced in `theme/`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from saddlecheck._files import write_whole

THEME = Path(__file__).with_name("theme")  # templates that go before Furo's
_KEPT = re.compile(r"(<(pre|script|style|textarea)\b.*?</\2>)", re.DOTALL)
# Blanks beside the edges of these are not shown.
_BLOCKS = (
    "address|article|aside|blockquote|body|br|caption|col|colgroup|dd|details|div|dl|dt|fieldset|figcaption|figure|footer|"
    "form|h[1-6]|head|header|hr|html|legend|li|link|main|meta|nav|ol|p|section|summary|svg|symbol|table|tbody|td|"
    "tfoot|th|thead|title|tr|ul"
)
_AROUND = re.compile(rf" ?(</?(?:{_BLOCKS})\b[^>]*>) ?")
_UNSTYLED = (
    (' class="reference internal"', ' class="reference"'),
    ('<code class="docutils literal notranslate"><span class="pre">', '<code class="literal"><span class="pre">'),
    (' rel="stylesheet" type="text/css"', ' rel="stylesheet"'),
    ("<!-- Generated with Sphinx", "<!-- Sphinx"),
)


def smaller(page: str) -> str:
    """The page without blanks that are not shown; blocks of code, scripts and styles stay as they are."""
    parts = _KEPT.split(page)
    shown = [part if i % 3 else _tightened(part) for i, part in enumerate(parts) if i % 3 != 2]
    return "".join(shown)


def _tightened(text: str) -> str:
    for old, new in _UNSTYLED:
        text = text.replace(old, new)
    return _AROUND.sub(r"\1", re.sub(r"\s+", " ", text))


def shrink(app: Any, error: Exception | None) -> None:
    """Make every page that Sphinx has written smaller."""
    if error is not None or app.builder.format != "html":
        return
    for path in Path(app.outdir).rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        if (done := smaller(text)) != text:
            write_whole(path, done)


def share_navigation(app: Any, page: str, _template: str, context: dict[str, Any], _tree: Any) -> None:
    """Make the contents of the site once for all pages of a folder that do not stand in them, as claims do not."""
    whole = context.get("toctree")
    if whole is None or any(page in names for names in app.env.toctree_includes.values()):
        return
    folder = page.rpartition("/")[0]

    def shared(**options: Any) -> Any:
        key = (folder, *sorted(options.items()))
        if key not in _CONTENTS:
            _CONTENTS[key] = whole(**options)
        return _CONTENTS[key]

    context["toctree"] = shared


_CONTENTS: dict[tuple[Any, ...], Any] = {}  # of the build that this process is at


def level_captions(_app: Any, _page: str, _template: str, context: dict[str, Any], _tree: Any) -> None:
    """Give the sidebar's captions the heading level that Sphinx leaves out and screen readers need."""
    for part in ("furo_navigation_tree", "body"):
        if isinstance(text := context.get(part), str):
            context[part] = text.replace(
                'class="caption" role="heading"', 'class="caption" role="heading" aria-level="2"'
            )


def setup(app: Any) -> dict[str, bool]:
    """Let Sphinx use this module."""
    _CONTENTS.clear()
    app.config.templates_path.append(str(THEME))
    app.connect("html-page-context", share_navigation, priority=100)  # before Furo asks for the contents
    app.connect("html-page-context", level_captions, priority=900)  # after it
    app.connect("build-finished", shrink)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
