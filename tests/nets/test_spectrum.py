"""Extreme Hessian eigenvalues against the dense Hessian, and the verdicts that they allow."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from saddlecheck.nets.errors import HessianMismatch
from saddlecheck.nets.lanczos import Eigenpair, Spectrum, lanczos, spectrum
from saddlecheck.verification.analysis.extremal import rulings
from saddlecheck.verification.analysis.settings import AnalysisSettings

torch.set_num_threads(1)


def small_model(seed: int = 0) -> tuple[nn.Module, tuple[Tensor, Tensor]]:
    torch.manual_seed(seed)
    model = nn.Sequential(
        nn.Conv2d(1, 2, 3), nn.Tanh(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(8, 4), nn.Tanh(), nn.Linear(4, 3)
    ).double()
    return model, (torch.randn(12, 1, 6, 6, dtype=torch.float64), torch.randint(0, 3, (12,)))


def dense(model: nn.Module, data: tuple[Tensor, Tensor]) -> Tensor:
    """The Hessian by a route that shares nothing: autograd's own, a row at a time."""
    weights = [p for p in model.parameters() if p.requires_grad]
    gradient = torch.autograd.grad(nn.functional.cross_entropy(model(data[0]), data[1]), weights, create_graph=True)
    flat = torch.cat([g.reshape(-1) for g in gradient])
    rows = [torch.cat([r.reshape(-1) for r in torch.autograd.grad(f, weights, retain_graph=True)]) for f in flat]
    return torch.stack(rows).detach()


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("k", [1, 3])
def test_both_ends_agree_with_the_dense_hessian(seed, k) -> None:
    model, data = small_model(seed)
    exact = np.linalg.eigvalsh(dense(model, data).numpy())
    found = spectrum(model, nn.functional.cross_entropy, data, k=k, tolerance=1e-7)
    assert found.converged
    # A residual r of a symmetric matrix bounds the distance to an eigenvalue: r <= 1e-7 * 10 here.
    for i in range(k):
        assert found.lowest[i].value == pytest.approx(exact[i], abs=1e-6)
        assert found.highest[i].value == pytest.approx(exact[-1 - i], abs=1e-6)
    assert exact[0] < 0 < exact[-1]  # both signs are on trial


def test_the_residual_is_a_bound_whatever_the_tolerance() -> None:
    model, data = small_model()
    exact = np.linalg.eigvalsh(dense(model, data).numpy())
    for products in (4, 6, 10, 20):
        found = spectrum(model, nn.functional.cross_entropy, data, tolerance=1e-9, max_products=products)
        for pair in (found.lowest[0], found.highest[0]):
            # rounding in 20 products of size <= 1: 1e-13 is ample
            assert np.abs(exact - pair.value).min() <= pair.residual + 1e-13
        assert found.lowest[0].value >= exact[0] - 1e-13
        assert found.highest[0].value <= exact[-1] + 1e-13
        assert found.converged == ("are within 1e-09 of" in found.why)


def test_an_operator_that_is_not_symmetric_is_refused() -> None:
    A = torch.diag(torch.arange(1.0, 31.0, dtype=torch.float64))
    A[0, 29] = 25.0
    with pytest.raises(HessianMismatch, match="not symmetric"):
        lanczos(lambda v: A @ v, 30, k=1, tolerance=1e-6, max_products=30, seed=0, like=A)
    S = (A + A.T) / 2  # the twin: its symmetric part is none the worse for that entry
    assert lanczos(lambda v: S @ v, 30, k=1, tolerance=1e-6, max_products=30, seed=0, like=A).converged


def test_a_product_that_drifts_from_call_to_call_is_refused() -> None:
    A, calls = torch.diag(torch.arange(1.0, 31.0, dtype=torch.float64)), []

    def drifting(v: Tensor) -> Tensor:
        calls.append(1)
        return A @ v * (1 + 1e-6 * len(calls))

    with pytest.raises(HessianMismatch, match=r"not symmetric|changes between calls"):
        lanczos(drifting, 30, k=1, tolerance=1e-3, max_products=40, seed=0, like=A)
    assert lanczos(lambda v: A @ v, 30, k=1, tolerance=1e-3, max_products=40, seed=0, like=A).converged


@pytest.mark.parametrize("products", [3, 8, 20])
def test_a_residual_is_the_one_that_another_product_measures(products) -> None:
    A = torch.diag(torch.linspace(-1.0, 4.0, 40, dtype=torch.float64))
    found = lanczos(lambda v: A @ v, 40, k=1, tolerance=1e-12, max_products=products, seed=1, like=A)
    assert not found.converged  # 40 distinct eigenvalues: fewer products cannot reach 1e-12
    for pair in (*found.lowest, *found.highest):
        measured = float((A @ pair.vector - pair.value * pair.vector).norm())
        # 20 products of size 4 and sums of 40 terms: 1e-13 is ample
        assert pair.residual == pytest.approx(measured, abs=1e-13)


