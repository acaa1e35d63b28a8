"""Sphinx configuration: the pages of the claims are generated from the ledger before Sphinx reads the sources."""

import gc
import logging
import re
import sys
from importlib import metadata
from pathlib import Path

gc.set_threshold(100_000)  # as in the command line: what pages are made of lives until they are written

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

project = "saddlecheck"
author = "The saddlecheck authors"
copyright = "2026, the saddlecheck authors"
release = metadata.version("saddlecheck")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "saddlecheck.verification.site.mathml",
              "saddlecheck.verification.site.frame", "saddlecheck.verification.site.small"]  # fmt: skip
html_math_renderer = "mathml"
myst_enable_extensions = ["attrs_block", "deflist", "dollarmath"]
myst_heading_anchors = 3
exclude_patterns = ["_build", "atlas/found.md"]  # the second is a part of the front page
nitpicky = True
# Types of signatures that have no entry here: other packages', and those of ours that are not public.
nitpick_ignore_regex = [
    ("py:class", r"(collections|numpy|os|pathlib|sympy|torch)\..*"),
    ("py:class", r"saddlecheck\.\w+\.(\w+\.)+[A-Z]\w*"),
    ("py:class", r"Arm|Box|CriticalSet|Floats|SmoothLoss"),
    ("py:exc", r"MalformedClaim"),
]
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
napoleon_use_ivar = True

html_theme = "furo"
html_title = "saddlecheck"
(HERE / "_static").mkdir(exist_ok=True)  # git keeps no empty folder; what the search looks through is written there
html_static_path = ["_static", "../verification/site/static"]  # the second is what every site of claims has
html_css_files = ["saddlecheck.css"]
html_js_files = [(f"{name}.js", {"defer": "defer"}) for name in ("find", "ledger", "sort", "scroll", "graph")]
templates_path = ["_templates"]
html_additional_pages = {"search": "search.html"}  # ours: Sphinx's own shows no excerpts on a page opened from disk
html_use_index = False  # nothing is indexed: the dashboard and the search find a claim
html_show_sourcelink = False
html_permalinks = False  # the list beside each page links to its sections
html_copy_source = False
EXTRA = HERE / "_build" / "extra"  # generated; it must be there before Sphinx reads the setting
EXTRA.mkdir(parents=True, exist_ok=True)
html_extra_path = [str(EXTRA.relative_to(HERE))]
# fontTools logs every table that it drops from a PDF's fonts, among which Sphinx's own messages are lost.
logging.getLogger("fontTools").setLevel(logging.WARNING)


def as_written(_app: object, _what: str, _name: str, _object: object, _options: object, lines: list[str]) -> None:
    """Docstrings are plain text with `code`, $mathematics$ and examples: nothing else in them is markup."""

    def set_in_rst(found: re.Match[str]) -> str:
        code, formula, sign = found.groups()
        return f"``{code}``" if code else f":math:`{formula}`" if formula else f"\\{sign}"

    enumerator = re.compile(r"(^\s*|:\s)([A-Za-z]|\d+)\.(?=\s|$)")  # "keep: b." is no list that begins at b
    verbatim = False  # an example from its first prompt, a display formula from its directive, to the next empty line
    for i, line in enumerate(lines):
        verbatim = bool(line.strip()) and (verbatim or line.lstrip().startswith((">>> ", ".. math::")))
        if not verbatim:
            marked = re.sub(r"`([^`]+)`|\$([^$]+)\$|([|*_\\])", set_in_rst, line)
            lines[i] = enumerator.sub(r"\1\2\\.", marked)


def generate(_app: object) -> None:
    """Write the generated pages, each from the object that was checked."""
    from saddlecheck.theory import Paper
    from saddlecheck.verification.site import build

    build.write_site(HERE, EXTRA)
    # Sphinx writes out, for its log, all that an event is about: of the papers, every claim; a tenth of the build.
    Paper.__repr__ = object.__repr__  # type: ignore[method-assign]


def without_index(app: object) -> None:
    """Leave out Sphinx's search and its index of words: the page of the same name is ours."""
    app.builder.search = False  # type: ignore[attr-defined]  # Sphinx's application


def setup(app: object) -> None:
    app.connect("autodoc-process-docstring", as_written, priority=400)  # type: ignore[attr-defined]  # before napoleon
    app.connect("builder-inited", without_index)  # type: ignore[attr-defined]
    app.connect("builder-inited", generate)  # type: ignore[attr-defined]  # Sphinx's application
