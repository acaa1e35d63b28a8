"""The JSON of an analysis, letter by letter: other programs rely on its fields and their meaning."""

import json
import math

import jsonschema
import pytest

from saddlecheck.verification.analysis.result import (
    Component,
    ComponentPart,
    End,
    Findings,
    Point,
    Region,
    Ruling,
    Share,
)
from saddlecheck.verification.analysis.schema import FILES, SCHEMA, SWEEP
from saddlecheck.verification.analysis.settings import AnalysisSettings

SETTINGS = AnalysisSettings(0.5, 0.1, momentum=0.9, batch=8, optimisers=("sam",))
CYCLE = Ruling(
    "cycle", 0.2, "It circles.", ("a-claim",), certified=False, cycle=math.inf, period=2, simulated="confirmed",
    seen="All did.", cycle_at=((0.5,), (-0.5,)), ends=(End("+-", 0.5, 3, 4, 2),), sampled=4, rate=0.5,
)  # fmt: skip
BOUNDLESS = Ruling("attracts", math.inf, "Always.", ("b", "c"), "attracts", variance=0.25)
UNKNOWN = Ruling("undecided", None, "Who knows.", ())
FREED = Ruling("repels", None, "It grows.", (), "repels", cycle=3.0, rate=2.0, escape_time=7.5)
FIRST = Point(
    (0.0,), -1.5, (-2.0, math.nan), "saddle", 1, 0.5, {"sam": CYCLE, "gd": BOUNDLESS}, True, exact=("1/2",),
    basins={"sam": (Share(0.1, 3, 4, 0.75, 0.3, 0.9),)}, region=Region((0.0, 1.0), {"sam": (None, 0.5)}),
)  # fmt: skip
SECOND = Point((1.0,), 2.0, (1.0,), "unknown", 0, None, {"gd": UNKNOWN, "sam": FREED}, False, threshold_known=False)
LINE = Component(("x",), 1, 0.0, (ComponentPart("minimum", "y > 0"),), ("2*y",), (SECOND,))
FOUND = Findings("x**2", ("x",), (FIRST,), (LINE,), ("Mind.",), True, SETTINGS, ("FLINT",), ((-1.0, 1.0),))

SAM_AT_FIRST = (
    '{"verdict": "cycle", "lr_max": 0.2, "why": "It circles.", "claims": ["a-claim"], "flow": "undecided", '
    '"certified": false, "cycle": null, "period": 2, "simulated": "confirmed", "seen": "All did.", '
    '"cycle_at": [[0.5], [-0.5]], "ends": [{"pattern": "+-", "half_width": 0.5, "starts": 3, "of": 4, "period": 2}]}'
)
GD_AT_FIRST = (
    '{"verdict": "attracts", "lr_max": null, "why": "Always.", "claims": ["b", "c"], "flow": "attracts", '
    '"certified": true, "variance": 0.25, "simulated": null, "null_means": {"lr_max": "unbounded"}}'
)
AT_SECOND = (
    '{"at": [1.0], "value": 2.0, "eigenvalues": [1.0], "kind": "unknown", "index": 0, "rho_threshold": null, '
    '"optimisers": {"gd": {"verdict": "undecided", "lr_max": null, "why": "Who knows.", "claims": [], '
    '"flow": "undecided", "certified": true, "simulated": null, "null_means": {"lr_max": "unknown"}}, '
    '"sam": {"verdict": "repels", "lr_max": null, "why": "It grows.", "claims": [], "flow": "repels", '
    '"certified": true, "escape_time": 7.5, "simulated": null}}, "certified": false, '
    '"null_means": {"rho_threshold": "unknown"}}'
)
WRITTEN = (
    '{"schema": 2, "loss": "x**2", "variables": ["x"], "points": [{"at": [0.0], "value": -1.5, '
    '"eigenvalues": [-2.0, null], "kind": "saddle", "index": 1, "rho_threshold": 0.5, '
    f'"optimisers": {{"sam": {SAM_AT_FIRST}, "gd": {GD_AT_FIRST}}}, "certified": true, "exact": ["1/2"], '
    '"basins": {"sam": [{"radius": 0.1, "captured": 3, "of": 4, "share": 0.75, "low": 0.3, "high": 0.9}]}, '
    '"region": {"rho": [0.0, 1.0], "lr_max": {"sam": [null, 0.5]}}}], '
    '"components": [{"equations": ["x"], "dimension": 1, "value": 0.0, "pieces": [{"kind": "minimum", '
    f'"where": "y > 0"}}], "transverse_eigenvalues": ["2*y"], "samples": [{AT_SECOND}]}}], "warnings": ["Mind."], '
    '"complete": true, "settings": {"rho": 0.5, "lr": 0.1, "momentum": 0.9, "batch": 8, "radius": 1.0, '
    '"weight_decay": 0.0, "starts": 20, "steps": 4000, "seed": 0, "noise": "additive", "spread": 1.0}, '
    '"engines": ["FLINT"], "box": [[-1.0, 1.0]]}'
)


def test_the_json_is_written_as_it_always_was():
    assert json.dumps(FOUND.to_dict(), allow_nan=False) == WRITTEN
    jsonschema.validate(json.loads(WRITTEN), SCHEMA)


@pytest.mark.parametrize(
    "change",
    [
        {"surprise": 1},
        {"schema": 1}, {"complete": "yes"}, {"box": [1.0]}, {"loss": None}, {"points": [{"at": [0.0]}]},
        {"points": [json.loads(AT_SECOND) | {"kind": "ridge"}]}, {"points": [json.loads(AT_SECOND) | {"exact": None}]},
    ],
)  # fmt: skip
def test_another_form_is_refused_by_the_schema(change):
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**json.loads(WRITTEN), **change}, SCHEMA)


@pytest.mark.parametrize("missing", ["schema", "warnings", "box", "settings"])
def test_a_field_that_is_missing_is_refused_by_the_schema(missing):
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({k: v for k, v in json.loads(WRITTEN).items() if k != missing}, SCHEMA)


def test_the_files_hold_the_schemas():
    """Written by `python -m saddlecheck.verification.analysis.schema`."""
    assert [path.read_text() for path in FILES] == list(FILES.values())
    assert [json.loads(text) for text in FILES.values()] == [SCHEMA, SWEEP]
    for schema in (SCHEMA, SWEEP):
        jsonschema.Draft202012Validator.check_schema(schema)
