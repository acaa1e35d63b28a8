"""The pages on the kernel and on certificates name every rule, with the fields that its steps have, and no other."""

import re
from pathlib import Path

from saddlecheck.theory.checker import certificate
from saddlecheck.theory.claims.claim import RULES

DOCS = Path(__file__).parents[2] / "docs"
CLAIMS = Path(__file__).parents[2] / "theory" / "claims"
KERNEL, CERTIFICATES = ((DOCS / name).read_text("utf-8") for name in ("kernel.md", "certificates.md"))


def test_the_kernel_has_a_paragraph_on_each_rule():
    assert sorted(re.findall(r"^\*\*(\w+)\*\* \(", KERNEL, re.MULTILINE)) == sorted(r.__name__ for r in RULES)


def test_the_modules_that_it_names_are_there():
    named = set(re.findall(r"`(?:\w+/)*(\w+\.py)`", KERNEL))
    assert {name for name in named if not any((CLAIMS.parent).rglob(name))} <= {"test_rules_have_teeth.py"}
    assert {f"{rule.__module__.rpartition('.')[2]}.py" for rule in RULES} <= named


def test_the_certificates_page_has_each_kind_of_step_with_its_fields():
    table = CERTIFICATES.partition("| kind | fields |")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \|([^|]*)\|", table, re.MULTILINE)
    said = {kind: tuple(sorted(re.findall(r"`(\w+)`", fields))) for kind, fields in rows}
    assert said == certificate._FIELDS
