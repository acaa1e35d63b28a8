"""pytorch_optimizer's SAM and variants beside this project's: where they agree, and each difference that a page names.

`docs/guides/conformance.md` lists these differences. Weights are in float64, but the peer takes its norms in float32:
a relative error of 6e-8 in rho, which moves a gradient by 6e-8 rho |H g/|g|| at most. With rho = 0.1, lr = 0.05 and
curvatures up to 4 that is 1.2e-9 a step, and 10 steps leave at most 2e-8 where a step does not expand errors by more
than 1 + lr 4. A norm that is wrong by 1 % would show as 2e-4.
"""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from saddlecheck.nets import GSAM, SAM, Every, FriendlySAM, LookSAM, MomentumAscent, WeightedSAM

peer = pytest.importorskip("pytorch_optimizer", reason="tox -e peers installs it")

torch.set_num_threads(1)
LR, RHO, CLOSE = 0.05, 0.1, 2e-8


class Setting:
    """Weights in several tensors, a loss that is not quadratic, and the closure that both kinds of optimiser take."""

    def __init__(self, shapes: tuple[tuple[int, ...], ...] = ((3,), (2, 2)), scale: float = 1.0) -> None:
        draws = torch.Generator().manual_seed(4)
        self.w = nn.ParameterList(torch.randn(s, dtype=torch.float64, generator=draws) / 2 for s in shapes)
        self.scale = scale

    def loss(self) -> Tensor:
        v = torch.cat([p.flatten() for p in self.w])
        c = torch.linspace(-1, 3, len(v), dtype=torch.float64)
        return self.scale * ((c * v**2).sum() / 2 + v.sum() ** 2 / 10 + torch.sin(v).sum() / 5)

    def closure(self) -> Tensor:
        for p in self.w:
            p.grad = None
        loss = self.loss()
        loss.backward()
        return loss

    @property
    def flat(self) -> Tensor:
        return torch.cat([p.detach().flatten() for p in self.w])


def ours(setting: Setting, steps: int, **more: object) -> Tensor:
    sam = SAM(setting.w.parameters(), torch.optim.SGD, RHO, lr=LR, **more)
    for _ in range(steps):
        sam.step(setting.closure)
    return setting.flat


def theirs(setting: Setting, steps: int, build) -> Tensor:
    optimiser = build(setting.w.parameters(), torch.optim.SGD, rho=RHO, lr=LR)
    for _ in range(steps):
        setting.closure()
        optimiser.step(setting.closure)
    return setting.flat


def test_sam_agrees() -> None:
    assert (ours(Setting(), 10) - theirs(Setting(), 10, peer.SAM)).abs().max() < CLOSE


def test_asam_agrees() -> None:
    adaptive = lambda *a, **more: peer.SAM(*a, adaptive=True, **more)  # noqa: E731  two lines in each test otherwise
    mine = ours(Setting(), 10, adaptive=True)
    # |T g| is below |g|, a few times; the norm's error in float32 is a share of rho as before.
    assert (mine - theirs(Setting(), 10, adaptive)).abs().max() < CLOSE
    assert (mine - ours(Setting(), 10)).abs().max() > 1e-4


def test_sam_needs_a_backward_before_the_step() -> None:
    # The step's first closure call is at w^p: without a backward before it, it climbs along the last step's gradient.
    setting = Setting()
    optimiser = peer.SAM(setting.w.parameters(), torch.optim.SGD, rho=RHO, lr=LR)
    before = setting.flat
    optimiser.step(setting.closure)  # no gradient yet: plain SGD
    plain = Setting()
    plain.closure()
    stepped = before - LR * torch.cat([p.grad.flatten() for p in plain.w])
    assert (setting.flat - stepped).abs().max() < CLOSE
    assert (setting.flat - ours(Setting(), 1)).abs().max() > 1e-4


@pytest.mark.parametrize(("scale", "climbs"), [(1e18, True), (1e20, False)])
def test_a_gradient_whose_square_leaves_float32_is_not_climbed_along(scale, climbs) -> None:
    setting, mine = Setting(scale=scale), Setting(scale=scale)
    optimiser = peer.SAM(setting.w.parameters(), torch.optim.SGD, rho=RHO, lr=LR)
    sam = SAM(mine.w.parameters(), torch.optim.SGD, RHO, lr=LR)
    for s, o in ((setting, optimiser), (mine, sam)):
        s.closure()
        before = s.flat
        o.first_step()
        moved = float((s.flat - before).norm())
        assert moved == pytest.approx(RHO if climbs or o is sam else 0.0, rel=1e-6, abs=1e-12)


def gsam(parameters, base, *, rho: float, lr: float, model: nn.Module):
    optimiser = base(parameters, lr=lr)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda _: 1.0)
    radius = peer.ProportionScheduler(schedule, max_lr=lr, min_lr=lr, max_value=rho, min_value=rho)
    return peer.GSAM(model.parameters(), optimiser, model, radius, alpha=0.4)


