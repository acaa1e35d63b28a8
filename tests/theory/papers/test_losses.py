"""For which losses a claim is settled: the table is whole, and what is said of a class holds on losses of that class.

Steps are run on losses that are no quadratics; the numbers by which a claim speaks of a step are put into it.
"""

import functools

import numpy as np
import pytest
import sympy as sp

from saddlecheck.theory.papers import losses
from saddlecheck.theory.papers.catalogue import CLAIMS, PAPERS

LITERATURE = {claim.id: claim for paper in PAPERS if paper.id not in {"kim", "ours"} for claim in paper.claims}
CLASSES = (losses.SMOOTH, losses.CONVEX, losses.STRONGLY_CONVEX, losses.POLYAK)
OF_A_CLASS = [i for i, label in losses.SETTLED_FOR.items() if label in CLASSES]
NORMALISED = {
    "siyun-nonconvex-constant", "khanh-diminishing", "hallucinated-convex", "hallucinated-gradient",
    "descent-lemma-normalised", "dai-strongly-convex", "dai-strongly-convex-beyond", "dai-sam-bounded",
    "siyun-deterministic", "khanh-radius-strongly-convex", "dai-sam-bounded-small", "dai-sam-bounded-large",
}  # fmt: skip
ROWS = np.random.default_rng(16).normal(size=(5, 3))
LARGEST = np.linalg.norm(ROWS, 2) ** 2


class Cosines:
    """The sum of 1 - cos(row w), neither convex nor concave, with the minimum 0."""

    beta, alpha, size = LARGEST, None, 3

    def value(self, w):
        return np.sum(1 - np.cos(ROWS @ w))

    def gradient(self, w):
        return ROWS.T @ np.sin(ROWS @ w)


class LogCosh:
    """The sum of log cosh(row w) and alpha |w|^2/2, with the minimum 0 at 0."""

    size = 3

    def __init__(self, alpha):
        self.alpha, self.beta = alpha, LARGEST + alpha

    def value(self, w):
        return np.sum(np.log(np.cosh(ROWS @ w))) + self.alpha * w @ w / 2

    def gradient(self, w):
        return ROWS.T @ np.tanh(ROWS @ w) + self.alpha * w


class Wavy:
    """w^2 + 3 sin^2 w: not convex, with the Polyak-Lojasiewicz inequality for alpha = 1/32."""

    beta, alpha, size = 8.0, 1 / 32, 1

    def value(self, w):
        return float(w[0] ** 2 + 3 * np.sin(w[0]) ** 2)

    def gradient(self, w):
        return 2 * w + 3 * np.sin(2 * w)


OF = {
    losses.SMOOTH: Cosines(), losses.CONVEX: LogCosh(0.0), losses.STRONGLY_CONVEX: LogCosh(0.7), losses.POLYAK: Wavy()
}  # fmt: skip


def numbers(claim_id, loss, w, lr, radius):
    """What a claim may say of a step, by the names of its symbols; |g| or its square is G, as the paper has it."""
    g = loss.gradient(w)
    norm = np.linalg.norm(g)
    up = w + radius * g / (norm if claim_id in NORMALISED else 1)
    p = loss.gradient(up)
    new = w - lr * p
    alpha, f, after = loss.alpha or 0.0, loss.value(w), loss.value(new)
    squares = claim_id.startswith("dai-")
    contraction = max(1 - lr * alpha, lr * loss.beta - 1)
    away = [float(np.linalg.norm(v)) for v in (w, up, new)]  # from the minimum 0
    return {
        "beta": loss.beta, "alpha": alpha, "eta": lr, "rho": radius, "f": f, "f'": after, "f_0": f, "f_1": after,
        "f_s": f, "n": 3, "u": after - f, "G": norm**2 if squares else norm, "p": norm, "P": g @ p, "Q": p @ p,
        "z": g @ (p - g), "W": (p - g) @ (p - g), "t_1": lr * loss.beta, "q": contraction,
        "d_0": away[0], "d_p": away[1], "d_1": away[2], "A": up @ up, "b": p @ up, "c": p @ p,
    }  # fmt: skip


