"""Optimisers that the user brings, a function, a force or an `Optimiser`, in Python or from a file; checked first."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import sympy as sp

from saddlecheck.theory.errors import BadRule
from saddlecheck.theory.optimiser import Force, Momentum, Optimiser
from saddlecheck.theory.optimisers.criteria import criteria
from saddlecheck.theory.optimisers.named import NAMED
from saddlecheck.verification import user_file
from saddlecheck.verification.analysis import adaptive_base
from saddlecheck.verification.analysis.decay import NAME
from saddlecheck.verification.analysis.dynamics import Floats, Surface
from saddlecheck.verification.analysis.result import OwnRule
from saddlecheck.verification.analysis.stability import RULES
from saddlecheck.verification.analysis.withdrawal import RuleAnswer

GENERAL = ("linear-discrete",)  # what the verdict on any rule that is linear beside the point rests on
_PLACES, _AWAY = 2, 0.1  # random places beside each point at which a rule is tried, and how far away of its size
_POINTS = 5


def read(given: Any, base: Any = None) -> tuple[tuple[str, ...] | None, tuple[Optimiser, ...]]:
    """What was asked for: ids, functions (gradient, w, rho), forces, `Optimiser`s, or texts such as "file.py:rule".

    With a base each of them is taken over it, by default gd, sam and gsam.

    Returns:
        All ids in order, None for all of this project, and the optimisers that are not this project's.

    Raises:
        ValueError: an unknown id, a file or function that cannot be read, two of one name.
    """
    below = adaptive_base.read(base)
    if given is None and below is not None:
        given = adaptive_base.USUAL
    if given is None:
        return None, ()
    if isinstance(given, str) or callable(given) or isinstance(given, Optimiser | Force):
        given = [given]
    ids: list[str] = []
    own: list[Optimiser] = []
    for one in given:
        if isinstance(one, str) and (one in RULES or one == NAME) and below is None:
            ids.append(one)
            continue
        named = adaptive_base.named(one) if isinstance(one, str) else None
        optimiser = _made(named or (_loaded(one) if isinstance(one, str) else one))
        optimiser = optimiser if below is None else adaptive_base.over(optimiser, below)
        if optimiser.id in (*RULES, NAME, *(o.id for o in own)):
            raise ValueError(f"two optimisers are called {optimiser.id}; give yours another name.")
        own.append(optimiser)
        ids.append(optimiser.id)
    return tuple(ids), tuple(own)


def _made(given: Any) -> Optimiser:
    if isinstance(given, Optimiser):
        if given.momentum is not None and not isinstance(given.momentum, Momentum):
            raise ValueError(f"the momentum of {given.title} is no Momentum; take heavy_ball or nesterov, or None.")
        return given if given.claims else replace(given, claims=_claims(given))
    if not callable(given):
        raise BadRule(f"{given!r} is no optimiser: give an id, a function (gradient, w, rho), or an Optimiser.")
    force = given if isinstance(given, Force) else Force(given, vectorised=False)
    if inspect.iscoroutinefunction(force.rule) or inspect.isgeneratorfunction(force.rule):
        raise BadRule(
            f"{force.rule.__name__} is a coroutine or a generator; return the direction from a plain function."
        )
    if force.wants & {"kappa", "epsilon"}:
        raise BadRule("a rule of your own cannot ask for kappa or epsilon; write the number in it.")
    name = getattr(force.rule, "__name__", "rule")
    name = "rule" if name == "<lambda>" else name
    made = Optimiser(re.sub(r"\W", "_", name), name, force)
    return replace(made, claims=_claims(made))


def _claims(own: Optimiser) -> tuple[str, ...]:
    """The theorems on this project's rule that does the same beside a critical point, else the general one."""
    if own.base is not None:
        return own.base.claims
    response = own.force.response
    alike = [r for r in RULES.values() if r.momentum == own.momentum and r.force.response == response]
    if response is not None and alike:
        return alike[0].claims
    return GENERAL if not isinstance(own.momentum, Momentum) else own.momentum.claims


def _loaded(text: str) -> Any:
    """The object that "file.py:name" names; the file is run, as the user's own program."""
    place = user_file.named(text)
    if place is None or not place[1]:
        raise ValueError(
            f"{text!r} is no optimiser known here; the known ones are {', '.join((*RULES, NAME, *NAMED))}, "
            "and file.py:name for your own."
        )
    path, name = place
    found = user_file.run(path, seconds=user_file.SECONDS)
    if name not in found:
        functions = [k for k, v in found.items() if callable(v) and not k.startswith("_")]
        raise ValueError(f"{path} defines no {name}; it defines {', '.join(functions) or 'no function'}.")
    return found[name]


