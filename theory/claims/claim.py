"""A claim as an object: what the paper says, as a formula with its conditions, and the derivation that settles it.

Nothing here decides a claim. `Claim` and `Catalogue` hold the structure that makes a decision meaningful: the last
step concludes the statement, steps cite earlier steps, ids are unique, amendments amend something that exists.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sympy as sp

from saddlecheck.theory.claims import serial
from saddlecheck.theory.claims.nodes import Prop
from saddlecheck.theory.claims.steps import Step, stated
from saddlecheck.theory.errors import MalformedClaim as MalformedClaim
from saddlecheck.theory.symbols import Formula

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class Place:
    """Where in the paper: its section, and the equation, theorem, figure or passage. `beyond` is not in the paper.

    Example:
        >>> from saddlecheck.theory import BEYOND, Place
        >>> print(Place("4.2", "Theorem 1"))
        4.2, Theorem 1
        >>> print(BEYOND)
        beyond the paper
    """

    section: str
    passage: str = ""

    def __str__(self) -> str:
        return f"{self.section}, {self.passage}" if self.passage else self.section


BEYOND = Place("beyond the paper")


@dataclass(frozen=True)
class Twin:
    """A nearby falsehood that the machinery must refute: the claim's statement with one deliberate mistake.

    Attributes:
        mistake: what is wrong with it, in words.
        statement: the false formula.
        given: its conditions; None means the claim's own.

    Example:
        >>> from saddlecheck.theory import Twin
        >>> from saddlecheck.theory.engines.counterexample import counterexample
        >>> from saddlecheck.theory.symbols import real
        >>> x, y = real("x"), real("y")
        >>> twin = Twin("the inequality turned round", x**2 + y**2 <= 2 * x * y)
        >>> counterexample(twin.statement, ())
        {x: 0, y: 1}
    """

    mistake: str
    statement: Formula
    given: tuple[Formula, ...] | None = None


@dataclass(frozen=True)
class Claim:
    """One assertion, universally quantified over the real values of its symbols for which `given` holds.

    Attributes:
        id: lower-case words joined by hyphens.
        title: one line for lists.
        place: where in the paper it stands.
        says: the assertion in our own words.
        statement: the formula to settle.
        given: every condition, as formulas.
        steps: the derivation; the last one concludes the statement. No steps: the claim is refuted by a point, or open.
        reading: how the formula stands for the words, where that is not plain.
        finding: what came out and why, in a sentence or two.
        amends: the id of the claim that this one repairs.
        settles: the command whose run would settle it, for claims that need simulation or training.
        hints: points that the search for a counterexample tries first.
        twins: falsehoods of its own, beside those made by mutation.
        related: ids worth reading next.

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
    related: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise MalformedClaim(f"claim id {self.id!r}: use lower-case words joined by single hyphens.")
        steps = [(f"step {s.name!r}", s.formula) for s in self.steps]
        for what, formula in (("its statement", self.statement), *steps):
            if (idle := next(_decided(formula), None)) is not None:
                raise MalformedClaim(
                    f"claim {self.id}: {what} has the part {idle}, which SymPy decided when it was made, so that no "
                    "engine checks anything; leave the derived side unevaluated (Derivative, Coefficient, `value`)."
                )
        for twin in self.twins:
            if twin.statement in (True, False):
                raise MalformedClaim(
                    f"claim {self.id}: its twin {twin.mistake!r} is {twin.statement} before anybody looks; no engine "
                    "would have to refute it."
                )
        names: set[str] = set()
        for step in self.steps:
            if step.name in names:
                raise MalformedClaim(f"claim {self.id}: two steps are named {step.name!r}; rename one.")
            if unknown := [u for u in step.uses if u not in names]:
                raise MalformedClaim(
                    f"claim {self.id}: step {step.name!r} cites {unknown[0]!r}, which is no earlier step; "
                    f"earlier steps are {sorted(names) or 'none'}."
                )
            names.add(step.name)
        if self.steps and stated(self.steps[-1]) != self.statement:
            raise MalformedClaim(
                f"claim {self.id}: its last step {self.steps[-1].name!r} concludes {stated(self.steps[-1])}, "
                f"not the statement {self.statement}; end with a step that does."
            )

    def premises(self, step: Step) -> tuple[Formula, ...]:
        """What a step may use: the conditions, and the formulas of the steps that it cites."""
        cited = {s.name: stated(s) for s in self.steps}
        return (*self.given, *(cited[name] for name in step.uses))

    @property
    def is_formula(self) -> bool:
        """Whether the statement is a formula that engines can evaluate (not a proposition in words)."""
        return not self.statement.has(Prop) if isinstance(self.statement, sp.Basic) else True

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

    Raises:
        MalformedClaim: two claims with one id, or a claim that amends or relates to one that is not there.

    Example:
        >>> from saddlecheck.theory import CLAIMS, Catalogue
        >>> isinstance(CLAIMS, Catalogue)
        True
        >>> CLAIMS["thm1"].title
        'A saddle attracts SAM once rho reaches 1/mu'
        >>> [claim.id for claim in CLAIMS.amendments("thm1")]
        ['thm1-strict']
    """

    def __init__(self, claims: Iterable[Claim]) -> None:
        self._claims: dict[str, Claim] = {}
        for claim in claims:
            if claim.id in self._claims:
                raise MalformedClaim(f"two claims have the id {claim.id!r}; ids are unique, rename one.")
            self._claims[claim.id] = claim
        for claim in self._claims.values():
            for kind, target in (("amends", claim.amends), *(("relates to", r) for r in claim.related)):
                if target is not None and target not in self._claims:
                    raise MalformedClaim(f"claim {claim.id} {kind} {target!r}, which is no claim.")

    def __getitem__(self, key: str) -> Claim:
        return self._claims[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._claims)

    def __len__(self) -> int:
        return len(self._claims)

    def amendments(self, key: str) -> tuple[Claim, ...]:
        """The claims that repair the one named."""
        return tuple(c for c in self._claims.values() if c.amends == key)


def extends(amendment: Claim, claim: Claim) -> bool:
    """Whether an amendment is the same statement under more conditions (and so not another statement)."""
    return amendment.statement == claim.statement and set(amendment.given) > set(claim.given)


def _decided(formula: Formula) -> Iterator[Formula]:
    """The parts of a formula that are true before anybody looks: `true` itself, and relations of a thing to itself."""
    relation = isinstance(formula, sp.core.relational.Relational)
    if formula in (True, sp.true) or (relation and formula.lhs == formula.rhs):
        yield formula
    elif isinstance(formula, sp.logic.boolalg.BooleanFunction):
        for part in formula.args:
            yield from _decided(part)


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
