"""What goes wrong in this package, beyond the builtins: each inherits the one that a caller already catches."""


class HessianMismatch(ValueError):
    """Two ways to compute a derivative disagree by more than their error budgets.

    Example:
        >>> import torch
        >>> from saddlecheck.nets import HessianMismatch
        >>> from saddlecheck.nets.lanczos import lanczos
        >>> def rotated(v):  # not symmetric, so not a Hessian's product
        ...     return torch.stack([v[1], -v[0]])
        >>> like = torch.zeros(2, dtype=torch.float64)
        >>> try:
        ...     lanczos(rotated, 2, k=1, tolerance=1e-3, max_products=10, seed=0, like=like)
        ... except HessianMismatch:
        ...     print("no Hessian")
        no Hessian
    """


class OutOfTime(TimeoutError):
    """The time ran out in a training; those that were finished before it are kept (nets/branch_training.py)."""
