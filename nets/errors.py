"""What goes wrong in this package, beyond the builtins: each inherits the one that a caller already catches."""


class HessianMismatch(ValueError):
    """Two ways to compute a derivative disagree by more than their error budgets."""
