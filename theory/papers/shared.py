"""Formulas that stand in several papers, found by comparing normal forms over all pairs of claims."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import sympy as sp

from saddlecheck.theory.claims import boundary
from saddlecheck.theory.claims.boundary import Form
from saddlecheck.theory.claims.paper import Paper
from saddlecheck.theory.symbols import Expr, real, rho

OWN = "ours"  # the paper of what belongs to no paper: it does not count as a source


@dataclass(frozen=True)
class Occurrence:
    """A claim in which a formula stands, and with which letters."""

    paper: str
    claim: str
    polynomial: Expr


@dataclass(frozen=True)
class Shared:
    """One formula, up to the names of its letters, in the claims of several papers.

    Attributes:
        polynomial: at whose zeros the statements change, in the letters of the first claim.
        asserted: the claims whose statements have it, in the order of the papers.
        assumed: those that have it among their conditions.
        normalised: the claims that assert it with rho/|g| for rho, the radius of normalised SAM.
    """

    polynomial: Expr
    asserted: tuple[Occurrence, ...]
    assumed: tuple[Occurrence, ...]
    normalised: tuple[Occurrence, ...]

    @property
    def papers(self) -> tuple[str, ...]:
        """The sources whose claims assert it."""
        return tuple(dict.fromkeys(p.paper for p in (*self.asserted, *self.normalised) if p.paper != OWN))


def shared(papers: Iterable[Paper]) -> tuple[Shared, ...]:
    """The formulas that claims of at least two papers assert; those of most papers first."""
    asserted: dict[Form, list[Occurrence]] = defaultdict(list)
    assumed: dict[Form, list[Occurrence]] = defaultdict(list)
    for paper in papers:
        for claim in paper.claims:
            for found, polynomials in (
                (asserted, boundary.asserted(claim.statement, claim.given)),
                (assumed, boundary.assumed(claim.given)),
            ):
                for polynomial in sorted(filter(boundary.is_formula, polynomials), key=str):
                    form = boundary.normal_form(polynomial)
                    if form is not None and claim.id not in {p.claim for p in found[form]}:
                        found[form].append(Occurrence(paper.id, claim.id, polynomial))
    groups = []
    for form, places in asserted.items():
        other = _with_quotient(places[0].polynomial)
        one = Shared(
            places[0].polynomial,
            tuple(places),
            tuple(assumed.get(form, ())),
            () if other is None else tuple(asserted.get(other, ())),
        )
        if len(one.papers) >= 2:
            groups.append(one)
    return tuple(sorted(groups, key=lambda g: (-len(g.papers), str(g.polynomial))))


@cache
def _with_quotient(polynomial: Expr) -> Form | None:
    """The form with rho/|g| for rho: at one point normalised SAM is SAM with that constant radius."""
    if rho not in polynomial.free_symbols:
        return None
    numerator = sp.together(polynomial.subs(rho, rho / real("|g|"))).as_numer_denom()[0]
    return boundary.normal_form(sp.Poly(numerator).primitive()[1].as_expr())
