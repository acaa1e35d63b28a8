r"""Section 4.3: the Fokker-Planck equation (20) and its Gaussian solution (22).

Key results: (20) is right in Itô's reading; (22) has two slips (eq22-gaussian). The displayed reduction
is in `reduction`.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import Claim, Place, Twin
from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.formulas import equal, every
from saddlecheck.theory.claims.steps import STATEMENT, Equal
from saddlecheck.theory.papers.kim.notation import (
    density,
    diffusion,
    distribution,
    flux,
    slope_at,
    test_function,
    variance,
)
from saddlecheck.theory.symbols import D, Expr, a, real, w, w1, w2

var = real("V")  # sigma^2, a variance

# ---- (20), (21)


def _jet(name: str) -> Expr:
    """A function of w through its value and two derivatives at 0, all free."""
    return real(name + "_0") + real(name + "_1") * w + real(name + "_2") * w**2


_f, _g, _P, _D = map(_jet, ("f", "g", "P", "D"))  # test function, gradient at w^p, density, diffusion


def _forward(diffusion_term: Expr) -> Expr:
    return sp.Derivative(_P * _g, w) + diffusion_term


def _adjoint(diffusion_term: Expr) -> sp.Eq:
    return equal(
        _f * _forward(diffusion_term) - _P * (-_g * sp.Derivative(_f, w) + _D * sp.Derivative(_f, w, 2)),
        sp.Derivative(_f * sp.Derivative(_D * _P, w).doit() - sp.Derivative(_f, w).doit() * _D * _P + _g * _f * _P, w),
    )


EQ20 = Claim(
    id="eq20",
    title="(20): the Fokker-Planck equation of (11) in one dimension, with D inside both derivatives",
    place=Place("appendix", "(20), (21)"),
    voice="paper",
    provenance="seen",
    says="In one dimension, the density changes by the divergence of itself times the drift and the second "
    "derivative of itself times D.",
    reading="In one dimension, D = eta C/2, Itô's integral. Stated as what makes it the forward equation: its right "
    "side is adjoint to the generator f -> -g f' + D f'', their difference being a derivative (so it integrates to "
    "zero for densities that decay). Both sides contain derivatives up to the second at one point, and quadratic "
    "functions with free coefficients have any such derivatives, so the identity holds for all smooth functions.",
    statement=_adjoint(sp.Derivative(_D * _P, w, 2)),
    display=Display(
        equal(
            test_function(w)
            * (sp.Derivative(density(w) * slope_at(w), w) + sp.Derivative(diffusion(w) * density(w), (w, 2)))
            - density(w)
            * (
                diffusion(w) * sp.Derivative(test_function(w), (w, 2))
                - slope_at(w) * sp.Derivative(test_function(w), w)
            ),
            sp.Derivative(flux(w), w),
        ),
        {
            flux(w): test_function(w) * sp.Derivative(diffusion(w) * density(w), w)
            - sp.Derivative(test_function(w), w) * diffusion(w) * density(w)
            + slope_at(w) * test_function(w) * density(w),
            test_function(w): _f,
            density(w): _P,
            slope_at(w): _g,
            diffusion(w): _D,
        },
    ),
    steps=(Equal("adjoint", STATEMENT, "integrate by parts twice"),),
    finding="Right as printed for a diffusion that depends on the weight, if (11) is read in Itô's sense.",
    argument=(
        "The generator of dw = -g dt + sqrt(2D) dW in the sense of Ito is f -> -g f' + D f''. Integrating P times it "
        "by parts twice moves the derivatives to P and leaves f times (P g)' + (D P)''. The difference of the two "
        "integrands is the derivative of f (D P)' - f' D P + g f P, which integrates to zero for densities that "
        "decay. So the right side of (20) is the adjoint of the generator, with D inside both derivatives."
    ),
    twins=(
        Twin("the diffusion outside the derivatives", _adjoint(_D * sp.Derivative(_P, w, 2))),
        Twin("one derivative of the diffusion forgotten", _adjoint(sp.Derivative(_D * _P.diff(w), w))),
        Twin("half the diffusion", _adjoint(sp.Derivative(_D * _P, w, 2) / 2)),
    ),
)

# ---- (22)

NORMAL = sp.exp(-(w**2) / (2 * var)) / sp.sqrt(2 * sp.pi * var)


def _normaliser(sigma: Expr) -> Expr:
    return 1 / sp.sqrt(2 * sp.pi * sigma)


def _solves(density: Expr) -> sp.And:
    """The density is that of N(0, var), and it solves (20) when var' = 2D - 2a var."""
    rate = 2 * D - 2 * a * var
    forward = sp.Derivative(a * w * density, w) + D * sp.Derivative(density, w, 2)
    return every(
        equal(sp.Derivative(sp.erf(w / sp.sqrt(2 * var)) / 2, w), density),
        equal(sp.Derivative(density, var) * rate, forward),
    )


