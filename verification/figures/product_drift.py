"""On l(xy) normalised SAM keeps flattening while SAM with constant radius stops: runs beside the law."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from saddlecheck.numerics import product_model_time
from saddlecheck.numerics.checks import Floats
from saddlecheck.verification.figures import style

RHO, LR, START = 0.02, 0.05, 6.0


@style.styled
def draw(out: Path, quick: bool = False) -> list[Path]:
    """Draw the figure into the folder `out` and return the files written; `quick` for fewer steps."""
    steps = 4_000 if quick else 30_000
    caption = (
        f"l(xy) = (xy)^2/2 from (0.01, {START:g}), eta = {LR:g}, rho = {RHO:g}; the curvature at (0, y) is y^2. Line: "
        "the law of normalised SAM's drift, to leading order in rho. SAM with constant radius jumps to a minimum with "
        "eta y^2 (1 + rho y^2) < 2 and rests there."
    )
    figure, axis = style.panel()
    every = max(1, steps // 30)
    walks = {name: walk(steps, normalised=name == "normalised") for name in ("constant", "normalised")}
    for name, look in (("constant", style.CONSTANT), ("normalised", style.NORMALISED)):
        axis.plot(np.arange(0, steps, every), walks[name][::every], style.MARKERS[name], color=look["color"],
                  label=f"SAM, {name} radius")  # fmt: skip
    settled = walks["normalised"]
    begin = int(np.argmax(settled < 1.5))  # the law is for eta y^2 < 2; the first steps only reach it
    u = np.linspace(settled[begin], settled[-1], 200)
    law = begin + product_model_time(start=u[0], stop=u, rho=RHO, lr=LR)
    axis.plot(law, u, color=style.BLACK, label="the law")
    axis.set(xlabel="steps", ylabel="eta times curvature, eta y^2", ylim=(0, 2.2))
    axis.legend(loc="upper right")
    at = np.arange(begin, steps, every)
    return style.save(
        figure, out / "product-drift", caption=caption,
        rows=style.tidy({"step": np.arange(0, steps, every), **{k: v[::every] for k, v in walks.items()}}),
        settings={"noise": "none", "rho": RHO, "learning_rate": LR, "start": START, "steps": steps},
        columns={"step": "number", "constant": "eta y^2 of SAM, constant radius", "normalised": "the same, normalised"},
        largest_deviation=float(np.max(np.abs(np.interp(at, law, u) / settled[at] - 1))),
    )  # fmt: skip


def walk(steps: int, *, normalised: bool) -> Floats:
    """The value of eta y^2 before each step."""
    x, y, found = 0.01, START, np.empty(steps)
    for i in range(steps):
        found[i] = LR * y * y
        p = x * y
        gx, gy = p * y, p * x
        scale = RHO / np.hypot(gx, gy) if normalised and p else RHO
        xp, yp = x + scale * gx, y + scale * gy
        x, y = x - LR * xp * yp * yp, y - LR * xp * xp * yp
    return found
