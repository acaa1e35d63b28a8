"""What the records say about the claims that rest on training: Figures 7, 8, 9 and Table 1. No torch here.

Margins and contrasts were declared before the runs. Records at reduced scale bear on the direction of a claim about
CIFAR and never settle it: they are reported, and the claim stays open until records of the paper's scale exist.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

from nets import record
from nets.contrast import Contrast, cell, difference, difference_of_differences
from nets.record import Record
from theory.evidence import Evidence

# The line's loss exceeds the minimum's by 0.25; a mean loss counts as not decreasing within 2 % of that.
MARGIN = 0.005
CLAIMS = ("fig7b", "fig7c", "fig8", "fig9", "table1")
Run = Mapping[str, Any]


def evidence(claim: str, folder: Path) -> tuple[Evidence, ...]:
    """Evidence about one claim from all records below `folder`; none where no record bears on it.

    Raises:
        ValueError: no claim that rests on training has this id.
    """
    if claim not in CLAIMS:
        raise ValueError(f"the claims that rest on training are {', '.join(CLAIMS)}; got {claim!r}.")
    kind = "toy-neuron" if claim.startswith("fig7") else "training"
    records = record.read_all(folder, kind)
    stale = [why for r in records if (why := r.why_stale())]
    fresh = [r for r in records if r.why_stale() is None]
    found: list[Evidence] = []
    if kind == "toy-neuron":
        found = [(_fig7b if claim == "fig7b" else _fig7c)(r) for r in fresh]
    elif cifar := [r for r in fresh if r.config["batch_norm"] == (claim == "table1")]:
        found = [_cifar(claim, [r for r in cifar if r.scale == s], s) for s in ("full", "reduced")]
        found = [e for e in found if e.why]
    if stale and not found:
        why = f"{len(stale)} records exist and are stale: {stale[0]}"
        found = [Evidence("training", "record", "undecided", why=why)]
    return tuple(found)


def _fig7b(r: Record) -> Evidence:
    """Most seeds of SGD at the minima and most of normalised SAM on the line: Wilson's lower ends above one half."""
    eta = r.config["figure"]["eta"]
    sgd, sam = _toy(r, "sgd", eta, 0.0), _toy(r, "sam_normalised", eta, 0.1)
    constant = _toy(r, "sam", eta, 0.1)
    at, on = sgd["fractions"]["minimum"], sam["fractions"]["saddle line"]
    holds, fails = at[1] > 0.5 and on[1] > 0.5, at[2] < 0.5 or on[2] < 0.5
    rates = sorted({x["eta"] for x in r.result["runs"] if (x["batch"], x["gamma"]) == (1, 0.0)})
    ordered = [e for e in rates if _ordered(r, e)]
    why = (
        f"at learning rate {eta:g} and radius 0.1: {_shown(at)} of the seeds of SGD end at a minimum, {_shown(on)} of "
        f"normalised SAM on the line; constant rho: {_shown(constant['fractions']['saddle line'])} on the line, "
        f"{_shown(constant['fractions']['minimum'])} at a minimum. The same order holds for the learning rates "
        f"{', '.join(f'{e:g}' for e in ordered)} of {', '.join(f'{e:g}' for e in rates)}"
    )
    return _made(r, "proved" if holds else "refuted" if fails else "undecided", why)


def _ordered(r: Record, eta: float) -> bool:
    sgd, sam = _toy(r, "sgd", eta, 0.0), _toy(r, "sam_normalised", eta, 0.1)
    return bool(sgd["fractions"]["minimum"][1] > 0.5 and sam["fractions"]["saddle line"][1] > 0.5)


def _fig7c(r: Record) -> Evidence:
    """Mean loss does not decrease with rho by more than the margin, and ends above SGD's; both rules."""
    eta, verdicts, parts = r.config["figure"]["eta"], [], []
    for rule, name in (("sam_normalised", "normalised"), ("sam", "constant")):
        radii = sorted({x["rho"] for x in r.result["runs"] if x["rule"] == rule})
        losses = [_toy(r, "sgd", eta, 0.0)["mean_loss"], *(_toy(r, rule, eta, rho)["mean_loss"] for rho in radii)]
        means = [x[0] for x in losses]
        drop = max(a - b for a, b in pairwise(means))
        verdicts.append(drop <= MARGIN and losses[-1][1] > losses[0][2])
        curve = ", ".join(f"{m:.3f}" for m in means)
        parts.append(f"{name} rho: {curve} for rho = 0, {', '.join(f'{x:g}' for x in radii)}")
    why = (
        f"mean loss at learning rate {eta:g}, one sample a step; {'; '.join(parts)}. To hold, it may fall by at most "
        f"{MARGIN:g} from one radius to the next (it saturates at the line's 2.5)"
    )
    return _made(r, "proved" if all(verdicts) else "refuted", why)


