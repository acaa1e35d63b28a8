r"""Optimisers as symbolic maps of their state; the claims derive rates, stability and noise from these definitions.

An optimiser is a force and a momentum. The force is the vector g(w) that replaces the gradient in
$w' = w - \eta g(w)$; the momentum says what is done with it. Drift rate, Jacobian of the flow $\dot w = -g(w)$,
Jacobian of the map and noise gain are derivatives of these formulas, none of them is typed.

A loss is anything with `variables` and `expr`, such as `saddlecheck.theory.critical.loss.Loss`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import sympy as sp

from saddlecheck.theory import symbols as s
from saddlecheck.theory.claims.nodes import Coefficient
from saddlecheck.theory.symbols import Expr

Matrix = Any  # a SymPy matrix; columns stand for vectors
Noise = Literal["same_batch", "independent", "exact_ascent"]

epsilon = s.real("epsilon")  # what practice adds to the gradient's norm before dividing by it
d = s.real("d")  # the critical point of a scalar quadratic


class LossLike(Protocol):
    """A real function of real variables as a formula."""

    @property
    def variables(self) -> tuple[Any, ...]:
        """The weights, in order."""

    @property
    def expr(self) -> Any:
        """The value, a SymPy expression in them."""


@dataclass(frozen=True)
class BareLoss:
    """A loss by its formula alone: what the derivations need, where no parsing or critical points are asked for."""

    variables: tuple[Any, ...]
    expr: Expr


def quadratic(curvature: Expr = s.lam, centre: Expr = sp.S.Zero) -> BareLoss:
    r"""The scalar loss $\lambda (w-d)^2/2$, the model of one eigendirection of a critical point."""
    return BareLoss((s.w,), curvature * (s.w - centre) ** 2 / 2)


def gradient(loss: LossLike, at: Matrix | None = None) -> Matrix:
    """Column of first derivatives at a point (a column; the variables themselves by default)."""
    column = sp.Matrix([sp.diff(loss.expr, v) for v in loss.variables])
    return column if at is None else _at(column, dict(zip(loss.variables, at, strict=True)))


def point(loss: LossLike) -> Matrix:
    """The weights as a column."""
    return sp.Matrix(loss.variables)


# A force takes the loss that the ascent sees and the loss that the descent sees: the same one, but for their noise.
Force = Callable[[LossLike, LossLike], Matrix]


def plain(_ascent: LossLike, descent: LossLike) -> Matrix:
    """Gradient descent, eq. (4)."""
    return gradient(descent)


def sharpness_aware(ascent: LossLike, descent: LossLike) -> Matrix:
    r"""SAM with a constant radius, eqs (5), (6): $\nabla\ell(w + \rho\nabla\ell(w))$."""
    return gradient(descent, point(ascent) + s.rho * gradient(ascent))


def normalised(ascent: LossLike, descent: LossLike) -> Matrix:
    r"""SAM as practised: $\nabla\ell(w + \rho\nabla\ell(w)/\|\nabla\ell(w)\|)$; no value where the gradient is 0."""
    g = gradient(ascent)
    return gradient(descent, point(ascent) + s.rho * g / norm(g))


def softened(ascent: LossLike, descent: LossLike) -> Matrix:
    r"""Normalised SAM with the customary $\epsilon$: the ascent is $\rho\,g/(\|g\| + \epsilon)$."""
    g = gradient(ascent)
    return gradient(descent, point(ascent) + s.rho * g / (norm(g) + epsilon))


def composed(ascent: LossLike, descent: LossLike) -> Matrix:
    r"""Gradient of $\ell(w + \rho\nabla\ell(w))$ itself, chain rule included; the appendix differentiates this one."""
    raised = _at(sp.Matrix([descent.expr]), dict(zip(descent.variables, _raised(ascent), strict=True)))[0]
    return gradient(BareLoss(descent.variables, raised))


def adaptive(ascent: LossLike, descent: LossLike) -> Matrix:
    r"""ASAM with a constant radius: the ascent is $\rho\,T_w^2\nabla\ell(w)$ with $T_w = \mathrm{diag}|w|$."""
    w, g = point(ascent), gradient(ascent)
    return gradient(descent, w + s.rho * sp.Matrix([wi**2 * gi for wi, gi in zip(w, g, strict=True)]))


def ascending(steps: int) -> Force:
    """SAM with that many ascent steps of length rho times the gradient met at each."""

    def force(ascent: LossLike, descent: LossLike) -> Matrix:
        w = point(ascent)
        for _ in range(steps):
            w = w + s.rho * gradient(ascent, w)
        return gradient(descent, w)

    return force


def decayed(force: Force) -> Force:
    r"""Weight decay in the descent only: $g(w) + \kappa w$, as `torch.optim.SGD` applies it under SAM."""
    return lambda ascent, descent: force(ascent, descent) + s.kappa * point(descent)


def regularised(force: Force) -> Force:
    r"""Weight decay inside the loss: both gradients are those of $\ell(w) + \kappa|w|^2/2$."""

    def with_penalty(loss: LossLike) -> BareLoss:
        return BareLoss(loss.variables, loss.expr + s.kappa * sum(v**2 for v in loss.variables) / 2)

    return lambda ascent, descent: force(with_penalty(ascent), with_penalty(descent))


# A momentum takes w, the buffer m and g(w), and returns the next w and m.
Momentum = Callable[[Matrix, Matrix, Matrix], tuple[Matrix, Matrix]]


def heavy_ball(w: Matrix, m: Matrix, g: Matrix) -> tuple[Matrix, Matrix]:
    r"""$m' = \gamma m + (1-\tau) g$, $w' = w - \eta m'$ (appendix, proof of Theorem 3)."""
    buffer = s.gamma * m + (1 - s.tau) * g
    return w - s.eta * buffer, buffer


