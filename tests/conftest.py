"""Shared test settings: Hypothesis profiles choose the effort, never the code."""

import os

os.environ["SYMPY_GROUND_TYPES"] = "python"  # as in theory/__init__.py; test modules may import SymPy before it

import gc
import signal
import sys
from pathlib import Path

import hypothesis
import pytest

# Helpers of the tests are plain modules beside this file, found whether or not the repository is on the path.
sys.path.insert(0, str(Path(__file__).parent))

from untraced import UNTRACED

# A shell that starts the tests in the background has them ignore ^C, and what they start inherits that: the tests that
# interrupt a command would wait for what cannot come.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:  # as nohup does
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

# As in the command line: imports, claims and formulas live until the end. To walk them every 700 objects costs a tenth.
gc.set_threshold(50_000)

hypothesis.settings.register_profile("quick", max_examples=25, deadline=None)
hypothesis.settings.register_profile("ci", max_examples=60, deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.register_profile("full", max_examples=1000, deadline=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


def _of_its_module(item: pytest.Item) -> bool:
    """Whether a test asks for what its module makes once."""
    asked = item._fixtureinfo.name2fixturedefs if isinstance(item, pytest.Function) else {}
    return any(made[-1].scope == "module" for made in asked.values())


def pytest_itemcollected(item: pytest.Item) -> None:  # early: pytest-xdist looks for groups before any later hook
    within = item.path.relative_to(Path(__file__).parent).as_posix()
    if f"{within}::{item.nodeid.partition('::')[2]}".startswith(UNTRACED):
        item.add_marker(pytest.mark.untraced)
    # Of several processes one runs all tests for which a module makes something: it is made once.
    if _of_its_module(item) and item.get_closest_marker("xdist_group") is None:
        item.add_marker(pytest.mark.xdist_group(within))


def pytest_collection_finish() -> None:
    """Leave what was collected to the end of the process: no search for cycles walks it, in no process forked later."""
    gc.freeze()


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads results that another run of the tests computed; of one run all processes share them."""
    if "SADDLECHECK_TEST_CACHE" not in os.environ:
        own = tmp_path_factory.getbasetemp()
        run = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
        monkeypatch.setenv("SADDLECHECK_CACHE", str(run / "cache"))
