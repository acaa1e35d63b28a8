"""An ascent by its name, as text gives it: "gsam", or "gsam:alpha=0.7" with settings."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from saddlecheck._nearest import hint
from saddlecheck.nets.climbing import EGSAM, Ascent, NStepSAM, UnifiedSAM
from saddlecheck.nets.mixing import GSAM, GradientPenalty, LookSAM, WeightedSAM
from saddlecheck.nets.random_ascents import ESAM, RandomPerturbation
from saddlecheck.nets.remembering import FriendlySAM, MomentumAscent, StaleAscent, StalePerturbedAscent

ASCENTS: dict[str, type[Ascent]] = {
    kind.__name__.lower(): kind
    for kind in (
        EGSAM, UnifiedSAM, NStepSAM, GSAM, LookSAM, WeightedSAM, GradientPenalty, ESAM, RandomPerturbation, FriendlySAM,
        StaleAscent, StalePerturbedAscent, MomentumAscent,
    )
}  # fmt: skip


def named_ascent(text: str) -> Ascent:
    """The ascent that `text` names.

    Args:
        text: a class's name in any case, and after a colon settings, as in "friendlysam:sigma=0.7,beta=0.95".

    Returns:
        The ascent; settings that are not given keep their defaults.

    Raises:
        ValueError: an unknown name or setting, or a value outside its domain.

    Example:
        >>> from saddlecheck.nets.named_ascent import named_ascent
        >>> named_ascent("nstepsam:steps=3")
        NStepSAM(steps=3)
    """
    name, _, settings = text.partition(":")
    kind = ASCENTS.get(name.strip().lower())
    if kind is None:
        if name.strip().lower() == "dnsam":
            raise ValueError(
                "DNSAM takes a function of the full gradient's norm: give SAM(ascent=DNSAM(...)) in Python."
            )
        near = hint(name.strip().lower(), ASCENTS, f"it is one of {', '.join(ASCENTS)}.", most=1)
        raise ValueError(f"there is no ascent {name[:40]!r}; {near}")
    defaults = {f.name: f.default for f in fields(kind)}
    return kind(**dict(_setting(part, kind, defaults) for part in settings.split(",") if part.strip()))


def _setting(part: str, kind: type[Ascent], defaults: dict[str, Any]) -> tuple[str, Any]:
    key, _, value = (word.strip() for word in part.partition("="))
    if key not in defaults:
        known = f"it has {', '.join(defaults)}" if defaults else "it has none"
        raise ValueError(f"{kind.__name__} has no setting {key[:40]!r}; {known}.")
    number = type(defaults[key])
    try:
        return key, number(value)
    except ValueError:
        what = "a whole number" if number is int else "a number"
        raise ValueError(
            f"{part.strip()[:40]!r} gives no value; {key} is {what}: write {key}={defaults[key]}."
        ) from None
