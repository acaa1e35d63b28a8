"""For which losses each claim of the literature is settled: a whole class, quadratics alone, or one that is enough.

A statement about minima or saddles of any loss that is settled on quadratics is one about the linear part there; what
is known beyond is in `FURTHER`. tests/theory/papers/test_losses.py holds the table against the claims.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

ANY = "Settled for any loss."
MODEL = "Settled for the model that the statement names, whatever is free in it."
SMOOTH = "Settled for every beta-smooth loss."
CONVEX = "Settled for every convex beta-smooth loss."
STRONGLY_CONVEX = "Settled for every alpha-strongly convex beta-smooth loss."
POLYAK = "Settled for every beta-smooth loss with the Polyak-Lojasiewicz inequality."
QUADRATICS = "Settled for quadratics."
LINEAR = "Settled for quadratics, which are the linear part at a critical point of another loss."
VALLEY = "Settled for valleys of minima with one steep direction, to the order in rho that is named."
ONE = "One loss settles it."
NONE = "No loss enters: it is about numbers or a formula."

_SORTED: Mapping[str, str] = MappingProxyType({
    ANY: """
        kim-v2-smooth usam-drift sam-drift-first-order hallucinated hallucinated-exactly asam-invariance
        asam-invariance-released gsam
    """,
    MODEL: """
        agarwala-regression agarwala-regression-linear asam-invariance-step andriushchenko-diagonal
        andriushchenko-diagonal-sign andriushchenko-diagonal-map li-balance-product-convex li-balance-product-msam
        li-sgd-balance li-sgd-balance-map li-sgd-balance-asam li-balance-flow li-balance-flow-exact
        li-balance-product li-balance-product-exact
    """,
    SMOOTH: """
        siyun-nonconvex-constant khanh-usam hallucinated-gradient descent-lemma-nonconvex
    """,
    CONVEX: """
        dai-usam-diverges-converse khanh-diminishing hallucinated-convex descent-lemma descent-lemma-normalised
    """,
    STRONGLY_CONVEX: """
        dai-strongly-convex dai-strongly-convex-beyond dai-sam-bounded dai-sam-bounded-small dai-sam-bounded-large
        siyun-deterministic khanh-radius-strongly-convex
    """,
    POLYAK: "unified",
    QUADRATICS: """
        sam-drift dnsam-drift msam-drift msam-drift-without usam-drift-independent usam-noise-exact
        usam-drift-quadratic usam-drift-full usam-noise-additive usam-loss usam-loss-algorithm usam-loss-same
        usam-loss-differ usam-loss-radius sam-saddle sam-saddle-field sam-saddle-sharp sam-saddle-map
        sam-saddle-map-ball sam-saddle-map-sharp dnsam-drift-density dnsam-drift-mode dnsam-drift-algorithm
        dnsam-drift-tails dnsam-maximum dnsam-maximum-exponent dnsam-maximum-crosses msam-drift-threshold
        msam-drift-additive sam-is-descent sam-is-descent-decrease sam-is-descent-bounded sam-is-descent-unbounded
        two-cycle two-cycle-critical two-cycle-edge two-cycle-multiple two-cycle-momentum two-cycle-capture
        edge-as-evidence edge-as-evidence-momentum wen-quadratic wen-quadratic-range wen-quadratic-others
        wen-quadratic-edge wen-quadratic-descent wen-quadratic-map random-perturbation
    """,
    LINEAR: """
        kim-v2 kim-v2-corollary kim-v2-corollary-remainder kim-v2-corollary-drift kim-v2-important usam-saddle
        usam-saddle-map sam-drift-threshold sam-edge sam-edge-step explicit-biases explicit-biases-ascent
        wen-undefined wen-undefined-line wen-undefined-circle agarwala-edge agarwala-edge-below
        agarwala-edge-negative gsam-composed-sign gsam-flow gsam-basin gsam-map esam esam-mean-square looksam
        looksam-every looksam-almost-sure looksam-mean-square khanh-radius khanh-usam-saddle eg-sam eg-sam-map
        eg-sam-normalised eg-sam-cycle eg-sam-saddle eg-sam-cycle-stable friendly friendly-curvature
        friendly-minimum unified-cycle unified-capture unified-stability penalised penalised-ball
        penalised-ball-saddle stale-ascent stale-ascent-momentum stale-ascent-perturbed random-curvature
        random-curvature-mean-square random-curvature-signs random-curvature-almost-sure siyun-stochastic
        siyun-stochastic-symmetric
    """,
    VALLEY: """
        two-cycle-drift two-cycle-drift-expansion two-cycle-drift-finite two-cycle-drift-exact
        two-cycle-drift-momentum wen-flow wen-flow-step wen-flow-conditions wen-stochastic wen-stochastic-functional
        wen-stochastic-constant-trace dai-product dai-product-force dai-product-usam dai-product-time
    """,
    ONE: """
        usam-drift-general sam-drift-general usam-noise usam-noise-convex gsam-composed wen-undefined-flat
        dai-strongly-convex-tight dai-strongly-convex-step dai-strongly-convex-step-one dai-usam-diverges
        dai-sam-bounded-sharp dai-sam-bounded-edge dai-sam-bounded-convex siyun-deterministic-fixed siyun-nonconvex
        siyun-nonconvex-loss siyun-stochastic-floor siyun-stochastic-curvature khanh hallucinated-attracts
        random-perturbation-wells descent-lemma-sharp descent-lemma-nonconvex-sharp descent-lemma-normalised-sharp
    """,
    NONE: """
        kim-v2-smooth-product kim-v2-smooth-reach kim-v2-smooth-sum kim-v2-theorem3 kim-v2-theorem3-inverted
        usam-loss-sign sam-saddle-weights sam-drift-curvature sam-drift-plane sam-drift-dimension
        batch-contradiction batch-contradiction-quotient sam-is-descent-cauchy two-cycle-sign sam-edge-shared
        sam-edge-limits dai-sam-bounded-divide dai-sam-bounded-length dai-sam-bounded-direction
        dai-sam-bounded-share looksam-bernoulli
    """,
})  # fmt: skip
SETTLED_FOR: Mapping[str, str] = MappingProxyType({i: losses for losses, ids in _SORTED.items() for i in ids.split()})

_NOT_PROVED = "Beyond that it is not proved here."
_ONE_STEEP = "For manifolds with several steep directions it is not proved here."
FURTHER: Mapping[str, str] = MappingProxyType({
    "kim-v2": "For every smooth loss: kim-v2-smooth.",
    "kim-v2-smooth": "Its gradient needs a derivative at the saddle, and no more.",
    "usam-drift": "One weight.",
    "sam-drift-first-order": "One weight.",
    "usam-saddle": "That a saddle of any smooth loss attracts SAM's flow beyond 1/mu is kim-v2-smooth.",
    "sam-drift": "For every loss to first order in rho: sam-drift-first-order.",
    "msam-drift": "For every loss to first order in rho: usam-drift, for each part of the batch.",
    "dnsam-drift": "That other losses agree to first order in rho is not proved here.",
    "hallucinated": "The slope has the sign of that of every loss on the line with these three critical points.",
    "hallucinated-exactly": "The slope has the sign of that of every loss on the line with these critical points.",
    "explicit-biases": _NOT_PROVED,
    "wen-undefined": "It fails on the loss of wen-undefined-flat; what else it needs is not proved here.",
    "khanh-radius": "For strongly convex losses khanh-radius-strongly-convex, for convex ones khanh-diminishing.",
    "two-cycle-drift": _ONE_STEEP,
    "wen-flow": _ONE_STEEP,
    "wen-stochastic": _ONE_STEEP,
    "siyun-stochastic": "A quadratic is a member of every class, so that the floor holds in each.",
    "dai-sam-bounded": "For convex losses it is false: dai-sam-bounded-convex.",
})  # fmt: skip


def losses(claim_id: str) -> str:
    """The sentences that say for which losses a claim of the literature is settled.

    Args:
        claim_id: of any claim.

    Returns:
        Plain words; none for claims of the first paper, of ours that belong to no paper, and of a reader's paper.

    Example:
        >>> from saddlecheck.theory.papers.losses import losses
        >>> losses("sam-drift")
        'Settled for quadratics. For every loss to first order in rho: sam-drift-first-order.'
    """
    if claim_id not in SETTLED_FOR:
        return ""
    return f"{SETTLED_FOR[claim_id]} {FURTHER.get(claim_id, '')}".rstrip()
