"""Which facts contradict each other, by Z3: with every monomial an unknown, then those of low degree, then all.

The first query is weaker and quickly decided. What Z3 says is used to search and never believed.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from saddlecheck.theory.checker.facts import Cases, Facts
from saddlecheck.theory.engines import solver_process

_QUERY = 4.0  # seconds for a question on which a node of the tree hangs
_QUICK = 0.5  # for one that only makes a node smaller, or orders the search
_LOW = 3  # a degree up to which products are mostly understood at once; facts beyond it are left out at first
_UNKNOWN = re.compile(r"\ba[0-9a]+")

Name = Callable[[Sequence[Any]], str]


@dataclass(frozen=True)
class Queries:
    """Questions about facts, until `deadline` (of time.monotonic)."""

    deadline: float

    def core(self, facts: Facts, among: Sequence[int]) -> tuple[str, list[int]]:
        """Z3's answer about the facts with these numbers, and some that contradict each other, all of them needed."""
        if empty := [i for i in among if facts[i] == Cases([])]:
            return "unsat", empty[:1]
        for name, most in ((_monomial, None), (_powers, _LOW), (_powers, None)):
            some = [i for i in among if most is None or _degree(facts[i]) <= most]
            status, found = self._ask([facts[i] for i in some], _QUERY, name)
            if status == "unsat":
                break
        core = [some[i] for i in sorted(found)]
        for i in sorted(core, key=lambda i: _size(facts[i]), reverse=True):
            fewer = [j for j in core if j != i]
            if self._ask([facts[j] for j in fewer], _QUICK, name)[0] == "unsat":
                core = fewer
        return status, core

    def possible(self, facts: Facts) -> bool:
        """Whether Z3 does not refute the facts quickly."""
        return all(self._ask(facts, _QUICK, name)[0] != "unsat" for name in (_monomial, _powers))

    def _ask(self, facts: Facts, seconds: float, name: Name) -> tuple[str, set[int]]:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the search as a whole has used its time")
        assertions = [_smt(fact, name) for fact in facts]
        unknowns = sorted({unknown for assertion in assertions for unknown in _UNKNOWN.findall(assertion)})
        return solver_process.core(unknowns, assertions, min(seconds, left))


def _degree(fact: Any) -> int:
    """The highest degree of a polynomial in a fact."""
    if isinstance(fact, Cases):
        return max((_degree(f) for alternative in fact.alternatives for f in alternative), default=0)
    return int(fact.poly.total_degree()) if fact.poly else 0


def _size(fact: Any) -> tuple[bool, int]:
    return (True, len(fact.alternatives)) if isinstance(fact, Cases) else (False, len(fact.poly))


def _smt(fact: Any, name: Name) -> str:
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
