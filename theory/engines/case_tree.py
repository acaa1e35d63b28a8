"""The search for a certificate: a tree of cases whose leaves are sums of products (see checker/positivity.py).

Z3 says which facts contradict each other, so that a leaf has few facts and a disjunction is split only where it is
needed. Where no leaf is found the signs of factors are split. Nothing here is trusted: what is found is checked.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from saddlecheck.theory.checker.facts import Cases, Facts, Polynomial, Refutation, Sign, key, sign
from saddlecheck.theory.engines import leaf, solver_process

_QUERY = 4.0  # seconds for one question to Z3
_PASSES = ((0.7, 1), (4.0, 2), (15.0, 4))  # seconds for one leaf, and how many signs of factors are split on a path


Name = Callable[[Sequence[Any]], str]
_UNKNOWN = re.compile(r"\ba[0-9a]+")


class OutOfTime(Exception):
    """The search as a whole has used its time."""


@dataclass(frozen=True)
class Search:
    """The search for one certificate, until `deadline` (of time.monotonic)."""

    refutation: Refutation
    deadline: float
    seconds: float
    without_core: bool

    def tree(self, facts: Facts, splits: int, done: frozenset[int] = frozenset()) -> Any:
        """A node that shows that the facts contradict each other, or None; done: disjunctions that were split."""
        left = [i for i in range(len(facts)) if i not in done]
        status, core = self.core(facts, left)
        if status != "unsat":  # where Z3 does not know, all facts are taken
            core = left if status == "unknown" and self.without_core else []
        if not core:
            return None
        if disjunctions := [i for i in core if isinstance(facts[i], Cases)]:
            return self._cases(facts, disjunctions, done, splits)
        return self._leaf(facts, core, done, splits)

    def core(self, facts: Facts, among: Iterable[int]) -> tuple[str, list[int]]:
        """Z3's answer, and facts that contradict each other, none of which can be left out."""
        wanted = sorted(among)
        if empty := [i for i in wanted if facts[i] == Cases([])]:
            return "unsat", empty[:1]
        for name in (_monomial, _powers):
            status, found = self._ask([facts[i] for i in wanted], _QUERY, name)
            if status == "unsat":
                break
        core = [wanted[i] for i in sorted(found)]
        for i in sorted(core, key=lambda i: _size(facts[i]), reverse=True):
            fewer = [j for j in core if j != i]
            if self._ask([facts[j] for j in fewer], 0.5, name)[0] == "unsat":
                core = fewer
        return status, core

    def _ask(self, facts: Facts, seconds: float, name: Name) -> tuple[str, set[int]]:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise OutOfTime
        assertions = [_smt(fact, name) for fact in facts]
        unknowns = sorted({u for a in assertions for u in _UNKNOWN.findall(a)})
        return solver_process.core(unknowns, assertions, min(seconds, left))

    def _possible(self, facts: Facts) -> bool:
        """Whether Z3 does not refute the facts quickly."""
        return all(self._ask(facts, 1.0, name)[0] != "unsat" for name in (_monomial, _powers))

    def _cases(self, facts: Facts, disjunctions: list[int], done: frozenset[int], splits: int) -> Any:
        """Split the disjunction of the core that leaves the fewest alternatives standing."""
        signs = [f for f in facts if isinstance(f, Sign)]

        def standing(i: int) -> tuple[int, int]:
            alternatives = facts[i].alternatives
            return sum(self._possible([*signs, *more]) for more in alternatives), len(alternatives)

        i = min(disjunctions, key=standing)
        children = []
        # the hopeless alternative first: where one has no tree, the others need none
        for alternative in facts[i].alternatives:
            child = self.tree([*facts, *alternative], splits, done | {i})
            if child is None:
                return None
            children.append(child)
        return ["cases", i, *children]

    def _leaf(self, facts: Facts, core: list[int], done: frozenset[int], splits: int) -> Any:
        """A sum of products, after the sign of each denominator in it is known, or of some factor."""
        for b in self._denominators(facts, core):
            if not _known(facts, b):
                return self._sign(facts, b, done, splits)
        for some in dict.fromkeys((tuple(core), tuple(core) + self._plain(facts, core))):
            left = min(self.seconds, self.deadline - time.monotonic())
            if (found := leaf.leaf(self.refutation, facts, some, left)) is not None:
                return found
        if splits == 0:
            return None
        for p in self._candidates(facts, core):
            if (found := self._sign(facts, p, done, splits - 1)) is not None:
                return found
        return None

    def _denominators(self, facts: Facts, core: list[int]) -> Iterator[Polynomial]:
        """The b whose inverses, defined here, the core holds."""
        present = self._atoms(facts, core)
        for r, b in self.refutation.inverse.items():
            if r in present and Sign(self.refutation.ring.gen(r) * b - 1, "=") in facts:
                yield b

    def _plain(self, facts: Facts, core: list[int]) -> tuple[int, ...]:
        """Bounds of single atoms that the core holds: it can do without them, but they shorten its products."""
        present = self._atoms(facts, core)
        return tuple(
            i for i, fact in enumerate(facts)
            if i not in core and isinstance(fact, Sign) and fact.relation in (">", ">=")
            and fact.poly.total_degree() == 1 and len(atoms := self._atoms(facts, [i])) == 1 and atoms <= present
        )  # fmt: skip

    def _atoms(self, facts: Facts, core: Iterable[int]) -> set[int]:
        polys = [facts[i].poly for i in core if facts[i].poly]
        return {a for poly in polys for a, degree in enumerate(poly.degrees()) if degree > 0}

    def _candidates(self, facts: Facts, core: list[int]) -> list[Polynomial]:
        """Factors of the core's facts, and atoms, whose sign is not known: those that the facts decide first."""
        polys = [facts[i].poly for i in core if facts[i].poly]
        factors = [p / p.leading_coefficient() for poly in polys for p, _ in poly.factor()[1]]
        atoms = self._atoms(facts, core) - set(self.refutation.inverse)
        factors += [self.refutation.ring.gen(a) for a in sorted(atoms)]
        found = {key(p): p for p in factors if not _known(facts, p)}

        def rank(p: Polynomial) -> tuple[int, int, int]:
            undecided = sum(self._possible([*(facts[i] for i in core), sign(p, r)]) for r in "<=>")
            return undecided, p.total_degree(), len(p)

        return sorted(found.values(), key=rank)

    def _sign(self, facts: Facts, p: Polynomial, done: frozenset[int], splits: int) -> Any:
        """Cases by the sign of a polynomial, with as few of them as there are trees."""
        children = []
        for relation in "<=>":
            child = self.tree([*facts, sign(p, relation)], splits, done)
            if child is None:
                return None
            children.append([relation, child])
        return ["sign", leaf.polynomial(p), *children]


