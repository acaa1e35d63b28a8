"""What the rules about several claims see of one: a claim as data, whatever made it."""

from __future__ import annotations

from typing import Protocol

from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.steps import Step
from saddlecheck.theory.symbols import Formula


class Asserted(Protocol):
    """A claim's parts; see `saddlecheck.theory.claims.claim.Claim`."""

    @property
    def id(self) -> str: ...  # noqa: D102  # as in Claim
    @property
    def statement(self) -> Formula: ...  # noqa: D102
    @property
    def given(self) -> tuple[Formula, ...]: ...  # noqa: D102
    @property
    def steps(self) -> tuple[Step, ...]: ...  # noqa: D102
    @property
    def display(self) -> Display | None: ...  # noqa: D102
    @property
    def amends(self) -> str | None: ...  # noqa: D102
    @property
    def rests(self) -> tuple[str, ...]: ...  # noqa: D102
