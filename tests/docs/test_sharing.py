"""Work that is shared out comes back in order, whichever process did it."""

import os

import pytest

from saddlecheck.verification.site.sharing import each


def _told(subjects, key):
    if key == "bad":
        raise ValueError("no such key")
    return subjects[key], os.getpid()


KEYS = tuple("abcdefg")
SUBJECTS = {key: key.upper() for key in KEYS}


@pytest.mark.parametrize("jobs", [1, 2])
def test_results_come_in_the_order_of_the_keys(jobs):
    found = each(_told, SUBJECTS, KEYS, jobs=jobs, at_once=2)
    assert "".join(letter for letter, _ in found) == "ABCDEFG"
    assert ({pid for _, pid in found} == {os.getpid()}) == (jobs == 1)


def test_one_key_needs_no_other_process():
    assert each(_told, SUBJECTS, ["c"], jobs=2) == [("C", os.getpid())]
    assert each(_told, SUBJECTS, [], jobs=2) == []


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_goes_wrong_is_not_lost(jobs):
    with pytest.raises(ValueError, match="no such key"):
        each(_told, SUBJECTS, ["a", "bad"], jobs=jobs)
