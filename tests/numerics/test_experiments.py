"""Each experiment decides, rejects its twins with power, and would refute a law that is wrong."""

import dataclasses
import functools
import json
import math

import numpy as np
import pytest

from saddlecheck.numerics.effort import Profile
from saddlecheck.numerics.experiment import POWER, Experiment, Measured, numbers
from saddlecheck.numerics.experiments.registry import experiments
from saddlecheck.numerics.statistics import Budget
from saddlecheck.theory.papers.catalogue import CLAIMS

# All tests of one experiment go to one worker, which runs it once.
NAMES = [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in experiments()]
DRAWN = [
    pytest.param(name, marks=pytest.mark.xdist_group(name)) for name, e in experiments().items() if "seed" in e.settings
]


@functools.cache
def evidence(name):
    return experiments()[name].run()


@pytest.mark.slow
@pytest.mark.parametrize("name", DRAWN)
def test_other_random_numbers_decide_the_same(name):
    """No lucky seed: draw 1 was fixed, with every budget, before it was first run."""
    assert experiments()[name].run(Profile(draw=1)).status == evidence(name).status


@pytest.mark.parametrize("name", NAMES)
def test_it_decides_and_rejects_every_twin_with_power(name):
    found = evidence(name)
    assert found.kind == "simulation"
    assert found.status in ("proved", "refuted"), found.why
    assert all(found.settings["twins"].values()), found.settings["twins"]
    assert found.settings["power"] >= POWER
    # A law that is to be believed has been told from something; one that is refuted has been told from the truth.
    assert found.settings["twins"] or found.status == "refuted"


@pytest.mark.parametrize("name", NAMES)
def test_it_agrees_with_the_ledger(name):
    # A claim with a derivation is not to be contradicted by a run; one without was refuted by a point, or is in words.
    claim = CLAIMS[experiments()[name].claim]
    if claim.steps:
        assert evidence(name).status == "proved", evidence(name).why
    elif claim.is_formula:
        assert evidence(name).status == "refuted", evidence(name).why


@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_law_in_the_place_of_the_right_one_is_refuted(name):
    e = experiments()[name]
    measured = {k: Measured(v, error) for k, (v, error, _) in evidence(name).settings["measured"].items()}
    for mistake, twin in e.twins.items():
        if not e.absolute and 0.0 in numbers(twin, e.settings, measured).values():
            continue  # a share of nothing is no margin
        wrong = dataclasses.replace(e, predict=twin, twins={}, measure=lambda _, m=measured: m)
        assert wrong.run().status == "refuted", mistake


def test_settings_are_data_and_no_two_runs_share_their_noise():
    seeds = [e.settings["seed"] for e in experiments().values() if "seed" in e.settings]
    assert len(seeds) == len(set(seeds))
    for e in experiments().values():
        assert ("paths" in e.settings) <= ("seed" in e.settings)
        json.dumps(dict(e.settings))
        assert e.claim in CLAIMS


def test_what_the_paper_asserts_and_a_run_contradicts_comes_with_its_settings():
    found = evidence("beale-stuck-constant")
    assert found.status == "refuted"
    assert found.witness is not None
    assert found.witness["normalised"] == "False"
    assert found.witness["eta"] == "0.0001"
    assert evidence("beale-stuck-normalised").status == "proved"


# ---- the decision itself, on an experiment whose truth is known


def toy(value, error=0.0, **changes):
    e = Experiment(
        name="toy", claim="thm1", question="a number", engine="ensemble", settings={"paths": 100, "seed": 1},
        budget=Budget({"noise": 0.08, "bias": 0.02}), measure=lambda _: {"x": Measured(value, error)},
        predict=lambda _: {"x": 1.0}, twins={"twice": lambda _: {"x": 2.0}},
    )  # fmt: skip
    return dataclasses.replace(e, **changes)


