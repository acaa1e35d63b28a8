"""What is done with a force: nothing, heavy ball, Nesterov's momentum; each written once, for floats and symbols."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from saddlecheck.theory import symbols as s


@dataclass(frozen=True)
class Momentum:
    """A momentum: (w, m, g, eta, gamma, tau) -> the next w and m.

    Attributes:
        id: of the optimisers around gradient descent that have it.
        title: in words.
        lookahead: whether the step is taken along g + gamma m', and not along m'.
        claims: ids of the theorems on its largest step.
    """

    id: str
    title: str
    lookahead: bool
    claims: tuple[str, ...]
    rule: Callable[..., tuple[Any, Any]]

    def __call__(self, w: Any, m: Any, g: Any) -> tuple[Any, Any]:
        """The next w and m in the theory's symbols; dampening belongs to heavy ball, as in PyTorch."""
        return self.rule(w, m, g, s.eta, s.gamma, 0 if self.lookahead else s.tau)


def _heavy_ball(w: Any, m: Any, g: Any, eta: Any, gamma: Any, tau: Any) -> tuple[Any, Any]:
    r"""$m' = \gamma m + (1-\tau) g$, $w' = w - \eta m'$ (appendix, proof of Theorem 3)."""
    buffer = gamma * m + (1 - tau) * g
    return w - eta * buffer, buffer


def _nesterov(w: Any, m: Any, g: Any, eta: Any, gamma: Any, tau: Any) -> tuple[Any, Any]:
    r"""Nesterov's momentum as PyTorch has it: $m' = \gamma m + g$, $w' = w - \eta (g + \gamma m')$."""
    buffer = gamma * m + (1 - tau) * g
    return w - eta * (g + gamma * buffer), buffer


heavy_ball = Momentum("heavy_ball", "heavy ball", False, ("jury-degree-two", "heavy-ball-edge"), _heavy_ball)
nesterov = Momentum("nesterov", "Nesterov", True, ("jury-degree-two", "nesterov-edge"), _nesterov)