def test_gsam_agrees() -> None:
    setting = Setting()
    optimiser = gsam(setting.w.parameters(), torch.optim.SGD, rho=RHO, lr=LR, model=setting.w)

    def closure() -> tuple[None, Tensor]:
        with torch.enable_grad():
            return None, setting.closure().detach()

    for _ in range(10):
        optimiser.step(closure)
    assert (setting.flat - ours(Setting(), 10, ascent=GSAM(0.4))).abs().max() < CLOSE
    assert (setting.flat - ours(Setting(), 10)).abs().max() > 1e-4  # and SAM is another rule


def wsam(setting: Setting, steps: int, **more: object) -> Tensor:
    optimiser = peer.WSAM(setting.w, setting.w.parameters(), torch.optim.SGD, rho=RHO, lr=LR, **more)
    for _ in range(steps):
        optimiser.step(setting.closure)
    return setting.flat


def test_wsam_agrees_and_decoupling_it_changes_plain_sgd_by_nothing() -> None:
    mine = ours(Setting(), 10, ascent=WeightedSAM(0.9 / 0.1))
    for decouple in (False, True):
        # Nine times the perturbed gradient, less eight: nine times the error of SAM.
        assert (wsam(Setting(), 10, gamma=0.9, decouple=decouple) - mine).abs().max() < 9 * CLOSE


def test_wsams_max_norm_clips_one_of_the_two_gradients_and_walks_uphill() -> None:
    clipped, free = Setting(), Setting()
    before = free.loss().item()
    # (1 - a) g + a clip(g_p) with a = 9 and a norm far below |g| is about -8 g.
    wsam(clipped, 1, gamma=0.9, decouple=False, max_norm=1e-3)
    wsam(free, 1, gamma=0.9, decouple=False)
    assert free.loss().item() < before < clipped.loss().item()


def looksam(*a, **more):
    return peer.LookSAM(*a, k=5, alpha=0.7, **more)


def test_looksam_agrees_in_a_model_of_one_tensor() -> None:
    one = ((7,),)
    mine = ours(Setting(one), 10, ascent=LookSAM(0.7), when=Every(5))
    # |v| is near rho |H g|/|g| = 0.2: the norm's error is divided by it; the peer adds 1e-8 to |v|, 5e-8 of it,
    # on 8 of 10 steps along 0.7 |g|, |g| < 4: 8 * 0.05 * 2.8 * 5e-8 = 6e-8 more.
    assert (mine - theirs(Setting(one), 10, looksam)).abs().max() < 1e-7
    assert (mine - ours(Setting(one), 10, when=Every(5))).abs().max() > 1e-3


def test_looksam_projects_each_tensor_by_itself() -> None:
    several = ((3,), (2, 2))
    mine, its = ours(Setting(several), 10, ascent=LookSAM(0.7), when=Every(5)), theirs(Setting(several), 10, looksam)
    assert (mine - its).abs().max() > 1e-3
    # In tensors of one number nothing is orthogonal to the gradient: what is left is SAM on every fifth step.
    scalars = ((1,),) * 7
    fifth = ours(Setting(scalars), 10, when=Every(5))
    assert (theirs(Setting(scalars), 10, looksam) - fifth).abs().max() < CLOSE
    assert (ours(Setting(scalars), 10, ascent=LookSAM(0.7), when=Every(5)) - fifth).abs().max() > 1e-3


def friendly(sigma: float):
    return lambda *a, **more: peer.FriendlySAM(*a, sigma=sigma, lmbda=0.9, **more)


def test_friendly_sam_starts_along_the_gradient_and_takes_the_mean_before_this_step() -> None:
    beta, sigma = 0.9, 0.7
    # g - s m' with m' = b m + (1 - b) g is (1 - s (1 - b)) (g - s' m), s' = s b / (1 - s (1 - b)): the same direction.
    other = sigma * beta / (1 - sigma * (1 - beta))
    setting, mine = Setting(), Setting()
    optimiser = friendly(other)(setting.w.parameters(), torch.optim.SGD, rho=RHO, lr=LR)
    setting.closure()
    means = {i: p.grad.clone() for i, p in enumerate(setting.w)}
    optimiser.step(setting.closure)
    assert (setting.flat - ours(Setting(), 1)).abs().max() < CLOSE  # the first step is SAM's
    sam = SAM(mine.w.parameters(), torch.optim.SGD, RHO, lr=LR, ascent=FriendlySAM(sigma, beta))
    state = sam.state_dict()
    sam.load_state_dict({**state, "ascent": {"of": "FriendlySAM", "taken": 1, "kept": {"mean": means}}})
    with torch.no_grad():
        for p, q in zip(mine.w, setting.w, strict=True):
            p.copy_(q)
    for _ in range(9):
        setting.closure()
        optimiser.step(setting.closure)
        sam.step(mine.closure)
    assert (setting.flat - mine.flat).abs().max() < 10 * CLOSE  # |g - s m| falls to a tenth of |g|
    same_sigma = theirs(Setting(), 10, friendly(sigma))
    assert (same_sigma - setting.flat).abs().max() > 1e-5


