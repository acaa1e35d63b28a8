"""Pages made smaller: nothing that is shown is lost, and code stays as it was."""

from html.parser import HTMLParser

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


def test_a_drawing_in_a_line_keeps_its_distance():
    assert smaller("<li><svg></svg> cites in a step</li>") == "<li><svg></svg> cites in a step</li>"


def test_a_blank_at_which_no_line_may_end_stays():
    assert smaller("<p>(1 +\u00a0ρ\u00a0λ)  in") == "<p>(1 +\u00a0ρ\u00a0λ) in"


def test_links_beside_the_text_keep_the_class_that_has_a_rule():
    link = '<a class="reference internal" href="a.html">a</a>'
    assert smaller(f"<nav>{link}</nav><article>{link}</article>") == (
        "<nav><a class=reference href=a.html>a</a></nav><article><a href=a.html>a</a></article>"
    )


def test_words_and_the_blanks_between_them_stay():
    shown = smaller(PAGE)
    assert Words(shown).found == Words(PAGE).found
    assert "one <em>two</em> three <math><mi>x</mi></math> four" in shown
    assert "<a class=reference href=a.html>All claims</a> <b>2</b>" in shown


class Tree(HTMLParser):
    """Start tags with their attributes, and words, in order."""

    def __init__(self, page):
        super().__init__()
        self.found = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, tuple(attrs)))

    def handle_data(self, data):
        self.found += data.split()


CODE = (
    ('<pre><span class="n">x</span><span class="w"> </span><span class="o">=</span></pre>',
     '<pre>x =</pre>'),
    ('<span class="mi">1</span>', "<span class=mi>1</span>"),
    ('<code class="literal"><span class="n"><span class="pre">x</span></span></code>', "<code class=literal>x</code>"),
    ('<span class="name">x</span>', "<span class=name>x</span>"),
)  # fmt: skip


@pytest.mark.parametrize(("long", "short"), CODE)
def test_code_that_has_the_colour_of_all_code_has_no_classes(long, short):
    assert smaller(long) == short


QUOTES = (
    ('<b class="one two">x</b>', '<b class="one two">x</b>'),
    ('<b class="one" title="a > b">x</b>', '<b class=one title="a > b">x</b>'),
    ('<img src="a/b.png"/>', '<img src="a/b.png"/>'),  # without quotes the slash would be part of the name
    ('<a href="https://a.b/">x</a>', '<a href="https://a.b/">x</a>'),
    ('<a href="">x</a>', '<a href="">x</a>'),
    ('<a href="?a=b&amp;c">x</a>', '<a href="?a=b&amp;c">x</a>'),
    ('<b title="it\'s">say "x" or ="y" </b>', '<b title="it\'s">say "x" or ="y" </b>'),
    ('<path d="M0,4"/>', '<path d="M0,4"/>'),
)


@pytest.mark.parametrize(("long", "short"), QUOTES)
def test_quotes_go_only_where_no_reader_of_html_needs_them(long, short):
    assert smaller(long) == short
    assert Tree(short).found == Tree(long).found


ENDS = (
    ("<div><p>a</p></div>", "<div><p>a</div>"),
    ("<p>a</p><p>b</p>", "<p>a<p>b</p>"),
    ("<p>a</p><b>b</b>", "<p>a</p><b>b</b>"),  # it would stand in the paragraph
    ('<a href="x"><p>a</p></a>', "<a href=x><p>a</p></a>"),
    ("<ul><li>a</li><li>b</li></ul>", "<ul><li>a<li>b</ul>"),
    ("<table><tr><td>a</td><th>b</th></tr></table>", "<table><tr><td>a<th>b</tr></table>"),
    ("<dl><div><dt>a</dt><dd>b</dd></div></dl>", "<dl><div><dt>a<dd>b</div></dl>"),
)


@pytest.mark.parametrize(("long", "short"), ENDS)
def test_ends_that_html_supplies_are_left_out_and_no_others(long, short):
    assert smaller(long) == short


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

    def __init__(self, folder):
        self.outdir = folder


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