def nesterov(w: Matrix, m: Matrix, g: Matrix) -> tuple[Matrix, Matrix]:
    r"""Nesterov's momentum as PyTorch has it: $m' = \gamma m + g$, $w' = w - \eta (g + \gamma m')$."""
    buffer = s.gamma * m + g
    return w - s.eta * (g + s.gamma * buffer), buffer


@dataclass(frozen=True)
class Optimiser:
    """A force and what is done with it.

    Attributes:
        id: lower-case words joined by underscores.
        title: its name in words.
        force: (loss of the ascent, loss of the descent) -> g(w), shape (n, 1).
        momentum: None for w' = w - eta g(w), else the state is (w, m).
    """

    id: str
    title: str
    force: Force
    momentum: Momentum | None = None

    def direction(self, loss: LossLike) -> Matrix:
        """g(w), shape (n, 1)."""
        return self.force(loss, loss)

    def state(self, loss: LossLike) -> tuple[Any, ...]:
        """The symbols of the state: the weights, then (with momentum) the buffer's m_w for each weight w."""
        buffer = tuple(s.real(f"m_{v.name}") for v in loss.variables) if self.momentum else ()
        return (*loss.variables, *buffer)

    def update(self, loss: LossLike) -> Matrix:
        """The next state as a function of the state, shape (n, 1) or (2n, 1)."""
        w, g = point(loss), self.direction(loss)
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
        value = _at(jacobian, at)
        if value.has(sp.nan, sp.zoo, sp.oo):
            raise ValueError(
                f"{self.title} has no derivative at {dict(at)}: it divides by a gradient that is zero there; "
                f"ask for its map instead, or for a point where the gradient is not zero."
            )
        return value


def norm(v: Matrix) -> Expr:
    """Euclidean norm of a real column; in one dimension the absolute value."""
    return sp.Abs(v[0]) if len(v) == 1 else sp.sqrt(sum(vi**2 for vi in v))


def _raised(loss: LossLike) -> Matrix:
    return point(loss) + s.rho * gradient(loss)


def _at(matrix: Matrix, values: Mapping[Any, Any]) -> Matrix:
    """All substitutions simultaneously (so that w + rho g may replace w)."""
    return matrix.xreplace({k: sp.sympify(v) for k, v in values.items()})


def sam_nstep(steps: int) -> Optimiser:
    """SAM with `steps` ascent steps; 0 is gradient descent, 1 is SAM."""
    return Optimiser("sam_nstep", f"SAM with {steps} ascent steps", ascending(steps))


OPTIMISERS: Mapping[str, Optimiser] = {
    o.id: o
    for o in (
        Optimiser("gd", "gradient descent", plain),
        Optimiser("sam", "SAM, constant radius", sharpness_aware),
        Optimiser("sam_normalised", "SAM, normalised radius", normalised),
        Optimiser("sam_softened", "SAM, normalised radius with epsilon", softened),
        Optimiser("sam_composed", "descent on the composed loss", composed),
        sam_nstep(2),
        Optimiser("asam", "ASAM, constant radius", adaptive),
        Optimiser("gd_decayed", "gradient descent, weight decay", decayed(plain)),
        Optimiser("sam_decayed", "SAM, weight decay in the descent", decayed(sharpness_aware)),
        Optimiser("sam_regularised", "SAM, weight decay inside the loss", regularised(sharpness_aware)),
        Optimiser("heavy_ball", "heavy ball", plain, heavy_ball),
        Optimiser("heavy_ball_sam", "SAM with heavy ball", sharpness_aware, heavy_ball),
        Optimiser("heavy_ball_sam_normalised", "normalised SAM with heavy ball", normalised, heavy_ball),
        Optimiser("nesterov", "Nesterov's momentum", plain, nesterov),
        Optimiser("nesterov_sam", "SAM with Nesterov's momentum", sharpness_aware, nesterov),
    )
}
