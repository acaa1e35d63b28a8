"""Public names that are loaded on first use."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any


def attach(
    package: str, home: Mapping[str, Sequence[str]], extra: Mapping[str, str] | None = None
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """`__getattr__`, `__dir__` and `__all__` of a package whose public names load what they need when first used.

    Args:
        package: the package's full name.
        home: module of the package, by its name in it -> the public names that it holds.
        extra: third-party module -> the extra of saddlecheck that installs it; named where the import fails for it.

    Returns:
        `__getattr__`, `__dir__`, `__all__`, in this order.

    Raises:
        AttributeError: (by `__getattr__`) there is no such name.
        ImportError: (by `__getattr__`) a module of an extra is missing; the message says how to install it.
    """
    where = {name: module for module, names in home.items() for name in names}

    def load(name: str) -> Any:
        if name not in where:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        try:
            return getattr(import_module(f"{package}.{where[name]}"), name)
        except ModuleNotFoundError as error:
            if error.name not in (extra or {}):
                raise
            wanted = (extra or {})[str(error.name)]
            raise ImportError(f"{name} needs {error.name}: pip install 'saddlecheck[{wanted}]'") from error

    return load, lambda: sorted(where), sorted(where)
