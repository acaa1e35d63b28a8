"""Search the certificates that the ledger's consequences lack: `python -m saddlecheck.theory.papers.certify`."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from saddlecheck.theory.claims import serial
from saddlecheck.theory.claims.claim import Claim
from saddlecheck.theory.claims.steps import Entails
from saddlecheck.theory.engines import certificates
from saddlecheck.theory.papers.catalogue import CLAIMS


def consequences(claims: Iterable[Claim]) -> dict[str, certificates.Subject]:
    """The consequences among the steps of some claims: claim and step -> what a certificate has to prove."""
    return {
        f"{claim.id}/{step.name}": certificates.subject(claim.premises(step), step.formula)
        for claim in claims
        for step in claim.steps
        if isinstance(step, Entails)
    }


def main() -> None:
    """Write the store anew and print each consequence without a certificate."""
    about = consequences(CLAIMS.values())
    names = {serial.digest(each): name for name, each in about.items()}
    missing = 0
    for digest, found in certificates.complete(about.values()):
        if not found:
            missing += 1
            print(f"no certificate found: {names[digest]}", file=sys.stderr)
    print(f"{len(names) - missing} of {len(names)} different consequences have a certificate")


if __name__ == "__main__":
    main()
