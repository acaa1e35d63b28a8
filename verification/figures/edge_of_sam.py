"""The edge of stability of normalised SAM: where runs on quadratics end, whatever their curvature."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from saddlecheck.numerics import sam_edge
from saddlecheck.numerics.checks import Floats
from saddlecheck.verification.figures import style

RHO, LR, STEPS = 0.1, 0.1, 20_000


@style.styled
def draw(out: Path, quick: bool = False) -> list[Path]:
    """Draw the figure into the folder `out` and return the files written; `quick` for fewer markers."""
    caption = (
        f"Line: the edge of SAM at each norm of the gradient, rho = {RHO:g}, eta = {LR:g}. Markers: the mean |g| and "
        f"the curvature of runs of {STEPS:,} steps on quadratics L w^2/2, chosen without regard to it. Each ends on "
        "the edge: that training sits at the edge says nothing of a change of curvature."
    )
    figure, axis = style.panel()
    norm = np.geomspace(1e-5, 100, 200)
    axis.loglog(norm, sam_edge(gradient=norm, rho=RHO, lr=LR), label="edge of SAM", **style.NORMALISED)
    axis.axhline(2 / LR, label="2/eta, gradient descent", **style.GD)
    top = np.geomspace(0.05, 19.5, 6 if quick else 14)
    found = ran(top)
    axis.plot(found, top, "s", color=style.BLACK, label="runs on quadratics")
    axis.set(xlabel="|g|", ylabel="top eigenvalue L", ylim=(0.03, 40))
    axis.legend(loc="lower right")
    edge = sam_edge(gradient=found, rho=RHO, lr=LR)
    return style.save(
        figure, out / "edge-of-sam", caption=caption, rows=style.tidy({"top": top, "gradient": found, "edge": edge}),
        settings={"noise": "none", "rho": RHO, "learning_rate": LR, "steps": STEPS},
        columns={"top": "curvature", "gradient": "norm at the end of the run", "edge": "edge at that norm"},
        largest_deviation=float(np.max(np.abs(edge / top - 1))),
    )  # fmt: skip


def ran(top: Floats) -> Floats:
    """Mean norm of the gradient over the last two steps of runs from w = 1, one a curvature."""
    w, before, last = np.ones_like(top), top, top
    for _ in range(STEPS):
        w = w - LR * top * (w + RHO * np.sign(w))
        before, last = last, top * np.abs(w)
    return np.asarray((before + last) / 2)
