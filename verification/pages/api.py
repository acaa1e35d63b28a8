"""The API reference: every public name of the four packages with its signature and its docstring as it stands."""

from __future__ import annotations

import importlib
import inspect
import re
import textwrap
from types import ModuleType
from typing import Any

from verification.pages.prose import myst

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
    if inspect.isclass(value) or inspect.isfunction(value):
        text += f"```python\n{_signature(name, value)}\n```\n\n{_docstring(value)}"
    elif isinstance(value, ModuleType):
        text += _docstring(value)
    else:
        text += f"A `{type(value).__name__}` of {package}.\n\n{_docstring(type(value))}"
    if inspect.isclass(value):
        for method, function in inspect.getmembers(value, _public):
            if function.__qualname__.startswith(value.__name__ + "."):
                text += f"\n**`{_signature(method, function)}`**\n\n{_docstring(function)}"
    return text


def _public(value: Any) -> bool:
    return inspect.isfunction(value) and not value.__name__.startswith("_")


def _signature(name: str, value: Any) -> str:
    try:
        text = str(inspect.signature(value))
    except (ValueError, TypeError):
        return name
    text = re.sub(r"(: |-> )'([^']*)'", r"\1\2", text)  # annotations that are kept as strings
    text = re.sub(r"<factory>|<object object at [^>]*>", "...", text)
    head = "class " if inspect.isclass(value) else ""
    if len(head + name + text) <= 96:
        return f"{head}{name}{text}"
    inner = re.sub(r", (?=[*\w/]+(?::|=|,|\)|$))", ",\n    ", text[1 : text.rindex(")")])
    return f"{head}{name}(\n    {inner},\n){text[text.rindex(')') + 1 :]}"


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
        text += _items(block) if heading else _paragraphs(block)
        heading, block = (found[1] if found else ""), []
        text += f"*{heading}*\n\n" if heading else ""
    return text


def _paragraphs(lines: list[str]) -> str:
    text = ""
    for paragraph in re.split(r"\n\s*\n", "\n".join(lines).strip("\n")):
        if re.match(r"\s{2,}", paragraph):
            text += f"```text\n{textwrap.dedent(paragraph)}\n```\n\n"
        elif any(line.startswith("  ") for line in paragraph.split("\n")):
            text += f"```text\n{paragraph}\n```\n\n"
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
