"""The paper's figures and those beyond it: what each shows, the claims it illustrates, and how it is drawn.

`FIGURES` is read without matplotlib, numba or torch; a figure's own module is imported when it is drawn.
"""

from __future__ import annotations

import importlib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from saddlecheck._nearest import hint


@dataclass(frozen=True)
class Figure:
    """One figure.

    Attributes:
        id: names its files, its command and its page.
        title: one line.
        shows: what the paper's figure shows and what is beside it here, in our words.
        claims: ids of the ledger.
    """

    id: str
    title: str
    shows: str
    claims: tuple[str, ...]

    def draw(self, out: Path) -> list[Path]:
        """Write picture, caption and data into the folder `out` and return the files; ValueError without its record."""
        drawn: list[Path] = importlib.import_module(self.code).draw(out)
        return drawn

    @property
    def code(self) -> str:
        """The module that draws it, by the name under which it is imported."""
        return f"{__name__}.{self.id.replace('-', '_')}"


_ALL = (
    Figure(
        "fig1", "Beale's function: where descent and SAM end",
        "The paper: from one start, descent finds the minimum while SAM stays at a saddle. That is SAM with a "
        "normalised radius. Beside it the constant radius of the paper's own equations, which leaves the picture from "
        "that start, and what it does near the saddle.",
        ("beale-stuck", "beale-constant-rho", "beale-threshold", "more-attractors-fence"),
    ),
    Figure(
        "fig2", "The three cases near a saddle, computed",
        "The paper draws by hand how the gradient at the perturbed weight may point into another basin. Here every "
        "basin, manifold, arrow and step is computed, and the last panel has a constant radius: it crosses only "
        "beyond 1/mu, and then without any oscillation.",
        ("basin-boundary", "lambda-lemma", "case-1-2", "case-3-crossing", "case-3-oscillation", "case-3-one-sided",
         "case-3-normalised"),
    ),
    Figure(
        "fig3", "Beale's function: the perturbed weight once SAM is held",
        "The paper: late in the run the perturbed weight keeps crossing the basin boundary. So it does for a "
        "normalised radius. With a constant one it stays on the far side and runs into the saddle.",
        ("beale-cosine", "beale-cosine-normalised", "beale-cosine-constant", "case-3-crossing", "case-3-one-sided"),
    ),
    Figure(
        "fig4", "Beale's function: the cosine between the two gradients",
        "The paper: the cosine swings over its whole range to the end. So it does for a normalised radius, changing "
        "its sign on a few per cent of the steps. With a constant radius it settles.",
        ("beale-cosine", "beale-cosine-normalised", "beale-cosine-constant", "case-3-cosine-settles"),
    ),
    Figure(
        "fig5", "x^2 - y^2: an escape, a trap, and the threshold between them",
        "The paper: descent leaves the saddle, SAM with radius 1 is attracted. Beside it the radius at which one "
        "turns into the other, by bisection on trajectories, and the 2-cycle of a normalised radius.",
        ("fig5-spectrum", "fig5-gd", "fig5-sam", "fig5-threshold", "fig5-normalised"),
    ),
    Figure(
        "fig6", "Beale's function: lambda + rho lambda^2 at both eigenvalues",
        "The paper: near (0, 1) both values are positive; it names no radius and one saddle. Here the radius is "
        "stated, both saddles are marked, and the radius from which each of them traps is found.",
        (
            "fig6", "fig6-threshold", "fig6-near", "beale-single-saddle", "beale-second-saddle",
            "beale-second-threshold",
        ),
    ),
    Figure(
        "fig7", "Toy neuron: landscape, end points, mean loss",
        "The paper: over 1,000 seeds SAM ends on the line of saddles, SGD at the minima, and the mean loss grows with "
        "the radius. Here with both kinds of radius and intervals.",
        ("toy-minima", "toy-saddles", "fig7b", "fig7c"),
    ),
    Figure(
        "fig8", "CIFAR: batch size and momentum",
        "The paper: SAM trains worse with larger batches and better with more momentum. Here from the records of our "
        "own runs, with their scale, beside what the paper's text says.",
        ("fig8", "fig8-trapped"),
    ),
    Figure(
        "fig9", "CIFAR: training curves with and without momentum",
        "The paper: momentum helps SAM far more than SGD. Here from the records, with the contrast declared before "
        "the runs and at equal effective learning rate too.",
        ("fig9", "equal-rate"),
    ),
    Figure(
        "table1", "Test accuracy against radius and momentum",
        "The paper: more momentum matters more for larger radii. Its numbers beside those of our own runs.",
        ("table1", "table1-gaps", "table1-gaps-rounded"),
    ),
    Figure(
        "variance-laws", "The variance near a critical point: four algorithms, and the printed law",
        "Not in the paper: its Theorem 2 and equation (13) against the real algorithms, the exact recursion and the "
        "laws that are right, on both sides of the threshold.",
        ("thm2", "thm2-exact-ascent", "thm2-same-batch", "thm2-independent", "theorems-contradict", "cor1-inequality",
         "cor1-eq13", "discrete-laws"),
    ),
    Figure(
        "momentum-msd", "Equation (14) against the exact moment",
        "Not in the paper: its mean squared displacement with momentum over the exact one, for all momenta and times, "
        "towards a minimum and at a saddle.",
        ("eq14-msd", "eq14-msd-regime", "eq14-msd-saddle", "eq14-constants", "heavy-ball-msd", "langevin-rest"),
    ),
    Figure(
        "stability-map", "Which radius and step trap at a saddle",
        "Not in the paper: regions of radius and learning rate where a saddle attracts, with and without momentum, "
        "and for a normalised radius, with a run of the algorithm at each marker.",
        ("thm1-strict", "linear-sam-saddle", "linear-sam-window", "heavy-ball-edge", "momentum-threshold", "mild",
         "normalised-saddle-traps"),
    ),
    Figure(
        "branch-test", "Is SAM held at a saddle, or slow? The branch test",
        "Not in the paper: from where a run of SAM makes no progress it goes on in six ways; a trap predicts that only "
        "leaving the neighbourhood helps, slowness that a larger step does. Two controls are held at a saddle.",
        ("fig8-trapped", "equal-rate"),
    ),
    Figure(
        "exit-times", "How long it takes to leave a saddle",
        "Not in the paper: the mean first-exit time against the radius, closed form and simulation, for the three "
        "ways to draw the mini-batches.",
        ("exit-time", "exit-time-trapped", "exit-time-repelled", "exit-time-neutral", "same-batch-freezes"),
    ),
    Figure(
        "two-cycle-width", "The 2-cycle of normalised SAM about a minimum",
        "Not in the paper. Attributed to Bartlett, Long and Bousquet: normalised SAM ends on a 2-cycle about a "
        "minimum. Its half-width with and without momentum, and runs of the algorithm.",
        ("two-cycle", "two-cycle-momentum"),
    ),
    Figure(
        "edge-of-sam", "Every quadratic's 2-cycle stands at the edge of SAM",
        "Not in the paper. That training sits at this edge is offered as evidence that curvature adapts. Runs on "
        "quadratics, whose curvature cannot change, end on it as well.",
        ("sam-edge", "edge-as-evidence"),
    ),
    Figure(
        "valley-drift", "The drift along a valley at steps that are not small",
        "Not in the paper. Wen, Ma and Li print half the step size as the drift's coefficient. It is the limit of "
        "small steps; the exact coefficient beside the algorithm.",
        ("two-cycle-drift", "two-cycle-drift-finite", "two-cycle-drift-exact"),
    ),
    Figure(
        "product-drift", "On l(xy) one radius keeps flattening, the other stops",
        "Not in the paper. Attributed to Dai, Ahn and Sra: the normalised radius drifts on, the constant one stops."
        " The law of the drift and the two algorithms.",
        ("dai-product", "dai-product-time", "dai-product-usam"),
    ),
    Figure(
        "capture-window", "Which saddles trap normalised SAM",
        "Not in the paper. Around the stiff direction normalised SAM circles; across it a negative curvature "
        "attracts within a window that does not depend on the radius. With and without momentum, a run at each "
        "marker.",
        ("two-cycle-capture", "normalised-saddle-traps", "mild"),
    ),
    Figure(
        "stationary-loss", "The stationary loss: the SDE and the algorithm",
        "Not in the paper. Attributed to Compagnoni and others: the loss at which mini-batch SAM settles, by an "
        "SDE. Beside it the algorithm's own, which is larger and has an edge.",
        ("usam-loss", "usam-loss-same", "usam-loss-algorithm"),
    ),
    Figure(
        "noisy-saddle", "With noise a radius decides again whether a saddle is left",
        "Not in the paper. Without noise a normalised radius traps at every saddle in one dimension. With mini-"
        "batch noise it does so on average from a radius on.",
        ("sam-drift", "sam-drift-curvature", "sam-drift-threshold"),
    ),
    Figure(
        "dnsam-law", "DNSAM's stationary law, in the SDE and in the algorithm",
        "Not in the paper. The SDE's density vanishes at the minimum. The algorithm divides by the norm of the full"
        " gradient, jumps far away from near the minimum, and has heavier tails.",
        ("dnsam-drift-density", "dnsam-drift-mode", "dnsam-drift-algorithm"),
    ),
    Figure(
        "micro-batches", "Smaller micro-batches let a saddle trap sooner",
        "Not in the paper. Where mini-batches differ in curvature, smaller ones lower the threshold: the opposite "
        "of what small batches are said to do.",
        ("msam-drift-threshold", "random-curvature", "batch-contradiction"),
    ),
    Figure(
        "sam-every", "SAM on every k-th step",
        "Not in the paper. The threshold grows nearly in proportion to the number of steps that share one ascent.",
        ("looksam-every", "looksam-bernoulli"),
    ),
)  # fmt: skip

FIGURES: dict[str, Figure] = {figure.id: figure for figure in _ALL}


def known(ids: Collection[str]) -> list[str]:
    """The ids of figures, "all" standing for each of them; a ValueError with the nearest ids for an unknown one."""
    if "all" in ids:
        return list(FIGURES)
    for i in ids:
        if i not in FIGURES:
            near = hint(i, FIGURES, f"there are {', '.join(FIGURES)}, and all.")
            raise ValueError(f"no figure is called {i!r}: {near}")
    return list(dict.fromkeys(ids))
