"""What a reader should know first of a paper: the false assertions that matter, each with numbers at which it fails.

Which ones matter, and in which order, is committed here; that each is false, and the numbers, are read off the ledger's
certificates, so that a claim that comes to hold leaves the list by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sympy as sp

from saddlecheck.theory.claims import serial
from saddlecheck.theory.engines.ball import truth
from saddlecheck.theory.symbols import Formula
from saddlecheck.verification.ledger.judge import Verdict
from saddlecheck.verification.ledger.scoreboard import FALSE_AS_PRINTED

if TYPE_CHECKING:
    from saddlecheck.verification.ledger.book import Report

Entry = Mapping[str, Any]  # "certificate" and "summary" of a claim, as `snapshot` keeps them
_FIGURES = 4  # significant, of a side of a relation


@dataclass(frozen=True)
class Highlight:
    """An assertion that is false as printed.

    Attributes:
        id: of the claim.
        says: the assertion in at most one line, without numbers that were found.
        shown_by: the claim whose title says what is there instead, where the witness alone does not.
        remember: for the few that a reader will remember, a sentence about {point}, {left}, {right} or {instead}.
    """

    id: str
    says: str
    shown_by: str = ""
    remember: str = ""


HIGHLIGHTS: Mapping[str, tuple[Highlight, ...]] = {
    "kim": (
        Highlight(
            "thm1",
            "Theorem 1: a saddle attracts from rho = 1/mu on",
            remember="Theorem 1 fails at its own threshold: at {point} the rate that must be positive is {left}.",
        ),
        Highlight(
            "thm2",
            "Theorem 2, (12): the variance has (1 + rho lambda)^2 in its rate",
            remember="Theorem 2 has a square too many: at {point} the sides of its equation are {left} and {right}.",
        ),
        Highlight(
            "beale-single-saddle",
            "4.1: Beale's function has one saddle, (0, 1)",
            "beale-second-saddle",
            remember="Section 4.1 counts one saddle. {instead}.",
        ),
        Highlight("drift", "Proof of Theorem 2: SAM's gradient is H (I + rho H)^2 w"),
        Highlight("cor1-inequality", "Corollary 1: SAM always diffuses less than SGD"),
        Highlight("cor1-eq13", "(13): the gap between SGD and SAM is 2 eta t^2 |lambda|^3 rho/B"),
        Highlight("eq14-msd", "(14): the mean squared displacement with momentum"),
        Highlight("eq15", "(15): (14) becomes proportional to 1/((1 - gamma) B)"),
        Highlight("thm3-escape", "After Theorem 3: momentum shortens the escape from a saddle"),
        Highlight("toy-saddles", "4.3: every point of the toy neuron's line is a saddle"),
    ),
}


def false_as_printed(paper: str, entries: Mapping[str, Entry]) -> list[str]:
    """The ids of what a paper asserts and does not hold as printed, in its order."""
    summaries = {i: e["summary"] for i, e in entries.items()}
    asserted = {i: s for i, s in summaries.items() if s["paper"] == paper and s["voice"] == "paper"}
    return [i for i, s in asserted.items() if Verdict(s["verdict"]) in FALSE_AS_PRINTED]


def highlights(paper: str, entries: Mapping[str, Entry]) -> list[Highlight]:
    """The false assertions of a paper that matter, in the committed order; all of a paper for which none is committed.

    Args:
        paper: its id.
        entries: of the claims that were settled, by id.

    Returns:
        Those that are among the entries and false there.
    """
    false = false_as_printed(paper, entries)
    if paper in HIGHLIGHTS:
        return [h for h in HIGHLIGHTS[paper] if h.id in false]
    return [Highlight(i, str(entries[i]["certificate"]["title"])) for i in false]


def entries_of(paper: str, reports: Mapping[str, Report]) -> dict[str, Entry]:
    """The entries from which a paper's highlights are read, certificates only where they are needed."""
    named = {i for h in HIGHLIGHTS.get(paper, ()) for i in (h.id, h.shown_by)}
    return {
        i: {"summary": r.summary(), "certificate": r.certificate() if i in named else {}} for i, r in reports.items()
    }