def search(refutation: Refutation, seconds: float) -> Any:
    """A certificate that the facts of a refutation contradict each other, or None if none was found in time."""
    deadline = time.monotonic() + seconds
    try:
        for a_leaf, splits in _PASSES:
            search = Search(refutation, deadline, a_leaf, without_core=splits > 1)
            if (found := search.tree(refutation.facts, splits)) is not None:
                return found
    except OutOfTime:
        pass
    return None


def _known(facts: Facts, p: Polynomial) -> bool:
    """Whether a fact says that a multiple of the polynomial is positive, negative or zero."""
    both = (key(p), key(-p))
    return any(
        isinstance(f, Sign) and f.relation in (">", "=") and f.poly and key(f.poly / abs(f.poly.leading_coefficient())) in both
        for f in facts
    )


def _size(fact: Any) -> tuple[bool, int]:
    return (True, len(fact.alternatives)) if isinstance(fact, Cases) else (False, len(fact.poly))


def _smt(fact: Any, name: Callable[[Any], str]) -> str:
    """A fact in SMT-LIB; name: how a monomial is written."""
    if isinstance(fact, Cases):
        parts = (_joined("and", [_smt(f, name) for f in facts], "true") for facts in fact.alternatives)
        return _joined("or", parts, "false")
    terms = []
    for powers, c in fact.poly.terms():
        number = f"(/ {abs(int(c.p))}.0 {int(c.q)}.0)"
        terms.append(_joined("*", [number if c > 0 else f"(- {number})", *filter(None, [name(powers)])], "1.0"))
    relation = f"({'=' if fact.relation == '!=' else fact.relation} {_joined('+', terms, '0.0')} 0.0)"
    return f"(not {relation})" if fact.relation == "!=" else relation


def _powers(powers: Sequence[Any]) -> str:
    """A monomial as a product of atoms, ak the one with number k."""
    return " ".join(f"a{i}" for i, power in enumerate(powers) for _ in range(int(power)))


def _monomial(powers: Sequence[Any]) -> str:
    """A monomial as one unknown."""
    return _powers(powers).replace(" ", "")


def _joined(word: str, parts: Iterable[str], empty: str) -> str:
    listed = list(parts)
    return empty if not listed else listed[0] if len(listed) == 1 else f"({word} {' '.join(listed)})"
