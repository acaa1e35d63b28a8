"""The verdicts of the papers' claims are read where `saddlecheck check` left them, by code, versions and claim."""

import pytest


@pytest.fixture(autouse=True)
def _own_cache() -> None:
    """Nothing here changes an engine: what one environment of tox has proved is not proved again."""
