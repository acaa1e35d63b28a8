"""A witness as numbers to put in by hand: the relation that fails, all others, and lines of Python that do it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import sympy as sp
from sympy.printing.str import StrPrinter

from saddlecheck.theory import CLAIMS
from saddlecheck.theory.claims.claim import Claim
from saddlecheck.theory.engines.ball import truth
from saddlecheck.theory.symbols import Formula
from saddlecheck.verification.site import parts

_DIGITS = 8  # of values that are no fractions
_SHOWN = 24  # relations of a statement that are written out
_LONGEST = 160  # characters of a line of Python that writes a relation out
_RELATION = sp.core.relational.Relational
_FAILS = {
    "Equality": "the two differ", "Unequality": "the two are equal", "StrictGreaterThan": "the left one is not larger",
    "GreaterThan": "the left one is smaller", "StrictLessThan": "the left one is not smaller",
    "LessThan": "the left one is larger",
}  # fmt: skip


@dataclass(frozen=True)
class Witness:
    """A claim at a point at which its conditions hold and its statement does not.

    Attributes:
        claim: the claim.
        values: symbol's name -> exact value, as text.
    """

    claim: Claim
    values: Mapping[str, str]

    @cached_property
    def point(self) -> dict[sp.Symbol, sp.Expr]:
        """Symbol -> value."""
        symbols = set().union(*(f.free_symbols for f in (self.claim.statement, *self.claim.given)))
        named = {s.name: s for s in symbols}
        return {named[name]: sp.Rational(value) for name, value in self.values.items() if name in named}

    @cached_property
    def failing(self) -> tuple[Formula, tuple[int, ...]] | None:
        """The first relation of the statement that is false there, and its path in the statement; None if none is."""
        return next(((r, path) for r, path in _relations(self.claim.statement) if self.at(r) is False), None)

    def at(self, formula: Formula) -> bool | None:
        """Whether a formula is true there; None if that is not decided."""
        try:
            return truth(formula, dict(self.point))
        except (ValueError, ArithmeticError, NotImplementedError):
            return None

    def number(self, side: sp.Expr) -> str:
        """The value of a side, exact if that is short; a dash for what has none."""
        value = side.subs(self.point).doit()
        if value.is_Rational and len(text := str(value)) <= 24:
            return text
        if value.is_number and value.is_real:
            return f"{sp.N(value, _DIGITS)}"
        return html.escape(str(value)) if len(str(value)) <= 24 else "—"

    @property
    def line(self) -> str:
        """The point and what fails there, in one line of HTML."""
        shown = ", ".join(parts.inline(sp.Eq(s, v, evaluate=False)) for s, v in self.point.items())
        start = f"At {shown}" if shown else "It has no free variables:"
        if self.failing is None:
            return f"<p class='point'>{start} all conditions hold, and the statement as a whole is false.</p>"
        relation, _ = self.failing
        shown = relation
        if display := self.claim.display:  # in the notation of the source, if the part that fails there is found
            written = display.written_out
            pairs = zip(display.parts, written, strict=True) if len(written) == len(display.parts) else ()
            found = next(((p, w) for p, w in pairs if isinstance(w, _RELATION) and self.at(w) is False), None)
            shown, relation = found if found else (relation, relation)
        sides = f"the left side is {self.number(relation.lhs)} and the right side {self.number(relation.rhs)}"
        where = parts.inline(shown, 300, "one relation of the statement, written out below")
        held = "all conditions hold; in " if self.claim.given else "in "
        return f"<p class='point'>{start} {held}{where} {sides}: {_FAILS[type(relation).__name__]}.</p>"

    @property
    def python(self) -> str:
        """At most three lines of Python that compute both sides, with their output as a comment; empty if none do."""
        if self.failing is None:
            return ""
        relation, path = self.failing
        numbers = [self.number(side) for side in relation.args]
        if "—" in numbers:
            return ""
        values = [side.subs(self.point).doit() for side in relation.args]
        is_exact = all(v.is_Rational for v in values)
        comment = f"  # {' '.join(str(v if is_exact else sp.N(v, _DIGITS)) for v in values)}"
        known = CLAIMS.get(self.claim.id)
        is_ours = known is not None and known.fingerprint == self.claim.fingerprint
        code = self._bare(relation, is_exact) or (self._from_ledger(path, is_exact) if is_ours else "")
        return code and code + comment

    def _bare(self, relation: Formula, is_exact: bool) -> str:
        """With SymPy alone, where the relation is short and has nothing that SymPy does not know."""
        bound = relation.has(sp.Derivative) or any(type(part).__module__.startswith("saddlecheck") for part in
                                                   sp.preorder_traversal(relation))  # fmt: skip
        names = {s: re.sub(r"\W", "_", s.name.replace("lambda", "lam")) for s in relation.free_symbols}
        taken = {"N", "S", *(type(part).__name__ for part in sp.preorder_traversal(relation))}
        if bound or len(set(names.values()) - taken) < len(names):
            return ""
        printer = _Code(names)
        used = [s for s in self.point if s in names]
        wrap = "{}" if is_exact else f"N({{}}, {_DIGITS})"
        sides = ", ".join(wrap.format(printer.doprint(side)) for side in relation.args)
        lines = ["from sympy import *"]
        if used:
            points = [self.point[s] for s in used]
            values = ", ".join(f"S({v.p})" if v.is_Integer else printer.doprint(v) for v in points)
            lines.append(f"{', '.join(names[s] for s in used)} = {values}")
        lines.append(f"print({sides})")
        return "\n".join(lines) if max(map(len, lines)) <= _LONGEST else ""

    def _from_ledger(self, path: tuple[int, ...], is_exact: bool) -> str:
        relation = f'CLAIMS["{self.claim.id}"].statement' + "".join(f".args[{i}]" for i in path)
        values = ", ".join(f'"{s.name}": {v}' if v.is_Integer else f'"{s.name}": "{v}"' for s, v in self.point.items())
        return (
            "from saddlecheck import CLAIMS\n"
            f"relation, at = {relation}, {{{values}}}\n"
            "print(*(side.subs({s: at[s.name] for s in side.free_symbols}).doit()"
            f"{'' if is_exact else f'.n({_DIGITS})'} for side in relation.args))"
        )

    @property
    def table(self) -> str:
        """Every condition and every relation of the statement with both of its sides, as HTML."""
        rows = [("condition", *cells) for g in self.claim.given for cells in self._rows(g)]
        rows += [("statement", *cells) for cells in self._rows(self.claim.statement)]
        if not isinstance(self.claim.statement, (sp.And, _RELATION, sp.logic.boolalg.BooleanAtom)):
            rows.append(("statement", "as a whole", "", "", _word(self.at(self.claim.statement))))
        return parts.table(("", "relation", "left side", "right side", "there it is"), rows[:_SHOWN], "witness")

    def _rows(self, formula: Formula) -> Iterator[tuple[str, ...]]:
        if formula in (sp.true, sp.false):
            yield parts.inline(formula), "", "", _word(bool(formula))
        for number, relation in enumerate(dict.fromkeys(r for r, _ in _relations(formula)), 1):
            shown = parts.inline(relation, 1500, f"relation {number}")
            yield shown, self.number(relation.lhs), self.number(relation.rhs), _word(self.at(relation))


class _Code(StrPrinter):  # type: ignore[misc]  # sympy is untyped
    """SymPy's own notation with exact fractions, and symbols by names that Python takes."""

    def __init__(self, names: Mapping[sp.Symbol, str]) -> None:
        super().__init__({"sympy_integers": True})
        self._names = names

    def _print_Integer(self, expr: sp.Integer) -> str:  # noqa: N802  # SymPy's own naming
        return str(expr)  # the symbols are numbers of SymPy, and an integer beside one becomes one

    def _print_Symbol(self, expr: sp.Symbol) -> str:  # noqa: N802  # SymPy's own naming
        return self._names.get(expr, expr.name)


def witness_line(claim: Claim, values: Mapping[str, str]) -> str:
    """HTML: the line that says what fails."""
    return Witness(claim, values).line


def _relations(formula: Formula, path: tuple[int, ...] = ()) -> Iterator[tuple[Formula, tuple[int, ...]]]:
    """Every relation with its path, in the order of the printed formula (SymPy's own traversal goes by hashes)."""
    if isinstance(formula, _RELATION):
        yield formula, path
    else:
        for i, part in enumerate(formula.args):
            yield from _relations(part, (*path, i))


def _word(value: bool | None) -> str:
    if value is None:
        return '<span class="muted">see above</span>'
    return '<span class="true">true</span>' if value else '<strong class="false">false</strong>'
