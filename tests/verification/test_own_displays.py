"""A display of a user's own: it is compared with the statement each time, and one of anything else is refused."""

import pytest

from saddlecheck.theory.errors import MalformedClaim
from saddlecheck.verification.ledger import book, own_file

PAPER = """
from saddlecheck import Claim, Paper
from saddlecheck.theory import BEYOND
from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.nodes import Prop
from saddlecheck.theory.claims.steps import STATEMENT, Entails
from saddlecheck.theory.symbols import real

eta, k, q = real("eta"), real("k"), real("q")
HOLDS = Claim(
    id="contracts", title="Contracts", place=BEYOND, voice="ours", says="The factor is less than 1.",
    given=(eta > 0, k > 0), statement=1 - eta * k < 1, steps=(Entails("so", STATEMENT, "a product of positives"),),
    display=Display(SHOWN, {q: 1 - eta * k}),
)
PAPER = Paper("mine", "Mine", ("Me",), 2026, (HOLDS,))
"""


@pytest.fixture
def written(own_place, tmp_path):
    def write(shown):
        (tmp_path / "mine.py").write_text(PAPER.replace("SHOWN", shown))

    return write


@pytest.mark.parametrize("shown", ["q < 1", "1 > q", "q - 1 < 0", "q + eta < 1 + eta"])
def test_a_display_of_the_statement_passes(written, run, shown):
    written(shown)
    code, out, _ = run("check", "mine.py", "--jobs", "1")
    assert (code, "holds" in out) == (0, True)


# A weaker sign, the other direction, another bound (all but the second are true as well), a part more.
OTHERS = ["q <= 1", "q > 1", "q < 2", "(q < 1, Prop('more', 'It converges.'))"]


@pytest.mark.parametrize("shown", OTHERS)
def test_a_display_of_something_else_is_one_line(written, run, shown):
    written("q < 1")
    assert run("check", "mine.py", "--jobs", "1")[0] == 0  # what was proved of the claim is now in the cache
    written(shown)
    code, out, err = run("check", "mine.py", "--jobs", "1")
    assert (code, out) == (2, "")
    assert "mine.py:11: claim contracts: what it displays is not its statement" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("words", [["show", "mine.py", "contracts"], ["report", "mine.py"]])
def test_nothing_shows_it(written, run, words):
    written(OTHERS[0])
    code, out, err = run(*words)
    assert (code, out, "what it displays" in err) == (2, "", True)


def test_from_python_it_is_an_error_that_names_the_claim(written, tmp_path):
    written(OTHERS[0])
    with pytest.raises(MalformedClaim, match="claim contracts: what it displays is not its statement"):
        book.check("contracts", paper=own_file.load(tmp_path / "mine.py"))
