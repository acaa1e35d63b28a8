r"""Optimisers as maps of their state; the claims derive rates, stability and noise from these definitions.

An optimiser is a force and a momentum, or an adaptive base. The force is the vector g(w) that replaces the gradient in
$w' = w - \eta g(w)$ (`saddlecheck.theory.optimisers.force`); the momentum, or a base such as AdamW
(`saddlecheck.theory.optimisers.bases`), says what is done with it. Drift rate, Jacobian of the flow
$\dot w = -g(w)$, Jacobian of the map and noise gain are derivatives of these formulas.

A loss is anything with `variables` and `expr`, such as `saddlecheck.theory.critical.loss.Loss`. An optimiser is added
as one entry of the table at the end.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import sympy as sp

from saddlecheck.theory import symbols as s
from saddlecheck.theory.claims.nodes import Coefficient
from saddlecheck.theory.optimisers import rules
from saddlecheck.theory.optimisers.bases import Base
from saddlecheck.theory.optimisers.column import Column, length
from saddlecheck.theory.optimisers.displacement import exact
from saddlecheck.theory.optimisers.force import (
    Force,
    adaptive,
    composed,
    epsilon,
    normalised,
    plain,
    sharpness_aware,
    softened,
)
from saddlecheck.theory.optimisers.losses import BareLoss, LossLike, Matrix, gradient, point, quadratic, substituted
from saddlecheck.theory.optimisers.momentum import Momentum, heavy_ball, nesterov
from saddlecheck.theory.symbols import Expr

__all__ = [
    "OPTIMISERS", "BareLoss", "Force", "LossLike", "Matrix", "Momentum", "Noise", "Optimiser", "adaptive", "composed",
    "d", "epsilon", "gradient", "heavy_ball", "nesterov", "norm", "normalised", "plain", "point", "quadratic",
    "sam_nstep", "sharpness_aware", "softened",
]  # fmt: skip
Noise = Literal["same_batch", "independent", "exact_ascent"]
Update = Callable[[Matrix, Matrix, Matrix], tuple[Matrix, Matrix]]

d = s.real("d")  # the critical point of a scalar quadratic


def norm(v: Matrix) -> Expr:
    """Euclidean norm of a real column; in one dimension the absolute value."""
    return length(v)


@dataclass(frozen=True)
class Optimiser:
    """A force and what is done with it.

    Attributes:
        id: lower-case words joined by underscores.
        title: its name in words.
        force: g(w); called with (loss of the ascent, loss of the descent) it is a column, shape (n, 1).
        momentum: None for w' = w - eta g(w), else the state is (w, m); a function (w, m, g) -> (w', m') will do.
        claims: ids of the theorems on which verdicts about it rest; none for those that are not judged.
        base: Adam, AdamW, RMSprop or Lion with their settings, in place of a momentum.

    Raises:
        ValueError: a momentum and a base.

    Example:
        >>> from saddlecheck.theory import OPTIMISERS, Force, Optimiser
        >>> force = Force(lambda gradient, w, rho: 0.5 * gradient(w + rho * gradient(w)))
        >>> half = Optimiser("half", "half of SAM", force)
        >>> half.rate(), OPTIMISERS["sam"].rate()
        (lambda*(lambda*rho + 1)/2, lambda*(lambda*rho + 1))
    """

    id: str
    title: str
    force: Force
    momentum: Momentum | Update | None = None
    claims: tuple[str, ...] = ()
    base: Base | None = None

    def __post_init__(self) -> None:
        if self.base is not None and self.momentum is not None:
            raise ValueError(
                f"{self.title} has a momentum and the base {self.base.title}, whose memory is its own; drop one."
            )

    @property
    def unforced(self) -> Optimiser:
        """Gradient descent with the same momentum."""
        return replace(self, id="gd", title="gradient descent", force=plain, claims=())

    @property
    def lookahead(self) -> bool:
        """Whether the step is Nesterov's, along g + gamma m'."""
        return isinstance(self.momentum, Momentum) and self.momentum.lookahead

    def direction(self, loss: LossLike) -> Matrix:
        """g(w), shape (n, 1)."""
        return self.force(loss, loss)

    def state(self, loss: LossLike) -> tuple[Any, ...]:
        """The symbols of the state: the weights, then for each weight w the buffer's m_w, or what its base keeps."""
        kept = self.base.kept if self.base else ("m",) if self.momentum else ()
        return (*loss.variables, *(s.real(f"{name}_{v.name}") for name in kept for v in loss.variables))

    def update(self, loss: LossLike) -> Matrix:
        """The next state as a function of the state, a column; with a base long after the start."""
        w, g = point(loss), self.direction(loss)
        if self.base is not None:
            state = self.state(loss)
            first, *memory = (Column.of(state[i : i + len(w)]) for i in range(0, len(state), len(w)))
            after, kept = self.base.step(first, memory, Column.of(g), s.eta, math.inf)
            return exact(sp.Matrix([entry for part in (after, *kept) for entry in part]))
        if self.momentum is None:
            return w - s.eta * g
        after, buffer = self.momentum(w, sp.Matrix(self.state(loss)[len(w) :]), g)
        return sp.Matrix([*after, *buffer])

    def flow_jacobian(self, loss: LossLike, at: Mapping[Any, Any] | None = None) -> Matrix:
        """Jacobian of the field -g, shape (n, n); at a point if one is given. ValueError where there is none."""
        return self._jacobian(-self.direction(loss), loss.variables, at)

    def map_jacobian(self, loss: LossLike, at: Mapping[Any, Any] | None = None) -> Matrix:
        """Jacobian of the update, shape (n, n) or (2n, 2n); at a state if given. ValueError where there is none."""
        return self._jacobian(self.update(loss), self.state(loss), at)

    def rate(self, curvature: Expr = s.lam, centre: Expr = sp.S.Zero) -> Expr:
        r"""The drift rate a of $\dot w = -a (w - d)$ near the minimum, maximum or inflection of $\lambda (w-d)^2/2$."""
        jacobian = self.flow_jacobian(quadratic(curvature, centre), {s.w: centre})
        return sp.factor(-jacobian[0])

    def drift(self, curvature: Expr = s.lam, centre: Expr = sp.S.Zero) -> Coefficient:
        """The same rate as it is defined, for steps that derive it: the coefficient of w - d in g(w)."""
        return Coefficient(self.direction(quadratic(curvature, centre))[0], s.w, sp.S(centre), sp.S.One)

    def characteristic(self, z: Any, curvature: Expr = s.lam) -> Expr:
        """Characteristic polynomial in z of one step on a scalar quadratic."""
        jacobian = self.map_jacobian(quadratic(curvature), {s.w: sp.S.Zero})
        return sp.expand((z * sp.eye(jacobian.rows) - jacobian).det())

    def noise_gain(self, noise: Noise, curvature: Expr = s.lam) -> Expr:
        """Variance of g(w) in units of the mini-batch gradient's, on a scalar quadratic.

        Each gradient that is taken carries additive noise: the same in both passes, independent noise in each, or
        none in the ascent. (What a batch does to the curvature is not in this: it multiplies, and is settled apart.)

        Returns:
            A factor, an expression in rho and the curvature; 1 for gradient descent.
        """
        up, down = s.real("xi_up"), s.real("xi_down")
        exact = quadratic(curvature)
        ascent, descent = (BareLoss(exact.variables, exact.expr + xi * s.w) for xi in (up, down))
        direction = self.force(ascent, descent)[0]
        through_ascent, through_descent = (sp.diff(direction, xi) for xi in (up, down))
        if noise == "same_batch":
            return sp.factor((through_ascent + through_descent) ** 2)
        if noise == "independent":
            return sp.expand(through_ascent**2 + through_descent**2)
        return sp.factor(through_descent**2)

    def _jacobian(self, field: Matrix, state: tuple[Any, ...], at: Mapping[Any, Any] | None) -> Matrix:
        jacobian = sp.Matrix(len(field), len(state), [sp.diff(component, s) for component in field for s in state])
        if at is None:
            return jacobian
        value = substituted(jacobian, at)
        if value.has(sp.nan, sp.zoo, sp.oo):
            raise ValueError(
                f"{self.title} has no derivative at {dict(at)}: it divides by a gradient that is zero there; "
                f"ask for its map instead, or for a point where the gradient is not zero."
            )
        return value


