"""The house: imports go in one direction, only nets knows torch, and importing the theory is cheap."""

import ast
import builtins
import re
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path

import pytest
from untraced import UNTRACED

from saddlecheck import _nearest

ROOT = Path(__file__).resolve().parent.parent
ORDER = ("theory", "numerics", "nets", "verification")
MAX_LINES = 320  # about 250 is the habit


def modules(root=ROOT):
    return {
        ".".join(p.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): p
        for package in ORDER
        for p in sorted((root / package).rglob("*.py"))
    }


MODULES = modules()


def imported(path: Path, known: Collection[str] = ()) -> set[str]:
    """What a file imports, wherever in the file it does, types included: modules, ours without `saddlecheck.`."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: {node.lineno} imports by a relative path"
            inside = [f"{node.module}.{alias.name}" for alias in node.names]
            found |= {m if m.removeprefix("saddlecheck.") in known else str(node.module) for m in inside}
    return {name.removeprefix("saddlecheck.") for name in found}


def circles(files: dict[str, Path]) -> list[set[str]]:
    """The sets of modules each of which imports, by way of others, itself and the rest of its set."""
    direct = {name: (imported(path, files) & set(files)) - {name} for name, path in files.items()}
    reach = {name: set(there) for name, there in direct.items()}
    for through in files:
        for name in files:
            if through in reach[name]:
                reach[name] |= reach[through]
    alike = {frozenset(m for m in reach[name] if name in reach[m]) for name in files if name in reach[name]}
    return [set(circle) for circle in alike]


@pytest.mark.parametrize("name", MODULES)
def test_each_package_imports_only_from_those_before_it(name):
    tops = {found.split(".")[0] for found in imported(MODULES[name])}
    package = name.split(".")[0]
    assert not tops & set(ORDER[ORDER.index(package) + 1 :])
    if package in ("theory", "numerics"):
        assert "torch" not in tops


def test_the_rule_would_notice(tmp_path):
    bad = tmp_path / "bad.py"
    bad.write_text("def f():\n    import torch\n    from saddlecheck.verification.ledger.judge import judge\n")
    assert imported(bad) == {"torch", "verification.ledger.judge"}


def bare(path: Path) -> set[str]:
    """Packages of ours that a file imports by a bare name, as second copies of every class."""
    nodes = [*ast.walk(ast.parse(path.read_text("utf-8")))]
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom) and not node.level}
    return {name.split(".")[0] for name in names} & set(ORDER)


def test_no_package_of_ours_is_imported_by_a_bare_name(tmp_path):
    folders = (*ORDER, "docs", "tests", "tools", "benchmarks")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*.py") if "_build" not in path.parts]
    assert len(files) > 800
    assert [path for path in files if bare(path)] == []
    (tmp_path / "bad.py").write_text("import theory.claims\n\n\ndef f():\n    from nets import SAM\n")
    assert bare(tmp_path / "bad.py") == {"theory", "nets"}


def test_no_imports_run_in_a_circle():
    assert circles(MODULES) == []


def test_a_circle_would_be_noticed(tmp_path):
    (tmp_path / "theory").mkdir()
    for name, text in {
        "a": "from saddlecheck.theory.b import x",
        "b": "def f():\n    from saddlecheck.theory import c",
        "c": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import saddlecheck.theory.a",
        "d": "from saddlecheck.theory.a import x",
    }.items():
        (tmp_path / "theory" / f"{name}.py").write_text(text)
    assert circles(modules(tmp_path)) == [{"theory.a", "theory.b", "theory.c"}]
    (tmp_path / "theory" / "c.py").write_text("")
    assert circles(modules(tmp_path)) == []


@pytest.mark.parametrize("name", MODULES)
def test_one_idea_a_file(name):
    assert len(MODULES[name].read_text().splitlines()) <= MAX_LINES


def misplaced(files: dict[str, Path]) -> set[str]:
    """Exceptions outside their package's errors.py, or that inherit none that a caller already catches.

    A private one is its module's own, a warning lies with what gives it, and the checker imports nothing of ours.
    """
    classes = [
        (name, node, {ast.unparse(base) for base in node.bases})
        for name, path in files.items()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_") and not name.startswith("theory.checker.")
    ]
    raised = {n for n in dir(builtins) if isinstance(e := getattr(builtins, n), type) and issubclass(e, BaseException)}
    raised -= {n for n in raised if n.endswith("Warning")}
    while more := {node.name for _, node, bases in classes if bases & raised} - raised:
        raised |= more
    return {
        f"{name}: {node.name}"
        for name, node, bases in classes
        if bases & raised and (name != f"{name.split('.')[0]}.errors" or bases == {"Exception"})
    }


def classes_named_twice(files: dict[str, Path]) -> set[str]:
    """The names that public classes of two modules share."""
    found = [
        node.name
        for path in files.values()
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    ]
    return {name for name in found if found.count(name) > 1}


def test_a_class_has_a_name_of_its_own_in_the_house(tmp_path):
    assert classes_named_twice(MODULES) == set()
    for name in ("one", "two"):
        (tmp_path / f"{name}.py").write_text("class Same: ...\nclass _Private: ...\n")
    files = {f"{package}.a": tmp_path / f"{name}.py" for package, name in (("nets", "one"), ("theory", "two"))}
    assert classes_named_twice(files) == {"Same"}


def test_exceptions_lie_in_one_file_of_their_package():
    assert misplaced(MODULES) == set()


def test_a_misplaced_exception_would_be_noticed(tmp_path):
    (tmp_path / "theory").mkdir()
    (tmp_path / "theory" / "errors.py").write_text("class Bad(ValueError): pass\nclass Bare(Exception): pass\n")
    (tmp_path / "theory" / "a.py").write_text(
        "class Worse(Bad): pass\nclass Late(TimeoutError): pass\nclass _Own(Exception): pass\n"
        "class Advice(UserWarning): pass\n"
    )
    assert misplaced(modules(tmp_path)) == {"theory.errors: Bare", "theory.a: Worse", "theory.a: Late"}


def unnamed(listed: str) -> set[str]:
    """Test files beside this one, and folders of tests, that no line of a list of commands names."""
    found = {f"tests/{p.name}" for p in (ROOT / "tests").glob("test_*.py")}
    found |= {f"tests/{p.parent.relative_to(ROOT / 'tests').parts[0]}" for p in (ROOT / "tests").glob("*/**/test_*.py")}
    return {name for name in found if not re.search(rf"(?<!\S){re.escape(name)}(?!\S)", listed)}


def test_tox_runs_every_test():
    listed = (ROOT / "tox.ini").read_text()
    assert unnamed(listed) == set()
    assert unnamed(listed.replace("tests/test_language.py ", "").replace("tests/coq ", "")) == {
        "tests/test_language.py", "tests/coq"
    }  # fmt: skip


def in_neither_run(listed: str, untraced: tuple[str, ...]) -> set[str]:
    """What is given to one of the two runs, traced and untraced, of which a part would be in neither."""
    listed = listed.replace("{[testenv:traced]top}", re.search(r"^top = (.*)$", listed, re.MULTILINE)[1])
    traced, others = (
        set(re.search(rf"pytest (.*) -m {m} ", listed)[1].split()) for m in ('"not untraced"', "untraced")
    )
    return (traced - others) | {name for name in others - traced if f"{name.removeprefix('tests/')}/" not in untraced}


def test_every_test_is_in_the_traced_run_or_the_untraced_one():
    listed = (ROOT / "tox.ini").read_text()
    assert in_neither_run(listed, UNTRACED) == set()
    assert in_neither_run(listed, tuple(set(UNTRACED) - {"nets/"})) == {"tests/nets"}
    assert in_neither_run(listed.replace("tests/verification tests/theory", "tests/theory"), UNTRACED) == {
        "tests/verification"
    }


DEFINED = re.compile(r"^ *def (test_\w+)", re.MULTILINE)


def stale(names: tuple[str, ...]) -> list[str]:
    """Names of a list of tests for which there is no test."""
    found = [p.relative_to(ROOT / "tests") for p in (ROOT / "tests").rglob("test_*.py")]
    tests = [f"{p.as_posix()}::{test}" for p in found for test in DEFINED.findall((ROOT / "tests" / p).read_text())]
    return [name for name in names if not any(test.startswith(name) for test in tests)]


def test_what_runs_untraced_is_there():
    assert stale(UNTRACED) == []
    assert stale((*UNTRACED, "theory/test_domain.py::test_that_was_renamed")) == [
        "theory/test_domain.py::test_that_was_renamed"
    ]


TEMPORARY = ("mkstemp", "NamedTemporaryFile", ".tmp", '".new"')


def unnamed_encodings(source: str) -> int:
    """How many texts are read or written in the encoding that the machine happens to have."""
    calls = [n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)]
    needed = {"read_text": 1, "write_text": 2}  # arguments by position, the encoding among them
    return sum(
        len(c.args) < needed.get(c.func.attr, 0) and "encoding" not in {k.arg for k in c.keywords}
        for c in calls if isinstance(c.func, ast.Attribute)
    )  # fmt: skip


def test_texts_are_read_and_written_as_utf_8():
    assert unnamed_encodings("p.read_text(); p.write_text(t); p.read_text('utf-8'); p.write_text(t, encoding='a')") == 2
    assert {name: n for name, path in MODULES.items() if (n := unnamed_encodings(path.read_text("utf-8")))} == {}


def test_files_are_written_whole_in_one_place():
    own = [name for name, path in MODULES.items() if any(word in path.read_text() for word in TEMPORARY)]
    assert own == []
    assert "mkstemp" in (ROOT / "src" / "saddlecheck" / "_files.py").read_text()


def test_names_are_guessed_in_one_place():
    assert [name for name, path in MODULES.items() if "get_close_matches" in path.read_text()] == []
    assert _nearest.hint("spectrm", ["spectrum", "sam", "spectra"], "none") == "did you mean spectrum or spectra?"
    assert _nearest.hint("spectrm", ["spectrum", "spectra"], "none", most=1) == "did you mean spectrum?"
    assert _nearest.hint("w", ["spectrum"], "it is spectrum.") == "it is spectrum."


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
