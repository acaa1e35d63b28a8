r"""The rules: what replaces the gradient in $w' = w - \eta g(w)$, each written once, for floats and symbols alike.

A rule is a function `rule(gradient, w, rho)` of the weights and of the gradient at any point. By keyword it may ask for
more: `ascent`, the gradient that the ascent sees (another mini-batch's); `hessian(w, v)`, the product H(w) v; `kappa`,
weight decay; `epsilon`, what is added to a norm.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from saddlecheck.theory.optimisers.arithmetic import norm, unit

Rule = Callable[..., Any]
KNOWN = ("ascent", "hessian", "kappa", "epsilon")


def keywords(rule: Rule) -> frozenset[str]:
    """What a rule asks for beyond (gradient, w, rho). Raises ValueError for what nothing here can give."""
    wanted = getattr(rule, "wants", None)
    if wanted is not None:
        return frozenset(wanted)
    parameters = list(inspect.signature(rule).parameters.values())
    named = [p for p in parameters if p.kind is p.KEYWORD_ONLY]
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    required = [p for p in positional if p.default is p.empty]
    name = getattr(rule, "__name__", "the rule")
    if len(required) > 3 or len(positional) < 3:
        raise ValueError(
            f"{name} takes {', '.join(p.name for p in positional) or 'nothing'}; "
            "a rule is a function of (gradient, w, rho), with further parameters keyword-only."
        )
    unknown = [p.name for p in named if p.name not in KNOWN and p.default is p.empty]
    if unknown:
        raise ValueError(
            f"{name} asks for {', '.join(unknown)}; by keyword it may ask for hessian, as hessian(w, v), and not for "
            "the loss or the step: it is a function of gradients."
        )
    return frozenset(p.name for p in named if p.name in KNOWN)


def _wanting(rule: Rule, names: frozenset[str]) -> Rule:
    rule.wants = names  # type: ignore[attr-defined]  # read by `keywords`
    return rule


def plain(gradient: Any, w: Any, _rho: Any) -> Any:
    """Gradient descent, eq. (4)."""
    return gradient(w)


def sharpness_aware(gradient: Any, w: Any, rho: Any, *, ascent: Any) -> Any:
    r"""SAM with a constant radius, eqs (5), (6): $\nabla\ell(w + \rho\nabla\ell(w))$."""
    return gradient(w + rho * ascent(w))


def normalised(gradient: Any, w: Any, rho: Any, *, ascent: Any) -> Any:
    r"""SAM as practised: $\nabla\ell(w + \rho\nabla\ell(w)/\|\nabla\ell(w)\|)$; no value where the gradient is 0."""
    return gradient(w + rho * unit(ascent(w)))


def softened(gradient: Any, w: Any, rho: Any, *, ascent: Any, epsilon: Any) -> Any:
    r"""Normalised SAM with the customary $\epsilon$: the ascent is $\rho\,g/(\|g\| + \epsilon)$."""
    g = ascent(w)
    return gradient(w + rho * g / (norm(g) + epsilon))


def composed(gradient: Any, w: Any, rho: Any, *, ascent: Any, hessian: Any) -> Any:
    r"""Gradient of $\ell(w + \rho\nabla\ell(w))$ itself, chain rule included; the appendix differentiates this one."""
    inner = gradient(w + rho * ascent(w))
    return inner + rho * hessian(w, inner)


def adaptive(gradient: Any, w: Any, rho: Any, *, ascent: Any) -> Any:
    r"""ASAM with a constant radius: the ascent is $\rho\,T_w^2\nabla\ell(w)$ with $T_w = \mathrm{diag}|w|$."""
    return gradient(w + rho * (w * w * ascent(w)))


def ascending(steps: int) -> Rule:
    """SAM with that many ascent steps of length rho times the gradient met at each."""

    def rule(gradient: Any, w: Any, rho: Any, *, ascent: Any) -> Any:
        for _ in range(steps):
            w = w + rho * ascent(w)
        return gradient(w)

    return rule


def decayed(rule: Rule) -> Rule:
    r"""Weight decay in the descent only: $g(w) + \kappa w$, as `torch.optim.SGD` applies it under SAM."""

    def with_decay(gradient: Any, w: Any, rho: Any, *, kappa: Any, **more: Any) -> Any:
        return rule(gradient, w, rho, **more) + kappa * w

    return _wanting(with_decay, keywords(rule) | {"kappa"})


def regularised(rule: Rule) -> Rule:
    r"""Weight decay inside the loss: both gradients are those of $\ell(w) + \kappa|w|^2/2$."""

    def with_penalty(gradient: Any, w: Any, rho: Any, *, kappa: Any, **more: Any) -> Any:
        def penalised(function: Any) -> Any:
            return lambda x: function(x) + kappa * x

        seen = {k: penalised(f) if k == "ascent" else f for k, f in more.items()}
        if "hessian" in more:
            seen["hessian"] = lambda x, v: more["hessian"](x, v) + kappa * v
        return rule(penalised(gradient), w, rho, **seen)

    return _wanting(with_penalty, keywords(rule) | {"kappa"})