def test_within_the_budget_is_proved_outside_refuted_and_in_between_undecided():
    # margin 0.1; the interval at level 0.005 is 2.576 standard errors to either side.
    assert toy(1.09).run().status == "proved"
    assert toy(1.11).run().status == "refuted"
    assert toy(1.05, 0.01).run().status == "proved"
    assert toy(1.08, 0.01).run().status == "undecided"
    assert toy(1.13, 0.01).run().status == "refuted"


def test_an_experiment_that_cannot_tell_its_twin_decides_nothing():
    blind = toy(1.0, twins={"a hair more": lambda _: {"x": 1.05}})
    assert blind.run().status == "undecided"
    assert blind.run().settings["twins"] == {"a hair more": False}
    assert blind.run().settings["power"] == 0.0


def test_power_counts_the_spread():
    # Separation 1 less the margin 0.1: 0.9 against an error of 0.5 is 1.8 of them, less the 2.576 of the level.
    found = toy(1.0, 0.5).run()
    assert found.settings["power"] == pytest.approx(0.2188, abs=2e-4)  # Phi(1.8 - 2.576)
    assert toy(1.0, 0.01).run().settings["power"] == 1.0


def test_the_full_profile_has_more_paths_and_narrower_noise():
    settings, margin = toy(1.0).profiled(Profile(full=True))
    assert settings["paths"] == 1600
    assert margin == pytest.approx(0.08 / 4 + 0.02)
    assert toy(1.0).profiled(Profile())[1] == pytest.approx(0.1)
    still = toy(1.0, settings={"eta": 0.1})
    assert still.profiled(Profile(full=True)) == still.profiled(Profile())


def staying(rate, diffusion, longest, paths):
    """Paths expected to be in |w| < 1 still: the slowest mode of the killed process, by finite differences."""
    grid = np.linspace(-1, 1, 801)
    inside, h = grid[1:-1], grid[1] - grid[0]
    generator = np.diag(np.full(799, -2 * diffusion / h**2))
    generator += np.diag(diffusion / h**2 - rate * inside[:-1] / (2 * h), 1)
    generator += np.diag(diffusion / h**2 + rate * inside[1:] / (2 * h), -1)
    slowest = -max(np.linalg.eigvals(generator).real)
    return paths * math.exp(-slowest * longest)


@pytest.mark.parametrize("name", ["exit-time-repelled-run", "exit-time-trapped-run", "exit-time-neutral-run"])
def test_every_path_of_the_full_profile_is_expected_to_leave(name):
    s = Profile(full=True).settings(experiments()[name].settings)
    # one in a thousand such runs may see a straggler; the mode's share of all paths, about one, is left out
    assert staying(s["rate"], s["diffusion"], s["steps"] * s["dt"], s["paths"]) < 1e-3


def test_a_time_that_is_too_short_for_the_full_profile_is_caught():
    # Second differences, h = 1/400: the rate is wrong by (pi h/2)^2/12 = 1.3e-6 of itself; times 17.3 that is 2.3e-5.
    assert staying(0.0, 0.5, 14.0, 1) == pytest.approx(math.exp(-14 * math.pi**2 / 8), rel=5e-5)
    assert staying(-1.0, 0.1, 14.0, 640_000) > 0.1  # two of them stayed


def test_another_draw_has_other_random_numbers_and_the_same_margin():
    drawn = toy(1.0, settings={"paths": 100, "seed": 7})
    (first, margin), (second, same) = (drawn.profiled(Profile(draw=d)) for d in (0, 1))
    assert first["seed"] == 7 != second["seed"]
    assert (first["paths"], margin) == (second["paths"], same)
    seeds = {e.settings["seed"] for e in experiments().values() if "seed" in e.settings}
    assert max(seeds) + 10 < min(Profile(draw=1).settings({"seed": s})["seed"] for s in seeds)


def test_observables_must_have_the_same_names():
    with pytest.raises(ValueError, match=r"measures \['x'\] but expects \['y'\]"):
        toy(1.0, predict=lambda _: {"y": 1.0}).run()


def test_a_number_that_is_not_finite_is_an_error_and_no_verdict():
    with pytest.raises(ValueError, match="must be finite"):
        toy(math.nan).run()