def symbols(expression):
    return sorted(expression.free_symbols, key=str)


@functools.cache
def evaluated(expression):
    return sp.lambdify(symbols(expression), expression, "math")


def holds(formula, values):
    """Whether a formula holds at these numbers, up to what rounding does to its two sides."""
    if isinstance(formula, (sp.And, sp.Or)):
        return (all if isinstance(formula, sp.And) else any)(holds(part, values) for part in formula.args)
    if isinstance(formula, sp.Implies):
        return not holds(formula.args[0], values) or holds(formula.args[1], values)
    left, right = (evaluated(side)(*(values[s] for s in symbols(side))) for side in formula.args)
    # Fewer than a hundred operations on numbers whose size the sides need not show: below 1e3 here.
    near = 1e3 * 100 * 2.0**-53
    if isinstance(formula, sp.Eq):
        return abs(left - right) <= near
    return left <= right + near if formula.rel_op in ("<", "<=") else left >= right - near


def steps(claim_id):
    """(conditions hold, statement holds) for random weights, steps and radii of the claim's class."""
    claim, loss = CLAIMS[claim_id], OF[losses.SETTLED_FOR[claim_id]]
    rng = np.random.default_rng(16)
    for _ in range(300):
        w, lr = rng.normal(size=loss.size) * rng.choice([0.01, 0.3, 3]), rng.uniform(0.05, 1.95) / loss.beta
        found = numbers(claim_id, loss, w, lr, rng.uniform(0.05, 0.9) / loss.beta)
        values = {s: found[s.name] for f in (claim.statement, *claim.given) for s in f.free_symbols}
        yield [g for g in claim.given if not holds(g, values)], holds(claim.statement, values)


@pytest.mark.parametrize("claim_id", OF_A_CLASS)
def test_what_is_said_of_a_class_holds_on_a_loss_of_it_that_is_no_quadratic(claim_id):
    """Each condition but those on steps, radii and |g| holds at every step, and where all hold the statement."""
    free = {"beta", "alpha", "eta", "rho", "t_1", "q", "G"}
    applied = 0
    for missing, stated in steps(claim_id):
        assert [m for m in missing if not {s.name for s in m.free_symbols} <= free] == []
        applied += not missing
        assert missing or stated
    assert applied >= 5


def test_a_claim_of_convex_losses_is_noticed_where_losses_are_not_convex(monkeypatch):
    monkeypatch.setitem(OF, losses.CONVEX, OF[losses.SMOOTH])
    assert any(any("P" in {s.name for s in m.free_symbols} for m in missing) for missing, _ in steps("descent-lemma"))


@pytest.mark.parametrize("claim_id", [i for i in LITERATURE if i not in OF_A_CLASS])
def test_no_other_claim_assumes_a_class_by_its_inequalities(claim_id):
    """A claim about a step on a class has the loss before and after it, or distances, among its conditions."""
    assumed = {s.name for g in LITERATURE[claim_id].given for s in g.free_symbols}
    assert [pair for pair in ({"f", "f'"}, {"f_0", "f_1"}, {"d_0", "d_1"}) if pair <= assumed] == []


def test_the_table_has_every_claim_of_the_literature_once():
    assert set(losses.SETTLED_FOR) == set(LITERATURE)
    assert len(losses.SETTLED_FOR) == sum(len(ids.split()) for ids in losses._SORTED.values())
    assert set(losses.FURTHER) <= set(LITERATURE)


def test_what_goes_further_is_named_by_ids_that_exist():
    for words in losses.FURTHER.values():
        named = [word.strip(".,:;") for word in words.split() if "-" in word and not word.startswith("Polyak")]
        assert [i for i in named if i not in CLAIMS] == []


def test_a_paper_of_ones_own_is_told_nothing():
    assert losses.losses("my-claim") == ""
    assert losses.losses("descent-lemma") == "Settled for every convex beta-smooth loss."
