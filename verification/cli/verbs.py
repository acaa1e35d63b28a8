"""The group of all verbs, each imported when it is used: together they load longer than most of them run."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path
from typing import Any

import typer
from rich.markup import escape
from typer.core import TyperCommand, TyperGroup

from saddlecheck.verification.cli import VERBS


class Verbs(TyperGroup):
    """The verbs by name. A list of them takes what each says of itself from its source, which need not be run."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002  # as the parser calls it
        """All verbs, in the order of `VERBS`."""
        return list(VERBS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """A verb as it stands in a list; itself, once it was resolved; None if there is no such verb."""
        if cmd_name in VERBS and cmd_name not in self.commands:
            return TyperCommand(cmd_name, help=escape(summary(cmd_name)))
        return super().get_command(ctx, cmd_name)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The verb that the arguments begin with, imported; where there is none, the nearest are named."""
        if args[0] in VERBS:
            self.commands[args[0]] = load(args[0])
        else:
            self.commands = {verb: self.get_command(ctx, verb) for verb in VERBS}
        return super().resolve_command(ctx, args)


def load(verb: str) -> Any:
    """A verb with its parser: a function of its module, or a group of further verbs."""
    module = import_module(f"{__package__}.{VERBS[verb]}")
    family = typer.Typer(rich_markup_mode="rich")
    if verb == "new":
        family.add_typer(module.beginnings, name=verb)
    else:
        family.command(cls=getattr(module, "Parser", None))(getattr(module, verb))
    command = typer.main.get_group(family).commands[verb]
    _as_written(command)
    return command


def _as_written(command: Any) -> None:
    """Keep what stands in square brackets in a help text, as in saddlecheck[nets]: it is no markup."""
    for part in (command, *command.params):
        part.help = escape(getattr(part, "help", None) or "")
    for below in getattr(command, "commands", {}).values():
        _as_written(below)


def summary(verb: str) -> str:
    """The first paragraph of a verb's help, which is its function's docstring."""
    source = ast.parse((Path(__file__).with_name(f"{VERBS[verb]}.py")).read_text("utf-8"))
    function = next(node for node in source.body if isinstance(node, ast.FunctionDef) and node.name == verb)
    return (ast.get_docstring(function) or "").split("\n\n")[0]
