"""What is made for the pages and takes long, kept like evidence: for what it is about, the code and the versions."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache as once
from typing import Any

from saddlecheck.theory.claims.serial import digest
from saddlecheck.verification.ledger import cache
from saddlecheck.verification.site.fragments import FOLDER

WRITTEN = ("theory", "verification/ledger")  # the code that a file for download comes from


def kept(name: str, about: object, make: Callable[[], Any], code: tuple[str, ...] = WRITTEN) -> Any:
    """JSON data: what is kept under a name, if it was made for the same subject by the same code; else made, and kept.

    Args:
        name: of the file in the cache's folder.
        about: all that it depends on beside the code, as JSON data.
        make: makes it.
        code: our packages that make it.

    Returns:
        What `make` returns, now or then.
    """
    path, key = cache.folder() / f"{name}.json", cache.key(digest([about]), code)
    found = cache.load_json(path, key)
    if found is None:
        found = make()
        cache.store_json(path, key, found)
    return found


@once
def templates() -> str:
    """A digest of the templates of pages, which are no code of Python."""
    return digest([[path.name, path.read_text("utf-8")] for path in sorted(FOLDER.iterdir())])
