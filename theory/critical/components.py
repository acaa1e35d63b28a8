"""Critical sets that are not finite: irreducible components (lines, curves, surfaces) and their transverse spectrum.

On a connected set of critical points the loss is constant, and the Hessian vanishes on the tangent space.  On a
component of dimension d the characteristic polynomial of the Hessian is therefore z^d T(z); the roots of T are the
transverse eigenvalues.  All of them are real, so by Descartes' rule they are all positive exactly where the signs of
T's coefficients alternate, and all negative where the signs agree.  All positive: every such point is a (non-strict)
local minimum (Morse-Bott); both signs: a strict saddle; where T has the root 0, linearisation does not decide.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice, product

import sympy as sp

from saddlecheck.theory.critical.algebraic import rank
from saddlecheck.theory.critical.domain import Domain
from saddlecheck.theory.critical.ideal import Ideal
from saddlecheck.theory.critical.points import Classifier, CriticalPoint
from saddlecheck.theory.critical.rur import Zero, solve
from saddlecheck.theory.critical.transverse_signs import Piece, pieces
from saddlecheck.theory.engines.interval import Interval
from saddlecheck.theory.engines.tape import Tape

_SLICES = tuple(Fraction(p, q) for p, q in ((1, 1), (-1, 1), (1, 2), (-1, 2), (2, 1), (-2, 1), (3, 1), (-3, 1)))
_MAX_SLICES = 24


@dataclass(frozen=True)
class CriticalComponent:
    """A component of positive dimension of the critical set.

    Attributes:
        equations: the component is where all of them vanish.
        dimension: of its real points, proved by a smooth one.
        value: the loss on it (constant on each connected part; at the first sample).
        coordinates: the component as a graph, {variable: expression in the others}, None where it is not one.
        transverse: coefficients of T(z), leading first, on the component; transverse_eigenvalues: its roots, where T
            has degree 1 or 2.
        pieces: the kinds and where they hold.
        samples: certified critical points on it.
    """

    equations: tuple[sp.Expr, ...]
    dimension: int
    value: Interval
    coordinates: dict[sp.Symbol, sp.Expr] | None
    transverse: tuple[sp.Expr, ...]
    transverse_eigenvalues: tuple[sp.Expr, ...]
    pieces: tuple[Piece, ...]
    samples: tuple[CriticalPoint, ...]

    def __str__(self) -> str:
        parts = "; ".join(f"{p.kind} where {p.where}" if p.where != sp.true else p.kind for p in self.pieces)
        return f"dimension {self.dimension}: {', '.join(f'{e} = 0' for e in self.equations)} ({parts})"


def on_component(zero: Zero, component: Ideal) -> bool:
    """Whether an exact zero satisfies every equation of the component."""
    residues = zero.residues()
    return all(v.is_zero for v in Tape(component.expressions(), component.variables)(residues, residues[0].constant))


def describe(
    component: Ideal, classifier: Classifier, denominator: sp.Expr, domain: Domain
) -> CriticalComponent | None:
    """The component with its transverse spectrum; None where no smooth real point on it is found.

    `denominator`: of the loss, which has to be different from zero at the samples.
    `domain`: holds them likewise; what of it is not proved on all of the component limits the pieces.

    Returns:
        Equations, dimension, sample points, the kinds along it and where they hold; or None.
    """
    variables, dimension, equations = component.variables, component.dimension, component.expressions()
    samples = tuple(_samples(component, classifier, denominator, domain))
    if not samples:
        return None
    graph = _graph(equations, variables)
    characteristic = classifier.hessian.charpoly(sp.Dummy("z")).all_coeffs()
    on_it = [_restricted(c, equations, variables, graph) for c in characteristic]
    transverse = tuple(on_it[: len(variables) - dimension + 1])
    if any(c != 0 for c in on_it[len(transverse) :]):
        return None  # the Hessian does not vanish along it, so this is not one component of that dimension
    return CriticalComponent(
        equations,
        dimension,
        samples[0].value,
        graph,
        transverse,
        _roots(transverse),
        pieces(transverse, graph, variables, equations, domain.open_on(equations)),
        samples,
    )


def _samples(component: Ideal, classifier: Classifier, denominator: sp.Expr, domain: Domain) -> Iterator[CriticalPoint]:
    """Certified real smooth points, from slices that fix as many coordinates as the component has dimensions."""
    n, dimension = len(component.variables), component.dimension
    equations = component.expressions()
    slopes = [sp.diff(e, v) for e in equations for v in component.variables]
    program = Tape([denominator, *slopes], component.variables)
    ring = component.ring
    for values in islice(product(_SLICES, repeat=dimension), _MAX_SLICES):
        planes = [ring.gen(i) * v.denominator - v.numerator for i, v in zip(component.independent, values, strict=True)]
        sliced = component.joined(planes)
        if not sliced.is_finite:
            continue
        for zero in solve(sliced).real:
            residues = zero.residues()
            pole, *entries = program(residues, residues[0].constant)
            if pole.is_zero or domain.at_zero(zero) != "inside":
                continue
            if rank([entries[i : i + n] for i in range(0, len(entries), n)]) == n - dimension:
                yield classifier.from_zero(replace(zero, multiplicity=None))


def _graph(equations: Sequence[sp.Expr], variables: Sequence[sp.Symbol]) -> dict[sp.Symbol, sp.Expr] | None:
    """Some variables as rational functions of the others: each equation is solved where it is linear."""
    graph: dict[sp.Symbol, sp.Expr] = {}
    for equation in sorted(equations, key=lambda e: len(e.free_symbols)):
        rest = sp.fraction(sp.cancel(equation.subs(graph)))[0]
        if rest == 0:
            continue
        v = next((v for v in variables if v not in graph and sp.degree(rest, v) == 1), None)
        if v is None:
            return None
        slope = sp.diff(sp.expand(rest), v)
        # Where the slope vanishes the equation must have no solution, or the graph would miss a part of the set.
        if not slope.is_number and not Ideal.of(variables, [slope, rest]).is_everything:
            return None
        solution = sp.cancel(-rest.subs(v, 0) / slope)
        graph = {u: sp.cancel(e.subs(v, solution)) for u, e in graph.items()} | {v: solution}
    return graph


def _restricted(
    coefficient: sp.Expr,
    equations: Sequence[sp.Expr],
    variables: Sequence[sp.Symbol],
    graph: dict[sp.Symbol, sp.Expr] | None,
) -> sp.Expr:
    if graph is not None:
        return sp.factor(sp.cancel(coefficient.subs(graph)))
    up, down = sp.fraction(sp.cancel(coefficient))
    return (
        sp.reduced(up, list(equations), *variables, order="grevlex")[1] / down if equations else sp.cancel(coefficient)
    )


def _roots(transverse: Sequence[sp.Expr]) -> tuple[sp.Expr, ...]:
    if len(transverse) == 2:
        return (sp.factor(-transverse[1]),)
    if len(transverse) == 3:
        half, spread = -transverse[1] / 2, sp.sqrt(sp.factor(transverse[1] ** 2 - 4 * transverse[2])) / 2
        return sp.simplify(half - spread), sp.simplify(half + spread)
    return ()
