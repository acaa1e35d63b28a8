r"""Variants of SAM that people use, as maps of their state on any gradient; what each does is derived by running it.

A step is a function `step(gradient, state, rho, eta)` of vectors; the state is (w,), or w with what the variant keeps.
Where a variant draws at random, each outcome is a step with a probability. A radius is constant unless the title says
normalised. Sources that were not read for this table are marked "attributed".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sympy as sp

from saddlecheck.theory.optimisers import rules
from saddlecheck.theory.optimisers.arithmetic import dot
from saddlecheck.theory.optimisers.column import Column
from saddlecheck.theory.optimisers.displacement import exact
from saddlecheck.theory.symbols import Expr, Formula, eta, gamma, lam, mu, real, rho

State = tuple[Any, ...]
Step = Callable[[Any, State, Any, Any], State]
alpha, sigma, beta, theta, keep = (real(name) for name in ("alpha", "sigma", "beta", "theta", "b"))


@dataclass(frozen=True)
class Variant:
    """A variant with its closed forms, which are typed here and proved from its map (`saddlecheck.verification`).

    Attributes:
        id: lower-case words.
        title: in words.
        outcomes: (probability, step).
        minimum: for which lambda > 0 small steps attract along an eigenvector, a condition.
        trapped: for which mu small steps attract along an eigenvalue -mu.
        given: conditions on the variant's own parameters.
        state: names of what it keeps, the weights first.
        period: steps that one `step` stands for.
        note: what the closed forms leave out.
        claims: theorems of the ledger on it.
    """

    id: str
    title: str
    outcomes: tuple[tuple[Expr, Step], ...]
    minimum: Formula
    trapped: Formula
    given: tuple[Formula, ...] = ()
    state: tuple[str, ...] = ("w",)
    period: int = 1
    note: str = ""
    claims: tuple[str, ...] = ()

    def maps(self, curvature: Expr = lam) -> list[tuple[Expr, Any]]:
        """(probability, matrix of one step) on curvature w^2/2, for each outcome."""
        names = [real(name) for name in self.state]
        found = []
        for probability, step in self.outcomes:
            after = step(lambda v: curvature * v, tuple(Column.of([n]) for n in names), rho, eta)
            column = exact(sp.Matrix([sp.expand(sp.cancel(part[0])) for part in after]))
            found.append((probability, column.jacobian(names).applyfunc(sp.factor)))
        return found

    def mean_map(self, curvature: Expr = lam) -> Any:
        """Matrix of one step in the mean."""
        return sum((p * M for p, M in self.maps(curvature)), sp.zeros(len(self.state)))

    def characteristic(self, z: Any, curvature: Expr = lam) -> Expr:
        """Characteristic polynomial in z of one step in the mean."""
        return sp.expand((z * sp.eye(len(self.state)) - self.mean_map(curvature)).det())

    def small_steps(self, curvature: Expr) -> list[Formula]:
        r"""Return polynomial conditions, all of which must hold for small steps to attract in the mean.

        At eta = 0 the map has the root 1 (the weights rest) and at most one other, r. As eta grows the root 1 moves by
        -eta a per step, a = P(1)/(eta P'(1)) with P the characteristic polynomial; a > 0 and |r| < 1 are asked for.
        """
        z = real("z")
        P = self.characteristic(z, curvature)
        if len(self.state) == 1:
            rest = sp.cancel(P.subs(z, 1) / eta)
            return [sp.factor(rest if self.period == 1 else rest.subs(eta, 0)) > 0]
        start = sp.cancel(P.subs(z, 1) / eta).subs(eta, 0)
        slope = sp.diff(P, z).subs({z: 1, eta: 0})
        other = sp.expand(P.subs({z: 0, eta: 0}))  # the product of the roots 1 and r
        return [sp.expand(start * slope) > 0, other < 1, other > -1]

    def mean_square(self) -> Expr | None:
        """E m^2 of the multiplier m of one step, None where the state has more than the weights."""
        if len(self.state) > 1:
            return None
        return sp.Add(*(p * sp.factor(M[0]) ** 2 for p, M in self.maps()))

    def almost_sure(self) -> Expr | None:
        """Exp E log |m|, which is below 1 exactly if a displacement dies out almost surely; likewise."""
        if len(self.state) > 1:
            return None
        return sp.Mul(*(sp.Abs(sp.factor(M[0])) ** p for p, M in self.maps()))


def of_rule(rule: rules.Rule) -> Step:
    """The plain step of a rule that asks for nothing but gradients and Hessian products."""

    def step(gradient: Any, state: State, radius: Any, lr: Any) -> State:
        (w,) = state
        asked = {"ascent": gradient, "hessian": lambda _w, v: gradient(v)}  # so it is on a quadratic about 0
        more = {k: asked[k] for k in rules.keywords(rule)}
        return (w - lr * rule(gradient, w, radius, **more),)

    return step


def scaled(step: Step, factor: Any) -> Step:
    """The same step with another radius."""
    return lambda gradient, state, radius, lr: step(gradient, state, factor * radius, lr)


def sam_every(k: int) -> Step:
    """SAM on the first of k steps, gradient descent on the others."""

    def step(gradient: Any, state: State, radius: Any, lr: Any) -> State:
        state = of_rule(rules.sharpness_aware)(gradient, state, radius, lr)
        for _ in range(k - 1):
            state = of_rule(rules.plain)(gradient, state, radius, lr)
        return state

    return step


def lookahead(gradient: Any, state: State, radius: Any, lr: Any) -> State:
    r"""EG-SAM: $w^p = w - \eta g + \rho g$."""
    (w,) = state
    g = gradient(w)
    return (w - lr * gradient(w - lr * g + radius * g),)


def gsam(share: Any) -> rules.Rule:
    r"""GSAM: $g_p - \alpha\,g_\perp$, $g_\perp$ the part of $g$ orthogonal to the perturbed gradient $g_p$."""

    def rule(gradient: Any, w: Any, radius: Any) -> Any:
        g = gradient(w)
        p = gradient(w + radius * g)
        return p - share * (g - dot(g, p) / dot(p, p) * p)

    return rule


def friendly(s: Any, b: Any) -> Step:
    r"""Friendly SAM: the ascent is $g - \sigma m$ with the mean $m' = \beta m + (1 - \beta) g$ of past gradients."""

    def step(gradient: Any, state: State, radius: Any, lr: Any) -> State:
        w, m = state
        g = gradient(w)
        m = b * m + (1 - b) * g
        return w - lr * gradient(w + radius * (g - s * m)), m

    return step


def stale(gradient: Any, state: State, radius: Any, lr: Any) -> State:
    """The ascent is along the gradient of the step before, at its weights."""
    w, g = state
    return w - lr * gradient(w + radius * g), gradient(w)


def stale_perturbed(gradient: Any, state: State, radius: Any, lr: Any) -> State:
    """The ascent is along the perturbed gradient of the step before, which costs no gradient of its own."""
    w, g = state
    g = gradient(w + radius * g)
    return w - lr * g, g


def along_momentum(decay: Any) -> Step:
    r"""The ascent is along the momentum buffer: $m' = \gamma m + \nabla\ell(w + \rho m)$, $w' = w - \eta m'$."""

    def step(gradient: Any, state: State, radius: Any, lr: Any) -> State:
        w, m = state
        m = decay * m + gradient(w + radius * m)
        return w - lr * m, m

    return step


def penalised(gradient: Any, w: Any, radius: Any, *, hessian: Any) -> Any:
    r"""The gradient of $\ell + \rho\|\nabla\ell\|^2/2$."""
    g = gradient(w)
    return g + radius * hessian(w, g)


_sam, _gd = of_rule(rules.sharpness_aware), of_rule(rules.plain)
_TRAP = rho * mu > 1


_ONE = sp.S.One
_MEMORY = ("w", "m")
_ROWS = (
    Variant(
        "penalised", "gradient penalty", ((_ONE, of_rule(penalised)),), sp.true, _TRAP,
        claims=("usam-drift-quadratic", "usam-saddle"),
    ),
    Variant(
        "gsam", "GSAM (attributed)", ((_ONE, of_rule(gsam(alpha))),), sp.true, _TRAP,
        note="along an eigenvector, where it is SAM for every alpha; off them its direction is not linear",
        claims=("gsam-flow", "gsam-basin", "gsam-map"),
    ),
    Variant(
        "eg_sam", "EG-SAM, ascent after a step (attributed)", ((_ONE, lookahead),), (eta - rho) * lam < 1,
        (rho - eta) * mu > 1, claims=("eg-sam", "eg-sam-map"),
    ),
    Variant(
        "sam_every_fifth", "SAM on every fifth step", ((_ONE, sam_every(5)),), sp.true, rho * mu > 5, period=5,
        note="LookSAM (attributed) does this along an eigenvector: what it reuses is orthogonal to it",
        claims=("looksam-every",),
    ),
    Variant(
        "sam_fraction", "SAM on a random fraction theta of the steps", ((theta, _sam), (1 - theta, _gd)), sp.true,
        theta * rho * mu > 1, (theta > 0, theta < 1),
        claims=("looksam", "looksam-almost-sure", "looksam-mean-square"),
    ),
    Variant(
        "esam_mask", "ESAM's mask (attributed): kept with probability b, the ascent divided by b",
        ((keep, scaled(_sam, 1 / keep)), (1 - keep, _gd)), sp.true, _TRAP, (keep > 0, keep < 1),
        note="an eigenvector along a coordinate; the mean holds for every Hessian; the claims keep rho undivided",
        claims=("esam", "esam-mean-square"),
    ),
    Variant(
        "random_perturbation", "gradient at w + rho xi, xi of mean 0", ((_ONE, _gd),), sp.true, sp.false,
        note="the perturbation adds noise and no curvature to a quadratic's gradient",
        claims=("random-perturbation", "random-perturbation-wells"),
    ),
    Variant(
        "friendly_sam", "Friendly SAM (attributed)", ((_ONE, friendly(sigma, beta)),), sp.true,
        (1 - sigma) * rho * mu > 1, (sigma >= 0, sigma <= 1, beta >= 0, beta < 1), _MEMORY,
        claims=("friendly", "friendly-curvature", "friendly-minimum"),
    ),
    Variant(
        "stale_ascent", "ascent along the previous gradient", ((_ONE, stale),), sp.true, _TRAP, state=_MEMORY,
        claims=("stale-ascent",),
    ),
    Variant(
        "stale_perturbed", "ascent along the previous perturbed gradient", ((_ONE, stale_perturbed),), rho * lam < 1,
        sp.false, state=_MEMORY, claims=("stale-ascent-perturbed", "stale-ascent"),
    ),
    Variant(
        "momentum_ascent", "ascent along the momentum buffer", ((_ONE, along_momentum(gamma)),),
        rho * lam < 1 - gamma, sp.false, (gamma >= 0, gamma < 1), _MEMORY, claims=("stale-ascent",),
    ),
)  # fmt: skip
VARIANTS: dict[str, Variant] = {v.id: v for v in _ROWS}
