"""The API reference: every public name of the four packages with its signature and its docstring as it stands."""

from __future__ import annotations

import importlib
import inspect
import re
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
    text = re.sub(r"'([^']*)'", r"\1", text) if "'" in text and "=" not in text else text
    text = re.sub(r"<factory>|<object object at [^>]*>", "...", text)
    head = "class " if inspect.isclass(value) else ""
    if len(head + name + text) <= 96:
        return f"{head}{name}{text}"
    inner = re.sub(r", (?=[*\w/]+(?::|=|,|\)|$))", ",\n    ", text[1 : text.rindex(")")])
    return f"{head}{name}(\n    {inner},\n){text[text.rindex(')') + 1 :]}"


def _docstring(value: Any) -> str:
    """A docstring: its first line as prose, the rest as it was laid out, each headed section under its own label."""
    doc = inspect.getdoc(value) or ""
    if not doc or doc == inspect.getdoc(object):
        return ""
    first, _, rest = doc.partition("\n")
    text = myst(first) + "\n\n"
    block: list[str] = []
    for line in rest.strip("\n").split("\n") if rest.strip() else ():
        if heading := _SECTION.match(line):
            text += _block(block) + f"*{heading[1]}*\n\n"
            block = []
        else:
            block.append(line)
    return text + _block(block)


def _block(lines: list[str]) -> str:
    body = inspect.cleandoc("\n".join(lines))
    return f"```text\n{body}\n```\n\n" if body else ""