def sam_nstep(steps: int) -> Optimiser:
    """SAM with `steps` ascent steps; 0 is gradient descent, 1 is SAM."""
    return Optimiser("sam_nstep", f"SAM with {steps} ascent steps", Force(rules.ascending(steps)))


@dataclass(frozen=True)
class _Entry:
    """One line of the table: an optimiser, its theorems, and its names and theorems with a momentum."""

    optimiser: Optimiser
    claims: tuple[str, ...] = ()
    names: Mapping[str, tuple[str, str]] | None = None
    more: tuple[str, ...] = ()

    def with_momenta(self) -> Iterator[Optimiser]:
        """With each momentum that theorems here speak of."""
        for momentum in (heavy_ball, nesterov) if self.names is not None else ():
            o = self.optimiser
            default = (f"{momentum.id}_{o.id}", f"{o.title}, {momentum.title}")
            name, title = (self.names or {}).get(momentum.id, default)
            yield Optimiser(name, title, o.force, momentum, (*momentum.claims, *self.more))


_CYCLE = ("normalised-cycle-multiplier", "normalised-saddle-traps", "normalised-minimum-cycle")
_TABLE = (
    _Entry(
        Optimiser("gd", "gradient descent", plain),
        ("linear-flow", "linear-discrete"),
        {"heavy_ball": ("heavy_ball", "heavy ball"), "nesterov": ("nesterov", "Nesterov's momentum")},
    ),
    _Entry(
        Optimiser("sam", "SAM, constant radius", sharpness_aware),
        ("thm1-strict", "thm1-threshold", "thm1-linearisation", "linear-discrete"),
        {
            "heavy_ball": ("heavy_ball_sam", "SAM with heavy ball"),
            "nesterov": ("nesterov_sam", "SAM with Nesterov's momentum"),
        },
        ("momentum-threshold",),
    ),
    _Entry(
        Optimiser("sam_normalised", "SAM, normalised radius", normalised),
        _CYCLE,
        {"heavy_ball": ("heavy_ball_sam_normalised", "normalised SAM with heavy ball")},
        _CYCLE[:1],
    ),
    _Entry(
        Optimiser("sam_composed", "descent on the composed loss", composed),
        ("composed-escapes", "linear-discrete"),
        {},
        ("composed-escapes",),
    ),
    _Entry(sam_nstep(2), ("ascent-steps", "ascent-even", "linear-discrete"), {}, ("ascent-steps",)),
    _Entry(Optimiser("asam", "ASAM, constant radius", adaptive), ("asam-traps", "linear-discrete")),
    _Entry(Optimiser("sam_softened", "SAM, normalised radius with epsilon", softened)),
    _Entry(Optimiser("gd_decayed", "gradient descent, weight decay", Force(rules.decayed(rules.plain)))),
    _Entry(Optimiser("sam_decayed", "SAM, weight decay in the descent", Force(rules.decayed(rules.sharpness_aware)))),
    _Entry(
        Optimiser(
            "sam_regularised", "SAM, weight decay inside the loss", Force(rules.regularised(rules.sharpness_aware))
        )
    ),
)
_WITHOUT = [replace(e.optimiser, claims=e.claims) for e in _TABLE]
_WITH = [o for e in _TABLE for o in e.with_momenta()]
OPTIMISERS: Mapping[str, Optimiser] = {
    o.id: o for o in (*_WITHOUT, *(o for m in (heavy_ball, nesterov) for o in _WITH if o.momentum is m))
}
