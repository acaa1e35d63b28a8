"""A paper as a value: what it is, the claims that it makes or that are made about it, and what was run on them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, get_args

from saddlecheck.theory.claims.claim import Catalogue, Claim, MalformedClaim, Provenance, Voice
from saddlecheck.theory.claims.notebook import InNotebook

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, eq=False)
class Paper(InNotebook):
    """One source of claims. Two papers may use the same claim ids: a claim is known by its paper and its id.

    Attributes:
        id: lower-case words joined by hyphens.
        title: as printed.
        authors: family names, in the paper's order.
        year: of the version that was read; 0 if there is none.
        claims: in the paper's order; each has a voice, and a provenance unless it is ours.
        link: where the paper can be read.
        version: which version was read.
        sections: number -> heading, in the paper's order.
        symbols: symbol -> LaTeX, in the order in which the paper's formulas are to be printed.
        cites: claims of other papers to which its own may refer, by id: what they rest on, amend or relate to.
        experiments: runs that bear on its claims (`saddlecheck.numerics.experiment.Experiment`).
        records: folder of training records. Of a paper outside this project a record counts only for a claim with
            the id and the assertion of one of this project that has rules for records (fig8, fig9, …).

    Raises:
        MalformedClaim: an id that is none; a claim without voice, or whose provenance does not fit its voice; claims
            that do not form a catalogue.

    Example:
        >>> from saddlecheck.theory import BEYOND, Claim
        >>> from saddlecheck.theory import Paper
        >>> from saddlecheck.theory.symbols import real
        >>> x = real("x")
        >>> square = Claim("square", "Squares", BEYOND, "The square of x is at least x.", x**2 >= x, voice="ours")
        >>> paper = Paper("mine", "On squares", ("Euclid",), 2026, (square,))
        >>> list(paper.catalogue)
        ['square']
    """

    id: str
    title: str
    authors: tuple[str, ...]
    year: int
    claims: tuple[Claim, ...]
    link: str = field(default="", kw_only=True)
    version: str = field(default="", kw_only=True)
    sections: Mapping[str, str] = field(default_factory=dict, kw_only=True)
    symbols: Mapping[Any, str] = field(default_factory=dict, kw_only=True)
    cites: tuple[Claim, ...] = field(default=(), kw_only=True)
    experiments: tuple[Any, ...] = field(default=(), kw_only=True)
    records: Path | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise MalformedClaim(f"paper id {self.id!r}: use lower-case words joined by single hyphens.")
        for claim in self.claims:
            if claim.voice not in get_args(Voice):
                raise MalformedClaim(
                    f"claim {claim.id} of paper {self.id} has the voice {claim.voice!r}; say whose it is: "
                    f"{', '.join(get_args(Voice))}."
                )
            if claim.voice == "ours" and claim.provenance is not None:
                raise MalformedClaim(f"claim {claim.id} of paper {self.id} is ours; leave its provenance out.")
            if claim.voice != "ours" and claim.provenance not in get_args(Provenance):
                raise MalformedClaim(
                    f"claim {claim.id} of paper {self.id} speaks for the paper; say how its statement is known: "
                    f"provenance={', '.join(get_args(Provenance))}."
                )
        if strange := [e for e in self.experiments if e.claim not in self.ids]:
            raise MalformedClaim(
                f"experiment {strange[0].name!r} of paper {self.id} bears on {strange[0].claim!r}, no claim of it."
            )
        _ = self.catalogue

    @cached_property
    def catalogue(self) -> Catalogue:
        """Its claims by id, in its order, and behind them those of other papers on which they rest."""
        return Catalogue(self.claims, self.cites)

    @cached_property
    def ids(self) -> frozenset[str]:
        """The ids of its own claims."""
        return frozenset(claim.id for claim in self.claims)

    @property
    def source(self) -> str:
        """Authors, title and year, as one cites it."""
        *others, last = self.authors or ("",)
        names = f"{', '.join(others)} and {last}" if others else last
        return (f"{names}: " if names else "") + self.title + (f" ({self.year})" if self.year else "")


__all__ = ["Paper"]
