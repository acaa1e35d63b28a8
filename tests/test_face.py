"""The face: everything that users need from one name, at no cost before it is used."""

import statistics
import subprocess
import sys

import pytest

import saddlecheck

NAMES = ["Claim", "Loss", "Monitor", "SAM", "analyse", "check", "simulate", "spectrum", "variance"]


def printed(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_importing_it_is_cheap_and_loads_nothing_heavy():
    # Budget: 0.15 s of processor time, the median of five.
    code = (
        "import sys, time; start = time.process_time(); import saddlecheck; seconds = time.process_time() - start;"
        "assert not {'sympy', 'torch', 'numpy'} & {*sys.modules}; print(seconds)"
    )
    assert statistics.median(float(printed(code)) for _ in range(5)) <= 0.15


@pytest.mark.parametrize("name", NAMES)
def test_what_users_need_is_there(name):
    value = getattr(saddlecheck, name)
    assert callable(value)
    assert name in saddlecheck.__all__
    assert name in dir(saddlecheck)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'sam'"):
        saddlecheck.sam  # noqa: B018  # the access is the test
    with pytest.raises(ImportError, match="cannot import name"):
        exec("from saddlecheck import nothing")


def test_a_symbolic_question_does_not_load_torch():
    code = (
        "import sys; from saddlecheck import Loss; Loss('x**2 - y**2').critical_points(); print('torch' in sys.modules)"
    )
    assert printed(code).strip() == "False"
