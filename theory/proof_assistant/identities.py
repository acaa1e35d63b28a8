"""The script of an identity: the difference of two polynomials in atoms is a combination of what defines the atoms.

An inverse r of b satisfies r b = 1, a root s of b satisfies s^2 = b, and exp(a) exp(b) = exp(a + b). Python finds the
combination; Coq checks it as one identity of polynomials.
"""

from __future__ import annotations

from typing import Any

from saddlecheck.theory.checker.facts import Sign
from saddlecheck.theory.checker.tree import Tree
from saddlecheck.theory.errors import Untranslatable
from saddlecheck.theory.proof_assistant.core import Core
from saddlecheck.theory.proof_assistant.reading import TracedRefutation, replaced


def script(left: Tree, right: Tree) -> list[str]:
    """The tactics that prove an equation between terms without derivatives.

    Args:
        left: One side.
        right: The other side.

    Returns:
        Lines for the goal `left = right`, with what must not be 0 shown by the form of terms.

    Raises:
        Untranslatable: no combination was found.
    """
    reading = TracedRefutation([], ("Equality", left, right))
    reading.facts = _definitions(reading)
    core = _Identity(reading, reading.term(left) - reading.term(right))
    lines = list(core.lines)
    arguments = " ".join(f"({reading.terms_of[i]})" for i in core.atoms)
    hypotheses = [f"d_{i}" for i in core.used] + list(core.extra)
    for i in core.used:
        lines.append(f"assert (d_{i} : {reading.fact(reading.facts[i], reading.terms_of)}).")
        lines.append("{ " + _shown(reading, reading.facts[i]) + " }")
    for name, (_, proof) in core.extra.items():
        text = core.said[name]
        lines.append(f"assert ({name} : {text}).")
        lines.append("{ " + proof + " }")
    rewriting = replaced(dict.fromkeys([*reading.equations(left), *reading.equations(right)]))
    lines.append(
        f"{rewriting}generalize (core {' '.join([arguments, *hypotheses])}); lra.".replace("core  ", "core ").replace(
            "core )", "core)"
        )
    )
    return lines


def _definitions(reading: TracedRefutation) -> list[Any]:
    """The equations that define inverses and roots, and those of sines and cosines."""
    ring = reading.ring
    found = [Sign(ring.gen(r) * b - 1, "=") for r, b in reading.inverse.items()]
    for i, radicand in reading.roots.items():
        found.append(Sign(ring.gen(i) ** 2 - radicand, "="))
    return found


def _shown(reading: TracedRefutation, fact: Sign) -> str:
    ring = reading.ring
    for r, b in reading.inverse.items():
        if fact.poly == ring.gen(r) * b - 1:
            inner = reading.argument(r)
            return f"generalize (Rinv_l {inner} ltac:(sign)); lra."
    for i, radicand in reading.roots.items():
        if fact.poly == ring.gen(i) ** 2 - radicand:
            inner = reading.argument(i)
            return f"generalize (pow2_sqrt {inner} ltac:(sign)); lra."
    raise Untranslatable("a fact without an origin")


class _Identity(Core):
    """The core of an identity: that a polynomial vanishes by the equations that define its atoms."""

    def __init__(self, reading: TracedRefutation, total: Any) -> None:
        self.said: dict[str, str] = {}
        self.total = total
        super().__init__(reading, None)

    def body(self) -> list[str]:
        """The proof that the polynomial is 0."""
        lines = []
        for n, (name, poly, factor) in enumerate(self.missing(self.reading.facts, self.total)):
            lines.append("  " + self.multiple(n, name, poly, factor))
        if self.left:
            raise Untranslatable("an identity that is no combination of the definitions of its atoms")
        return [*lines, "  lra."]

    def conclusion(self) -> str:
        """What the core concludes."""
        return f"{self.reading.polynomial(self.total, self.written)} = 0"
