"""The search for a certificate: a tree of cases whose leaves are sums of products (see checker/positivity.py).

Z3 says which facts contradict each other, so that a leaf has few facts and a disjunction is split only where it is
needed. Where no leaf is found the signs of factors are split. Nothing here is trusted: what is found is checked.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from saddlecheck.theory.checker.facts import Cases, Facts, Polynomial, Refutation, Sign, key, sign
from saddlecheck.theory.engines.at_sight import Seen
from saddlecheck.theory.engines.contradictions import Queries
from saddlecheck.theory.engines.leaf import leaf, polynomial

# Ever more effort: seconds for one leaf, how many signs of factors are split on a path, and whether all facts are taken
# where Z3 does not know which contradict each other.
_PASSES = ((0.7, 1, False), (4.0, 2, True), (15.0, 4, True))


def search(refutation: Refutation, seconds: float) -> Any:
    """A certificate that the facts of a refutation contradict each other, or None if none was found in time."""
    deadline = time.monotonic() + seconds
    try:
        for a_leaf, splits, blindly in _PASSES:
            attempt = _Search(refutation, Queries(deadline), a_leaf, blindly)
            if (found := attempt.tree(refutation.facts, splits)) is not None:
                return found
    except TimeoutError:
        pass
    return None


@dataclass(frozen=True)
class _Search:
    """One pass; seconds: for one leaf."""

    refutation: Refutation
    queries: Queries
    seconds: float
    blindly: bool

    def tree(self, facts: Facts, splits: int, done: frozenset[int] = frozenset()) -> Any:
        """A node that shows that the facts contradict each other, or None; done: disjunctions that were split."""
        left = [i for i in range(len(facts)) if i not in done]
        seen = Seen(facts)
        if seen.conflict:
            return leaf(self.refutation, facts, seen.conflict, self.seconds)
        standing = {i: seen.standing(facts[i]) for i in left if isinstance(facts[i], Cases)}
        if forced := [i for i, alternatives in standing.items() if alternatives < 2]:
            return self._split(facts, forced[0], splits, done)
        status, core = self.queries.core(facts, left)
        if status == "unknown" and (fewer := [i for i, n in standing.items() if n < len(facts[i].alternatives)]):
            return self._split(facts, min(fewer, key=standing.__getitem__), splits, done)
        if status != "unsat":
            core = left if status == "unknown" and self.blindly else []
        if not core:
            return None
        if disjunctions := [i for i in core if isinstance(facts[i], Cases)]:
            return self._cases(facts, disjunctions, splits, done)
        return self._leaf(facts, core, splits, done)

    def _cases(self, facts: Facts, disjunctions: list[int], splits: int, done: frozenset[int]) -> Any:
        """Split the disjunction that leaves the fewest alternatives standing."""
        signs = [f for f in facts if isinstance(f, Sign)]

        def standing(i: int) -> tuple[int, int]:
            alternatives = facts[i].alternatives
            return sum(self.queries.possible([*signs, *more]) for more in alternatives), len(alternatives)

        return self._split(facts, min(disjunctions, key=standing), splits, done)

    def _split(self, facts: Facts, i: int, splits: int, done: frozenset[int]) -> Any:
        """Split a disjunction."""
        children = []
        for alternative in facts[i].alternatives:
            child = self.tree([*facts, *alternative], splits, done | {i})
            if child is None:
                return None
            children.append(child)
        return ["cases", i, *children]

    def _sign(self, facts: Facts, p: Polynomial, splits: int, done: frozenset[int]) -> Any:
        """Split by the sign of a polynomial."""
        children = []
        for relation in "<=>":
            child = self.tree([*facts, sign(p, relation)], splits, done)
            if child is None:
                return None
            children.append([relation, child])
        return ["sign", polynomial(p), *children]

    def _leaf(self, facts: Facts, core: list[int], splits: int, done: frozenset[int]) -> Any:
        """A sum of products, after the sign of each denominator in it is known, or of some factor."""
        for b in self._denominators(facts, core):
            if not _known(facts, b):
                return self._sign(facts, b, splits, done)
        for some in dict.fromkeys((tuple(core), (*core, *_bounds(facts, core)))):
            left = min(self.seconds, self.queries.deadline - time.monotonic())
            if (found := leaf(self.refutation, facts, some, left)) is not None:
                return found
        for p in self._candidates(facts, core) if splits else ():
            if (found := self._sign(facts, p, splits - 1, done)) is not None:
                return found
        return None

    def _denominators(self, facts: Facts, core: list[int]) -> Iterator[Polynomial]:
        """The b whose inverses, defined here, the core holds."""
        present = _atoms(facts, core)
        for r, b in self.refutation.inverse.items():
            if r in present and Sign(self.refutation.ring.gen(r) * b - 1, "=") in facts:
                yield b

    def _candidates(self, facts: Facts, core: list[int]) -> list[Polynomial]:
        """Factors of the core's facts, and atoms, whose sign is not known: those that the facts decide first."""
        polys = [facts[i].poly for i in core if facts[i].poly]
        factors = [p / p.leading_coefficient() for poly in polys for p, _ in poly.factor()[1]]
        factors += [self.refutation.ring.gen(a) for a in sorted(_atoms(facts, core) - set(self.refutation.inverse))]
        found = {key(p): p for p in factors if not _known(facts, p)}

        def rank(p: Polynomial) -> tuple[int, int, int]:
            undecided = sum(self.queries.possible([*(facts[i] for i in core), sign(p, r)]) for r in "<=>")
            return undecided, p.total_degree(), len(p)

        return sorted(found.values(), key=rank)


def _known(facts: Facts, p: Polynomial) -> bool:
    """Whether a fact says that a multiple of the polynomial is positive, negative or zero."""
    said = [f.poly for f in facts if isinstance(f, Sign) and f.relation in (">", "=") and f.poly]
    return key(p / p.leading_coefficient()) in {key(poly / poly.leading_coefficient()) for poly in said}


def _bounds(facts: Facts, core: list[int]) -> list[int]:
    """Bounds of single atoms that the core holds: it can do without them, but they shorten its products."""
    present = _atoms(facts, core)
    bounds = [i for i, f in enumerate(facts) if isinstance(f, Sign) and f.relation in (">", ">=") and i not in core]
    linear = [i for i in bounds if facts[i].poly.total_degree() == 1 and len(_atoms(facts, [i])) == 1]
    return [i for i in linear if _atoms(facts, [i]) <= present]


def _atoms(facts: Facts, some: Iterable[int]) -> set[int]:
    polys = [facts[i].poly for i in some if facts[i].poly]
    return {a for poly in polys for a, degree in enumerate(poly.degrees()) if degree > 0}
