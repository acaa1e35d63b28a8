"""What stands around the text of each page: contents, scripts and icons. A Sphinx extension beside Furo.

Nearly all pages are of claims, and none of them stands in the contents of the site. They show of the contents the part
that leads to them, and of every other part its first page: the whole weighed more than the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

THEME = Path(__file__).with_name("theme")  # templates that go before Furo's
# A page's script -> what stands on a page that has a use for it.
USES = {"find": 'id="ledger"', "ledger": 'id="ledger"', "sort": "sortable", "graph": 'id="graph-picture"'}
_TITLE = re.compile(r'(<ul>\s*<li><a href="#">).*?(</a>)', re.DOTALL)
_SECOND_NAME = re.compile(r'(<section [^>]*id="claim-[^"]*">\s*)<span id="[^"]*"></span>')  # made of the claim's title
_FOR_OTHERS = "furo-extensions"  # Furo's style for extensions that we do not have
Part = tuple[str, list[tuple[str, str]]]  # a caption, and titles with the names of pages


def shorten_contents(app: Any, page: str, _template: str, context: dict[str, Any], _tree: Any) -> None:
    """Give a page that does not stand in the contents a part of them: `parts_of_contents`, empty for other pages."""
    context["parts_of_contents"] = []
    folder = f"{page.rpartition('/')[0]}/index"
    parts = list(_parts(app.env))
    here = next((part for part in parts if folder in (name for _, name in part[1])), None)
    if here is None or any(page in names for names in app.env.toctree_includes.values()):
        return
    context["folder"] = folder
    others = [(caption, pages[0][1]) for caption, pages in parts if caption and (caption, pages) != here]
    context["parts_of_contents"] = [here, *([("", others)] if others else [])]
    context["toctree"] = lambda **_: ""  # which Furo would make whole


def _parts(env: Any) -> Iterator[Part]:
    """The contents that the first page lists."""
    from sphinx.addnodes import toctree

    for node in env.tocs[env.config.root_doc].findall(toctree):
        pages = [(title or env.titles[name].astext(), name) for title, name in node["entries"] if name in env.titles]
        if pages:
            yield node.get("caption") or "", pages


def choose_scripts(_app: Any, page: str, _template: str, context: dict[str, Any], _tree: Any) -> None:
    """Leave out the scripts that a page has no use for; the search keeps all."""
    if page == "search":
        return
    body = context.get("body", "")

    def used(script: Any) -> bool:
        name = Path(str(script.filename)).stem
        return name in {"furo", "scroll"} or (name in USES and USES[name] in body)

    context["script_files"] = [s for s in context["script_files"] if used(s)]


def adapt_to_furo(_app: Any, _page: str, _template: str, context: dict[str, Any], _tree: Any) -> None:
    """Give captions the heading level that Sphinx leaves out, and links and icons the form that our style sheet has."""
    for part in ("furo_navigation_tree", "body"):
        if isinstance(text := context.get(part), str):
            context[part] = text.replace(
                'class="caption" role="heading"', 'class="caption" role="heading" aria-level="2"'
            ).replace('<svg><use href="#svg-arrow-right"></use></svg>', "<svg></svg>")
    if isinstance(toc := context.get("toc"), str):
        # The title stands above, and Furo hides it here.
        context["toc"] = _TITLE.sub(r"\1\2", toc.replace(' class="reference internal"', ""), count=1)
    context["body"] = _SECOND_NAME.sub(r"\1", context.get("body", ""), count=1)
    context["css_files"] = [
        c for c in context.get("css_files", ()) if _FOR_OTHERS not in str(getattr(c, "filename", c))
    ]


def setup(app: Any) -> dict[str, bool]:
    """Let Sphinx use this module."""
    app.config.templates_path.append(str(THEME))
    app.connect("html-page-context", shorten_contents, priority=100)  # before Furo asks for the contents
    app.connect("html-page-context", choose_scripts)
    app.connect("html-page-context", adapt_to_furo, priority=900)  # after it
    return {"parallel_read_safe": True, "parallel_write_safe": True}
