"""Figure 2: the three cases near a saddle between two minima, computed on Himmelblau's function instead of drawn."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from saddlecheck.numerics.algorithm import Algorithm
from saddlecheck.numerics.basins import basins, destinations
from saddlecheck.numerics.checks import Floats
from saddlecheck.numerics.flow import flow
from saddlecheck.numerics.gradient import gradient_at, hessian_at, tile_gradient
from saddlecheck.numerics.maps import cosines, path
from saddlecheck.theory.critical.landscapes import HIMMELBLAU
from saddlecheck.theory.critical.loss import Loss
from saddlecheck.verification.figures import style

RHO, ETA = 0.4, 0.001  # normalised
CASES = {"I": (1.1, 0.5), "II": (0.12, 1.1)}  # along the unstable and the stable eigenvector, from the saddle
START = (0.1, 0.05)
GUESSES = ((3.0, 2.0), (-2.8, 3.1), (-3.8, -3.3), (3.6, -1.8), (0.1, 2.9), (-3.1, -0.1), (-0.1, -2.0), (3.4, 0.1))
SHADES = (style.SHADES[0], style.SHADES[1], style.SHADES[2], "#D9C9C0")


@dataclass(frozen=True, eq=False)
class Scene:
    """The critical points: minima (4, 2), saddles (4, 2), and the one between the first two minima with its axes."""

    minima: Floats
    saddles: Floats
    mu: float
    axes: Floats

    @property
    def d(self) -> Floats:
        """The saddle looked at."""
        return np.asarray(self.saddles[0])

    def at(self, across: float, along: float) -> Floats:
        """The point at these distances along the unstable and the stable eigenvector of d."""
        return np.asarray(self.d + across * self.axes[:, 0] + along * self.axes[:, 1])

    def across(self, points: Floats) -> Floats:
        """Distance along the unstable eigenvector; its sign is the side."""
        return np.asarray((points - self.d) @ self.axes[:, 0])

    def basin(self, points: Floats) -> Any:
        """Index of the minimum that gradient flow from each point reaches."""
        return destinations(HIMMELBLAU, np.atleast_2d(points), self.minima).labels


@style.styled
def draw(out: Path, quick: bool = False) -> list[Path]:
    """Draw the figure into the folder `out` and return the files written; `quick` for coarse grids."""
    size = 40 if quick else 240
    scene = _scene()
    algorithm = Algorithm("exact_ascent", ETA, rho=RHO, normalised=True)
    walk = path(HIMMELBLAU, algorithm, scene.at(*START), steps=40)
    steady = {
        share: path(HIMMELBLAU, Algorithm("exact_ascent", ETA, rho=share / scene.mu), scene.at(*START), steps=40)
        for share in (0.5, 2.0)
    }
    case = classify(scene, walk)
    figure, grid = style.canvas(3, 3, 7.2)
    axes, _ = grid.flat[:8], grid.flat[8].axis("off")
    region = basins(HIMMELBLAU, scene.minima, box=(-6.0, 6.0), shape=(size, size))
    _basins(axes[0], scene, region)
    _unstable(axes[1], scene)
    shown = _cases(axes[2], scene)
    cross = _crossing(axes[3], scene, size // 2)
    _steps(axes[4], scene, walk, case, "III (i)", "(e) Case III (i), computed")
    _steps(axes[5], scene, walk, case, "III (ii)", "(f) Case III (ii), computed")
    _sides(axes[6], scene, {"normalised": walk}, "(g) side of w and w^p, normalised rho")
    _sides(axes[7], scene, {f"{s:g}/mu": w for s, w in steady.items()}, "(h) the same, constant rho")
    count = {name: case.count(name) for name in ("III (i)", "III (ii)")}
    strong = scene.across(steady[2.0].weights)
    caption = (
        f"Himmelblau's function near its saddle ({scene.d[0]:.4f}, {scene.d[1]:.4f}), where mu = {scene.mu:.2f}; "
        f"learning rate {ETA:g}. (a) Basins and stable manifolds of all saddles. (b) Unstable manifold (heavy) and "
        "flows that start on a line across the stable one. (c) -grad l(w) (solid, from w) and -grad l(w^p) (dashed, "
        f"from w^p), normalised rho = {RHO}: cosine {shown['I']:.3f} in Case I, {shown['II']:.3f} in Case II. (d) "
        f"Hatched: w^p lies in another basin, {cross:.0%} of the square. (e), (f) Steps 0 to {len(case)} from one "
        f"start: {count['III (i)']} are Case III (i), {count['III (ii)']} (ii), the rest I or II. (g) w^p (dots) "
        "alternates as w does. (h) Constant rho: w^p crosses above 1/mu only, and there w stays on its side (changes "
        f"of side: {int(np.sum(np.sign(strong[1:]) != np.sign(strong[:-1])))})."
    )
    rows = style.tidy(
        *(
            {"curve": name, "step": w.steps, "x": w.weights[:, 0], "y": w.weights[:, 1], "ascended_x": w.ascended[:, 0],
             "ascended_y": w.ascended[:, 1], "across": scene.across(w.weights),
             "ascended_across": scene.across(w.ascended), "cosine": w.cosine}
            for name, w in (("normalised", walk), *((f"constant {s:g}/mu", w) for s, w in steady.items()))
        )
    )  # fmt: skip
    return style.save(
        figure, out / "fig2", caption=caption, rows=rows,
        settings={"loss": str(HIMMELBLAU.expr), "learning_rate": ETA, "normalised_rho": RHO,
                  "constant_rho": [s / scene.mu for s in steady], "start": scene.at(*START), "grid": size,
                  "noise": "none"},
        columns={
            "curve": "kind of radius", "step": "step", "x": "w, first", "y": "w, second", "ascended_x": "w^p, first",
            "ascended_y": "w^p, second", "across": "distance of w from the saddle along its unstable eigenvector",
            "ascended_across": "the same of w^p", "cosine": "cos(grad l(w), grad l(w^p))",
            "region_x": "grid, shape (n,)", "region_y": "grid, shape (n,)",
            "region": "index of the minimum reached by gradient flow, shape (n, n), rows are y",
        },
        arrays={"region_x": region.x, "region_y": region.y, "region": region.labels.astype(np.int8)},
        cases=case, cosine=shown,
    )  # fmt: skip


def classify(scene: Scene, walk: Any) -> list[str]:
    """The paper's case of each step: by the basins of w, w^p and the next w."""
    here, ascended = scene.basin(walk.weights), scene.basin(walk.ascended)
    names = []
    for k in range(len(here) - 1):
        if here[k] == ascended[k]:
            names.append("I or II")
        else:
            names.append("III (i)" if here[k + 1] == here[k] else "III (ii)")
    return names