EQ22 = Claim(
    id="eq22",
    title="(22): the Gaussian density as printed",
    place=Place("appendix", "(22)"),
    voice="paper",
    provenance="seen",
    says="Along one eigendirection, the density has the variances themselves in its exponent and the standard "
    "deviations in its normaliser.",
    reading="Along one eigendirection, V for sigma^2, drift rate a, d = 0. It must be a density of variance V and "
    "solve (20) when V changes at the rate 2D - 2aV.",
    statement=_solves(_normaliser(sp.sqrt(var)) * sp.exp(-var * w**2 / 2)),
    display=Display(
        (
            equal(sp.Derivative(distribution(w), w), density(w, variance)),
            equal(
                sp.Derivative(density(w, variance), variance) * (2 * D - 2 * a * variance),
                sp.Derivative(a * w * density(w, variance), w) + D * sp.Derivative(density(w, variance), (w, 2)),
            ),
        ),
        {
            density(w, variance): sp.exp(-variance * w**2 / 2) / sp.sqrt(2 * sp.pi * sp.sqrt(variance)),
            distribution(w): sp.erf(w / sp.sqrt(2 * variance)) / 2,
            variance: var,
        },
    ),
    given=(var > 0, D > 0),
    finding="Two slips: the exponent needs the inverse of the variances, and the normaliser their product times 2 pi. "
    "As printed the density integrates to sigma^(-3/2) in one dimension, and does not solve (20).",
    argument=(
        "The printed density has sigma^2 w^2/2 in its exponent, where the density of variance sigma^2 has w^2/(2 "
        "sigma^2). Take sigma^2 = 1, where the two agree, D = 1 and no drift. At w = 0 the printed density then "
        "changes at the rate -1/2 of its value, because its normaliser contains sigma^(-1/2), while (20) requires D "
        "P'' = -1 times its value. So it does not solve (20). For sigma^2 other than 1 its integral is sigma^(-3/2), "
        "not 1."
    ),
    twins=(
        Twin("the exponent alone repaired", _solves(_normaliser(sp.sqrt(var)) * sp.exp(-(w**2) / (2 * var)))),
        Twin("the normaliser alone repaired", _solves(_normaliser(var) * sp.exp(-var * w**2 / 2))),
    ),
)
GAUSSIAN = Claim(
    id="eq22-gaussian",
    title="The Gaussian density that (22) means",
    place=Place("appendix", "(22)"),
    voice="ours",
    says="With the inverse variances and 2 pi sigma^2 it is a density and solves the Fokker-Planck equation.",
    reading="The distribution function is erf(w/sqrt(2V))/2, V for sigma^2, which runs from -1/2 to 1/2: total mass 1.",
    argument=(
        "The derivative in w of erf(w/sqrt(2 V))/2 is exp(-w^2/(2V))/sqrt(2 pi V), so this density has total mass 1. "
        "Its derivative in V is half its second derivative in w. With V' = 2D - 2aV the left side of (20) is D P'' - "
        "a V P''. Since w P = -V P', the drift term (a w P)' equals -a V P'', and the right side of (20) is the same."
    ),
    statement=_solves(NORMAL),
    display=Display(
        (
            equal(sp.Derivative(distribution(w), w), density(w, variance)),
            equal(
                sp.Derivative(density(w, variance), variance) * (2 * D - 2 * a * variance),
                sp.Derivative(a * w * density(w, variance), w) + D * sp.Derivative(density(w, variance), (w, 2)),
            ),
        ),
        {
            density(w, variance): sp.exp(-(w**2) / (2 * variance)) / sp.sqrt(2 * sp.pi * variance),
            distribution(w): sp.erf(w / sp.sqrt(2 * variance)) / 2,
            variance: var,
        },
    ),
    given=(var > 0, D > 0),
    amends="eq22",
    steps=(Equal("density and equation", STATEMENT, "differentiate the Gaussian and compare both sides"),),
)

# ---- several dimensions: along the common eigendirections of H and C

v1, v2, a1, a2, d1, d2 = (real(name) for name in ("V_1", "V_2", "a_1", "a_2", "D_1", "D_2"))


def _plane(each: tuple[tuple[Expr, ...], ...]) -> sp.Eq:
    """The product of two normal densities in (20); each: a direction's weight, variance, drift rate and diffusion."""
    density = sp.exp(-(w1**2) / (2 * v1) - w2**2 / (2 * v2)) / (2 * sp.pi * sp.sqrt(v1) * sp.sqrt(v2))
    changes = sum(sp.Derivative(density, var) * (2 * d - 2 * rate * var) for _, var, rate, d in each)
    forward = sum(sp.Derivative(rate * v * density, v) + d * sp.Derivative(density, v, 2) for v, _, rate, d in each)
    return equal(changes, forward)


PRODUCT = Claim(
    id="eq22-product",
    title="(22) in several dimensions is a product of Gaussians in one",
    place=Place("appendix", "(22)"),
    voice="reading",
    provenance="seen",
    says="One dimension is enough: along the common eigendirections of H and of the diffusion matrix the product of "
    "normal densities solves the Fokker-Planck equation if each variance obeys its own equation, V' = 2D - 2aV.",
    reading="Two directions stand for any number. H and C commute by (24); H (I + rho H), or whatever the drift is, "
    "has the eigenvectors of H.",
    statement=_plane(((w1, v1, a1, d1), (w2, v2, a2, d2))),
    given=(v1 > 0, v2 > 0),
    steps=(
        Equal("product", STATEMENT, "differentiate the product: the terms of one direction act on its own factor"),
    ),
    finding="So the law of Theorem 2 is normal in every dimension, whatever its variances are.",
    argument=(
        "Along the common eigendirections of H and of the diffusion matrix the equation (20) is a sum over the "
        "directions. The density is a product of one normal density for each direction, and the terms of one "
        "direction differentiate its own factor alone. Each factor solves its equation in one dimension if its "
        "variance obeys V' = 2D - 2aV, as eq22-gaussian shows. The sum over the directions is then the product rule "
        "for the whole density. Two directions are written out, and further ones add terms of the same kind."
    ),
    related=("thm2", "eq22-gaussian"),
    twins=(Twin("the variances exchanged", _plane(((w1, v2, a1, d1), (w2, v1, a2, d2)))),),
)  # fmt: skip

CLAIMS: tuple[Claim, ...] = (EQ20, EQ22, GAUSSIAN, PRODUCT)
