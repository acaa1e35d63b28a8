"""Which adaptive base is meant, in words or as an object, and what it makes of the optimisers that are analysed."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from saddlecheck.theory.optimiser import OPTIMISERS, Optimiser
from saddlecheck.theory.optimisers.bases import BASES, Base
from saddlecheck.theory.optimisers.named import NAMED
from saddlecheck.verification.analysis.result import OwnRule

USUAL = ("gd", "sam", "gsam")  # over a base, where no optimiser is named


def read(given: Any) -> Base | None:
    """Return a base as it is, or from text such as "adamw" or "adamw:eps=1e-4,beta1=0,weight_decay=0"; None for None.

    Raises:
        ValueError: an unknown base or setting, or a value outside its domain.
    """
    if given is None or isinstance(given, Base):
        return given
    name, _, text = str(given).partition(":")
    kind = BASES.get(name.strip().lower())
    if kind is None:
        raise ValueError(f"there is no base {name[:40]!r}; give AdamW(...) or a name: {', '.join(BASES)}.")
    default = kind()
    known = {f.name for f in fields(kind)} - {"betas"} | ({"beta1", "beta2"} if hasattr(default, "betas") else set())
    values = dict(_setting(part, name, known) for part in text.split(",") if part.strip())
    if {"beta1", "beta2"} & set(values):
        betas = getattr(default, "betas")  # noqa: B009  # only some bases have it
        values["betas"] = (values.pop("beta1", betas[0]), values.pop("beta2", betas[1]))
    return kind(**values)


def _setting(part: str, base: str, known: set[str]) -> tuple[str, Any]:
    key, _, value = part.partition("=")
    key = key.strip()
    if key not in known:
        raise ValueError(f"{base} has no setting {key[:40]!r}; it has {', '.join(sorted(known))}.")
    try:
        return key, float(value)
    except ValueError:
        raise ValueError(f"{part.strip()[:40]!r} gives no number; write {key}=NUMBER.") from None


def over(optimiser: Optimiser, base: Base) -> Optimiser:
    """The optimiser's force over the base. Raises ValueError for one that has a momentum or a base already."""
    if optimiser.base is not None:
        raise ValueError(f"{optimiser.title} has a base already; give no second one.")
    name = base.id if optimiser.id == "gd" else f"{base.id}_{optimiser.id}"
    title = base.title if optimiser.id == "gd" else f"{optimiser.title}, over {base.title}"
    return replace(optimiser, id=name, title=title, base=base, claims=base.claims)


def named(name: str) -> Optimiser | None:
    """An optimiser of this project, or a variant, by its id."""
    return OPTIMISERS.get(name) or NAMED.get(name)


def facts(about: OwnRule, base: Base, rate: str) -> OwnRule:
    """What follows from a rule over a base whatever the loss, from what follows from the rule alone, of that rate."""
    if base.rest is None:
        return OwnRule(f"{base.title} steps by lr in each coordinate, so it comes to no rest; {about.basis}")
    eps, b = base.rest.epsilon, base.rest.momentum
    factor = 2 * (1 + b) / (1 - b)
    basis = f"at rest {base.title} is another descent along the rule, which moves no threshold of rho; {about.basis}"
    if about.multiplier is None or base.decay:
        return OwnRule(basis)
    bound = f"where lr*p < {factor * eps:.6g}"
    size = f"{(1 - b) / eps:.6g}*lr*p".removeprefix("1*")
    multiplier = f"a root of z**2 - ({1 + b:g} - {size})*z + {b:g}" if b else f"1 - {size}"
    return OwnRule(
        basis, f"{multiplier}, with p = {rate}",
        *(words if words in (None, "never") else f"{words} ({bound})" for words in (about.minimum, about.trapped)),
    )  # fmt: skip
