"""Experiments: a claim's prediction against the algorithm itself, with everything fixed before it runs.

An experiment is data: which claim, which settings and seed, what may separate the measured from the predicted (an
error budget, derived above each one), and which false twins of the prediction must be told apart. The decision is
the same for all: an equivalence test within the budget. An experiment that does not reject its twins decides nothing.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from saddlecheck.numerics.effort import USUAL, Profile
from saddlecheck.numerics.statistics import Budget, Equivalence, equivalence, power_of
from saddlecheck.theory.claims.evidence import Evidence
from saddlecheck.theory.claims.steps import Status

Settings = Mapping[str, Any]
Numbers = Mapping[str, float]

LEVEL = 0.005  # of each one-sided test, shared out among an experiment's observables
POWER = 0.99  # the probability with which each twin has to be rejected


@dataclass(frozen=True)
class Measured:
    """One number from a run, and its standard error: 0 where nothing was sampled."""

    value: float
    error: float = 0.0


Found = Mapping[str, Measured | float]  # a bare number has no error
Measure = Callable[[Settings], Found]
Sampled = Callable[[Settings], dict[str, Measured]]
# The observables' values as a function of the settings; in their order; or one for all of them.
Law = Callable[[Settings], Found] | tuple[float, ...] | float


def numbers(law: Law, settings: Settings, measured: Mapping[str, Measured]) -> Numbers:
    """What a law says the observables are."""
    if callable(law):
        return {k: v.value if isinstance(v, Measured) else float(v) for k, v in law(settings).items()}
    values = law if isinstance(law, tuple) else (law,) * len(measured)
    return dict(zip(measured, map(float, values), strict=True))


@dataclass(frozen=True, eq=False)
class Experiment:
    """One comparison.

    Attributes:
        name: its own, unique.
        claim: id of the claim that it bears on.
        question: what is compared, one sentence.
        engine: what measured: "ensemble", "recursion", "path" or "flow".
        settings: all numbers of the run; "paths" and "seed" where noise is drawn.
        budget: what may separate measured from predicted, as a share of the prediction (or absolute).
        measure: settings -> observables with their errors.
        predict: settings -> what the claim says they are.
        twins: mistake -> what they would be with it.
        absolute: the budget is in the observables' own units.
    """

    name: str
    claim: str
    question: str
    engine: str
    settings: Settings
    budget: Budget
    measure: Measure
    predict: Law
    twins: Mapping[str, Law] = field(default_factory=dict)
    absolute: bool = False

    def profiled(self, profile: Profile) -> tuple[Settings, float]:
        """Settings and margin: with more paths, a margin that is narrower by what they gain."""
        settings = profile.settings(self.settings)
        gain = settings.get("paths", 1) / self.settings.get("paths", 1)
        narrower = sum(b / math.sqrt(gain) if name == "noise" else b for name, b in self.budget.terms.items())
        return settings, narrower

    def run(self, profile: Profile = USUAL) -> Evidence:
        """Evidence: proved within the budget, refuted outside it, undecided in between or with a twin not rejected."""
        begin = time.perf_counter()
        settings, margin = self.profiled(profile)
        found = self.measure(settings).items()
        measured = {k: m if isinstance(m, Measured) else Measured(float(m)) for k, m in found}
        predicted = numbers(self.predict, settings, measured)
        tests = self._compare(measured, predicted, predicted, margin)
        twins, power = {}, 1.0
        for mistake, twin in self.twins.items():
            wrong = numbers(twin, settings, measured)
            twins[mistake] = any(t.excluded for t in self._compare(measured, wrong, predicted, margin).values())
            power = min(power, self._power(settings, measured, predicted, wrong, margin))
        status = self._status(tests, twins)
        if status == "refuted":  # what could have been missed is the law itself
            power = self._power(settings, measured, {k: m.value for k, m in measured.items()}, predicted, margin)
        noted = {
            **settings, "experiment": self.name, "margin": str(self.budget), "absolute": self.absolute,
            "power": round(power, 4),
            "twins": twins, "measured": {k: [m.value, m.error, predicted[k]] for k, m in measured.items()},
        }  # fmt: skip
        why = self._sentence(status, tests, measured, predicted, power, settings.get("paths"))
        witness = None if status != "refuted" else _witness(settings, tests, measured, predicted)
        seconds = time.perf_counter() - begin
        return Evidence("simulation", self.engine, status, why=why, witness=witness, settings=noted, seconds=seconds)

    def _allowed(self, name: str, predicted: Numbers, margin: float) -> float:
        return margin if self.absolute else margin * abs(predicted[name])

    def _compare(
        self, measured: Mapping[str, Measured], expected: Numbers, predicted: Numbers, margin: float
    ) -> dict[str, Equivalence]:
        if measured.keys() != expected.keys():
            raise ValueError(f"{self.name} measures {sorted(measured)} but expects {sorted(expected)}: name the same")
        level = LEVEL / len(measured)
        return {
            k: equivalence(m.value, m.error, expected[k], margin=self._allowed(k, predicted, margin), alpha=level)
            for k, m in measured.items()
        }

    def _power(
        self, settings: Settings, measured: Mapping[str, Measured], law: Numbers, twin: Numbers, margin: float
    ) -> float:
        """Probability to reject the twin where the law is true, by the observable of the greatest power."""
        paths, best = settings.get("paths", 2), 0.0
        for k, m in measured.items():
            separation = abs(twin[k] - law[k]) - self._allowed(k, law, margin)
            if separation > 0:
                spread = m.error * math.sqrt(paths)
                best = max(best, power_of(paths, separation, spread, alpha=2 * LEVEL / len(measured)))
        return best

    @staticmethod
    def _status(tests: Mapping[str, Equivalence], twins: Mapping[str, bool]) -> Status:
        if any(t.excluded for t in tests.values()):
            return "refuted"
        return "proved" if all(t.holds for t in tests.values()) and all(twins.values()) else "undecided"

    def _sentence(
        self, status: Status, tests: Mapping[str, Equivalence], measured: Mapping[str, Measured], predicted: Numbers,
        power: float, paths: int | None,
    ) -> str:  # fmt: skip
        worst = _worst(tests)
        m = measured[worst]
        error = f" +- {m.error:.1g}" if m.error else ""
        drawn = f"{paths:,} paths, " if paths else ""
        verdict = {"proved": "within", "refuted": "outside", "undecided": "not decided by"}[status]
        return (
            f"{self.question}: {worst} is {m.value:.6g}{error} where {predicted[worst]:.6g} is claimed, {verdict} "
            f"the margin {tests[worst].margin:.2g}; {drawn}power {power:.4f}"
        )


def _worst(tests: Mapping[str, Equivalence]) -> str:
    """The observable that is furthest from its prediction, in margins."""
    return max(tests, key=lambda k: abs(tests[k].difference) / tests[k].margin)


def _witness(
    settings: Settings, tests: Mapping[str, Equivalence], measured: Mapping[str, Measured], predicted: Numbers
) -> dict[str, str]:
    worst = _worst(tests)
    shown = {k: str(v) for k, v in settings.items()}
    return {**shown, f"{worst}, measured": f"{measured[worst].value:.6g}", "claimed": f"{predicted[worst]:.6g}"}
