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
    """The top-level packages that a file imports, wherever in the file it does."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.add(str(node.module).split(".")[0])
    return found


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(ROOT)))
def test_each_package_imports_only_from_those_before_it(path):
    package = path.relative_to(ROOT).parts[0]
    later = ORDER[ORDER.index(package) + 1 :]
    assert not imported(path) & set(later)
    if package in ("theory", "numerics"):
        assert "torch" not in imported(path)


def test_the_rule_would_notice(tmp_path):
    bad = tmp_path / "bad.py"
    bad.write_text("def f():\n    import torch\n    from saddlecheck.verification.ledger.judge import judge\n")
    assert imported(bad) == {"torch", "verification"}


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
