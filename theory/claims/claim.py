"""A claim as an object: what the paper says, as a formula with its conditions, and the derivation that settles it.

Nothing here decides a claim. `Claim` and `Catalogue` hold the structure that makes a decision meaningful: the last
step concludes the statement, steps cite earlier steps, ids are unique, amendments amend something that exists.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import sympy as sp
from sympy.logic.boolalg import Boolean

from saddlecheck.theory.claims import graph, repairs, serial, twin, well_formed
from saddlecheck.theory.claims.cite import Cite
from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.increasing import Increasing
from saddlecheck.theory.claims.induction import Induction
from saddlecheck.theory.claims.instance import Instance
from saddlecheck.theory.claims.kinds import require_vocabulary
from saddlecheck.theory.claims.monotone import Monotone
from saddlecheck.theory.claims.nodes import exact_part
from saddlecheck.theory.claims.notebook import InNotebook
from saddlecheck.theory.claims.place import BEYOND, Place
from saddlecheck.theory.claims.real_zeros import RealZeros
from saddlecheck.theory.claims.repairs import extends
from saddlecheck.theory.claims.serial import require_writable
from saddlecheck.theory.claims.steps import Accept, Bounded, Entails, Equal, Premises, Step, concluded, formulas, stated
from saddlecheck.theory.claims.twin import Twin
from saddlecheck.theory.errors import BadSymbol, Unreadable
from saddlecheck.theory.errors import MalformedClaim as MalformedClaim
from saddlecheck.theory.symbols import Formula

# The kernel: any other class of steps could call itself proved.
RULES = (Equal, Entails, Bounded, Monotone, Increasing, Induction, Instance, RealZeros, Cite, Accept)
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
Voice = Literal["paper", "reading", "ours"]
Provenance = Literal["seen", "second hand", "from memory"]


@dataclass(frozen=True)
class Claim(InNotebook):
    """One assertion, universally quantified over the real values of its symbols for which `given` holds.

    Attributes:
        id: lower-case words joined by hyphens.
        title: one line for lists.
        place: where in the paper it stands.
        says: the assertion in our own words.
        statement: the formula to settle.
        given: every condition, as formulas.
        steps: the derivation; the last one concludes the statement, and may say STATEMENT for it. No steps: the claim
            is refuted by a point, or open.
        reading: how the formula stands for the words, where that is not plain.
        finding: what came out and why, in a sentence or two.
        amends: the id of the claim that this one repairs.
        settles: the command whose run would settle it, for claims that need simulation or training.
        hints: points that the search for a counterexample tries first.
        twins: falsehoods of its own, beside those made by mutation.
        rests: ids of the claims by which the words are read as this formula; the verdict is no stronger than theirs.
        related: ids worth reading next.
        voice: who asserts it: the paper ("paper"), what the paper's words would mean literally ("reading"), or we
            ("ours"). A claim of a `Paper` has one.
        provenance: how the paper's statement is known: "seen" in the paper, at "second hand", or "from memory". None
            exactly for what is ours.
        argument: the proof, or the reason for the refutation, in three to six sentences that a person would write.
        display: the statement in the notation of its source, where the statement is an encoding of it. None: the
            statement is printed as it is.

    Raises:
        MalformedClaim: parts that do not fit together; a part that SymPy has already decided.

    Example:
        >>> from saddlecheck.theory import BEYOND, Claim
        >>> from saddlecheck.theory.engines.counterexample import counterexample
        >>> from saddlecheck.theory.symbols import real
        >>> x = real("x")
        >>> claim = Claim("square", "A square is larger", BEYOND, "The square of x is at least x.", x**2 >= x)
        >>> counterexample(claim.statement, claim.given)
        {x: 1/2}
    """

    id: str
    title: str
    place: Place
    says: str
    statement: Formula
    given: tuple[Formula, ...] = ()
    steps: tuple[Step, ...] = ()
    reading: str = ""
    finding: str = ""
    amends: str | None = None
    settles: str = ""
    hints: tuple[Mapping[Any, Any], ...] = ()
    twins: tuple[Twin, ...] = ()
    rests: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    voice: Voice | None = field(default=None, kw_only=True)
    provenance: Provenance | None = field(default=None, kw_only=True)
    argument: str = field(default="", kw_only=True)
    display: Display | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        if type(self) is not Claim:  # its parts could say one thing when they are checked, and another when printed
            raise MalformedClaim(f"claim {self.id} is a {type(self).__name__}; the kernel knows claims as they are.")
        for part in ("given", "steps", "twins", "rests", "related", "hints"):
            if type(getattr(self, part)) is not tuple:
                raise MalformedClaim(
                    f"claim {self.id}: {part} is a {type(getattr(self, part)).__name__}; write a tuple, "
                    f"{part}=(…,) for one."
                )
        if type(self.id) is not str or not _ID.fullmatch(self.id):
            raise MalformedClaim(f"claim id {self.id!r}: use lower-case words joined by single hyphens.")
        object.__setattr__(self, "steps", concluded(self.steps, self.statement))
        object.__setattr__(self, "twins", tuple(twin.about(t, self.statement) for t in self.twins))
        self._require_vocabulary()
        if self.display is not None and (clash := self.display.clash((self.statement, *self.given))):
            raise MalformedClaim(f"claim {self.id}: {clash}")
        if (why := next(well_formed.defects(self, RULES), None)) is not None:
            raise MalformedClaim(f"claim {self.id}: {why}")
        if wrong := next(filter(None, (twin.defect(t, self.statement, self.given) for t in self.twins)), ""):
            raise MalformedClaim(f"claim {self.id}: its {wrong}")

    def _require_vocabulary(self) -> None:
        twins = [f for t in self.twins for f in (t.statement, *(t.given or ()))]
        hints = [s for hint in self.hints for s in hint]
        if vague := [(s, v) for hint in self.hints for s, v in hint.items() if not isinstance(v, (int, sp.Rational))]:
            raise MalformedClaim(
                f"claim {self.id}: a hint gives {vague[0][0]} the value {vague[0][1]}, which is no rational number; "
                "write an integer or a fraction."
            )
        asserted = [self.statement, *self.given, *(s.formula for s in self.steps)]
        if any(isinstance(f, bool) for f in asserted):
            raise MalformedClaim(
                f"claim {self.id}: a condition or the statement is a truth value of Python's, as x == 1 is; write "
                "Eq(x, 1), or another relation."
            )
        if strange := [f for f in asserted if not isinstance(f, Boolean)]:
            raise MalformedClaim(
                f"claim {self.id}: {strange[0]!r} is no formula; write a relation, or relations joined."
            )
        checked = [*asserted, *(f for s in self.steps for f in formulas(s))]
        try:
            for formula in checked:
                require_writable(formula)
            require_vocabulary([*checked, *twins, *hints])
        except (BadSymbol, Unreadable) as error:
            raise MalformedClaim(f"claim {self.id}: {error}") from error

    def anew(self) -> Claim:
        """Return the claim as its parts make it, with nothing that was put over it or them since they were made.

        Python allows the parts of a claim, and its methods, to be exchanged. What is settled is what is asserted.

        Raises:
            MalformedClaim: its parts are no longer such that they could have made it.
        """
        parts = {part.name: getattr(self, part.name) for part in dataclasses.fields(self)}
        try:
            for formula in (self.statement, *self.given, *(f for step in self.steps for f in formulas(step))):
                serial.require_unaltered(formula)
        except Unreadable as error:
            raise MalformedClaim(f"claim {self.id}: {error}") from error
        return Claim(**{**parts, "steps": tuple(dataclasses.replace(step) for step in self.steps)})

    def premises(self, step: Step) -> Premises:
        """What a step may use: the conditions, and the formulas of the steps that it cites."""
        cited = {s.name: stated(s) for s in self.steps}
        return Premises(self.given, (cited[name] for name in step.uses))

    @property
    def is_formula(self) -> bool:
        """Whether the statement, or some conjunct of it, is a formula that engines can evaluate (not words)."""
        return exact_part(self.statement) is not None

    @cached_property
    def fingerprint(self) -> str:
        """A digest of all that is checked (conditions, statement, steps, hints). Words and layout do not enter."""
        return serial.digest(
            [
                self.id,
                _data(self.statement),
                _data(self.given),
                _data(self.steps),
                _data(self.hints),
                self.amends,
            ]
        )

    @cached_property
    def assertion(self) -> str:
        """What is asserted, conditions and statement, as a digest; what a run bears on, however it is proved."""
        return serial.digest([sorted(serial.digest(_data(g)) for g in self.given), _data(self.statement)])


class Catalogue(Mapping[str, Claim]):
    """Claims by id, in the paper's order.

    Args:
        claims: in the order in which they are listed.
        cited: claims of other papers to which these may refer. Those that they rest on are listed behind them. Where
            one has the id of a claim of the list, the list's is meant.
        elsewhere: ids of claims that were not built, to which these may be related.

    Raises:
        MalformedClaim: two claims with one id, or a claim that amends or relates to one that is not there.

    Example:
        >>> from saddlecheck.theory import CLAIMS, Catalogue
        >>> isinstance(CLAIMS, Catalogue)
        True
        >>> CLAIMS["thm1"].title
        'Theorem 1: a saddle attracts SAM once rho reaches 1/mu'
        >>> [claim.id for claim in CLAIMS.amendments("thm1")]
        ['thm1-strict']
    """

    def __init__(
        self, claims: Iterable[Claim], cited: Iterable[Claim] = (), *, elsewhere: Collection[str] = ()
    ) -> None:
        own: dict[str, Claim] = {}
        for claim in claims:
            if claim.id in own:
                raise MalformedClaim(f"two claims have the id {claim.id!r}; ids are unique, rename one.")
            own[claim.id] = claim
        known = {**{c.id: c for c in cited}, **own}
        for claim in own.values():
            related = (r for r in claim.related if r not in elsewhere)
            for kind, target in (("amends", claim.amends), *(("relates to", r) for r in related)):
                if target is not None and target not in known:
                    raise MalformedClaim(f"claim {claim.id} {kind} {target!r}, which is no claim.")
            if claim.amends and (why := repairs.defect(claim, known[claim.amends])):
                raise MalformedClaim(f"claim {claim.id} is no repair of {claim.amends}: it {why}.")
        self._claims = {**own, **graph.behind(own, known)}
        if wrong := graph.misquoted(self._claims):
            raise MalformedClaim(wrong)
        if circle := graph.cycle(self._claims):
            raise MalformedClaim(f"claims rest on each other in a circle: {' -> '.join(circle)}; cut one edge.")

    def __getitem__(self, key: str) -> Claim:
        return self._claims[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._claims)

    def __len__(self) -> int:
        return len(self._claims)

    def amendments(self, key: str) -> tuple[Claim, ...]:
        """The claims that repair the one named."""
        return tuple(c for c in self._claims.values() if c.amends == key)


def _data(value: Any) -> Any:
    """Any part of a claim as JSON data, for the fingerprint."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        checked = [f for f in dataclasses.fields(value) if f.name != "because"]
        return [type(value).__name__, *([f.name, _data(getattr(value, f.name))] for f in checked)]
    if isinstance(value, Mapping):
        return [[_data(k), _data(v)] for k, v in sorted(value.items(), key=lambda item: str(item[0]))]
    if isinstance(value, (tuple, list)):
        return [_data(v) for v in value]
    if isinstance(value, (str, int, float, bool, type(None))):
        return value
    return serial.encode(value)


__all__ = ["BEYOND", "Catalogue", "Claim", "MalformedClaim", "Place", "Twin", "extends"]
