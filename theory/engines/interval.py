"""A closed interval with exact rational ends, the form in which every enclosure leaves the interval engines."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

_TINY = Fraction(1, 10**25)
_BITS = 4096  # numbers below 2^-4096 are stored as an interval around zero


@dataclass(frozen=True, slots=True)
class Interval:
    """A real number known to lie in [lower, upper]; the ends are exact fractions, so nothing is lost in storage."""

    lower: Fraction
    upper: Fraction

    @classmethod
    def exact(cls, value: Fraction | int) -> "Interval":
        """The interval that holds one rational number."""
        return cls(Fraction(value), Fraction(value))

    @classmethod
    def from_arb(cls, ball: Any) -> "Interval":
        """Enclosure held by a finite Arb ball; raises ValueError for one that is not finite."""
        if not ball.is_finite():
            raise ValueError(f"the ball {ball} is not finite, so it encloses nothing; raise the precision.")
        (middle, lost), (radius, more) = _dyadic(ball.mid()), _dyadic(ball.rad())
        radius += lost + more
        return cls(middle - radius, middle + radius)

    @property
    def middle(self) -> float:
        """A float inside or next to the interval: 0 where it holds 0 and is tiny, else the midpoint, rounded."""
        if self.lower <= 0 <= self.upper and self.upper - self.lower < _TINY:
            return 0.0
        return float((self.lower + self.upper) / 2)

    @property
    def radius(self) -> float:
        """Half of the width, rounded to a float."""
        return float((self.upper - self.lower) / 2)

    @property
    def sign(self) -> int:
        """1 or -1 where the sign is certain, 0 where the interval contains zero."""
        return int(self.lower > 0) - int(self.upper < 0)

    def __float__(self) -> float:
        return self.middle

    def __contains__(self, value: object) -> bool:
        """Whether a number (float and Fraction exactly) or another interval lies inside."""
        if isinstance(value, Interval):
            return self.lower <= value.lower and value.upper <= self.upper
        if isinstance(value, (int, float, Fraction)):
            return self.lower <= Fraction(value) <= self.upper
        return False

    def __str__(self) -> str:
        return f"{self.middle:.12g} ± {self.radius:.2g}"


def _dyadic(ball: Any) -> tuple[Fraction, Fraction]:
    """An exact ball as a fraction, and a bound of what was rounded away: Arb's exponents may have a million digits."""
    mantissa, exponent = ball.man_exp()
    if mantissa != 0 and int(exponent) + int(mantissa).bit_length() < -_BITS:
        return Fraction(0), Fraction(1, 2**_BITS)
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent), Fraction(0)
