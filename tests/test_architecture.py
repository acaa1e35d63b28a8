"""The house: imports go in one direction, only nets knows torch, and importing the theory is cheap."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ORDER = ("theory", "numerics", "nets", "verification")
MAX_LINES = 320  # about 250 is the habit


def modules():
    return [path for package in ORDER for path in sorted((ROOT / package).rglob("*.py"))]


def imported(path: Path) -> set[str]:
    """The modules, or names in modules, that a file imports, wherever in the file it does; ours without the prefix."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name.removeprefix("saddlecheck.") for name in found}


def packages(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imported(path)}


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(ROOT)))
def test_each_package_imports_only_from_those_before_it(path):
    package = path.relative_to(ROOT).parts[0]
    later = ORDER[ORDER.index(package) + 1 :]
    assert not packages(path) & set(later)
    if package in ("theory", "numerics"):
        assert "torch" not in packages(path)


def test_the_rule_would_notice(tmp_path):
    bad = tmp_path / "bad.py"
    bad.write_text("def f():\n    import torch\n    from saddlecheck.verification.ledger.judge import judge\n")
    assert {"torch", "verification"} <= packages(bad)


def graph(root: Path, files: list[Path]) -> dict[str, set[str]]:
    """Each module with the modules of ours that it imports; lazy imports and those for type checkers count as well."""
    names = {".".join(p.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): p for p in files}
    # `from a.b import c` needs a.b.c where that is a module, and a.b where it is not.
    return {name: {module(found, names) for found in imported(path)} - {name, ""} for name, path in names.items()}


def module(name: str, names: dict[str, Path]) -> str:
    while name and name not in names:
        name = name.rpartition(".")[0]
    return name


def circles(arrows: dict[str, set[str]]) -> list[str]:
    """The modules on circles, and on ways between circles: what is left when ends are taken off, again and again."""
    left = dict(arrows)
    while True:
        needed = set().union(*left.values())
        ends = [name for name, needs in left.items() if not needs & set(left) or name not in needed]
        if not ends:
            return sorted(left)
        for name in ends:
            del left[name]


def test_no_import_circle_anywhere():
    assert circles(graph(ROOT, modules())) == []


def test_a_circle_would_be_noticed(tmp_path):
    (tmp_path / "a.py").write_text("from saddlecheck import b\n")
    (tmp_path / "b.py").write_text("def f():\n    from saddlecheck.c import g\n")
    (tmp_path / "c.py").write_text("import saddlecheck.a\n")
    (tmp_path / "d.py").write_text("import saddlecheck.c\n")
    assert circles(graph(tmp_path, sorted(tmp_path.glob("*.py")))) == ["a", "b", "c"]
    (tmp_path / "c.py").write_text("import math\n")
    assert circles(graph(tmp_path, sorted(tmp_path.glob("*.py")))) == []


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(ROOT)))
def test_one_idea_a_file(path):
    assert len(path.read_text().splitlines()) <= MAX_LINES


HEAVY = ("torch", "numba", "matplotlib", "z3", "cvc5", "flint", "scipy", "dask")


def test_importing_the_theory_is_cheap_and_pulls_in_nothing_heavy():
    # Budget: 1.5 s of processor time for the whole import, SymPy included.
    code = (
        "import sys, time; start = time.process_time(); import saddlecheck.theory; "
        "seconds = time.process_time() - start;"
        f"print(seconds, *(m for m in {HEAVY} if m in sys.modules))"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    seconds, *pulled_in = printed.split()
    assert pulled_in == []
    assert float(seconds) < 1.5


def test_sympy_does_not_compute_with_the_library_that_checks_it():
    code = "from saddlecheck import theory; from sympy.external.gmpy import GROUND_TYPES; print(GROUND_TYPES)"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert printed.strip() == "python"
