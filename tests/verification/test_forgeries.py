"""What a forger may do to a certificate, the digest computed anew: every kind is caught, and none by chance.

A forgery of words is shown to the checker with the recorded digests of the words; every other one without their help,
as if the forger had those too, so that it is the check of the content that catches it.
"""

import pytest
from certified import BASES, certificate, pinned, sealed, words_of
from forgeries import FORGERIES, WORDS, ZERO, X, forged, real

from saddlecheck.theory.checker import certificate as checker
from saddlecheck.theory.checker import form, positivity, rules
from saddlecheck.theory.checker.tree import Damaged


def found(data, wordings):
    examined = checker.examine(data, wordings)
    return examined.exit_code, [f"{line.what}: {line.result}: {line.how}" for line in examined.lines]


@pytest.mark.parametrize("id", BASES)
def test_what_nobody_forged_is_verified(id):
    assert found(certificate(id), pinned()) == (0, found(certificate(id), pinned())[1])
    assert found(sealed(certificate(id)), words_of(certificate(id)))[0] == 0


@pytest.mark.parametrize("kind", WORDS.values(), ids=list(WORDS))
def test_forged_words_are_caught_by_the_digest_of_the_review(kind):
    data = forged(kind)
    assert found(data, pinned())[0] == 1


@pytest.mark.parametrize("kind", FORGERIES.values(), ids=list(FORGERIES))
def test_forged_content_is_caught_without_the_help_of_the_review(kind):
    data = forged(kind)
    code, lines = found(data, words_of(data))
    assert code == 1, lines
    assert all(len(line) < 600 and "\n" not in line for line in lines)


def test_there_are_at_least_sixty_kinds():
    assert len(WORDS) + len(FORGERIES) >= 60


@pytest.mark.parametrize("kind", [*WORDS.values(), *FORGERIES.values()], ids=[*WORDS, *FORGERIES])
def test_a_forger_who_forgets_the_digest_is_caught(kind):
    base, change = kind
    data = certificate(base)
    change(data)
    assert found(data, words_of(data))[0] == 1


# What makes a part weaker than it was is said, with exit code 3: it is no longer verified.
WEAKER = {
    "no point for the conditions": ("strict", lambda d: d.update(model=None), "conditions"),
    "a step that the engines are said to have proved": (
        "strict",
        lambda d: (d["steps"][1].update(basis="two solvers, one translation"), d["proofs"].clear()),
        "step positive",
    ),
    "an agreeing run that nobody ran": (
        "strict",
        lambda d: d["runs"].append({"kind": "simulation", "engine": "ensemble", "status": "proved", "why": "within",
                                    "witness": None, "settings": {}}),
        "simulation ensemble",
    ),
    "a refutation where a power has no value": (
        "small",
        lambda d: d.update(statement=["StrictGreaterThan", X, ZERO], witness={"x": "-1", "y": "2"},
                           given=[["GreaterThan", ["Pow", X, real("y")], ZERO]], model={"x": "1", "y": "1"}),
        "witness",
    ),
    "a claim that nobody reviewed": ("strict", lambda d: d.update(id="strictly"), "words"),
}  # fmt: skip


@pytest.mark.parametrize(("base", "change", "what"), WEAKER.values(), ids=list(WEAKER))
def test_what_can_only_be_trusted_is_listed(base, change, what):
    data = forged((base, change))
    words = {} if what == "words" else words_of(data)
    examined = checker.examine(data, words)
    assert examined.exit_code == 3
    assert [line.what for line in examined.lines if line.result == "trusted"] == [what]


# Each check is needed: without it, the forgery beside it passes.
def _proves(*_arguments):
    return None


TEETH = [
    ("another multiplier", positivity, "verify", _proves),
    ("an identity is off by one", rules, "_identical", _proves),
    ("a larger box", rules, "fails_on", lambda *_: ""),
    ("a witness of another sort", checker, "inadmissible", lambda *_: ""),
]


@pytest.mark.parametrize(("kind", "module", "name", "blunt"), TEETH, ids=[t[0] for t in TEETH])
def test_without_its_check_a_forgery_passes(monkeypatch, kind, module, name, blunt):
    data = forged(FORGERIES[kind])
    if kind == "a larger box":
        data["statement"][1][2][2] = ["Rational", "3"]
        sealed(data)
    monkeypatch.setattr(module, name, blunt)
    assert found(data, words_of(data))[0] == 0


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no certificate"),
        ("{", "no certificate"),
        ("[]", "names no format"),
        ("{}", "names no format"),
        ('{"format": "2"}', "names no format"),
        ('{"format": true}', "names no format"),
        ('{"format": 1}', "format 1; this version reads format 3"),
        ('{"format": 2}', "format 2; this version reads format 3"),
        ('{"format": 99}', "format 99; this version reads format 3"),
        ('{"format": 3, "format": 3}', "a key stands twice"),
        ('{"format": 3, "given": [NaN]}', "NaN is no number"),
        ('{"format": 3, "seconds": Infinity}', "Infinity is no number"),
        ('{"format": 3, "given": ' + "[" * 100_000, "nested too deeply"),
        ('{"format": 3, "x": ' + "9" * 10_000 + "}", "no certificate"),
    ],
)
def test_what_is_no_certificate_is_refused(text, says):
    with pytest.raises(Damaged, match=says) as caught:
        form.read(text)
    assert "\n" not in str(caught.value)


def test_a_hole_in_the_shape_would_be_noticed():
    """Whatever JSON value stands in whatever place, the checker ends with a result and not with an exception."""
    junk = (None, True, 3, -1, 1.5, "", "1", [], {}, [[]], [["Symbol"]], {"tree": 3}, ["exp"])
    for id in ("strict", "printed", "cube"):
        for key in certificate(id):
            for value in junk:
                data = certificate(id)
                if data[key] == value and type(data[key]) is type(value):
                    continue
                data[key] = value
                if key != "digest":
                    sealed(data)
                assert checker.examine(data, pinned()).exit_code in (1, 3), (id, key, value)