def _cifar(claim: str, records: list[Record], scale: str) -> Evidence:
    """The declared contrasts of a CIFAR claim; only the paper's own scale can settle it."""
    try:
        contrasts = {"fig8": _fig8, "fig9": _fig9, "table1": _table1}[claim](records)
    except ValueError:  # no seed is common to the cells yet
        return Evidence("training", "record", "undecided")
    signs = [c.sign for c in contrasts.values()]
    status = "undecided"
    if scale == "full":
        status = "proved" if all(s == 1 for s in signs) else "refuted" if any(s == -1 for s in signs) else "undecided"
    seen = "; ".join(f"{name}: {c} ({_word(c)})" for name, c in contrasts.items())
    prefix = "at reduced scale, direction only: " if scale == "reduced" else ""
    return _made(records[0], status, prefix + seen, runs=len(records))


def _fig8(records: list[Record]) -> dict[str, Contrast]:
    """Positive: SAM's training loss is larger at B = 512 than at 64, and momentum 0.9 lowers it at B = 512."""
    sam = [r for r in records if r.config["dataset"] == "cifar10" and r.config["rho"] == 0.1 and r.config["lr"] == 0.1]
    loss = {
        (b, m): cell(sam, "train_loss", optimiser="sam", batch_size=b, momentum=m)
        for b in (64, 512)
        for m in (0.0, 0.9)
    }
    hits = {m: cell(sam, "test_accuracy", optimiser="sam", batch_size=512, momentum=m) for m in (0.0, 0.9)}
    return {
        "SAM's training loss, B = 512 less B = 64": difference(loss[512, 0.0], loss[64, 0.0]),
        "SAM's training loss at B = 512, momentum 0 less 0.9": difference(loss[512, 0.0], loss[512, 0.9]),
        "SAM's test accuracy at B = 512, momentum 0.9 less 0": difference(hits[0.9], hits[0.0]),
    }


def _fig9(records: list[Record]) -> dict[str, Contrast]:
    """Positive: momentum helps SAM (rho = 0.1) more than SGD, in test accuracy at B = 512."""
    base = [
        r for r in records if (r.config["dataset"], r.config["batch_size"], r.config["lr"]) == ("cifar10", 512, 0.1)
    ]
    cells = {
        (rule, m): cell(base, "test_accuracy", optimiser=rule, rho=rho, momentum=m)
        for rule, rho in (("sam", 0.1), ("sgd", 0.0))
        for m in (0.0, 0.9)
    }
    gain = difference_of_differences(cells["sam", 0.9], cells["sam", 0.0], cells["sgd", 0.9], cells["sgd", 0.0])
    return {"gain in test accuracy from momentum 0.9, SAM's less SGD's": gain}


def _table1(records: list[Record]) -> dict[str, Contrast]:
    """Positive: at every radius momentum 0.9 beats 0, and the gain is larger at radius 0.5 than at 0.01."""
    cells = {
        (rho, m): cell(records, "test_accuracy", rho=rho, momentum=m)
        for rho in (0.01, 0.05, 0.1, 0.5)
        for m in (0.0, 0.9)
    }
    found = {f"gain at radius {rho:g}": difference(cells[rho, 0.9], cells[rho, 0.0]) for rho in (0.01, 0.05, 0.1, 0.5)}
    found["gain at 0.5 less gain at 0.01"] = difference_of_differences(
        cells[0.5, 0.9], cells[0.5, 0.0], cells[0.01, 0.9], cells[0.01, 0.0]
    )
    return found


def _toy(r: Record, rule: str, eta: float, rho: float) -> Run:
    """The toy run with one sample a step and no momentum."""
    wanted = {"rule": rule, "eta": eta, "rho": rho, "batch": 1, "gamma": 0.0}
    found: Run = next(x for x in r.result["runs"] if all(x[k] == v for k, v in wanted.items()))
    return found


def _made(r: Record, status: Any, why: str, **settings: Any) -> Evidence:
    about = {"scale": r.scale, "finished": r.finished, "device": r.device, **settings}
    return Evidence("training", "record", status, why=why, settings=about, seconds=r.seconds)


def _shown(fraction: list[float]) -> str:
    return f"{fraction[0]:.1%} [{fraction[1]:.1%}, {fraction[2]:.1%}]"


def _word(c: Contrast) -> str:
    return {1: "as claimed", -1: "the opposite", 0: "not decided"}[c.sign]
