"""Read a certificate's file and hand it to the checker, which knows neither the claims nor the engines."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from saddlecheck.theory.checker.certificate import Examination, examine
from saddlecheck.theory.checker.form import read
from saddlecheck.theory.checker.tree import Damaged

_MAX_BYTES = 8_000_000


class BadCertificateError(ValueError):
    """A file that cannot be read as a certificate; the message says why and what to do."""


def recheck(path: Path, wordings: Mapping[str, str]) -> Examination:
    """Verify the certificate in a file.

    Args:
        path: the file.
        wordings: for each claim, as the checker names it, the digest of its words and formulas as they should be.

    Returns:
        What is verified, trusted, refuted or altered, line by line.

    Raises:
        BadCertificateError: if it cannot be read, is no certificate, or is one of another format.
    """
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise BadCertificateError(f"{path} is larger than {_MAX_BYTES} bytes; a certificate is not.")
        return examine(read(path.read_text()), wordings)
    except Damaged as error:
        raise BadCertificateError(f"{path}: {error}; write it anew with `saddlecheck check`.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise BadCertificateError(f"{path} cannot be read as a certificate ({error}).") from error


__all__ = ["BadCertificateError", "Examination", "recheck"]
