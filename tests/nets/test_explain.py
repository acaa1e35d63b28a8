"""`explain`: runs of which the answer is known are told apart, and what is not known is said."""

from __future__ import annotations

import copy
import math

import pytest
import torch
from torch import Tensor, nn

from saddlecheck.nets import GSAM, SAM, Every, explain
from saddlecheck.nets.explanation import diverged, falling, of_curves
from saddlecheck.nets.nearest import nearest_critical

ONE = torch.ones(1, dtype=torch.float64)


class Formula(nn.Module):
    """A loss of two weights, as a model whose output is the loss."""

    def __init__(self, start: tuple[float, float], formula: str) -> None:
        super().__init__()
        self.w = nn.Parameter(torch.tensor(start, dtype=torch.float64))
        self.formula = formula

    def forward(self, x: Tensor) -> Tensor:
        u, v = self.w
        if self.formula == "saddle":  # eigenvalues 3 and -2 at the origin; minima at v = +-1
            return x * (3 * u**2 / 2 - v**2 + v**4 / 2)
        return x * (3 * u**2 / 2 + v**2)


def _mean(output: Tensor, _target: Tensor) -> Tensor:
    return output.mean()


def _sam(model: nn.Module, rho: float, lr: float = 0.01, **more: object) -> SAM:
    return SAM(model.parameters(), torch.optim.SGD, rho=rho, lr=lr, **more)


def test_whether_a_saddle_holds_a_variant_of_sam_is_not_known() -> None:
    for variant in ({"ascent": GSAM()}, {"when": Every(5)}):
        model = Formula((0.0, 0.08), "saddle")
        found = explain(model, _mean, (ONE, ONE), _sam(model, 0.1, **variant))
        assert found.verdict == "undecided"
        assert "variant of SAM" in found.why


class Bowl(nn.Module):
    """sum_i h_i w_i^2 / 2 from a start of normal numbers."""

    def __init__(self, h: Tensor, seed: int) -> None:
        super().__init__()
        draws = torch.Generator().manual_seed(seed)
        self.w, self.h = nn.Parameter(torch.randn(len(h), dtype=torch.float64, generator=draws)), h

    def forward(self, x: Tensor) -> Tensor:
        return x * (self.h * self.w**2).sum() / 2


@pytest.mark.parametrize("condition", [10.0, 1e3])
def test_the_pull_is_known_to_a_hundredth_on_any_quadratic(condition: float) -> None:
    signs = torch.tensor([1.0, -1.0, 1.0, 1.0, -1.0] * 6, dtype=torch.float64)
    errors = []
    for seed in range(10):
        h = signs * torch.logspace(-math.log10(condition), 0, len(signs), dtype=torch.float64)
        model = Bowl(h, seed)
        found = nearest_critical(model, _mean, (ONE, ONE))
        assert found is not None
        true = float((h * model.w.detach()).norm())  # the critical point is 0
        errors.append(abs(found.pull / true - 1.0))
    # |H a| differs from |g(w)| by at most the remaining gradient, a hundredth of it.
    assert max(errors) <= 0.01


