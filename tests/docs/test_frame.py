"""The frame of a page: which part of the contents it shows, and which scripts it asks for."""

from types import SimpleNamespace

import pytest
from docutils import nodes
from sphinx.addnodes import toctree

from saddlecheck.verification.site import frame

TITLES = {
    "claims/index": "All claims",
    "gallery/index": "Figures",
    "guides/a": "First guide",
    "guides/b": "Second guide",
}


class App:
    """What Sphinx hands to an extension: two parts of contents, and pages that stand in them."""

    def __init__(self, *parts):
        contents = nodes.bullet_list()
        for caption, names in parts:
            contents += toctree(caption=caption, entries=[(None, name) for name in names])
        self.env = SimpleNamespace(
            tocs={"index": contents},
            titles={name: nodes.title(text=title) for name, title in TITLES.items()},
            config=SimpleNamespace(root_doc="index"),
            toctree_includes={"index": [name for _, names in parts for name in names]},
        )
        self.config = SimpleNamespace(templates_path=[])
        self.connected = {}

    def connect(self, event, function, priority=500):
        self.connected[function.__name__] = (event, priority)


LEDGER = ("The ledger", ["claims/index", "gallery/index"])
GUIDES = ("Guides", ["guides/a", "guides/b"])


def contents(app, page):
    context = {"toctree": lambda **_: "all"}
    frame.shorten_contents(app, page, "", context, None)
    return context


def test_a_claim_shows_the_part_that_leads_to_it_and_the_first_page_of_the_others():
    context = contents(App(LEDGER, GUIDES), "claims/thm1")
    assert context["parts_of_contents"] == [
        ("The ledger", [("All claims", "claims/index"), ("Figures", "gallery/index")]),
        ("", [("Guides", "guides/a")]),
    ]
    assert context["folder"] == "claims/index"
    assert context["toctree"]() == ""


@pytest.mark.parametrize("page", ["claims/index", "guides/b", "elsewhere/c", "search", "index"])
def test_every_other_page_shows_all_contents(page):
    context = contents(App(LEDGER, GUIDES), page)
    assert context["parts_of_contents"] == []
    assert context["toctree"]() == "all"


def test_contents_without_a_caption_are_a_part_too():
    assert contents(App((None, ["claims/index"])), "claims/thm1")["parts_of_contents"] == [
        ("", [("All claims", "claims/index")])
    ]


def scripts(page, body):
    names = ("documentation_options", "doctools", "scripts/furo", "find", "ledger", "sort", "scroll", "graph")
    context = {"script_files": [SimpleNamespace(filename=f"_static/{n}.js") for n in names], "body": body}
    frame.choose_scripts(None, page, "", context, None)
    return [s.filename.rpartition("/")[2].removesuffix(".js") for s in context["script_files"]]


def test_a_page_asks_for_the_scripts_that_it_uses():
    assert scripts("claims/thm1", "<p>x</p>") == ["furo", "scroll"]
    assert scripts("claims/index", '<div id="ledger"><table class="sortable">') == [
        "furo",
        "find",
        "ledger",
        "sort",
        "scroll",
    ]
    assert scripts("atlas/graph", '<svg id="graph-picture">') == ["furo", "scroll", "graph"]
    assert len(scripts("search", "")) == 8


def test_captions_have_a_level_and_contents_no_classes():
    link = '<a class="reference internal" href="#{}">{}</a>'
    context = {
        "body": '<section id="claim-a">\n<span id="a-title"></span><p class="caption" role="heading">',
        "furo_navigation_tree": None,
        "toc": f"<ul>\n<li>{link.format('', 'Title <b>b</b>')}<ul><li>{link.format('a', 'A')}</li></ul></li></ul>",
        "css_files": [SimpleNamespace(filename=f"_static/{name}.css") for name in ("furo", "furo-extensions", "ours")],
    }
    frame.adapt_to_furo(None, "", "", context, None)
    assert context["body"] == '<section id="claim-a">\n<p class="caption" role="heading" aria-level="2">'
    # The title stands on the page itself, and Furo hides it in the contents of the page.
    assert context["toc"] == '<ul>\n<li><a href="#"></a><ul><li><a href="#a">A</a></li></ul></li></ul>'
    assert [s.filename for s in context["css_files"]] == ["_static/furo.css", "_static/ours.css"]


def test_it_comes_before_furo_makes_the_contents_and_after_it_has_made_them():
    app = App()
    frame.setup(app)
    assert app.connected["shorten_contents"][1] < 500 < app.connected["adapt_to_furo"][1]
