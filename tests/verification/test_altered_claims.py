"""A claim that its file alters after it was made is refused, or is again what its parts make it."""

import pytest

from saddlecheck.verification.errors import BadUserFile
from saddlecheck.verification.ledger import own_file

ALTERED = """
from saddlecheck.theory import BEYOND, Claim, Paper
from saddlecheck.theory.claims.steps import Entails
from saddlecheck.theory.symbols import x, y

claim = Claim("mine", "Mine", BEYOND, "It is so.", x**2 + y**2 >= 2*x*y, (), (Entails("so", x**2 + y**2 >= 2*x*y),),
              voice="ours")
object.__setattr__(claim, PART, VALUE)
PAPER = Paper("own", "Own", (), 0, (claim,))
"""


@pytest.mark.parametrize(
    ("part", "value", "says"),
    [
        ("statement", "x > x + y**2 + 1", "concludes"),
        ("steps", "(Entails('', x**2 + y**2 >= 2*x*y),)", "has no name"),
        ("given", "[x > 0, x < 0]", "given is a list"),
    ],
)
def test_a_claim_that_a_file_alters_is_refused(tmp_path, part, value, says):
    file = tmp_path / "altered.py"
    file.write_text(ALTERED.replace("PART", repr(part)).replace("VALUE", value))
    with pytest.raises(BadUserFile, match=says) as refused:
        own_file.load(file)
    assert "\n" not in str(refused.value)


def test_what_a_file_puts_over_a_claim_beside_its_parts_is_lost(tmp_path):
    file = tmp_path / "altered.py"
    file.write_text(ALTERED.replace("PART", repr("fingerprint")).replace("VALUE", repr("0" * 64)))
    (claim,) = own_file.load(file).claims
    assert claim.fingerprint != "0" * 64
