"""Files that are there whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_whole(path: Path, content: bytes | str) -> Path:
    """Put content under `path` as a whole or not at all, also when the machine stops in between; returns the path.

    It goes to a temporary file beside it, which is renamed when it is on the disk. Folders are made; text is UTF-8.

    Returns:
        `path`.

    Raises:
        OSError: it cannot be written; its `filename` is `path`, or the folder that cannot be made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        _replace(path, content)
    except OSError as error:
        error.filename, error.filename2 = str(path), None  # the temporary file's name means nothing to a user
        raise
    return path


def _replace(path: Path, content: bytes | str) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
