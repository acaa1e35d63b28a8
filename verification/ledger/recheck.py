"""Read a certificate's file and hand it to the checker, which knows neither the claims nor the engines."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from saddlecheck.theory.checker.certificate import examine
from saddlecheck.theory.checker.examination import Examination
from saddlecheck.theory.checker.form import read
from saddlecheck.theory.checker.tree import Damaged
from saddlecheck.verification.errors import BadCertificate

_MAX_BYTES = 8_000_000
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
        return examine(read(path.read_text("utf-8")), wordings)
    except Damaged as error:
        raise BadCertificate(f"{path}: {error}; write it anew with `saddlecheck check`.") from error
    except OSError as error:
        raise BadCertificate(f"{path} cannot be read ({error.strerror}); {_REMEDY}.") from error
    except UnicodeDecodeError as error:
        raise BadCertificate(f"{path} is no text, so no certificate; {_REMEDY}.") from error


__all__ = ["Examination", "recheck"]
