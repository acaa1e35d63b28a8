"""The code that a module needs: its own and that of all our modules that it imports, and no other.

What takes long to compute with a module is kept for this code, so that a change elsewhere does not have it done again.
"""

from __future__ import annotations

import ast
import functools
import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import saddlecheck

_ROOT = Path(str(saddlecheck.__file__)).parent


def digest_of(module: str) -> str:
    """A digest of the code of one of our modules and of all that it imports, at its top or within a function."""
    hasher = hashlib.sha256()
    for name in sorted(closure(module)):
        hasher.update(name.encode() + b"\0" + _read(name))
    return hasher.hexdigest()


@functools.cache
def closure(module: str) -> frozenset[str]:
    """The names of our modules that a module needs, itself among them; what only types need is left out."""
    found: set[str] = set()
    waiting = [module]
    while waiting:
        if (name := waiting.pop()) not in found:
            found.add(name)
            waiting += [name.rpartition(".")[0]] * ("." in name)  # a package runs before what is in it
            waiting += _imports(name)
    return frozenset(found)


@functools.cache
def _imports(module: str) -> frozenset[str]:
    return frozenset(n for part, name in _written(_tree(module).body) for n in _needed(part, name, module))


def _needed(module: str, name: str | None, user: str) -> Iterator[str]:
    """The modules behind `import module`, or `from module import name`, in the code of another module."""
    if not _is_ours(module):
        return
    yield module
    if name is not None and _is_ours(f"{module}.{name}"):
        yield from _needed(f"{module}.{name}", None, user)
        return
    for known, home in _face(module).items():
        if known == name or (name is None and known in _attributes(user)):
            yield from _needed(*home, module)


@functools.cache
def _attributes(module: str) -> frozenset[str]:
    """All that stands behind a point in a module's code."""
    return frozenset(node.attr for node in ast.walk(_tree(module)) if isinstance(node, ast.Attribute))


@functools.cache
def _face(module: str) -> dict[str, tuple[str, str]]:
    """The names that a package imports when they are first used, each with its module and its name there."""
    if _path(module).name != "__init__.py":
        return {}
    late = (node for node in _tree(module).body if _for_types(node))
    return {
        alias.asname or alias.name: (node.module, alias.name)
        for block in late
        for node in ast.walk(block)
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }


def _written(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, str | None]]:
    """The imports in a piece of code: a module, and what is taken from it (None: the module)."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from ((alias.name, None) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.module, alias.name) for alias in node.names)
        elif not isinstance(node, ast.expr) and not _for_types(node):
            yield from _written(ast.iter_child_nodes(node))


def _for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def _is_ours(module: str) -> bool:
    return module.partition(".")[0] == saddlecheck.__name__ and _path(module).exists()


def _path(module: str) -> Path:
    place = _ROOT.joinpath(*module.split(".")[1:])
    return place / "__init__.py" if place.is_dir() else place.with_suffix(".py")


@functools.cache
def _tree(module: str) -> ast.Module:
    return ast.parse(_read(module))


@functools.cache
def _read(module: str) -> bytes:
    return _path(module).read_bytes()
