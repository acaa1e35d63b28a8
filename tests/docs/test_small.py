"""Pages made smaller: nothing that is shown is lost, and code stays as it was."""

from html.parser import HTMLParser

import pytest

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
