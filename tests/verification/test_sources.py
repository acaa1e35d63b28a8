"""Which code a result is kept for: all that a module can load, and no more."""

import subprocess
import sys

import pytest

from saddlecheck.verification.figures import FIGURES
from saddlecheck.verification.ledger import sources

LOADED = "import {}, sys; print(*(name for name in sys.modules if name.partition('.')[0] == 'saddlecheck'))"


@pytest.mark.parametrize("figure", ["exit-times", "fig8"])
def test_a_module_needs_all_that_importing_it_loads(figure):
    code = FIGURES[figure].code
    loaded = subprocess.run([sys.executable, "-c", LOADED.format(code)], capture_output=True, text=True, check=True)
    assert set(loaded.stdout.split()) <= sources.closure(code)


def test_what_a_function_imports_and_what_a_face_loads_late_is_needed():
    # variance_laws takes `simulate` from the face of numerics, which loads ensemble_run; record imports replay's
    # training code in a function.
    assert "saddlecheck.numerics.ensemble_run" in sources.closure(FIGURES["variance-laws"].code)
    assert "saddlecheck.nets.branch_runs" in sources.closure("saddlecheck.nets.record")


def test_a_paper_is_no_part_of_a_figure_that_does_not_read_it():
    needed = sources.closure(FIGURES["fig5"].code)
    assert "saddlecheck.theory.critical.loss" in needed
    assert not [name for name in needed if name.startswith("saddlecheck.theory.papers")]
    assert "saddlecheck.verification.site" not in needed


def forget():
    for kept in vars(sources).values():
        if hasattr(kept, "cache_clear"):
            kept.cache_clear()


@pytest.fixture
def house(tmp_path, monkeypatch):
    """A package of the same name with two modules behind its face, and two that import it."""
    late = "if TYPE_CHECKING:\n    from saddlecheck.a import f as f\n    from saddlecheck.b import g as g\n"
    files = {
        "__init__.py": late,
        "a.py": "def f(): ...\n",
        "b.py": "def g(): ...\n",
        "whole.py": "import saddlecheck\n\ndef h():\n    return saddlecheck.g()\n",
        "types.py": "if TYPE_CHECKING:\n    from saddlecheck.a import f\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(sources, "_ROOT", tmp_path)
    forget()
    yield tmp_path
    forget()


def test_an_attribute_of_an_imported_face_is_needed_and_other_names_of_it_are_not(house):
    assert sources.closure("saddlecheck.whole") == {"saddlecheck", "saddlecheck.whole", "saddlecheck.b"}
    assert sources.closure("saddlecheck.types") == {"saddlecheck", "saddlecheck.types"}


def test_a_change_shows_where_it_is_needed_and_nowhere_else(house):
    names = ("saddlecheck.whole", "saddlecheck.types")
    whole, types = map(sources.digest_of, names)
    (house / "b.py").write_text("def g(): return 1\n")
    forget()
    assert sources.digest_of(names[0]) != whole
    assert sources.digest_of(names[1]) == types
