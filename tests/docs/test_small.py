"""Pages made smaller: nothing that is shown is lost, and code stays as it was."""

from html.parser import HTMLParser
from typing import ClassVar

import pytest

from saddlecheck.verification.site import small
from saddlecheck.verification.site.small import smaller

PAGE = """<!doctype html>
<body>
  <ul>
    <li class="toctree-l1"><a class="reference internal" href="a.html">All  claims</a> <b>2</b></li>
  </ul>
  <p>one
     <em>two</em> three <math><mi>x</mi></math> four</p>
  <div class="highlight"><pre><span>def f():</span>
    return  1
</pre></div>
  <script>
  // a line
  let x = 1;
  </script>
</body>
"""


class Words(HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.found = []
        self.feed(page)

    def handle_data(self, data):
        self.found += data.split()


def test_words_and_the_blanks_between_them_stay():
    shown = smaller(PAGE)
    assert Words(shown).found == Words(PAGE).found
    assert "one <em>two</em> three <math><mi>x</mi></math> four" in shown
    assert '<a class="reference" href="a.html">All claims</a> <b>2</b>' in shown


@pytest.mark.parametrize("kept", ["<span>def f():</span>\n    return  1\n", "\n  // a line\n  let x = 1;\n"])
def test_code_and_scripts_stay_as_they_are(kept):
    assert kept in smaller(PAGE)


def test_it_is_smaller_and_only_once():
    shown = smaller(PAGE)
    assert "> <ul" not in shown
    assert "\n<" not in shown.partition("<pre>")[0]
    assert smaller(shown) == shown


class App:
    """What Sphinx hands to an extension."""

    class builder:  # noqa: N801
        format = "html"

    class env:  # noqa: N801
        toctree_includes: ClassVar = {"index": ["guide"]}

    class config:  # noqa: N801
        templates_path: ClassVar[list[str]] = []

    def __init__(self, folder):
        self.outdir, self.connected = folder, {}

    def connect(self, event, function, priority=500):
        self.connected[function.__name__] = (event, priority)


def test_the_pages_that_were_written_are_made_smaller(tmp_path):
    page, other = tmp_path / "a" / "page.html", tmp_path / "data.json"
    page.parent.mkdir()
    page.write_text(PAGE, encoding="utf-8")
    other.write_text(PAGE, encoding="utf-8")
    small.shrink(App(tmp_path), ValueError("the build failed"))
    assert page.read_text(encoding="utf-8") == PAGE
    small.shrink(App(tmp_path), None)
    assert page.read_text(encoding="utf-8") == smaller(PAGE)
    assert other.read_text(encoding="utf-8") == PAGE


def test_pages_outside_the_contents_share_them(tmp_path):
    made = []

    def contents(**options):
        made.append(options)
        return f"<ul>{len(made)}</ul>"

    app = App(tmp_path)
    small.setup(app)
    assert app.connected["share_navigation"][1] < 500 < app.connected["level_captions"][1]
    shown = {}
    for page in ("claims/a", "claims/b", "other/c", "guide"):
        context = {"toctree": contents}
        small.share_navigation(app, page, "", context, None)
        shown[page] = [context["toctree"](depth=1), context["toctree"](depth=1)]
    # One for each folder, as their links are relative; a page that stands in the contents marks itself in its own.
    assert shown == {"claims/a": ["<ul>1</ul>"] * 2, "claims/b": ["<ul>1</ul>"] * 2, "other/c": ["<ul>2</ul>"] * 2,
                     "guide": ["<ul>3</ul>", "<ul>4</ul>"]}  # fmt: skip
    small.share_navigation(app, "claims/a", "", {}, None)  # a theme without contents


def test_captions_have_a_level():
    context = {"body": '<p class="caption" role="heading">', "furo_navigation_tree": None}
    small.level_captions(None, "", "", context, None)
    assert 'aria-level="2"' in context["body"]
