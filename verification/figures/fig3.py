"""Figure 3: where the perturbed weight w^p goes once SAM is held at Beale's saddle, with each kind of radius."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from saddlecheck.numerics.basins import crossings
from saddlecheck.numerics.checks import Floats
from saddlecheck.numerics.gradient import hessian_at
from saddlecheck.theory.critical.landscapes import BEALE
from saddlecheck.verification.figures import beale, style

FROM = 5000  # the paper shows w^p after this step
CONSTANT, NEAR = 0.04, (0.05, 1.0)


@style.styled
def draw(out: Path, quick: bool = False) -> list[Path]:
    """Draw the figure into the folder `out` and return the files written; `quick` for fewer steps and a coarse grid."""
    shown, size = (60, 60) if quick else (400, 300)
    walks = {
        "normalised": beale.run(beale.RADIUS, normalised=True, steps=FROM + shown),
        "constant": beale.run(CONSTANT, NEAR, steps=FROM + shown),
    }
    tail = {name: (w.steps[FROM:], w.weights[FROM:], w.ascended[FROM:]) for name, w in walks.items()}
    figure, axes = style.canvas(1, 3, 2.6)
    region = beale.regions((-0.7, 1.7), size)
    _normalised(axes[0], region, *tail["normalised"][1:])
    _constant(axes[1], walks["constant"])
    _sides(axes[2], tail)
    crossed = {n: len(crossings(BEALE, w, p, [beale.MINIMUM])) / len(w) for n, (_, w, p) in tail.items()}
    side = {name: np.sign(across(ascended)) for name, (_, _, ascended) in tail.items()}
    hops = {n: int(np.sum(s[1:] != s[:-1])) for n, s in side.items()}
    caption = (
        f"Beale's function, learning rate {beale.ETA:g}, steps {FROM} to {FROM + shown}, no noise. (a) Normalised "
        f"rho = {beale.RADIUS} from (1, 2): w^p (dots, joined in order) lies in another basin than w at "
        f"{crossed['normalised']:.0%} of the steps and changes its side {hops['normalised']} times. (b) Constant rho "
        f"= {CONSTANT} from {NEAR}, the whole path: w and w^p run into the saddle on opposite sides of the boundary "
        "(grey). (c) Distance of w^p along the escaping direction: with constant rho it changes its side "
        f"{hops['constant']} times, while w^p lies in another basin than w at {crossed['constant']:.0%} of the "
        "steps."
    )
    rows = style.tidy(
        *(
            {"rho": kind, "step": s, "x": w[:, 0], "y": w[:, 1], "ascended_x": p[:, 0], "ascended_y": p[:, 1],
             "across": across(w), "ascended_across": across(p)}
            for kind, (s, w, p) in tail.items()
        )
    )  # fmt: skip
    return style.save(
        figure, out / "fig3", caption=caption, rows=rows,
        settings={"loss": str(BEALE.expr), "learning_rate": beale.ETA, "normalised_rho": beale.RADIUS,
                  "start": beale.START, "constant_rho": CONSTANT, "start_constant": NEAR, "first_step": FROM,
                  "steps_shown": shown, "grid": size, "noise": "none"},
        columns={
            "rho": "kind of radius", "step": "step", "x": "w, first", "y": "w, second",
            "ascended_x": "w^p, first", "ascended_y": "w^p, second",
            "across": "component of w - (0, 1) along the eigenvector of the negative eigenvalue",
            "ascended_across": "the same of w^p; its sign is the side of the boundary near the saddle",
        },
        crossed=crossed, changes_of_side=hops,
    )  # fmt: skip


def across(weights: Floats) -> Floats:
    """Components along the escaping direction at the saddle, shape (K,)."""
    vectors = np.linalg.eigh(hessian_at(BEALE)(np.array(beale.SADDLE)))[1]
    return np.asarray((weights - np.array(beale.SADDLE)) @ vectors[:, 0])


def _normalised(axis: Any, region: Any, weights: Floats, ascended: Floats) -> None:
    beale.shade(axis, region)
    axis.plot(*ascended.T, "-", color=style.GREEN, linewidth=0.3, alpha=0.6)
    axis.plot(*ascended.T, ".", color=style.GREEN, markersize=2.5, label="w^p")
    axis.plot(*weights.T, "+", color=style.BLACK, markersize=2.5, label="w")
    axis.plot(*beale.SADDLE, "o", color="none", markeredgecolor="black", markersize=6)
    axis.set(xlim=(-0.7, 0.7), ylim=(0.3, 1.7), xlabel="x", ylabel="y", aspect="equal", anchor="N",
             title=f"(a) as in the paper: normalised rho = {beale.RADIUS}")  # fmt: skip
    axis.legend(loc="upper left")


def _constant(axis: Any, walk: Any) -> None:
    for points, name, colour, line in ((walk.weights, "w", style.BLACK, "-"), (walk.ascended, "w^p", style.RED, "--")):
        axis.plot(*points.T, line, color=colour, label=name)
        axis.plot(*points[::500].T, ".", color=colour)
    axis.plot(*beale.SADDLE, "o", color="none", markeredgecolor="black", markersize=6)
    reach = 1.15 * float(np.max(np.abs(walk.ascended[20:] - np.array(beale.SADDLE))))
    axis.set(xlim=(-reach, reach), ylim=(1 - reach, 1 + reach), xlabel="x", ylabel="y", aspect="equal", anchor="N",
             title=f"(b) constant rho = {CONSTANT}")  # fmt: skip
    beale.boundary(axis)
    axis.locator_params(nbins=5)
    axis.legend(loc="upper left")


def _sides(axis: Any, tail: Any) -> None:
    looks = {"normalised": (style.GREEN, ".-", 0.5), "constant": (style.RED, "--", 1.5)}
    for kind, (steps, _, ascended) in tail.items():
        colour, line, width = looks[kind]
        axis.plot(steps, across(ascended), line, color=colour, linewidth=width, markersize=2, label=f"{kind} rho")
    axis.axhline(0, color=style.GREY, linewidth=0.8)
    axis.set(xlabel="step", ylabel="w^p across the boundary", title="(c) the side of w^p, step by step")
    axis.legend(loc="upper right")