def test_false_twin_a_search_that_stops_early_does_not_know_the_pull(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("saddlecheck.nets.nearest.SMALL", 0.5)
    signs = torch.tensor([1.0, -1.0, 1.0, 1.0, -1.0] * 6, dtype=torch.float64)
    h = signs * torch.logspace(-3, 0, 30, dtype=torch.float64)
    model = Bowl(h, 0)
    found = nearest_critical(model, _mean, (ONE, ONE), products=4)
    assert found is not None
    assert abs(found.pull / float((h * model.w.detach()).norm()) - 1.0) > 0.01


@pytest.mark.parametrize(
    ("rho", "normalised", "away", "word"),
    [
        # Normalised: |H x| = 2 v on the axis, mu = 2: held where v < rho. Twins on the other side of each threshold.
        (0.10, True, 0.08, "trapped"),
        (0.10, True, 0.12, "slow"),
        # Constant: held where rho > 1/mu = 1/2, at any distance at which the quadratic loss stands for the loss.
        (0.55, False, 0.08, "trapped"),
        (0.45, False, 0.08, "slow"),
    ],
)
def test_a_saddle_holds_a_run_on_one_side_of_the_threshold(
    rho: float, normalised: bool, away: float, word: str
) -> None:
    model = Formula((0.0, away), "saddle")
    found = explain(model, _mean, (ONE, ONE), _sam(model, rho, normalised=normalised))
    assert found.verdict == word
    # Newton ends within a hundredth of the gradient at the start, so the distance is known to a hundredth.
    assert found.numbers["distance"] == pytest.approx(away, rel=0.02)
    assert found.numbers["saddle"] == pytest.approx(-2.0, rel=0.02)
    assert torch.equal(model.w.detach(), torch.tensor([0.0, away], dtype=torch.float64))  # looked at, not moved


def test_the_algorithm_agrees_with_the_word() -> None:
    """From a held start SAM stays at the saddle; from a free one it ends at a minimum.

    With v the distance, dv/dt = 2 (v - rho) near the saddle: the gap of 0.02 grows to order one in ln(50) / 2 = 2 units
    of time, 200 steps, and closes the distance in ln(5) / 2, 80 steps. 600 steps are six units.
    """
    for away, held in ((0.08, True), (0.12, False)):
        model = Formula((0.0, away), "saddle")
        optimiser = _sam(model, 0.10)

        def closure(model: Formula = model, optimiser: SAM = optimiser) -> Tensor:
            optimiser.zero_grad()
            loss = _mean(model(ONE), ONE)
            loss.backward()
            return loss

        for _ in range(600):
            optimiser.step(closure)
        assert abs(float(model.w[1].detach())) < 0.05 if held else abs(float(model.w[1].detach())) > 0.8


def test_a_minimum_is_fine_and_an_edge_is_seen() -> None:
    model = Formula((1e-3, 1e-3), "bowl")
    assert explain(model, _mean, (ONE, ONE), torch.optim.SGD(model.parameters(), lr=0.1)).verdict == "fine"
    # The bowl's highest eigenvalue is 3: the edge of SGD is 2 (1 + momentum) / lr.
    for lr, momentum, word in (
        (0.65, 0.0, "at the edge"),
        (0.5, 0.0, "fine"),
        (0.65, 0.9, "fine"),
        (1.25, 0.9, "at the edge"),
    ):
        optimiser = torch.optim.SGD(model.parameters(), lr=lr, momentum=momentum)
        found = explain(model, _mean, (ONE, ONE), optimiser)
        assert found.verdict == word
        assert found.numbers["edge"] == pytest.approx(2 * (1 + momentum) / lr)


def test_adam_has_no_edge_stated_and_a_preconditioner_leaves_the_trap() -> None:
    model = Formula((0.0, 0.05), "saddle")
    optimiser = SAM(model.parameters(), torch.optim.AdamW, rho=0.1, lr=0.01)
    found = explain(model, _mean, (ONE, ONE), optimiser)
    assert (found.verdict, found.numbers["edge"]) == ("trapped", None)


def test_curves_alone_say_what_they_can() -> None:
    assert of_curves({"batch_loss": [1.0, None]}).verdict == "diverging"
    assert of_curves({"batch_loss": [1.0, 0.1, 0.5, 3.0]}).verdict == "diverging"
    assert of_curves({"batch_loss": [2.0 * 0.95**i for i in range(40)]}).verdict == "slow"
    assert of_curves({"batch_loss": [1.0] * 40}).verdict == "undecided"
    assert of_curves({"batch_loss": []}).verdict == "undecided"
    assert diverged([1.0, math.inf])
    assert not falling([1.0, 0.5])  # two epochs show no trend
    assert falling([1.0, 0.5, 0.25])
    assert falling([-1.0, -1.5, -2.0])  # a density's log-likelihood
    assert not falling([-2.0, -2.0, -2.0])
    assert diverged([1.0, 0.0, 2.0])  # from a loss of zero
    assert not diverged([-1.0, -5.0, -0.5])


def test_a_model_without_a_hessian_is_undecided_with_the_reason() -> None:
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1))
    found = explain(model, lambda output, _y: output.sum() * float("nan"), (torch.ones(3, 2), torch.ones(3)),
                    torch.optim.SGD(model.parameters(), lr=0.1))  # fmt: skip
    assert found.verdict == "undecided"
    assert "the curvature is not available" in found.why