def checked(
    own: Sequence[Optimiser], surface: Surface, places: Sequence[Any], rho: float, seed: int
) -> list[RuleAnswer]:
    """Try each rule beside the critical points.

    Returns:
        What it answered there.

    Raises:
        BadRule: in one line, for what is no rule.
    """
    rng = np.random.default_rng(seed)
    near = [np.array(p, np.float64) for p in places[:_POINTS]] or [np.zeros(surface.n)]
    tried = [c + _AWAY * (1 + np.linalg.norm(c)) * rng.standard_normal(surface.n) for c in near for _ in range(_PLACES)]
    asked = []
    for optimiser in own:
        direction = one_by_one(optimiser, surface, rho)
        answers = [(w, _try(optimiser, direction, surface, w)) for w in tried]
        asked += [RuleAnswer(optimiser.id, direction, w, answer) for w, answer in answers if answer is not None]
    return asked


def one_by_one(optimiser: Optimiser, surface: Surface, rho: float) -> Callable[[Floats], Floats]:
    """The rule's direction at one point, shape (n,); what goes wrong in it is a BadRule that names the rule."""

    def column(w: Any) -> Floats:
        if np.iscomplexobj(w):
            raise BadRule(f"{optimiser.title} asks for the gradient at complex weights; the weights are real.")
        at = np.asarray(w, np.float64)
        if at.shape != (surface.n,):
            raise BadRule(
                f"{optimiser.title} asks for the gradient at something of shape {at.shape}; "
                f"the weights have shape ({surface.n},)."
            )
        return at[:, None]

    def gradient(w: Floats) -> Floats:
        return np.asarray(surface.gradient(column(w))[:, 0])

    def hessian(w: Floats) -> Floats:
        return np.asarray(surface.hessian(column(w))[:, :, 0])

    direction = replace(optimiser.force, vectorised=True).on(gradient, rho, hessian=hessian)

    def named(w: Floats) -> Floats:
        try:
            return direction(w)
        except BadRule as error:
            raise BadRule(str(error).replace("the rule", optimiser.title, 1)) from error

    return named


def _try(optimiser: Optimiser, direction: Callable[[Floats], Floats], surface: Surface, w: Floats) -> Floats | None:
    """The rule's answer at a place; None where nothing can be asked of a rule."""
    g = surface.gradient(w[:, None])[:, 0]
    if not np.all(np.isfinite(g)) or not np.any(g):
        return None
    kept = w.copy()
    with np.errstate(all="ignore"):
        first, second = direction(w), direction(kept.copy())
    place = f"at w = {[float(f'{x:.6g}') for x in kept]}"
    if not np.array_equal(w, kept):
        raise BadRule(f"{optimiser.title} changes the weights that it is given, {place}; return a new vector.")
    if first.shape != w.shape:
        raise BadRule(f"{optimiser.title} returns the shape {first.shape} {place}; a direction has shape {w.shape}.")
    if not np.array_equal(first, second, equal_nan=True):
        raise BadRule(
            f"{optimiser.title} gives two answers {place}: it draws random numbers or keeps a state; "
            "make it a function of its arguments."
        )
    if not np.all(np.isfinite(first)):
        raise BadRule(f"{optimiser.title} returns {first.tolist()} {place}, where the gradient is {g.tolist()}.")
    return first


def facts(optimiser: Optimiser) -> OwnRule:
    """What follows from the rule whatever the loss, in words."""
    about = _facts(optimiser)
    if optimiser.base is None:
        return about
    response = optimiser.force.response
    return adaptive_base.facts(about, optimiser.base, "" if response is None else str(sp.factor(response.p)))


def _facts(optimiser: Optimiser) -> OwnRule:
    response, closed = optimiser.force.response, criteria(optimiser.force)
    if response is None:
        return OwnRule(
            "numerical: it is not shown to be a function of the Hessian beside a critical point, "
            "so its Jacobian is taken at each"
        )
    if response.alpha != 0:
        return OwnRule(
            f"of all critical points only the origin is a fixed point of it: it adds {response.alpha} times the weights"
        )
    if optimiser.force.normalised:
        return OwnRule("beside a critical point it is normalised SAM, derived by running the rule: its theorems apply")
    if closed is None:
        return OwnRule(
            "it divides by the gradient's norm, so it has no derivative at a critical point: only its own runs say "
            f"what it does (on a quadratic it is {response.p} u + {response.q} g/|g|, lambda standing for the Hessian)"
        )
    return OwnRule(
        "proved: beside a critical point it is a polynomial in the Hessian, derived by running the rule",
        str(closed.multiplier), in_words(closed.minimum), in_words(closed.trapped),
    )  # fmt: skip


def in_words(condition: Any) -> str:
    """A condition as text: always, never, or its formula."""
    return "always" if condition == sp.true else "never" if condition == sp.false else str(condition)
