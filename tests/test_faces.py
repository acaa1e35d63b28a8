"""Public is what the faces list: the names resolve, say what they are, and no function is called like a module."""

import ast
import importlib
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FACES = ("saddlecheck", *(f"saddlecheck.{p}" for p in ("theory", "numerics", "nets", "verification")))


def declared(face: str) -> set[str]:
    """The names that a type checker sees in a face."""
    source = Path(str(importlib.import_module(face).__file__)).read_text()
    imports = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom)]
    return {alias.asname for node in imports for alias in node.names if alias.asname == alias.name}


def shared(functions: set[str], modules: set[str]) -> set[str]:
    """Names that mean a function in one line and a module in another."""
    return functions & modules


@pytest.mark.parametrize("face", FACES)
def test_what_is_listed_resolves_and_is_what_a_type_checker_sees(face):
    module = importlib.import_module(face)
    assert set(module.__all__) == declared(face) == set(dir(module))
    for name in module.__all__:
        value = getattr(module, name)
        assert inspect.getdoc(value), f"{face}.{name} says nothing about itself"


def test_the_one_face_for_users_lists_names_of_the_others():
    import saddlecheck

    below = {
        name: getattr(importlib.import_module(f), name)
        for f in FACES[1:]
        for name in importlib.import_module(f).__all__
    }
    assert {name for name in saddlecheck.__all__ if below[name] is not getattr(saddlecheck, name)} == set()


def test_no_public_function_is_called_like_a_public_module():
    functions = {
        n for f in FACES for n in importlib.import_module(f).__all__ if callable(getattr(importlib.import_module(f), n))
    }
    modules = {path.stem for p in FACES[1:] for path in (ROOT / p.split(".")[1]).glob("[!_]*")}
    assert "lanczos" in modules
    assert "spectrum" in functions
    assert shared(functions, modules) == set()
    assert shared({*functions, "lanczos"}, modules) == {"lanczos"}  # and it would be seen


def test_no_public_function_is_called_like_the_module_that_holds_it():
    """Two rooms down it would not be hidden by the module, but `analysis.bifurcation` would mean either."""
    at = [(f, n, getattr(importlib.import_module(f), n)) for f in FACES[1:] for n in importlib.import_module(f).__all__]
    homes = {(f, n): value.__module__ for f, n, value in at if inspect.isroutine(value)}
    assert homes["saddlecheck.verification", "analyse"] == "saddlecheck.verification.analysis.entry"
    assert [n for (_, n), module in homes.items() if n == module.split(".")[-1]] == []


@pytest.mark.parametrize("face", FACES[1:])
def test_each_face_has_its_page_in_the_reference(face):
    assert f".. automodule:: {face}\n" in (ROOT / "docs" / "api" / f"{face.split('.')[1]}.md").read_text()


def test_the_face_costs_next_to_nothing():
    code = "import saddlecheck, sys; print(*(m for m in ('sympy', 'numpy', 'torch', 'numba') if m in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == ""
