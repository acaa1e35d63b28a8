"""What a claim's page offers for download: its certificate, and its Coq file where Coq accepted that very file."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache as once
from pathlib import Path

import saddlecheck
from saddlecheck._files import write_whole
from saddlecheck.theory.claims.claim import Claim
from saddlecheck.theory.claims.serial import digest
from saddlecheck.theory.papers.catalogue import CLAIMS
from saddlecheck.theory.proof_assistant import files, terms
from saddlecheck.verification.ledger import proofs
from saddlecheck.verification.ledger.book import Report
from saddlecheck.verification.site.kept import kept
from saddlecheck.verification.site.sharing import each

FOLDER = "downloads"  # beside the pages, so that those who mirror the pages may leave it out


@dataclass(frozen=True)
class Offered:
    """The names of a claim's files in the folder; empty for one that there is not."""

    certificate: str = ""
    coq: str = ""


def write(reports: Mapping[str, Report], folder: Path, *, jobs: int = 1) -> dict[str, Offered]:
    """Write the certificate of every claim, and the Coq files that Coq accepted; remove what else is in the folder.

    Args:
        reports: by claim id.
        folder: for the files.
        jobs: processes that make them.

    Returns:
        The names of the files, by claim id.
    """
    folder.mkdir(parents=True, exist_ok=True)
    texts: dict[str, str] = {}
    offered = {}
    made = each(_files, reports, list(reports), jobs=jobs, at_once=8)
    for name, (certificate, coq) in zip(reports, made, strict=True):
        offered[name] = Offered(f"{name}.json", f"{terms.name(name)}.v" if coq else "")
        texts[offered[name].certificate] = certificate
        if coq:
            texts[offered[name].coq] = coq
    for path in folder.iterdir():
        if path.is_file() and path.name not in texts:
            path.unlink()
    for file, text in texts.items():
        if not (folder / file).exists() or (folder / file).read_text("utf-8") != text:
            write_whole(folder / file, text)
    return offered


def _files(reports: Mapping[str, Report], name: str) -> tuple[str, str]:
    """The texts of a claim's certificate and Coq file."""
    return _certificate(reports[name]), _coq(reports[name].claim)


def _certificate(report: Report) -> str:
    """The text of a certificate; the checker verifies each as it is made, so that they are kept like evidence."""
    name = f"certificate-{report.id}-{report.claim.assertion[:8]}"
    found = kept(name, [report.paper, _parts(report)], report.certificate)
    return json.dumps(found, separators=(",", ":")) + "\n"


def _parts(report: Report) -> list[object]:
    """All that a certificate depends on, beside the code."""
    said = {k: v for k, v in report.summary().items() if k != "seconds"}
    runs = [[e.about, e.engine, e.status, e.why] for e in report.evidence]
    return [report.claim.fingerprint, said, runs, *(_parts(r) for r in (*report.repairs, *report.rests))]


def _coq(claim: Claim) -> str:
    """The Coq file of a claim of this project that Coq accepted as a theorem, byte for byte; empty for any other."""
    known = CLAIMS.get(claim.id)
    if known is None or known.fingerprint != claim.fingerprint or claim.id not in files.stored()["accepted"]:
        return ""

    def written() -> str:
        file = files.export(known, CLAIMS, proofs.stored)
        return file.text if file.complete and file.digest == files.stored()["accepted"][claim.id] else ""

    # The claims on which it rests are code.
    return str(kept(f"coq-{claim.id}", [claim.fingerprint, _stores()], written))


@once
def _stores() -> str:
    """A digest of what a Coq file is made from beside the code and its data: the stored proofs, and how it begins."""
    return digest([proofs.STORE.read_text("utf-8") if proofs.STORE.exists() else "", files.prelude(interval=True)])


def source(claim: Claim) -> str:
    """File and line at which a claim of this project is written; empty for another, and where its id is computed."""
    known = CLAIMS.get(claim.id)
    return _sources().get(claim.id, "") if known is not None and known.fingerprint == claim.fingerprint else ""


@once
def _sources() -> dict[str, str]:
    """Return claim id -> file and line, of a call whose first argument, or `id`, is written out and is that of a claim.

    Other claims are named in calls too: as a side of a contradiction, say. The call that makes one has its title in it,
    or where that is computed, is the longest.
    """
    root = Path(str(saddlecheck.__file__)).parent
    found: dict[str, tuple[tuple[bool, int], str]] = {}
    for path in sorted((root / "theory" / "papers").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            for name in _named(node) & set(CLAIMS):
                rank = CLAIMS[name].title in _texts(node), (node.end_lineno or 0) - node.lineno
                found[name] = max(
                    found.get(name, ((False, -1), "")), (rank, f"{path.relative_to(root)}, line {node.lineno}")
                )
    return {name: where for name, (_, where) in found.items()}


def _named(call: ast.Call) -> set[str]:
    """What a call has as its first argument, or as its `id`, where that is written out."""
    return {t for part in (*call.args[:1], *(k.value for k in call.keywords if k.arg == "id")) for t in _text(part)}


def _texts(node: ast.AST) -> set[str]:
    return {text for part in ast.walk(node) for text in _text(part)}


def _text(node: ast.AST) -> set[str]:
    return {node.value} if isinstance(node, ast.Constant) and isinstance(node.value, str) else set()