def _scene() -> Scene:
    points = []
    for guess in GUESSES:
        w = np.array(guess)
        for _ in range(20):
            w = w - np.linalg.solve(hessian_at(HIMMELBLAU)(w), gradient_at(HIMMELBLAU)(w))
        points.append(w)
    lam, vectors = np.linalg.eigh(hessian_at(HIMMELBLAU)(points[4]))
    towards_first = np.sign(vectors[:, 0] @ (points[0] - points[4]))
    return Scene(np.array(points[:4]), np.array(points[4:]), -float(lam[0]), vectors * [towards_first, 1.0])


def branches(point: Floats, *, stable: bool) -> list[Floats]:
    """Both branches of a saddle's stable or unstable manifold; the stable one by the flow of -l, which runs it back."""
    loss = Loss(-HIMMELBLAU.expr) if stable else HIMMELBLAU
    vectors = np.linalg.eigh(hessian_at(HIMMELBLAU)(point))[1]
    direction = vectors[:, 1 if stable else 0]
    return [flow(loss, point + s * 1e-4 * direction, time=1.0, box=8.0, rtol=1e-8).weights for s in (1.0, -1.0)]


def _background(axis: Any, scene: Scene, half: float) -> None:
    """The square of half-width `half` about d, with its basin boundary."""
    for branch in branches(scene.d, stable=True):
        axis.plot(*branch.T, color=style.GREY, linewidth=1.0, zorder=1)
    axis.plot(*scene.d, "o", color="white", markeredgecolor="black", markersize=4.5, zorder=5)
    axis.set(xlabel="x", ylabel="y", aspect="equal", anchor="N",
             xlim=(scene.d[0] - half, scene.d[0] + half), ylim=(scene.d[1] - half, scene.d[1] + half))  # fmt: skip
    axis.locator_params(nbins=5)


def _basins(axis: Any, scene: Scene, region: Any) -> None:
    from matplotlib.colors import ListedColormap

    axis.pcolormesh(region.x, region.y, region.labels, cmap=ListedColormap(SHADES), rasterized=True, zorder=0)
    for saddle in scene.saddles:
        for branch in branches(saddle, stable=True):
            axis.plot(*branch.T, color=style.GREY, linewidth=1.0)
    axis.plot(*scene.minima.T, "*", color=style.YELLOW, markeredgecolor="black", markersize=8, linestyle="none")
    axis.plot(*scene.saddles.T, "o", color="white", markeredgecolor="black", markersize=4, linestyle="none")
    for name, w in zip(("s1", "s2"), scene.minima, strict=False):
        axis.annotate(name, w, (5, 5), textcoords="offset points")
    axis.annotate("d", scene.d, (5, 5), textcoords="offset points")
    axis.set(xlim=(-6, 6), ylim=(-6, 6), xlabel="x", ylabel="y", aspect="equal", anchor="N",
             title="(a) basins, stable manifolds")  # fmt: skip


def _unstable(axis: Any, scene: Scene) -> None:
    for branch in branches(scene.d, stable=False):
        axis.plot(*branch.T, color=style.ORANGE, linewidth=2.2, zorder=2)
    for offset in (-0.3, -0.1, -0.03, 0.03, 0.1, 0.3):
        line = flow(HIMMELBLAU, scene.at(offset, 1.2), time=1.0).weights
        axis.plot(*line.T, color=style.BLUE, linewidth=0.9, zorder=3)
    ends = np.array([scene.at(-0.5, 1.2), scene.at(0.5, 1.2)])
    axis.plot(*ends.T, color=style.BLACK, linewidth=1.0, linestyle="--", label="line across W^s")
    axis.plot(*scene.minima[:2].T, "*", color=style.YELLOW, markeredgecolor="black", markersize=8, linestyle="none")
    _background(axis, scene, 3.4)
    axis.set_title("(b) unstable manifold, Lemma 1")
    axis.legend(loc="lower right")