# eigenvalues, k, the k lowest and the k highest with their multiplicities
MULTIPLE = [
    ((5, 5, 1, 1, 1, 1, 1), 2, (1, 1), (5, 5)),
    ((-2, -2, 1, 2, 3, 4), 2, (-2, -2), (4, 3)),
    ((1, 1, 1, 1), 2, (1, 1), (1, 1)),
    ((-1, -1, 2, 2, 0, 0), 2, (-1, -1), (2, 2)),
    ((3, 3, 3, -1, -1, -1, 0, 0, 0, 0), 3, (-1, -1, -1), (3, 3, 3)),
    ((3, 3, 3, -1, -1, 0), 2, (-1, -1), (3, 3)),
    ((7,), 1, (7,), (7,)),
]


@pytest.mark.parametrize("case", MULTIPLE)
def test_multiple_eigenvalues_are_found_as_often_as_they_occur(case) -> None:
    values, k, lowest, highest = case
    n = len(values)
    Q, _ = torch.linalg.qr(torch.randn(n, n, generator=torch.Generator().manual_seed(3), dtype=torch.float64))
    H = Q @ torch.diag(torch.tensor(values, dtype=torch.float64)) @ Q.T
    found = lanczos(lambda v: H @ v, n, k=k, tolerance=1e-9, max_products=60, seed=0, like=H)
    assert found.converged
    # Rayleigh quotients err by the square of a residual <= 1e-9 * 7, and by rounding
    assert [p.value for p in found.lowest] == pytest.approx(lowest, abs=1e-12)
    assert [p.value for p in found.highest] == pytest.approx(highest, abs=1e-12)


def test_one_vector_a_block_would_lose_the_second_copy() -> None:
    H = torch.diag(torch.tensor([5.0, 5.0, 1.0, 1.0, 1.0], dtype=torch.float64))
    single = lanczos(lambda v: H @ v, 5, k=1, tolerance=1e-9, max_products=5, seed=0, like=H)
    assert single.products == 4  # two dimensions for two distinct eigenvalues, two to measure


def test_what_is_not_converged_decides_nothing() -> None:
    H = torch.diag(torch.tensor([-0.05] + [1 + i / 6000 for i in range(3000)], dtype=torch.float64))
    early = lanczos(lambda v: H @ v, 3001, k=1, tolerance=1e-3, max_products=2, seed=0, like=H)
    assert not early.converged
    assert early.lowest[0].bracket[0] > 0  # a bracket of some eigenvalue, while the lowest one is negative
    assert {v.verdict for v in rulings(early, AnalysisSettings(rho=0.0, lr=0.1)).values()} == {"undecided"}
    assert {v.verdict for v in rulings(early, AnalysisSettings(rho=0.1, lr=10.0)).values()} == {"undecided"}
    late = lanczos(lambda v: H @ v, 3001, k=1, tolerance=1e-3, max_products=60, seed=0, like=H)
    assert late.converged
    assert rulings(late, AnalysisSettings(rho=0.0, lr=0.1))["gd"].verdict == "repels"


def test_a_spectrum_with_few_distinct_values_ends_early_and_exactly() -> None:
    H = torch.diag(torch.tensor([-2.0] * 5 + [3.0] * 20, dtype=torch.float64))
    found = lanczos(lambda v: H @ v, 25, k=1, tolerance=1e-12, max_products=25, seed=0, like=H)
    assert found.products == 4  # two dimensions for two distinct values, two to measure
    assert (found.lowest[0].value, found.highest[0].value) == pytest.approx((-2.0, 3.0), abs=1e-12)


def test_single_precision_is_good_to_its_own_rounding() -> None:
    model, data = small_model()
    exact = np.linalg.eigvalsh(dense(model, data).numpy())
    found = spectrum(model.float(), nn.functional.cross_entropy, (data[0].float(), data[1]), tolerance=1e-4)
    # eigenvalue error <= residual <= 1e-4 |theta|, and float32 products carry about 1e-6 of the norm
    assert found.highest[0].value == pytest.approx(exact[-1], rel=2e-4)
    assert found.lowest[0].value == pytest.approx(exact[0], abs=2e-4 * abs(exact[0]) + 1e-5)


