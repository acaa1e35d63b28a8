"""What the records say about the claims that rest on training: Figures 7, 8, 9 and Table 1. No torch is needed here.

Margins and contrasts are declared before the runs (nets/declared.py). Each group of runs that agree in all but seed
and what a contrast varies speaks for itself. Groups at reduced scale bear on the direction of a claim about CIFAR and
never settle it: they are reported, and the claim stays open until records of the paper's scale exist, which then speak
alone. A run that diverged counts, as chance or as an infinite loss, and a contrast with such a run decides nothing.
With torch every record's rule is replayed first; without it the evidence says that training records were not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from saddlecheck.nets import declared, record
from saddlecheck.nets.at_scale import few, of_contrasts
from saddlecheck.nets.branch_evidence import branch_evidence
from saddlecheck.nets.contrast import Contrast
from saddlecheck.nets.groups import Group, Trained, groups, trained
from saddlecheck.nets.record import Record
from saddlecheck.theory.claims.evidence import Evidence

# The line's loss exceeds the minimum's by 0.25; a mean loss counts as not decreasing within 2 % of that.
MARGIN = 0.005
CLAIMS = ("fig7b", "fig7c", "fig8", "fig9", "table1", "equal-rate", "fig8-trapped")
Run = Mapping[str, Any]


def evidence(claim: str, folder: Path) -> tuple[Evidence, ...]:
    """Evidence about one claim from all records below `folder`; none where no record bears on it.

    Returns:
        One piece for each comparison; the last names the records that were passed over and why.

    Raises:
        ValueError: no claim that rests on training has this id.
    """
    if claim not in CLAIMS:
        raise ValueError(f"the claims that rest on training are {', '.join(CLAIMS)}; got {claim!r}.")
    kind = {"fig7b": "toy-neuron", "fig7c": "toy-neuron", "fig8-trapped": "mechanism"}.get(claim, "training")
    records = record.read_all(folder, kind)
    if kind == "mechanism":
        found, passed = branch_evidence(records)
    else:
        found, passed = (_toy_evidence if kind == "toy-neuron" else _cifar_evidence)(claim, records)
    if passed and not found:
        found = [Evidence("training", "record", "undecided", why=_passed_over(passed))]
    elif passed:
        found = [*found[:-1], replace(found[-1], why=f"{found[-1].why}. {_passed_over(passed)}")]
    return tuple(found)


def _toy_evidence(claim: str, records: Sequence[Record]) -> tuple[list[Evidence], list[str]]:
    """What each toy record says, and why others are passed over."""
    found, passed = [], []
    for r in records:
        try:
            if why := r.why_stale():
                passed.append(f"is stale: {why}")
            else:
                found.append((_fig7b if claim == "fig7b" else _fig7c)(r))
        except (KeyError, TypeError, IndexError, StopIteration) as error:
            passed.append(f"lacks what the claim needs ({type(error).__name__}: {error}).")
    return found, passed


def _cifar_evidence(claim: str, records: Sequence[Record]) -> tuple[list[Evidence], list[str]]:
    """What each group of training records says, and why others are passed over."""
    runs, passed = [], []
    for r in records:
        try:
            run = trained(r)
        except ValueError as error:
            passed.append(f"is not read: {error}")
            continue
        if not _bears_on(claim, run):
            continue
        if why := r.why_stale():
            passed.append(f"is stale: {why}")
        else:
            runs.append(run)
    found = [e for group in groups(runs, declared.VARIED[claim]) if (e := _spoken(claim, group)) is not None]
    full = [e for e in found if e.settings["scale"] == "full"]
    if full and (left := len(found) - len(full)):  # they could only leave open what the paper's scale settles
        count = "1 group" if left == 1 else f"{left} groups"
        full[-1] = replace(full[-1], why=f"{full[-1].why}. Beside it {count} of runs at reduced scale: not counted")
    return full or found, passed


def _bears_on(claim: str, run: Trained) -> bool:
    """Whether a run has the settings that the claim fixes."""
    c = run.config
    if claim == "table1":
        return c.batch_norm and c.augment and (c.dataset, c.optimiser, c.normalise) == ("cifar10", "sam", True)
    plain = not c.batch_norm and not c.augment and c.dataset == "cifar10" and c.normalise
    if claim == "equal-rate":
        at_rate = (c.momentum, c.lr) in ((0.0, 0.1), (0.9, 0.01))
        return plain and c.batch_size == 512 and at_rate and (c.optimiser, c.rho) in (("sam", 0.1), ("sgd", 0.0))
    if claim == "fig8":
        return plain and (c.optimiser, c.rho) == ("sam", 0.1)
    return plain and c.batch_size == 512 and (c.optimiser, c.rho) in (("sam", 0.1), ("sgd", 0.0))


def _passed_over(passed: Sequence[str]) -> str:
    count = "1 record" if len(passed) == 1 else f"{len(passed)} records"
    return f"{count} passed over; the first {passed[0]}"


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
        f"{_shown(constant['fractions']['minimum'])} at a minimum. The same order holds for {len(ordered)} of "
        f"the {len(rates)} learning rates from {rates[0]:g} to {rates[-1]:g}: {', '.join(f'{e:g}' for e in ordered)}"
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


def _spoken(claim: str, group: Group) -> Evidence | None:
    """The declared contrasts of a group, or None where it has the runs for none of them."""
    try:
        contrasts = declared.CONTRASTS[claim](group.runs)
    except ValueError as error:
        return _about(group, "undecided", f"{group}: {error}")
    there = {name: c for name, c in contrasts.items() if c is not None}
    if not there:
        return None
    said = of_contrasts(contrasts)
    seen = [f"{name}: {c} ({_word(c)})" for name, c in there.items()]
    seen += [f"{name}: no runs yet" for name, c in contrasts.items() if c is None]
    if group.scale == "full":
        return _about(group, said.status, f"{group}: {'; '.join(seen)}")
    about = _about(group, "undecided", f"at reduced scale, direction only: {group}: {'; '.join(seen)}")
    return replace(about, settings={**about.settings, **said.settings(_ran(group))})


def _ran(group: Group) -> str:
    """The scale of a group's runs: network, epochs, data, device and seeds."""
    c, source = group.runs[0].config, group.runs[0].source
    devices = ", ".join(sorted({r.record.device for r in group.runs}))
    seeds = ", ".join(str(seed) for seed in sorted({r.config.seed for r in group.runs}))
    return f"{c.model} of width {c.width}, {c.epochs} epochs, {source}, {devices}, seeds {seeds}"


