"""Figure 7: the toy neuron's landscape, where 1,000 seeds end, and their mean loss against rho; from the record."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from saddlecheck.verification.figures import style, training_runs
from saddlecheck.verification.figures.style import BLUE, GREEN, GREY, RED

STYLES = {
    "sgd": ("SGD", {"color": BLUE, "marker": "o"}),
    "sam": ("SAM, constant rho", {"color": RED, "marker": "^"}),
    "sam_normalised": ("SAM, normalised rho", {"color": GREEN, "marker": "s"}),
}
CAPTION = (
    "Figure 7. (a) Expected loss of the toy neuron, its minima and its critical line. (b) Where 1,000 seeds end after "
    "{steps:,} steps at learning rate {eta:g}, one sample a step, rho = 0.1. (c) Mean loss of the end points with 95 % "
    "intervals. (d) The share of seeds that end at a minimum and near the line w1 = 0, against the learning rate, at "
    "rho = 0.1, with Wilson's 95 % intervals: from 0.05 on SGD itself no longer reaches the minima. The paper names "
    "neither learning rate nor steps; the record beside this holds the sweep over radii, batch sizes and momenta too."
)


@style.styled
def draw(out: Path) -> list[Path]:
    """Draw the figure into the folder `out` and return the files written; ValueError without its record."""
    record = training_runs.toy_record()
    figure, axes = style.canvas(2, 2, 5.8)
    axes = axes.ravel()
    _landscape(figure, axes[0])
    _ends(axes[1], record)
    _losses(axes[2], record)
    _sweep(axes[3], record)
    caption = CAPTION.format(**record.config["figure"])
    ends = record.result["ends"]
    rows = style.tidy(*({"rule": rule, "w1": ends[rule]["w1"], "w2": ends[rule]["w2"]} for rule in STYLES))
    columns = {"rule": "optimiser, at rho = 0.1", "w1": "first weight at the end", "w2": "second weight at the end"}
    return style.save(
        figure, out / "fig7", caption=caption, settings=record.config, rows=rows, columns=columns,
        runs=record.result["runs"],
    )  # fmt: skip


def _landscape(figure: Any, axis: Any) -> None:
    """Panel (a): l = 9/4 + (w2 w1^2 - 1/2)^2 with its minima and the two parts of its critical line."""
    w1, w2 = np.meshgrid(np.linspace(-2, 2, 301), np.linspace(-1, 2.5, 301))
    loss = np.minimum(2.25 + (w2 * w1**2 - 0.5) ** 2, 6.0)
    shades = axis.contourf(w1, w2, loss, levels=np.linspace(2.25, 6.0, 26), cmap=style.SEQUENTIAL)
    figure.colorbar(shades, ax=axis, label="expected loss (cut at 6)", ticks=[2.25, 3, 4, 5, 6])
    x = np.linspace(0.45, 2, 100)
    for sign in (-1, 1):
        axis.plot(sign * x, 0.5 / x**2, color="white", linewidth=2, label="minima, 2.25" if sign == 1 else None)
    axis.plot([0, 0], [0, 2.5], color=RED, linewidth=2, label="saddles, 2.5")
    axis.plot([0, 0], [-1, 0], color=RED, linewidth=2, linestyle=":", label="local minima, 2.5 (w2 < 0)")
    axis.set(xlabel="w1", ylabel="w2", title="(a) loss landscape", xlim=(-2, 2), ylim=(-1, 2.5))
    axis.legend(loc="lower right", facecolor="#222222", labelcolor="white")


def _ends(axis: Any, record: Any) -> None:
    """Panel (b): end points of the seeds, and the share of each rule that ends near the line, as panel (d) has it."""
    ends, eta = record.result["ends"], record.config["figure"]["eta"]
    share = {
        r["rule"]: r["fractions"]["saddle line"][0]
        for r in record.result["runs"]
        if (r["eta"], r["batch"], r["gamma"]) == (eta, 1, 0.0) and r["rho"] == (0.0 if r["rule"] == "sgd" else 0.1)
    }
    for rule, (name, look) in STYLES.items():
        w1, w2 = np.array(ends[rule]["w1"]), np.array(ends[rule]["w2"])
        axis.scatter(w1, w2, s=5, alpha=0.5, linewidths=0, label=f"{name}: {share[rule]:.1%}", **look)
    x = np.linspace(0.45, 1.6, 100)
    for sign in (-1, 1):
        axis.plot(sign * x, 0.5 / x**2, color="black", linewidth=0.8)
    axis.set(
        xlabel="w1",
        ylabel="w2",
        title="(b) end points; share near the line w1 = 0",
        xlim=(-1.6, 1.6),
        ylim=(-0.1, 2.4),
    )
    axis.legend(loc="upper center")


def _losses(axis: Any, record: Any) -> None:
    """Panel (c): mean loss with its 95 % interval against rho; rho = 0 is SGD."""
    eta, runs = record.config["figure"]["eta"], record.result["runs"]
    chosen = [r for r in runs if (r["eta"], r["batch"], r["gamma"]) == (eta, 1, 0.0) and r["mean_loss"]]
    start = next(r["mean_loss"] for r in chosen if r["rule"] == "sgd")
    for rule in ("sam", "sam_normalised"):
        name, look = STYLES[rule]
        points = sorted((r["rho"], *r["mean_loss"]) for r in chosen if r["rule"] == rule)
        rho, mean, low, high = np.array([(0.0, *start), *points]).T
        axis.errorbar(rho, mean, [mean - low, high - mean], capsize=2, label=name, **look)
    for level, text in ((2.25, "minima"), (2.5, "saddle line")):
        axis.axhline(level, color=GREY, linewidth=0.8, linestyle=":")
        above = level < 2.4
        axis.annotate(
            text, (0.5, level), (0, 3 if above else -4), textcoords="offset points",
            ha="right", va="bottom" if above else "top", color=GREY,
        )  # fmt: skip
    axis.set(xlabel="rho (0: SGD)", ylabel="mean loss of end points", title=f"(c) mean loss, learning rate {eta:g}")
    axis.legend(loc="center right")


def _sweep(axis: Any, record: Any) -> None:
    """Panel (d): shares of the seeds at a minimum (solid) and near the line (dashed) against the learning rate."""
    runs = [r for r in record.result["runs"] if (r["batch"], r["gamma"]) == (1, 0.0) and r["rho"] in (0.0, 0.1)]
    for rule, (_, look) in STYLES.items():
        for state, line, filled in (("minimum", "-", True), ("saddle line", "--", False)):
            points = sorted((r["eta"], *r["fractions"][state]) for r in runs if r["rule"] == rule)
            eta, share, low, high = np.array(points).T
            face = look["color"] if filled else "white"
            bars = [np.maximum(share - low, 0.0), np.maximum(high - share, 0.0)]
            axis.errorbar(eta, share, bars, linestyle=line, capsize=2, markerfacecolor=face, **look)
    axis.set_xscale("log")
    axis.plot([], [], color=GREY, linestyle="-", label="at a minimum")
    axis.plot([], [], color=GREY, linestyle="--", label="near the line w1 = 0")
    axis.set(
        xlabel="learning rate",
        ylabel="share of the seeds",
        title="(d) over learning rates, rho = 0.1",
        ylim=(-0.03, 1.03),
    )
    axis.legend(loc="lower left", bbox_to_anchor=(0.0, 0.1))