def _arrow(axis: Any, at: Floats, direction: Floats, colour: str, line: str) -> None:
    axis.annotate(
        "", at + 0.45 * direction / float(np.linalg.norm(direction)), at, zorder=6,
        arrowprops={"arrowstyle": "-|>", "color": colour, "linestyle": line, "linewidth": 1.3, "shrinkA": 0},
    )  # fmt: skip


def _cases(axis: Any, scene: Scene) -> dict[str, float]:
    """Draws both gradients at a point of Case I and of Case II; returns their cosines."""
    found = {}
    gradient = gradient_at(HIMMELBLAU)
    for name, place in CASES.items():
        w = scene.at(*place)
        g = gradient(w)
        ascended = w + RHO * g / float(np.linalg.norm(g))
        found[name] = float(cosines(g[None], gradient(ascended)[None])[0])
        axis.plot(*w, "o", color=style.BLACK, zorder=7)
        axis.plot(*ascended, "^", color=style.GREEN, zorder=7)
        _arrow(axis, w, -g, style.BLACK, "-")
        _arrow(axis, ascended, -gradient(ascended), style.GREEN, "--")
        axis.annotate(f"Case {name}", w, (6, 1), textcoords="offset points")
    axis.plot([], [], "o", color=style.BLACK, label="w")
    axis.plot([], [], "^", color=style.GREEN, label="w^p")
    _background(axis, scene, 1.9)
    axis.set_title("(c) Cases I and II, computed")
    axis.legend(loc="lower left")
    return found


def _crossing(axis: Any, scene: Scene, size: int) -> float:
    """Hatches where w^p (normalised rho) lies in another basin than w; returns the share of the square."""
    side = np.linspace(-0.8, 0.8, size)
    points = np.stack(np.meshgrid(scene.d[0] + side, scene.d[1] + side), -1).reshape(-1, 2)
    g = np.empty((2, len(points)))
    tile_gradient(HIMMELBLAU.expr, tuple(HIMMELBLAU.variables))(np.ascontiguousarray(points.T), g)
    ascended = points + RHO * (g / np.linalg.norm(g, axis=0)).T
    crossed = (scene.basin(points) != scene.basin(ascended)).astype(float).reshape(size, size)
    x, y = scene.d[0] + side, scene.d[1] + side
    axis.contourf(x, y, crossed, levels=[0.5, 1.5], colors=style.SKY, alpha=0.5, hatches=["///"])
    _background(axis, scene, 0.8)
    axis.set_title(f"(d) w^p in another basin, rho = {RHO}")
    return float(crossed.mean())


def _steps(axis: Any, scene: Scene, walk: Any, case: list[str], wanted: str, title: str) -> None:
    """The first three steps of one sub-case: w, its w^p, and where w goes next."""
    chosen = [k for k, name in enumerate(case) if name == wanted][:3]
    for k in chosen:
        w, ascended, after = walk.weights[k], walk.ascended[k], walk.weights[k + 1]
        axis.plot(*np.array([w, ascended]).T, color=style.GREEN, linestyle=":", linewidth=1.0, zorder=3)
        axis.plot(*ascended, "^", color=style.GREEN, zorder=4)
        axis.plot(*w, "o", color=style.BLACK, zorder=5)
        axis.annotate("", after, w, arrowprops={"arrowstyle": "-|>", "color": style.RED, "shrinkA": 0, "shrinkB": 0},
                      zorder=6)  # fmt: skip
    axis.plot([], [], "o", color=style.BLACK, label="w")
    axis.plot([], [], "^", color=style.GREEN, label="w^p")
    axis.plot([], [], "-", color=style.RED, label="next step")
    _background(axis, scene, 0.5)
    axis.set_title(title)
    axis.legend(loc="lower left")


def _sides(axis: Any, scene: Scene, walks: dict[str, Any], title: str) -> None:
    looks = ((style.GREEN, "^", "-."), (style.RED, "s", "--")) if len(walks) == 1 else (
        (style.BLUE, "o", "-"), (style.RED, "^", "--"))  # fmt: skip
    for (name, walk), (colour, marker, line) in zip(walks.items(), looks, strict=False):
        axis.plot(walk.steps, scene.across(walk.weights), line, color=colour, label=f"w, {name}")
        axis.plot(walk.steps, scene.across(walk.ascended), marker, color=colour, markersize=3, label=f"w^p, {name}")
    axis.axhline(0, color=style.GREY, linewidth=0.8)
    axis.set(xlabel="step", ylabel="across the boundary", title=title)
    low, high = axis.get_ylim()
    axis.set_ylim(low, high + 0.3 * (high - low))  # room for the legend
    axis.legend(loc="upper left", ncols=2)
