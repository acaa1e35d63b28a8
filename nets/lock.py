"""A lock that ends with its process, so that no two processes make the same run; one that waits says for what."""

from __future__ import annotations

import fcntl
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def alone(lock: Path, what: str) -> Iterator[None]:
    """Hold `lock` while the block runs; where another process holds it, say so on stderr and wait.

    Args:
        lock: the lock's file, made here and removed afterwards.
        what: the thing that is locked, for the line that a waiting process prints.
    """
    said = False
    while True:
        file = lock.open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if not said:
                file.seek(0)
                holder = file.read().strip() or "another process"
                print(f"{what}: waiting for {holder}, which is at this run ({lock}).", file=sys.stderr, flush=True)
                said = True
            fcntl.flock(file, fcntl.LOCK_EX)
        # Its last holder may have removed the file while we waited: then another process can hold a newer one.
        if lock.exists() and lock.stat().st_ino == os.fstat(file.fileno()).st_ino:
            break
        file.close()
    try:
        file.truncate(0)
        file.write(f"process {os.getpid()} on {socket.gethostname()}")
        file.flush()
        yield
    finally:
        lock.unlink(missing_ok=True)
        file.close()