def test_newton_finds_the_critical_point_of_a_small_network_or_says_none() -> None:
    torch.manual_seed(3)
    model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1)).double()
    x = torch.randn(40, 2, dtype=torch.float64)
    y = model(x).detach()  # so that the weights are a minimum, of loss 0
    away = 1e-3 * torch.randn(13, dtype=torch.float64)
    with torch.no_grad():
        for p, part in zip(model.parameters(), away.split([p.numel() for p in model.parameters()]), strict=True):
            p += part.view(p.shape)
    near = nearest_critical(model, nn.MSELoss(), (x, y))
    assert near is not None
    assert near.gradient <= 1e-2 * near.start
    # The minimum, up to the flattest directions, in which a hundredth of the gradient is met early.
    assert near.distance < 2 * float(away.norm())
    assert nearest_critical(model, nn.MSELoss(), (x, y), steps=0) is None  # the twin: no budget, nothing found


class Quadratic(nn.Module):
    """sum c_i w_i^2 / 2, a critical point at the origin with the eigenvalues c."""

    def __init__(self, start: list[float], eigenvalues: list[float]) -> None:
        super().__init__()
        self.w = nn.Parameter(torch.tensor(start, dtype=torch.float64))
        self.c = torch.tensor(eigenvalues, dtype=torch.float64)

    def forward(self, x: Tensor) -> Tensor:
        return x * (self.c * self.w**2).sum() / 2


@pytest.mark.parametrize(
    ("eigenvalues", "rho", "normalised", "word"),
    [
        # From (0, 0.01, 0.01): |H x| = 0.02 with a second eigenvalue -2, and 0.02003 with -0.1.
        ([3.0, -2.0, -1.0], 1.1, False, "trapped"),  # rho mu > 1 for both
        ([3.0, -2.0, -0.1], 1.1, False, "slow"),  # the twin: it leaves along the second
        ([3.0, -2.0, -1.0], 0.05, True, "trapped"),
        ([3.0, -2.0, -0.1], 0.05, True, "slow"),
        ([-3.0, -2.0, -1.0], 1.1, False, "trapped"),  # a maximum
        ([3.0, 1.0, 0.0], 0.05, True, "fine"),  # degenerate
        ([0.0, 0.0, 0.0], 0.05, True, "fine"),  # flat: the gradient is zero everywhere
    ],
)
def test_a_saddle_traps_only_where_each_negative_direction_is_drawn_in(
    eigenvalues: list[float], rho: float, normalised: bool, word: str
) -> None:
    model = Quadratic([0.0, 0.01, 0.01], eigenvalues)
    found = explain(model, _mean, (ONE, ONE), _sam(model, rho, lr=1e-3, normalised=normalised))
    assert found.verdict == word
    assert "maximum" in found.why if max(eigenvalues) < 0 else "maximum" not in found.why


def test_at_the_point_itself_the_rule_takes_no_perturbation() -> None:
    model = Quadratic([0.0, 0.0], [3.0, 1.0])
    found = explain(model, _mean, (ONE, ONE), _sam(model, 0.05, lr=0.5))
    assert found.verdict == "fine"
    assert found.numbers["edge"] == pytest.approx(4.0)  # 2 / lr, the gradient being zero


def test_what_is_not_known_of_a_trap_is_undecided() -> None:
    model = Quadratic([0.01, 0.01], [3.0, -2.0])
    groups = [{"params": [model.w], "rho": 0.1}, {"params": [nn.Parameter(torch.zeros(1))], "rho": 0.2}]
    several = SAM(groups, torch.optim.SGD, lr=1e-3)
    for optimiser in (several, _sam(model, 0.1, adaptive=True)):
        found = explain(model, _mean, (ONE, ONE), optimiser)
        assert (found.verdict, found.numbers["hold"]) == ("undecided", None)
        assert "is not known" in found.why


