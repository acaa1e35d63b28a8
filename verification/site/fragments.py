"""Pieces of HTML from templates that need none of the filters of pages: a page's filters are made of them."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment

FOLDER = Path(__file__).with_name("templates")


def fragment(name: str, **values: Any) -> str:
    """The HTML of a template of `templates/`, filled in; its values are HTML already."""
    return _own().get_template(f"{name}.html.jinja").render(**values)


def environment() -> Environment:
    """A new environment of templates. A name that is neither given nor known is an error in it.

    Nothing is escaped automatically: pages are Markdown with HTML inside, and each filter says what it makes safe.

    Returns:
        The environment, with Jinja's own filters alone.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(loader=FileSystemLoader(FOLDER), trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)


_own = functools.cache(environment)
