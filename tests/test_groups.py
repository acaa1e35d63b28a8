"""What a module makes once for its tests is made once, though several processes run them."""

import os
import re
import subprocess
import sys

import pytest

TESTS = """
import pytest
@pytest.mark.xdist_group("together")
@pytest.mark.parametrize("i", range(6))
def test_together(i): pass
"""


@pytest.mark.parametrize(("dist", "processes"), [("loadgroup", 1), ("load", 2)])
def test_one_process_runs_the_tests_of_a_group(dist, processes, tmp_path):
    # What pytest and pytest-xdist make of a group between them: of some versions nothing, and no test fails by it. That
    # the count can tell is seen where groups are not asked for: there each process begins with two of the tests.
    (tmp_path / "test_it.py").write_text(TESTS)
    command = [sys.executable, "-m", "pytest", "-v", "-n", "2", "--dist", dist, "-p", "no:cacheprovider"]
    outside = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    done = subprocess.run(command, cwd=tmp_path, env=outside, capture_output=True, text=True, check=True)
    ran = re.findall(r"^\[(gw\d)\].* PASSED test_it\.py", done.stdout, re.MULTILINE)
    assert len(ran) == 6
    assert len(set(ran)) == processes


@pytest.fixture(scope="module")
def made():
    return object()


def test_tests_that_share_what_their_module_makes_are_a_group(made, request):
    assert request.node.get_closest_marker("xdist_group").args == ("test_groups.py",)


def test_others_are_in_none(request):
    assert request.node.get_closest_marker("xdist_group") is None
