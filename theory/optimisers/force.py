r"""A force: a rule and what follows from it, its symbolic form, floats, Jacobian, response beside a critical point.

Everything that depends on what an optimiser does asks here. Second routes that exist on purpose, each tested against
this one: the exact recursion (`numerics.linear_map`), the compiled kernel (`numerics.descent`), and torch (`nets.sam`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import sympy as sp

from saddlecheck.theory import symbols as s
from saddlecheck.theory.errors import BadRule
from saddlecheck.theory.optimisers import rules
from saddlecheck.theory.optimisers.arithmetic import Floats
from saddlecheck.theory.optimisers.column import Column
from saddlecheck.theory.optimisers.displacement import exact
from saddlecheck.theory.optimisers.dual import Dual
from saddlecheck.theory.optimisers.losses import BareLoss, LossLike, Matrix, gradient, point, substituted
from saddlecheck.theory.optimisers.paths import Paths
from saddlecheck.theory.optimisers.response import Response, agrees, derived

epsilon = s.real("epsilon")  # what practice adds to the gradient's norm before dividing by it
_COMPARED, _ALIKE = 3, 1e-9  # paths on which a rule is run both ways, and how far rounding may set them apart
Field = Callable[[Floats], Floats]  # floats of shape (n, paths) or (n,) to the same shape
Symbolic = Callable[[LossLike, LossLike], Matrix]


@dataclass(frozen=True, eq=False)
class Force:
    """The vector g(w) of w' = w - eta g(w).

    Attributes:
        rule: (gradient, w, rho) -> g(w), see `saddlecheck.theory.optimisers.rules`.
        form: (loss of the ascent, loss of the descent) -> column of SymPy expressions, where another form than the
            rule's own is wanted; None to derive it by running the rule on symbols.
        at_rest: (H, T^2, rho, product) -> the derivative of g at a critical point, T = diag|w|, of a rule that takes
            the weights themselves into account, `product` being that of two matrices; None where it is derived.
        at_rest_text: the same in words.
        vectorised: the rule takes floats of shape (n, paths), not only (n,).

    Raises:
        ValueError: the rule is no function of (gradient, w, rho), or asks for what is not known.

    Example:
        >>> from saddlecheck.theory import Force
        >>> sam = Force(lambda gradient, w, rho: gradient(w + rho * gradient(w)))
        >>> sam.response  # beside a critical point: alpha, p and q
        Response(alpha=0, p=lambda*(lambda*rho + 1), q=0)
    """

    rule: rules.Rule
    form: Symbolic | None = None
    at_rest: Callable[[Any, Any, Any, Callable[[Any, Any], Any]], Any] | None = None
    at_rest_text: str = ""
    vectorised: bool = True
    wants: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "wants", rules.keywords(self.rule))

    def __call__(self, ascent: LossLike, descent: LossLike) -> Matrix:
        """g(w), the two losses being the same but for their noise.

        Returns:
            A column of expressions in the losses' variables, rho, kappa and epsilon, shape (n, 1).

        Raises:
            TypeError: the rule cannot be run on symbols, and no form was given.
        """
        if self.form is not None:
            return self.form(ascent, descent)
        w = Column.of(descent.variables)

        def of(loss: LossLike) -> Callable[[Any], Column]:
            return lambda x: Column.of(gradient(loss, list(x)))

        def product(x: Any, v: Any) -> Column:
            here = dict(zip(descent.variables, x, strict=True))
            H = gradient(descent).jacobian(list(descent.variables)).xreplace(here)
            return Column.of(H * sp.Matrix(list(v)))

        found = self._run(
            of(descent), w, s.rho, ascent=of(ascent), hessian=product, kappa=s.kappa, epsilon=epsilon
        )  # fmt: skip
        if not isinstance(found, Column) or found.shape != w.shape:
            raise TypeError("the rule returns no vector of the weights' size")
        return exact(sp.Matrix(list(found)))

    def on(
        self, gradient: Field, rho: float, *, hessian: Callable[[Floats], Floats] | None = None,
        values: Mapping[str, float] | None = None,
    ) -> Field:  # fmt: skip
        """G on floats of shape (n,) or (n, paths).

        Args:
            gradient: of the loss, on floats of that shape; of shape (n, paths) if the rule is not vectorised.
            rho: the radius.
            hessian: floats to H of shape (n, n) or (n, n, paths), for rules that take Hessian products.
            values: of kappa and epsilon, 0 by default.

        Returns:
            A function of floats to floats of the same shape.
        """
        given = {"kappa": 0.0, "epsilon": 0.0, **(values or {})}

        def product(x: Floats, v: Floats) -> Floats:
            if hessian is None:
                raise ValueError("the rule takes Hessian products, and none are given here")
            return np.asarray(np.einsum("ij...,j...->i...", hessian(x), v))

        if self.vectorised:
            return lambda w: self._floats(gradient, w, rho, product, given)

        def column(x: Floats) -> Floats:
            if np.iscomplexobj(x):
                raise BadRule("the rule asks for the gradient at complex weights; the weights are real.")
            return gradient(np.asarray(x, np.float64)[:, None])[:, 0]

        def columns(x: Floats, v: Floats) -> Floats:
            return product(x[:, None], v[:, None])[:, 0]

        def one(w: Floats) -> Floats:
            return self._floats(column, w, rho, columns, given)

        return self._on_paths(one, gradient, rho, hessian=product, **given)

    def _floats(self, gradient: Field, w: Floats, rho: float, hessian: Any, given: Mapping[str, float]) -> Floats:
        try:
            found = np.asarray(self._run(gradient, w, rho, ascent=gradient, hessian=hessian, **given))
            direction = found.real.astype(np.float64)
        except BadRule:
            raise
        except Exception as error:
            said = " ".join(str(error).split())  # one line
            raise BadRule(f"the rule raised {type(error).__name__} at w = {w.tolist()}: {said}") from error
        if np.iscomplexobj(found):
            raise BadRule(f"the rule returns complex numbers at w = {w.tolist()}; a direction is real.")
        return direction

    def _on_paths(self, one: Field, gradient: Field, rho: float, **more: Any) -> Field:
        """A rule for one vector on many: together where that gives what it gives one after another, else so."""

        def along(x: Any) -> Any:
            return Paths(gradient(x.value)) if isinstance(x, Paths) else gradient(x)

        def product(x: Any, v: Any) -> Any:
            return Paths(more["hessian"](x.value, v.value))

        def together(w: Floats) -> Floats | None:
            try:
                found = self._run(along, Paths(w), rho, ascent=along, **{**more, "hessian": product})
            except Exception:  # a rule may fail in any way on what is no array
                return None
            return found.value if isinstance(found, Paths) and np.shape(found.value) == w.shape else None

        known: list[bool] = []

        def on(w: Floats) -> Floats:
            if not known or known[0]:
                found = together(w)
                if not known:
                    some = range(min(_COMPARED, w.shape[1]))
                    alike = found is not None and all(
                        np.allclose(found[:, k], one(w[:, k]), rtol=_ALIKE, atol=0, equal_nan=True) for k in some
                    )
                    known.append(alike)
                if known[0] and found is not None:
                    return found
            return np.stack([one(w[:, k]) for k in range(w.shape[1])], axis=1) if w.shape[1] else np.empty(w.shape)

        return on

    def jacobian(
        self, gradient: Field, hessian: Callable[[Floats], Floats], w: Floats, rho: float,
        values: Mapping[str, float] | None = None,
    ) -> Floats:  # fmt: skip
        """Derivative of g at w, shape (n,), by forward differentiation.

        Returns:
            float64, shape (n, n); nan where there is no derivative.

        Raises:
            TypeError: the rule cannot be run on floats with derivatives, or takes Hessian products.
        """

        def along(x: Any) -> Any:
            return Dual(gradient(x.value), hessian(x.value) @ x.slope) if isinstance(x, Dual) else gradient(x)

        def product(_x: Any, _v: Any) -> Any:
            raise TypeError("the derivative of a Hessian product is not known here")

        given = {"kappa": 0.0, "epsilon": 0.0, **(values or {})}
        found = self._run(along, Dual(w, np.eye(len(w))), rho, ascent=along, hessian=product, **given)
        if not isinstance(found, Dual) or np.shape(found.value) != w.shape:
            raise TypeError("the rule returns no vector with derivatives")
        return np.asarray(np.broadcast_to(found.slope, (len(w), len(w))), np.float64)

    @cached_property
    def response(self) -> Response | None:
        """What it makes of a displacement; None where that is not shown to be a function of the Hessian alone."""
        found = derived(self._run)
        return found if found is None or self.vectorised or agrees(self.on, found) else None

    @property
    def commutes(self) -> bool:
        """Whether near a critical point it is a function of the Hessian alone, and is known to be."""
        return self.response is not None

    @property
    def linear(self) -> bool:
        """Whether near a critical point it is a polynomial in the Hessian, whose eigenvalues then give its rates."""
        return self.response is not None and self.response.q == 0

    @property
    def normalised(self) -> bool:
        """Whether on a quadratic it is H(u + rho g/|g|), the gradient after an ascent of length rho."""
        r = self.response
        return r is not None and sp.expand(r.p - s.lam) == 0 and sp.expand(r.q - s.lam * s.rho) == 0

    @property
    def uses_radius(self) -> bool:
        """Whether rho matters beside a critical point, as far as is known."""
        return self.response is None or bool({s.rho} & (self.response.p.free_symbols | self.response.q.free_symbols))

    def _run(self, gradient: Any, w: Any, rho: Any, **more: Any) -> Any:
        try:
            return self.rule(gradient, w, rho, **{k: v for k, v in more.items() if k in self.wants})
        except SystemExit as error:  # it would end the analysis without a message
            raise BadRule("the rule ends the program; let it return a direction, or raise what is wrong.") from error


def _composed_form(ascent: LossLike, descent: LossLike) -> Matrix:
    """The composed loss itself, differentiated: the chain rule is SymPy's, not ours."""
    raised = dict(zip(descent.variables, point(ascent) + s.rho * gradient(ascent), strict=True))
    return gradient(BareLoss(descent.variables, substituted(sp.Matrix([descent.expr]), raised)[0]))


plain = Force(rules.plain)
sharpness_aware = Force(rules.sharpness_aware)
normalised = Force(rules.normalised)
softened = Force(rules.softened)
composed = Force(rules.composed, _composed_form)
adaptive = Force(
    rules.adaptive,
    at_rest=lambda H, squares, rho, product: H + product(product(H, squares), H) * rho,
    at_rest_text="H + rho H T^2 H",
)
