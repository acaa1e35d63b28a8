"""Read a certificate's file and hand it to the checker, which knows neither the claims nor the engines.

A stranger's file may ask for arithmetic without end: a polynomial with 10^12 terms, a number with 10^9 digits. So the
checker works in a process of its own, whose time and memory are limited by the system.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path

from saddlecheck.theory.checker.certificate import examine
from saddlecheck.theory.checker.examination import Examination, Line
from saddlecheck.theory.checker.form import read
from saddlecheck.theory.checker.tree import Damaged
from saddlecheck.theory.engines import time_limit
from saddlecheck.theory.errors import GaveUp
from saddlecheck.verification.errors import BadCertificate

_MAX_BYTES = 8_000_000
_SECONDS = 60  # of processor time
_MEMORY = 4  # GiB
_WAIT = 600.0  # seconds, however busy the machine is
_REMEDY = "name a file that `saddlecheck check` wrote, as in report/thm1.json"


def recheck(path: Path, wordings: Mapping[str, str]) -> Examination:
    """Verify the certificate in a file.

    Args:
        path: the file.
        wordings: for each claim, as the checker names it, the digest of its words and formulas as they should be.

    Returns:
        What is verified, trusted, refuted or altered, line by line.

    Raises:
        BadCertificate: if it cannot be read, is no certificate, or is one of another format.
    """
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise BadCertificate(f"{path} is larger than {_MAX_BYTES} bytes; a certificate is not.")
        return time_limit.within(_WAIT, _examined, path.read_text("utf-8"), dict(wordings), _SECONDS, _MEMORY)
    except GaveUp:
        why = f"it was not verified within {_SECONDS} seconds of processor time and {_MEMORY} GiB of memory"
        return Examination("?", "", "", (Line("certificate", "refuted", why),))
    except Damaged as error:
        raise BadCertificate(f"{path}: {error}; write it anew with `saddlecheck check`.") from error
    except OSError as error:
        raise BadCertificate(f"{path} cannot be read ({error.strerror}); {_REMEDY}.") from error
    except UnicodeDecodeError as error:
        raise BadCertificate(f"{path} is no text, so no certificate; {_REMEDY}.") from error


def _examined(text: str, wordings: Mapping[str, str], seconds: int, memory: int) -> Examination:
    """What the checker finds in a text, within limits of this process, which is to end with it."""
    with contextlib.suppress(ImportError):  # Windows has no such limits
        import resource

        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_AS, (memory * 2**30, memory * 2**30))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return examine(read(text), wordings)


__all__ = ["Examination", "recheck"]
