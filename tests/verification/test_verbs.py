"""The verbs: a list of them imports none, and says of each what its own help says."""

import os
import re
import subprocess
import sys
from pathlib import Path

from typer.testing import CliRunner

from saddlecheck.verification.cli import VERBS, main, verbs


def test_each_verb_says_of_itself_what_the_list_says():
    for verb in VERBS:
        command = verbs.load(verb)
        assert (command.help or "").split("\n\n")[0].split() == verbs.summary(verb).split(), verb
        assert verbs.summary(verb)


def test_square_brackets_in_a_help_text_are_shown(monkeypatch):
    """They are the extras that a verb takes; read as markup, `pip install 'saddlecheck[pages]'` would lose them."""

    def shown(verb):
        return CliRunner().invoke(main.app, [verb, "--help"], env={"COLUMNS": "300"}).output

    bracketed = {verb: re.findall(r"\[[a-z]+\]", verbs.load(verb).callback.__doc__) for verb in VERBS if verb != "new"}
    assert bracketed["pages"] == ["[pages]"]
    for verb, words in bracketed.items():
        assert all(word in shown(verb) for word in words), verb
    monkeypatch.setattr(verbs, "_as_written", lambda command: None)
    assert "[pages]" not in shown("pages")


def test_every_module_of_commands_is_listed_and_has_its_verbs():
    """A module that `VERBS` does not name would have verbs that nobody can call."""
    modules = {path.stem for path in Path(verbs.__file__).parent.glob("*_command*.py")}
    assert modules == set(VERBS.values())
    assert all(verbs.load(verb).name == verb for verb in VERBS)


def test_help_and_version_load_no_library():
    code = (
        "import sys; from saddlecheck.verification.cli.main import run; run([sys.argv[1]]);"
        "print([m for m in ('sympy', 'numpy', 'scipy', 'flint', 'torch', 'matplotlib') if m in sys.modules])"
    )
    for option in ("--help", "--version"):
        said = subprocess.run([sys.executable, "-c", code, option], capture_output=True, text=True, check=True).stdout
        assert said.strip().splitlines()[-1] == "[]"


def test_results_that_are_kept_are_verified_and_shown_without_sympy(tmp_path):
    code = (
        "import sys; from saddlecheck.verification.cli.main import run; run(['check', 'radius', '--no-numeric']);"
        "print([m for m in ('sympy', 'numpy', 'z3', 'flint') if m in sys.modules])"
    )
    cache = os.environ | {"SADDLECHECK_CACHE": str(tmp_path / "cache")}
    command = [sys.executable, "-c", code]
    said = [
        subprocess.run(command, cwd=tmp_path, env=cache, capture_output=True, text=True, check=True).stdout.splitlines()
        for _ in range(2)
    ]
    assert said[0][:-1] == said[1][:-1]
    assert "sympy" in said[0][-1]
    assert said[1][-1] == "['flint']"


def test_a_verb_that_is_none_is_named_with_the_nearest():
    assert main.run(["clams"]) == 2
    result = CliRunner().invoke(main.app, ["clams"])
    assert "Did you mean 'claims'" in result.output
