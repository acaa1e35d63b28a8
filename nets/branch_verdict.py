"""The word of the branch test (nets/branches.py) for a system, from the losses of its seeds. No torch here."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from saddlecheck.nets.branches import MARGIN
from saddlecheck.nets.contrast import Contrast, interval


def judged(results: Sequence[Mapping[str, Any]]) -> tuple[str, dict[str, Contrast], float]:
    """The word for a system, from the results of its seeds.

    Args:
        results: what `run` returned, a seed each.

    Returns:
        "trapped", "slow" or "undecided"; the two contrasts; the margin.
    """

    def losses(branch: str) -> list[float]:
        return [math.inf if r["branches"][branch] is None else r["branches"][branch] for r in results]

    plain = losses("SAM")
    gains = {
        name: interval(a - b for a, b in zip(plain, losses(name), strict=True))
        for name in ("SAM, 3 lr", "SAM, moved by 5 rho")
    }
    margin = MARGIN * sum(plain) / len(plain)
    step, move = gains["SAM, 3 lr"], gains["SAM, moved by 5 rho"]
    if move.low > 0 and step.high < margin:
        return "trapped", gains, margin
    if step.low > 0 and -margin < move.low and move.high < margin:
        return "slow", gains, margin
    return "undecided", gains, margin


def trap(results: Sequence[Mapping[str, Any]]) -> int:
    """Whether a saddle holds the run: 1 as the claim has it, -1 where a prediction of it fails, 0 not decided.

    A gain from moving that lies below the margin counts as none, also where its interval excludes 0.

    Args:
        results: as for `judged`.

    Returns:
        The sign.
    """
    word, gains, margin = judged(results)
    step, move = gains["SAM, 3 lr"], gains["SAM, moved by 5 rho"]
    none = move.high < margin
    if word == "trapped":
        return 0 if none else 1
    return -1 if none or step.low > margin else 0
