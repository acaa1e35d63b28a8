r"""The paper's notation, as names for displays (`claims.display`): what a claim's statement writes out, these name.

A name is printed as it stands here. Gradients and Hessians at w and at the perturbed weight are symbols along one
direction; where a claim is about several, it takes the matrix symbols.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.symbols import B, Expr, gamma, real

u = real("u")  # an argument
loss = sp.Function(r"\ell")  # of the weight, or of its coordinates
composed = sp.Function(r"\ell(w^{p})")  # the loss at the perturbed weight, as a function of the weight
raised_from = sp.Function("w^{p}")  # the perturbed weight, as a function of the weight
velocity = sp.Function(r"\dot{w}")  # of a flow, at a weight
height = sp.Function("y")  # a coordinate, after a number of steps
floor_slope = sp.Function("F'")  # the derivative of Beale's function along its floor
raised, after, second_after = (real(name) for name in ("w^{p}", "w_{t+1}", "w_{t+2}"))
slope, slope_raised, slope_after = (
    real(rf"\nabla\ell({at})") for at in ("w{}", "w^{p}", "w_{t+1}^{p}")
)  # along one direction
curvature, curvature_raised = real(r"\nabla^{2}\ell(w{})"), real(r"\nabla^{2}\ell(w^{p})")
absolute_hessian = real("[H]^{+}")  # |H|
covariance = sp.Function("C")  # of the mini-batch gradient, at a weight
covariance_here = real("C(w{})")
slope1, slope2 = sp.Function(r"\nabla\ell_{1}"), sp.Function(r"\nabla\ell_{2}")  # of the two samples, for w1
slope_at, error = sp.Function(r"\nabla\ell"), sp.Function(r"\epsilon")  # the gradient, and a mini-batch's error in it
step, mean_step, step_spread = (
    sp.Function(r"\Delta{w}"),
    real(r"\langle\Delta{w}\rangle"),
    real(r"\mathrm{Var}[\Delta{w}]"),
)
density, test_function, flux = sp.Function("P"), sp.Function("f"), sp.Function("J")
diffusion, distribution = sp.Function("D"), sp.Function("F")
shape = real("S")
h11, h12, h22 = (real(f"H_{{{index}}}") for index in ("11", "12", "22"))
moved = real(r"\|w^{p} - w\|^{2}")
slope_squared = real(r"\|\nabla\ell({w})\|^{2}")
sigma2 = sp.Function("sigma^2")  # the variance, at a time
printed_variance = sp.Function(r"\sigma_{(12)}^{2}")
variance, variance_rate = real("sigma^2"), real(r"\frac{d\sigma^{2}}{dt}")  # as numbers
gain = real("g")  # what multiplies the noise of one mini-batch gradient
d_sgd, d_sam = real("Delta_SGD"), real("Delta_SAM")  # mean squared displacements
d_sgd_at, d_sam_at = sp.Function("Delta_SGD"), sp.Function("Delta_SAM")
from_rest, from_stationary = real(r"\Delta_{\text{rest}}"), real(r"\Delta_{\text{stationary}}")
response, kept = (
    sp.Function("G"),
    sp.Function("C"),
)  # of the Langevin equation, to a unit of velocity and of displacement
bound = real(r"\delta{}")  # of an error
lam1, lam2 = real("lambda_1"), real("lambda_2")
c1, c2, c3, c4 = (real(f"C_{k}") for k in range(1, 5))  # the constants of (14)
msd_14 = c1 * (1 - sp.exp(-c2 * (1 - gamma))) ** 2 / ((1 - gamma) ** 3 * B) + c3 * (1 - sp.exp(-c4 / (1 - gamma))) / (
    (1 - gamma) * B
)
lines = tuple(real(f"L_{k}") for k in range(4))  # of a displayed derivation
helper, helper_slope = sp.Function("h"), real(r"h'(\gamma{})")
chi = sp.Function(r"\chi")  # a characteristic polynomial
v_now, v_after, m_after = real("v_{t}"), real("v_{t+1}"), real("m_{t+1}")
near = real("w_{1}'")


def matrix(name: str, rows: int = 2, columns: int = 2) -> Expr:
    """A matrix by its name; its entries are what the display says it is."""
    return sp.MatrixSymbol(name, rows, columns)


def entries(*rows: list[Expr]) -> Expr:
    """A matrix by its entries."""
    return sp.ImmutableMatrix(rows)


hessian, weight = matrix("H"), matrix("w", 2, 1)
gradient_raised = matrix(r"\nabla\ell(w^{p})", 2, 1)
composed_gradient = matrix(r"\nabla[\ell(w^{p})]", 2, 1)
raised_weight = matrix("w^{p}", 2, 1)
