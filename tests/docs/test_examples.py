"""Every public name has an example in its docstring, and every example prints what it says.

A constant's example stands with its class, or, where that is a builtin, with the face that lists it.
"""

import doctest
import importlib
import inspect
import re

import pytest

PACKAGES = ("theory", "numerics", "nets", "verification")
NEEDS_TORCH = {
    *(
        "CapturedStep",
        "FitConfig",
        "HessianMismatch",
        "Monitor",
        "Recorder",
        "SAM",
        "Task",
        "density",
        "explain",
        "fit",
        "load_weights",
    ),
    *("same_draws", "save_weights", "spectrum", "subset_ends"),
    *("Ascent", "DNSAM", "EGSAM", "ESAM", "Every", "FriendlySAM", "GSAM", "GradientPenalty", "LookSAM"),
    *("MomentumAscent", "NStepSAM", "RandomPerturbation", "Sometimes", "StaleAscent", "StalePerturbedAscent"),
    *("UnifiedSAM", "WeightedSAM", "sharpest"),
}


def public(package: str) -> list[str]:
    return importlib.import_module(f"saddlecheck.{package}").__all__


def examples(doc: str, name: str) -> doctest.DocTest:
    """What a docstring runs, if it has a section for it and the name is used there."""
    _, section, text = doc.partition("\nExample:\n")
    found = doctest.DocTestParser().get_doctest(text, {}, name, None, None)
    assert section, f"{name} has no example: add a section 'Example:' to its docstring"
    assert any(re.search(rf"\b{name}\b", e.source) for e in found.examples), f"the example of {name} does not use it"
    assert any(e.want for e in found.examples), f"the example of {name} shows no result"
    return found


def failures(test: doctest.DocTest, printed: list[str]) -> int:
    return doctest.DocTestRunner(verbose=False).run(test, out=printed.append).failed


@pytest.mark.parametrize(("package", "name"), [(p, n) for p in PACKAGES for n in public(p)])
def test_the_example_of_a_public_name_prints_what_it_says(package, name):
    if name in NEEDS_TORCH:
        pytest.importorskip("torch", reason="its example needs the extra `nets`")
    face = importlib.import_module(f"saddlecheck.{package}")
    value = getattr(face, name)
    doc = face.__doc__ if isinstance(value, (dict, tuple)) else inspect.getdoc(value)
    printed = []
    assert failures(examples(doc, name), printed) == 0, "".join(printed)


def test_what_needs_torch_is_what_nets_lists():
    assert set(public("nets")) == NEEDS_TORCH


@pytest.mark.parametrize(
    "doc",
    [
        "No section.\n\n>>> half\n",
        "Another name.\n\nExample:\n    >>> halves = 2\n    >>> halves\n    2\n",
        "No result.\n\nExample:\n    >>> half = 0.5\n",
    ],
)
def test_a_missing_example_is_noticed(doc):
    with pytest.raises(AssertionError, match="half"):
        examples(doc, "half")


def test_a_wrong_example_is_noticed():
    doc = "A half.\n\nExample:\n    >>> half = 0.5\n    >>> half + half\n    2.0\n"
    assert failures(examples(doc, "half"), []) == 1
    assert failures(examples(doc.replace("2.0", "1.0"), "half"), []) == 0