def remembered(paper: str, entries: Mapping[str, Entry]) -> dict[str, str]:
    """Claim id -> the sentence that a reader will remember, with its numbers; of those that are false."""
    found = {}
    for h in highlights(paper, entries):
        if h.remember:
            at = failure(entries[h.id])
            instead = str(entries[h.shown_by]["certificate"]["title"]) if h.shown_by else ""
            found[h.id] = h.remember.format(point=at.point, left=at.left, right=at.right, instead=instead)
    return found


@dataclass(frozen=True)
class Failure:
    """Where a statement fails: the point, and both sides of the first relation that is false there, if one is.

    measured: what a run found instead, where no point speaks against the statement.
    """

    point: str = ""
    left: str = ""
    sign: str = ""
    right: str = ""
    measured: str = ""

    def __str__(self) -> str:
        if self.measured:
            return f"a run finds {self.measured}"
        relation = f"{self.left} {self.sign} {self.right}" if self.sign else ""
        if not self.point:
            return f"it says {relation}" if relation else ""
        return f"at {self.point} it says {relation}" if relation else f"false at {self.point}"


def failure(entry: Entry) -> Failure:
    """Where the statement of a refuted claim fails, from its certificate and without the claim itself.

    Returns:
        The point and the two sides; of a run, what it measured.

    Example:
        >>> from saddlecheck import check
        >>> report = check("radius", numeric=False)
        >>> print(failure({"certificate": report.certificate(), "summary": report.summary()}))
        at g1 = g2 = 0, g3 = 2, rho = 1 it says 4 <= 1
    """
    witness, summary = entry["certificate"]["witness"], entry["summary"]
    if witness is None:  # a run speaks against it: what it measured, beside what was claimed
        return Failure(measured=_measured(summary["witness"] or {}))
    statement = serial.decode(entry["certificate"]["statement"])
    named = {s.name: s for s in statement.free_symbols}
    point = {named[n]: sp.Rational(v) for n, v in witness.items() if n in named}
    for relation in _relations(statement):
        if _truth(relation, point) is False:
            left, right = (_number(side, point) for side in (relation.lhs, relation.rhs))
            return Failure(_point(witness), left, relation.rel_op.replace("==", "="), right)
    return Failure(_point(witness))


def _point(witness: Mapping[str, str]) -> str:
    """The witness with equal values once: a = b = 1, c = 2."""
    groups: dict[str, list[str]] = {}
    for name, value in witness.items():
        groups.setdefault(str(value), []).append(name)
    return ", ".join(" = ".join([*names, value]) for value, names in groups.items())


def _measured(witness: Mapping[str, str]) -> str:
    found = [(name, value) for name, value in witness.items() if name.endswith("measured")]
    claimed = witness.get("claimed")
    return "; ".join(
        f"{name.removesuffix(', measured')}: {value}" + (f", not {claimed}" if claimed else "") for name, value in found
    )


def _relations(formula: Formula) -> Iterator[Formula]:
    """The relations that a conjunction or disjunction asserts, in the order in which it is printed."""
    if isinstance(formula, sp.core.relational.Relational):
        yield formula
    elif isinstance(formula, (sp.And, sp.Or)):
        for part in formula.args:
            yield from _relations(part)


def _truth(relation: Formula, point: Mapping[sp.Symbol, sp.Expr]) -> bool | None:
    try:
        return truth(relation, dict(point))
    except (ValueError, ArithmeticError, NotImplementedError):
        return None


def _number(side: sp.Expr, point: Mapping[sp.Symbol, sp.Expr]) -> str:
    value = sp.sympify(side).subs(point).doit()
    if value.is_Integer:
        return str(value)
    return f"{float(value):.{_FIGURES}g}" if value.is_number and value.is_real else str(value)