@pytest.mark.parametrize(
    "settings",
    [
        {"momentum": 0.9, "nesterov": True},
        {"momentum": 0.9, "dampening": 0.5},
        {"momentum": 0.5, "weight_decay": 3.0},
        {"weight_decay": 3.0},
        {},
    ],
)
def test_the_edge_is_where_the_optimiser_itself_overshoots(settings: dict[str, float]) -> None:
    """A per cent below the stated edge torch's own SGD contracts on a quadratic, a per cent above it grows."""
    lr = 0.1
    model = Quadratic([1.0], [1.0])
    stated = explain(model, _mean, (ONE, ONE), torch.optim.SGD(model.parameters(), lr=lr, **settings)).numbers["edge"]
    assert stated is not None
    for factor, grows in ((0.99, False), (1.01, True)):
        model = Quadratic([1.0], [factor * stated])
        optimiser = torch.optim.SGD(model.parameters(), lr=lr, **settings)
        for _ in range(4000):  # the rate at a per cent from the edge is 1e-3 a step or more: a factor e^4 at least
            model.w.grad = factor * stated * model.w.detach()
            optimiser.step()
        assert (abs(float(model.w.detach())) > 1.0) == grows


def test_a_run_that_hardly_moved_is_slow_though_its_loss_is_level() -> None:
    model = Quadratic([1.0, 1.0], [3.0, 1.0])
    optimiser = torch.optim.SGD(model.parameters(), lr=1e-9)
    assert explain(model, _mean, (ONE, ONE), optimiser, curves={"batch_loss": [2.0] * 20}).verdict == "slow"
    far = {"batch_loss": [50.0, *[2.0] * 20]}  # the twin: most of the way has been covered
    assert explain(model, _mean, (ONE, ONE), optimiser, curves=far).verdict == "fine"


class Penalised(nn.Module):
    """The mean output less 5/4 |w|^2 of a model that the loss holds."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, output: Tensor, _target: Tensor) -> Tensor:
        return output.mean() - 1.25 * (self.model.w**2).sum()


def test_a_penalty_that_a_module_holds_moves_with_the_copy() -> None:
    # Eigenvalues 3 - 5/2 and 2 - 5/2 at the origin: constant rho holds SAM where rho / 2 > 1.
    for rho, word in ((2.2, "trapped"), (1.8, "slow")):
        model = Formula((0.0, 0.01), "bowl")
        found = explain(model, Penalised(model), (ONE, ONE), _sam(model, rho, normalised=False))
        assert (found.verdict, round(found.numbers["saddle"], 9)) == (word, -0.5)


def test_a_penalty_in_a_closure_is_refused_for_a_copy_would_not_feel_it() -> None:
    model = Formula((0.0, 0.01), "bowl")
    inside = Penalised(model)
    found = explain(model, lambda o, y: inside(o, y), (ONE, ONE), _sam(model, 2.2, normalised=False))
    assert found.verdict == "undecided"
    assert "by another way than the model" in found.why


def test_the_layout_of_filters_in_memory_decides_nothing() -> None:
    torch.manual_seed(0)
    layers = nn.Conv2d(2, 3, 3), nn.Tanh(), nn.Conv2d(3, 2, 2), nn.Flatten(), nn.Linear(8, 1)
    model = nn.Sequential(*layers).double()
    x, y = torch.randn(8, 2, 5, 5, dtype=torch.float64), torch.randn(8, 1, dtype=torch.float64)
    found = []
    for layout in (torch.contiguous_format, torch.channels_last):
        net = copy.deepcopy(model).to(memory_format=layout)
        found.append(explain(net, nn.functional.mse_loss, (x, y), _sam(net, 0.1)))
    assert found[0].verdict == found[1].verdict
    assert found[0].numbers["gradient"] is not None
    # Convolutions sum in another order: the loss and its gradient differ by roundings of some hundred terms, 1e-13 of
    # their size; Lanczos' ends are found to 1e-2 in both.
    for name, close in (("loss", 1e-12), ("gradient", 1e-12), ("highest", 2e-2)):
        assert found[1].numbers[name] == pytest.approx(found[0].numbers[name], rel=close)
