"""Papers from outside this project: from a Python file of the user's, or from a package that ships some.

A file is run as the user's own program, with all that a program may do; nothing of it is trusted as a proof. What goes
wrong in it is one line that names the file and the line.
"""

from __future__ import annotations

import ast
import contextlib
import dataclasses
import re
import sys
import tokenize
import traceback
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

from saddlecheck.theory.claims.claim import Catalogue, Claim
from saddlecheck.theory.claims.paper import Paper
from saddlecheck.theory.errors import MalformedClaim
from saddlecheck.verification import process_state, user_file
from saddlecheck.verification.errors import BadUserFile
from saddlecheck.verification.ledger import pins

GROUP = "saddlecheck.papers"  # of entry points


def load(path: Path, name: str = "", *, seconds: float = user_file.SECONDS) -> Paper:
    """The paper that a file defines: its only `Paper`, its only tuple of claims, or what has the name.

    Args:
        path: the file. It is run; what it prints goes to stderr.
        name: of the paper in the file, where there are several.
        seconds: of computing, after which it is interrupted.

    Returns:
        The paper. Claims that are in none become one with the file's name; without a voice they are ours.

    Raises:
        BadUserFile: it cannot be read, fails, exits or does not end; it defines no paper, or several.
    """
    text = user_file.source(path)
    with contextlib.chdir("."):  # what is written about it lies where the command was given, wherever the file has gone
        found = user_file.run(path, seconds=seconds)
    return _chosen(path, text, found, name)


def line_in(error: BaseException, path: Path) -> int | None:
    """The line of a file in which an error arose, here or in a process that was started; None if it did elsewhere."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    sent = re.findall(rf'File "{re.escape(str(path))}", line (\d+)', str(error.__cause__ or ""))
    return next(reversed([*lines, *map(int, sent)]), None)


def line_of(text: str, path: Path) -> int:
    """The first line of a file that has a text in it."""
    with tokenize.open(path) as file:
        return next((number for number, line in enumerate(file, 1) if text in line), 1)


def _chosen(path: Path, source: str, found: dict[str, Any], name: str) -> Paper:
    """The one paper among the names that a file defines."""
    if name:
        if name not in found:
            raise BadUserFile(f"{path}:1: it defines no {name!r}; name what is there, as in {path.name}:PAPER.")
        return _paper(path, _defined_at(source, name), name, found[name])
    own = _assigned(source)
    papers = {n: v for n, v in found.items() if isinstance(v, Paper) and n in own}
    choice = papers or {n: v for n, v in found.items() if _claims(v) and n in own}
    distinct = list({id(v): n for n, v in reversed(choice.items())}.values())[::-1]
    if not distinct:
        raise BadUserFile(
            f"{path}:1: it defines no Paper and no tuple of claims; `saddlecheck new paper NAME` writes an example."
        )
    if len(distinct) > 1:
        line = own[distinct[1]]
        raise BadUserFile(
            f"{path}:{line}: it defines several, {' and '.join(distinct)}; choose one, as in {path.name}:{distinct[0]}."
        )
    return _paper(path, own[distinct[0]], distinct[0], choice[distinct[0]])


def _paper(path: Path, line: int, name: str, value: Any) -> Paper:
    """What a name stands for as a paper that is not taken for one of this project's."""
    if isinstance(value, Paper):
        paper = value
    elif claims := _claims(value):
        spoken = tuple(c if c.voice else dataclasses.replace(c, voice="ours") for c in claims)
        identifier = re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-") or "claims"
        try:
            paper = Paper(identifier, path.stem, (), 0, spoken)
        except MalformedClaim as error:
            raise BadUserFile(f"{path}:{line}: {error}") from error
    else:
        raise BadUserFile(f"{path}:{line}: {name} is a {type(value).__name__}, neither a Paper nor a tuple of claims.")
    # Its certificates would be compared with words that were reviewed for ours.
    if paper.id in {pin.paper for pin in pins.load().values()}:
        raise BadUserFile(
            f"{path}:{line}: {paper.id!r} is the id of a paper of saddlecheck's own; give yours another id."
        )
    if paper.records is not None and not (isinstance(paper.records, Path) and paper.records.is_dir()):
        raise BadUserFile(
            f"{path}:{line}: records={str(paper.records)!r} is no folder; give the pathlib.Path of one that is there."
        )
    return _anew(paper, f"{path}:{line}")


def _anew(paper: Paper, where: str) -> Paper:
    """The paper with its claims as their parts make them: what the file puts over one of them is not believed."""
    parts = {part.name: getattr(paper, part.name) for part in dataclasses.fields(Paper)}
    try:
        return Paper(**{**parts, **{some: tuple(map(Claim.anew, parts[some])) for some in ("claims", "cites")}})
    except MalformedClaim as error:
        raise BadUserFile(f"{where}: {error}") from error


def _claims(value: Any) -> tuple[Claim, ...]:
    """The claims in a tuple, a list or a catalogue of nothing else; none in anything else."""
    listed = tuple(value.values()) if isinstance(value, Catalogue) else value
    if isinstance(listed, (tuple, list)) and listed and all(isinstance(c, Claim) for c in listed):
        return tuple(listed)
    return ()


def _assigned(source: str) -> dict[str, int]:
    """The names that a module assigns itself, with the line; what it imports is not its own."""
    lines: dict[str, int] = {}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            lines[node.id] = node.lineno
    return lines


def _defined_at(source: str, name: str) -> int:
    return _assigned(source).get(name, 1)


def shipped() -> dict[str, EntryPoint]:
    """The papers that installed packages ship, not loaded: name of the entry point -> the entry point."""
    return {e.name: e for e in entry_points(group=GROUP)}


def load_shipped(name: str) -> Paper:
    """Return a paper that an installed package ships.

    Raises:
        BadUserFile: its package fails, or what it names is no paper.
    """
    entry = shipped()[name]
    try:
        with process_state.put_back(), contextlib.redirect_stdout(sys.stderr):
            value = entry.load()
    except (Exception, SystemExit) as error:
        raise BadUserFile(f"paper {name!r} of {entry.value}: {type(error).__name__}: {error}") from error
    if not isinstance(value, Paper):
        raise BadUserFile(f"paper {name!r} of {entry.value} is a {type(value).__name__}, no Paper.")
    return _paper(Path(entry.value), 1, name, value)
