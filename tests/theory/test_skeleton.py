"""A module of claims opens with what it is about and its key results; its contents are `CLAIMS` at its end."""

import ast
from pathlib import Path

import pytest

from saddlecheck.theory import papers

FOLDER = Path(papers.__file__).parent
LISTS = ("contents.py", "catalogue.py")  # which only list the modules


def missing(source):
    """What a module with claims lacks of the skeleton."""
    tree = ast.parse(source)
    assigned = [ast.unparse(t) for s in tree.body for t in (s.targets if isinstance(s, ast.Assign) else ())]
    annotated = [ast.unparse(s.target) for s in tree.body if isinstance(s, ast.AnnAssign)]
    if "CLAIMS" not in (*assigned, *annotated):
        return None
    text = ast.get_docstring(tree) or ""
    return [part for part, there in (("overview", text), ("key results", "Key result" in text)) if not there]


MODULES = {
    str(path.relative_to(FOLDER)): path.read_text("utf-8")
    for path in sorted(FOLDER.rglob("*.py"))
    if path.name not in LISTS and missing(path.read_text("utf-8")) is not None
}


@pytest.mark.parametrize("module", MODULES)
def test_a_module_of_claims_says_what_it_is_about_and_its_key_results(module):
    assert missing(MODULES[module]) == []


def test_what_a_module_lacks_is_noticed():
    assert len(MODULES) > 80
    assert missing("CLAIMS = ()\n") == ["overview", "key results"]
    assert missing('"""About."""\nCLAIMS: tuple = ()\n') == ["key results"]
    assert missing('"""About.\n\nKey results\n- One.\n"""\nCLAIMS = ()\n') == []
    assert missing("x = 1\n") is None
