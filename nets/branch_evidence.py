"""What the records of the branch test say of the claim that SAM in Figure 8 is held at a saddle. No torch here.

The claim is about SAM at rho = 0.1. Of each system trained so that is no control there is one piece of evidence; the
controls, which a saddle holds, come first: where the test does not find that, it decides nothing elsewhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from saddlecheck.nets.at_scale import SEEDS, AtScale, of_signs
from saddlecheck.nets.branch_verdict import judged, trap
from saddlecheck.nets.branches import CONTROLS
from saddlecheck.nets.record import Record
from saddlecheck.theory.claims.evidence import Evidence

RHO = 0.1  # of the claim


def branch_evidence(records: Sequence[Record]) -> tuple[list[Evidence], list[str]]:
    """What the branch test says of each system; at reduced scale it decides nothing about the paper's runs.

    Args:
        records: of the branch test.

    Returns:
        A piece of evidence for each system that the claim is about, or one that lacks them; why records are passed
        over.
    """
    fresh: list[Record] = []
    passed = []
    for r in records:
        if why := r.why_stale():
            passed.append(f"is stale: {why}")
            continue
        try:
            _said(r)
        except (KeyError, TypeError, ValueError) as error:
            passed.append(f"lacks what the claim needs ({type(error).__name__}: {error}).")
        else:
            fresh.append(r)
    if not fresh:
        return [], passed
    about = [r for r in fresh if not _is_control(r) and r.config["system"]["rho"] == RHO]
    beside = [r for r in fresh if r not in about]
    lacking = _unseen([r for r in fresh if _is_control(r)])
    if not about:
        lacking = [f"runs of SAM at rho = {RHO:g}", *lacking]
        return [_made(None, beside, of_signs((), lacking))], passed
    return [_made(r, beside, _word(r, lacking)) for r in about], passed


def _word(r: Record, lacking: Sequence[str]) -> AtScale:
    """A system's word, open where the controls are not told apart or seeds are missing."""
    seeds = r.result["seeds"]
    few = [f"{len(seeds)} of {SEEDS} seeds of {_name(r)}"] if len(seeds) < SEEDS else []
    missing = [*few, *lacking]
    return of_signs([] if missing else [trap(seeds)], missing)


def _unseen(controls: Sequence[Record]) -> list[str]:
    """The controls that are missing, or at which the test does not see the saddle that holds them."""
    found = []
    for name in CONTROLS:
        runs = [r.result["seeds"] for r in controls if _name(r) == name]
        if not runs:
            found.append(f"the control {name}")
        elif any(len(seeds) < SEEDS for seeds in runs):
            found.append(f"seeds of the control {name}")
        elif any(trap(seeds) != 1 for seeds in runs):
            found.append(f"the control {name}, which the test does not tell apart,")
    return found


def _made(about: Record | None, beside: Sequence[Record], found: AtScale) -> Evidence:
    """The evidence of one system, with what the test says of the others."""
    shown = [*([about] if about else []), *beside]
    why = f"at reduced scale, direction only: {'. '.join(_said(r) for r in shown)}"
    if unchecked := next((r.unchecked for r in shown if r.unchecked), None):
        why = f"{why}. {unchecked[0].upper()}{unchecked[1:-1]}"
    ran = "the branch test"
    if about is not None:
        system, seeds = about.config["system"], about.result["seeds"]
        data = " and ".join(sorted({s.get("data", "data that the record does not name") for s in seeds}))
        epochs = f"{system['middle']} + {system['after']} epochs"
        ran = f"{ran} of {_name(about)}, {epochs}, {data}, {about.device}, {len(seeds)} seeds"
    settings = {
        "scale": "reduced",
        "finished": max(r.finished for r in shown),
        "device": ", ".join(sorted({r.device for r in shown})),
        "runs": len(shown),
        **found.settings(ran),
    }
    seconds = round(sum(r.seconds for r in shown), 2)
    return Evidence("training", "record", "undecided", why=why, settings=settings, seconds=seconds)


def _said(r: Record) -> str:
    """The word of the test on a system, its two gains, and what was seen where the branches begin."""
    seeds = r.result["seeds"]
    word, gains, margin = judged(seeds)
    parts = ", ".join(f"{branch} gains {gain}" for branch, gain in gains.items())
    middles = [s["middle"] for s in seeds]
    seen = Counter(str(m["verdict"]) for m in middles)
    where = ", ".join(f"{verdict} in {n} of {len(seeds)} seeds" for verdict, n in seen.items())
    none = sum(m["numbers"].get("distance") is None for m in middles)
    near = f", no critical point found from there in {none}" if none else ""
    control = " (a control: it is held)" if _is_control(r) else ""
    against = ", against what a trap predicts" if trap(seeds) == -1 else ""
    return f"{_name(r)}{control}: {word}{against}; margin {margin:.3g}, {parts}; where they begin: {where}{near}"


def _name(r: Record) -> str:
    return str(r.config["system"]["name"])


def _is_control(r: Record) -> bool:
    return bool(r.config["control"])
