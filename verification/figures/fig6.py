"""Figure 6: lambda + rho lambda^2 for both eigenvalues on Beale's function, and from which rho both saddles trap."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from saddlecheck.numerics.gradient import hessian_at, tile_function
from saddlecheck.theory.critical.landscapes import BEALE
from saddlecheck.verification.figures import beale, style

RHO = 0.5  # the radius of the authors' published code; the paper names none


@style.styled
def draw(out: Path, quick: bool = False) -> list[Path]:
    """Draw the figure into the folder `out` and return the files written; `quick` for a coarse grid."""
    size = 61 if quick else 401
    x, y, lam = eigenvalues(size)
    thresholds = {p: -1 / saddle_spectrum(p)[0] for p in (beale.SADDLE, beale.second_saddle())}
    first, second = thresholds.values()
    figure, axes = style.canvas(2, 2, 5.6)
    for axis, values, name in zip(axes[0], lam, ("smaller", "larger"), strict=True):
        _map(figure, axis, x, y, values)
        axis.set_title(f"({'ab'[name == 'larger']}) as in the paper: {name} eigenvalue, rho = {RHO}")
    _needed(figure, axes[1, 0], x, y, lam[0], (RHO, first))
    table = _curves(axes[1, 1])
    a, b = (beale.SADDLE, beale.second_saddle())
    caption = (
        f"Beale's function. (a), (b) lambda + rho lambda^2 at rho = {RHO}; hatched: negative (never below -1/(4 rho) "
        f"= {-1 / (4 * RHO):g}). Both are positive at the saddle {a}, whose smaller eigenvalue is "
        f"{saddle_spectrum(a)[0]:.4f}; at the second saddle ({b[0]:.4f}, {b[1]:.4f}), with "
        f"{saddle_spectrum(b)[0]:.4f}, the smaller one's is negative. (c) The rho beyond which both are positive, "
        "point by point (none where the Hessian is positive definite): it grows without bound next to the line of "
        f"zero curvature. (d) The smaller of the two at each saddle against rho: positive beyond {first:.4f} = 4/111 "
        f"and beyond {second:.4f}. The sign bears on stability at critical points only: elsewhere the gradient does "
        "not vanish."
    )
    return style.save(
        figure, out / "fig6", caption=caption, rows=table,
        settings={"loss": str(BEALE.expr), "rho": RHO, "grid": size, "box": beale.BOX},
        columns={
            "saddle": "which saddle", "rho": "constant rho, weight per gradient",
            "smaller": "smaller of lambda + rho lambda^2 over both eigenvalues", "x": "x of the grid, shape (n,)",
            "y": "y of the grid, shape (n,)",
            "eigenvalues": "of the Hessian, smaller first, shape (2, n, n), rows are y",
        },
        arrays={"x": x, "y": y, "eigenvalues": lam}, thresholds={str(p): r for p, r in thresholds.items()},
    )  # fmt: skip


def eigenvalues(size: int) -> tuple[Any, Any, Any]:
    """Grid (x, y) over the paper's box and both eigenvalues of the Hessian, smaller first, shape (2, size, size)."""
    x = np.linspace(*beale.BOX, size)
    points = np.ascontiguousarray(np.stack([m.ravel() for m in np.meshgrid(x, x)]))
    H = np.empty((4, points.shape[1]))
    tile_function(tuple(BEALE.hessian), tuple(BEALE.variables))(points, H)
    half, spread = (H[0] + H[3]) / 2, np.hypot((H[0] - H[3]) / 2, H[1])
    return x, x, np.stack([half - spread, half + spread]).reshape(2, size, size)


def saddle_spectrum(point: tuple[float, float]) -> Any:
    """Eigenvalues of the Hessian at a point, smaller first."""
    return np.linalg.eigvalsh(hessian_at(BEALE)(np.array(point)))


def _map(figure: Any, axis: Any, x: Any, y: Any, lam: Any) -> None:
    """Lambda + rho lambda^2, positive values as shades, negative ones (-1/rho < lambda < 0) hatched."""
    from matplotlib.colors import LogNorm

    values = lam + RHO * lam**2
    shown = np.where(values > 0, values, np.nan)
    image = axis.pcolormesh(x, y, shown, cmap=style.SEQUENTIAL, norm=LogNorm(0.1, 1e8), rasterized=True)
    if values.min() < 0:
        axis.contourf(x, y, lam, levels=[-1 / RHO, 0], colors=style.ORANGE, hatches=["////"])
        axis.contour(x, y, lam, levels=[-1 / RHO, 0], colors="white", linewidths=0.8, linestyles="solid")
    figure.colorbar(image, ax=axis, label="lambda + rho lambda^2", extend="min")
    _labels(axis)


def _needed(figure: Any, axis: Any, x: Any, y: Any, lam: Any, levels: tuple[float, float]) -> None:
    """The rho beyond which the smaller eigenvalue's value is positive, -1/lambda; none is needed where lambda > 0."""
    from matplotlib.colors import LogNorm

    need = np.where(lam < 0, -1 / np.where(lam < 0, lam, -1.0), np.nan)
    image = axis.pcolormesh(x, y, need, cmap=style.SEQUENTIAL, norm=LogNorm(1e-4, 1e2), rasterized=True)
    lines = sorted(levels, reverse=True)
    axis.contour(x, y, lam, levels=[-1 / r for r in sorted(levels)], colors=["white", "black"], linestyles="solid")
    figure.colorbar(image, ax=axis, label="rho needed (blank: none)", extend="both")
    axis.set_title(f"(c) rho needed; lines: {lines[1]:.3f} (white), {lines[0]:g} (black)")
    _labels(axis)


def _labels(axis: Any) -> None:
    beale.mark(axis)
    axis.set(xlabel="x", ylabel="y", xlim=beale.BOX, ylim=beale.BOX, aspect="equal")


def _curves(axis: Any) -> dict[str, list[Any]]:
    rho = np.geomspace(1e-3, 10, 200)
    blocks = []
    for point, colour, line in ((beale.SADDLE, style.RED, "--"), (beale.second_saddle(), style.BLUE, "-")):
        lam = saddle_spectrum(point)
        smaller = np.min(lam[:, None] + rho * lam[:, None] ** 2, axis=0)
        name = f"({point[0]:.4g}, {point[1]:.5g})"
        axis.plot(rho, smaller, color=colour, linestyle=line, label=f"saddle {name}")
        axis.axvline(-1 / lam[0], color=colour, linewidth=0.8, linestyle=line)
        axis.annotate(f"{-1 / lam[0]:.4f} ", (-1 / lam[0], 15), color=colour, fontsize=7, ha="right")
        blocks.append({"saddle": name, "rho": rho, "smaller": smaller})
    axis.axhline(0, color="black", linewidth=0.8)
    axis.set(xscale="log", ylim=(-30, 30), xlabel="constant rho", ylabel="smaller lambda + rho lambda^2",
             title="(d) at the two saddles")  # fmt: skip
    axis.legend(loc="lower right")
    return style.tidy(*blocks)
