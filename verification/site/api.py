"""The API reference: every public name of the four packages with its signature and its docstring as it stands."""

from __future__ import annotations

import importlib
import inspect
import re
import textwrap
from collections.abc import Sequence
from enum import Enum
from types import ModuleType
from typing import Any

from saddlecheck.theory.printing.prose import myst

PACKAGES = ("theory", "numerics", "nets", "verification")
_SECTION = re.compile(r"^(Args|Raises|Returns|Yields|Attributes|Example|Examples|Note|Notes|References):\s*$")


def api_page(package: str) -> str:
    """The page of one package; a package that is not installed is said to be missing."""
    try:
        module = importlib.import_module(package)
        names = [n for n in module.__all__ if not n.startswith("_")]
        members = [(n, getattr(module, n)) for n in names]
    except ImportError as error:
        return f"# {package}\n\nNot installed where this site was built ({myst(str(error))}).\n"
    text = f"(api-{package})=\n# {package}\n\n{_docstring(module)}\n"
    return text + "\n".join(_member(package, name, value) for name, value in members)


def _member(package: str, name: str, value: Any) -> str:
    text = f"(api-{package}-{name})=\n## {name}\n\n"
    if inspect.isclass(value) and issubclass(value, Enum):
        text += _docstring(value) + "".join(f"- `{m.name}`: {myst(str(m.value))}\n" for m in value) + "\n"
    elif inspect.isclass(value) or inspect.isfunction(value):
        if signature := _signature(name, value):
            text += f"```python\n{signature}\n```\n\n"
        text += _docstring(value)
    elif isinstance(value, ModuleType):
        text += _docstring(value)
    else:
        kind = type(value)
        text += f"A `{kind.__name__}` of {package}.\n\n" + ("" if kind.__module__ == "builtins" else _docstring(kind))
    if inspect.isclass(value):
        for method, function in inspect.getmembers(value, _public):
            if function.__qualname__.startswith(value.__name__ + "."):
                text += f"\n**`{_signature(method, function)}`**\n\n{_docstring(function)}"
    return text


def _public(value: Any) -> bool:
    return inspect.isfunction(value) and not value.__name__.startswith("_")


def _signature(name: str, value: Any) -> str:
    try:
        found = inspect.signature(value)
    except (ValueError, TypeError):
        return ""  # an exception takes what its built-in parent takes
    if inspect.isclass(value):
        found = found.replace(return_annotation=inspect.Signature.empty)
        name = f"class {name}"
    text = name + _plain(str(found))
    if len(text) <= 96:
        return text
    lines: list[str] = []
    for parameter in found.parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and "*" not in "".join(line[:1] for line in lines):
            lines.append("*")
        lines.append(_plain(str(parameter)))
    result = _plain(str(found.replace(parameters=[])))
    return f"{name}(\n    " + ",\n    ".join(lines) + f",\n{result[1:]}"


def _plain(text: str) -> str:
    """A signature without the quotes of annotations that are kept as strings, and without addresses."""
    text = re.sub(r"(: |-> )'([^']*)'", r"\1\2", text)
    return re.sub(r"<factory>|<object object at [^>]*>", "...", text)


def _docstring(value: Any) -> str:
    """A docstring as Markdown: paragraphs as prose, indented lines as they stand, headed sections as lists."""
    doc = inspect.getdoc(value) or ""
    if not doc or doc == inspect.getdoc(object):
        return ""
    text, heading, block = "", "", list[str]()
    for line in [*doc.split("\n"), "End:"]:
        found = _SECTION.match(line)
        if not found and line != "End:":
            block.append(line)
            continue
        text += _items(block) if heading else _paragraphs(block, _parameters(value))
        heading, block = (found[1] if found else ""), []
        text += f"*{heading}*\n\n" if heading else ""
    return text


def _parameters(value: Any) -> list[str]:
    try:
        return list(inspect.signature(value).parameters)
    except (ValueError, TypeError):
        return []


def _paragraphs(lines: list[str], parameters: Sequence[str] = ()) -> str:
    """Paragraphs as prose; one that runs through the parameters, `name: meaning`, as a list of them."""
    text = ""
    entry = re.compile(rf"(?:^|(?<=[.:]\s))((?:(?:{'|'.join(parameters) or '$'})(?:, )?)+): ")
    for paragraph in re.split(r"\n\s*\n", "\n".join(lines).strip("\n")):
        if re.match(r"\s{2,}", paragraph):
            text += f"```text\n{textwrap.dedent(paragraph)}\n```\n\n"
        elif any(line.startswith("  ") for line in paragraph.split("\n")):
            text += f"```text\n{paragraph}\n```\n\n"
        elif entry.match(paragraph):
            _, *named = entry.split(" ".join(paragraph.split()))
            pairs = zip(named[::2], named[1::2], strict=True)
            text += "".join(f"- `{name}`: {myst(meaning.strip())}\n" for name, meaning in pairs) + "\n"
        elif paragraph.strip():
            text += f"{myst(paragraph)}\n\n"
    return text


def _items(lines: list[str]) -> str:
    """`name: meaning` entries, with their continuation lines, as a list."""
    entries: list[str] = []
    for line in textwrap.dedent("\n".join(lines)).strip("\n").split("\n"):
        if line.startswith(" ") and entries:
            entries[-1] += " " + line.strip()
        elif line.strip():
            entries.append(line)
    text = ""
    for entry in entries:
        name, colon, meaning = entry.partition(": ")
        text += f"- `{name}`: {myst(meaning)}\n" if colon and len(name) < 40 else f"- {myst(entry)}\n"
    return text + "\n"