def test_bsam_does_not_come_back_from_its_ascent() -> None:
    setting = Setting()
    before = setting.flat
    setting.closure()
    slope = torch.cat([p.grad.flatten() for p in setting.w])
    optimiser = peer.BSAM(setting.w.parameters(), num_data=10**12, lr=1e-12, rho=RHO, weight_decay=0.0)
    optimiser.step(setting.closure)
    # With next to no learning rate a step should move nothing; it ends at w^p (s is 1, the noise 1e-12).
    assert (setting.flat - before - RHO * slope).abs().max() < 1e-6


def test_bsam_descends_along_the_gradient_times_the_weight_decay() -> None:
    ends = []
    for decay in (0.0, 1e-2):
        setting = Setting()
        before = setting.flat
        setting.closure()
        slope = torch.cat([p.grad.flatten() for p in setting.w])
        optimiser = peer.BSAM(setting.w.parameters(), num_data=10**12, lr=0.5, rho=RHO, weight_decay=decay)
        optimiser.step(setting.closure)
        ends.append((setting.flat - before - RHO * slope).abs().max())
    # Nothing is left of the descent without weight decay (the noise is 1e-12). With it there is 5e-4 |g| over the new
    # s >= 0.999: lr (1 - 0.9) 0.01 |g|. It is above 1e-6 as the largest entry of |g| is above 0.01, and below 5e-3 as
    # that entry is below 9.
    assert ends[0] < 1e-6 < ends[1] < 5e-3


def torchzero_step(setting: Setting, steps: int, **more: object) -> Tensor:
    tz = pytest.importorskip("torchzero", reason="tox -e peers installs it")
    optimiser = tz.Optimizer(setting.w.parameters(), tz.m.SAM(rho=RHO, **more), tz.m.LR(LR))

    def closure(backward: bool = True) -> Tensor:
        return setting.closure() if backward else setting.loss()

    for _ in range(steps):
        optimiser.step(closure)
    return setting.flat


@pytest.mark.parametrize("adaptive", [False, True])
def test_torchzeros_sam_agrees_in_a_model_of_one_tensor_and_else_divides_by_each_tensors_norm(adaptive) -> None:
    one, several = ((7,),), ((3,), (2, 2))
    # All in float64; it adds no eps and restores w by subtraction: some roundings of 1e-16 a step.
    its = torchzero_step(Setting(one), 10, asam=adaptive)
    assert (its - ours(Setting(one), 10, adaptive=adaptive)).abs().max() < 1e-10
    its = torchzero_step(Setting(several), 10, asam=adaptive)
    assert (its - ours(Setting(several), 10, adaptive=adaptive)).abs().max() > 1e-4


def momentum_perturbed(setting: Setting, steps: int, sign: float) -> tuple[Tensor, Tensor]:
    """v' = b v + g(p), w' = w - lr v', p' = w' + sign rho v'/|v'|, written out: w and p at the end."""
    shapes = [p.shape for p in setting.w]
    w = p = setting.flat
    v = torch.zeros_like(w)
    for _ in range(steps):
        with torch.no_grad():
            for part, values in zip(setting.w, p.split([s.numel() for s in shapes]), strict=True):
                part.copy_(values.view(part.shape))
        setting.closure()
        v = 0.9 * v + torch.cat([q.grad.flatten() for q in setting.w])
        w = w - LR * v
        p = w + sign * RHO * v / v.norm()
    return w, p


def test_torchzeros_msam_climbs_against_the_momentum_and_ours_along_it() -> None:
    tz = pytest.importorskip("torchzero", reason="tox -e peers installs it")
    setting = Setting()
    optimiser = tz.Optimizer(setting.w.parameters(), tz.m.MSAMMomentum(LR, momentum=0.9, rho=RHO))
    for _ in range(10):
        setting.closure()
        optimiser.step()
    # All in float64: the weights that it leaves are the perturbed ones.
    assert (setting.flat - momentum_perturbed(Setting(), 10, -1.0)[1]).abs().max() < 1e-12
    assert (setting.flat - momentum_perturbed(Setting(), 10, 1.0)[1]).abs().max() > 1e-2
    mine = ours(Setting(), 10, momentum=0.9, ascent=MomentumAscent(), eps=0.0)
    assert (mine - momentum_perturbed(Setting(), 10, 1.0)[0]).abs().max() < 1e-12
    assert (mine - momentum_perturbed(Setting(), 10, -1.0)[0]).abs().max() > 1e-3


def test_zero_gradients_keep_them_all_where_they_are() -> None:
    for build in (peer.SAM, looksam, friendly(1.0)):
        w = nn.Parameter(torch.zeros(2, dtype=torch.float64))
        optimiser = build([w], torch.optim.SGD, rho=RHO, lr=LR)

        def closure(w=w) -> Tensor:
            w.grad = None
            loss = w[0] ** 2 - w[1] ** 2
            loss.backward()
            return loss

        for _ in range(3):
            closure()
            optimiser.step(closure)
        assert torch.equal(w.detach(), torch.zeros(2, dtype=torch.float64))
