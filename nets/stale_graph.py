"""Whether a loss that is to be at the perturbed weights rests on something that was computed at w.

torch refuses such a backward only where the graph has saved a weight that has changed since. Of one layer it has saved
the inputs alone, and the gradient is silently that at w. What two passes share shows in their graphs.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from torch import Tensor

from saddlecheck.nets.batches import tensors

Node = Any  # torch names no public type for what tensors hold as grad_fn


def nodes_of(value: Any) -> set[Node]:
    """All nodes of the graphs of the single numbers in what a closure has returned."""
    return _below(t.grad_fn for t in tensors(value) if t.numel() == 1 and t.grad_fn is not None)


def is_stale(value: Any, before: set[Node], weights: Iterable[Tensor]) -> bool:
    """Whether the graph of `value` reaches one of the weights through a node of another pass.

    Args:
        value: what the closure has returned.
        before: `nodes_of` what it had returned in the pass before.
        weights: leaves. A frozen part, or another network, may well be computed once for both passes.

    Returns:
        False also where nothing returned has a graph: of None, or of plain numbers, nothing is known.
    """
    shared = {n for n in nodes_of(value) & before if not _is_leaf(n)}
    if not shared:
        return False
    ids = {id(p) for p in weights}
    return any(_is_leaf(n) and id(n.variable) in ids for n in _below(shared))


def _is_leaf(node: Node) -> bool:
    return type(node).__name__ == "AccumulateGrad"


def _below(roots: Iterable[Node]) -> set[Node]:
    found, left = set[Node](), list(roots)
    while left:
        node = left.pop()
        if node not in found:
            found.add(node)
            left += [n for n, _ in node.next_functions if n is not None]
    return found