def refuse(what: str) -> None:
    model, (x, y) = small_model()
    loss = nn.functional.cross_entropy
    if what == "call model.eval":
        spectrum(nn.Sequential(model, nn.Dropout(0.5)), loss, (x, y))
    elif what == "one number":
        spectrum(model, lambda p, t: loss(p, t, reduction="none"), (x, y))
    elif what == "no trainable weights":
        spectrum(model.requires_grad_(False), loss, (x, y))
    elif what == "no Hessian":
        spectrum(model, loss, (x * torch.nan, y))
    else:
        spectrum(model, loss, (x, y), k=0)


@pytest.mark.parametrize("what", ["call model.eval", "one number", "no trainable weights", "no Hessian", "k >= 1"])
def test_a_loss_without_a_meaningful_hessian_is_refused(what) -> None:
    with pytest.raises(ValueError, match=what):
        refuse(what)


def ends(low: float, high: float, residual: float = 1e-6) -> Spectrum:
    pairs = [Eigenpair(v, residual, torch.zeros(1)) for v in (low, high)]
    return Spectrum((pairs[0],), (pairs[1],), 10, 20, True, "")


# (lowest, highest, rho, lr, momentum) -> verdicts of gd, sam, heavy_ball_sam, by hand from 0 < lr a < 2 (1 + gamma)
CASES = [
    ((1.0, 10.0, 0.1, 0.05, 0.9), ("attracts", "attracts", "attracts")),
    ((1.0, 10.0, 0.1, 0.15, 0.9), ("attracts", "repels", "attracts")),  # a(10) = 20: lr a = 3, edges 2 and 3.8
    ((1.0, 10.0, 0.0, 0.25, 0.0), ("repels", "repels", "repels")),  # lr lam = 2.5
    ((-2.0, 1.0, 0.4, 0.01, 0.0), ("repels", "repels", "repels")),  # 0.4 < 1/2
    ((-2.0, 1.0, 0.6, 0.01, 0.9), ("repels", "undecided", "undecided")),  # held, but nearer ones are unseen
    ((-1e-7, 1.0, 0.1, 0.01, 0.0), ("undecided", "undecided", "undecided")),  # the bracket holds zero
]


@pytest.mark.parametrize(("point", "expected"), CASES)
def test_verdicts_say_what_two_ends_can_say(point, expected) -> None:
    low, high, rho, lr, momentum = point
    found = rulings(ends(low, high), AnalysisSettings(rho=rho, lr=lr, momentum=momentum))
    assert (found["gd"].verdict, found["sam"].verdict, found["heavy_ball_sam"].verdict) == expected
    assert all(v.why.endswith(".") for v in found.values())


def test_an_undecided_verdict_names_the_eigenvalue_that_decides() -> None:
    why = rulings(ends(-2.0, 1.0), AnalysisSettings(rho=0.6, lr=0.01))["sam"].why
    assert "nearer to zero than -1.667" in why


def test_the_threshold_is_set_by_the_negative_eigenvalue_nearest_to_zero() -> None:
    # f = 0.5 (2 x^2 - 4 y^2 - z^2): constant rho 0.4 holds y (1/4 < 0.4) and not z (1 > 0.4). The ends alone say
    # undecided; all eigenvalues say repels.
    H = torch.diag(torch.tensor([2.0, -4.0, -1.0], dtype=torch.float64))
    one = lanczos(lambda v: H @ v, 3, k=1, tolerance=1e-9, max_products=5, seed=0, like=H)
    two = lanczos(lambda v: H @ v, 3, k=2, tolerance=1e-9, max_products=6, seed=0, like=H)
    assert rulings(one, AnalysisSettings(rho=0.4, lr=0.01))["sam"].verdict == "undecided"
    assert rulings(two, AnalysisSettings(rho=0.4, lr=0.01))["sam"].verdict == "repels"


def test_values_outside_their_domain_are_refused() -> None:
    with pytest.raises(ValueError, match="rho is -1"):
        rulings(ends(-1, 1), AnalysisSettings(rho=-1, lr=0.1))


def test_a_start_that_is_an_eigenvector_does_not_end_the_search() -> None:
    # Lanczos starts from this very draw; |w|^4/4 has the curvature 3 |w|^2 along w and |w|^2 across.
    start = torch.randn(1, 7, generator=torch.Generator().manual_seed(0), dtype=torch.float64)[0]
    square = float(start @ start)
    settings = {"k": 1, "tolerance": 1e-10, "max_products": 20, "seed": 0}
    found = lanczos(lambda v: square * v + 2 * (start @ v) * start, 7, **settings, like=start)
    # Products and sums of 7 terms in float64: an error of some 1e-15 of the largest.
    assert found.converged
    assert abs(found.lowest[0].value - square) < 1e-12 * square
    assert abs(found.highest[0].value - 3 * square) < 1e-12 * square