def _about(group: Group, status: Any, why: str) -> Evidence:
    """Evidence of a group, with what was not looked at here."""
    records = [r.record for r in group.runs]
    unchecked = next((r.unchecked for r in records if r.unchecked), None)
    settings = {
        "scale": group.scale,
        "finished": max(r.finished for r in records),
        "device": ", ".join(sorted({r.device for r in records})),
        "runs": len(records),
    }
    seconds = sum(r.seconds for r in records)
    why = f"{why}. {unchecked[0].upper()}{unchecked[1:-1]}" if unchecked else why
    return Evidence("training", "record", status, why=why, settings=settings, seconds=round(seconds, 2))


def _toy(r: Record, rule: str, eta: float, rho: float) -> Run:
    """The toy run with one sample a step and no momentum."""
    wanted = {"rule": rule, "eta": eta, "rho": rho, "batch": 1, "gamma": 0.0}
    found: Run = next(x for x in r.result["runs"] if all(x[k] == v for k, v in wanted.items()))
    return found


def _made(r: Record, status: Any, why: str) -> Evidence:
    about = {"scale": r.scale, "finished": r.finished, "device": r.device}
    return Evidence("training", "record", status, why=why, settings=about, seconds=r.seconds)


def _shown(fraction: list[float]) -> str:
    return f"{fraction[0]:.1%} [{fraction[1]:.1%}, {fraction[2]:.1%}]"


def _word(c: Contrast) -> str:
    return "too few seeds" if few(c) else {1: "as claimed", -1: "the opposite", 0: "not decided"}[c.sign]
