"""What a command is about: this project's papers, one of them, one that a package ships, or a file of the user's."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from saddlecheck.theory.errors import MalformedClaim
from saddlecheck.verification import user_file
from saddlecheck.verification.cli.arguments import InPaper as InPaper
from saddlecheck.verification.cli.arguments import Words as Words
from saddlecheck.verification.cli.arguments import completed_paper as completed_paper
from saddlecheck.verification.cli.console import err
from saddlecheck.verification.errors import BadUserFile
from saddlecheck.verification.ledger import contents, library, pins, places

if TYPE_CHECKING:  # what builds, settles or reads claims is imported where that is done: it imports SymPy
    from saddlecheck.theory.claims.claim import Catalogue, Claim
    from saddlecheck.theory.claims.paper import Paper
    from saddlecheck.verification.ledger.book import Report


@dataclass(frozen=True)
class Subject:
    """Some claims and where they come from.

    Attributes:
        paper: the paper; None means all of this project's.
        file: the user's file that it is from.
    """

    paper: Paper | None = None
    file: Path | None = None

    @property
    def in_house(self) -> bool:
        """Whether these are claims of this project, in its ledger and with its pins."""
        return self.paper is None or library.in_house(self.paper)

    @property
    def catalogue(self) -> Catalogue:
        """The claims, with those that they rest on."""
        return library.house().catalogue if self.paper is None else self.paper.catalogue

    def around(self, claim_id: str) -> Catalogue:
        """A catalogue in which the claim is with all that it rests on; not all claims of this project are built."""
        return library.part([claim_id]).catalogue if self.paper is None else self.paper.catalogue

    @property
    def own(self) -> Mapping[str, Claim | contents.ListedClaim]:
        """The claims by id as they are listed, without those of other papers that they rest on."""
        if self.paper is not None:
            return {c.id: c for c in self.paper.claims}
        return contents.listed() or self.catalogue

    @property
    def first(self) -> tuple[Claim | contents.ListedClaim, ...]:
        """The claims of the paper in which a place is looked up: this one, or this project's first."""
        if self.paper is not None:
            return self.paper.claims
        listed = tuple(contents.listed().values())
        return tuple(e for e in listed if e.paper == listed[0].paper) or library.house().papers[0].claims

    @property
    def pins(self) -> Path | None:
        """Where what was reviewed is recorded; None for a paper that a package ships."""
        if self.in_house:
            return pins.PINNED
        return None if self.file is None else self.file.with_suffix(".pinned.toml")

    @property
    def folder(self) -> Path:
        """Where its certificates go unless the user says so: apart from those of other papers with the same ids."""
        return Path("report") if self.in_house or self.paper is None else Path("report") / self.paper.id

    def certificate(self, report: Report) -> dict[str, Any]:
        """The certificate of a claim; the proofs of this project's are stored, those of others are searched."""
        from saddlecheck.verification.ledger import proofs

        return report.certificate(None if self.in_house else proofs.kept)

    def check_all(self, ids: Collection[str], **options: Any) -> dict[str, Report]:
        """The reports of some of the claims.

        Raises:
            BadUserFile: a claim of the user's file is empty, or an experiment of it fails.
        """
        from saddlecheck.verification.ledger import book, own_file

        try:
            return book.check_all(ids, paper=None if self.in_house else self.paper, **options)
        except MalformedClaim as error:
            claim = next((i for i in self.own if str(error).startswith(f"claim {i}:")), None)
            if self.file is None or claim is None:
                raise
            line = own_file.line_of(f'"{claim}"', self.file)
            raise BadUserFile(f"{self.file}:{line}: {error}") from error
        except Exception as error:
            if self.file is None or (at := own_file.line_in(error, self.file)) is None:
                raise  # not the file's fault
            raise BadUserFile(f"{self.file}:{at}: {type(error).__name__}: {error}") from error


def subject(words: Sequence[str], paper: str | None = None) -> tuple[Subject, list[str]]:
    """What the words of a command line are about, and the ids among them.

    Args:
        words: ids; or FILE.py, FILE.py:NAME, and ids, in any order.
        paper: the value of --paper.

    Returns:
        The subject and the ids, not yet looked up.

    Raises:
        ValueError: the file gives no paper, or no paper has this id; there are two files.
    """
    files = [word for word in words if user_file.named(word) is not None]
    if len(files) > 1:
        raise ValueError(f"{files[0]} and {files[1]} are two files; name one, and a claim of it by its id.")
    if not files and paper is None:
        return Subject(), list(words)
    from saddlecheck.verification.ledger import own_file

    if files and (named := user_file.named(files[0])) is not None:
        if paper is not None:
            raise ValueError("--paper chooses among the papers that are known; leave it out beside a file.")
        path, name = named
        user_file.source(path)  # one that cannot be read is not run
        err.print(f"{path} is run as your own program.", markup=False)
        ids = [word for word in words if word != files[0]]
        return Subject(own_file.load(path, name, seconds=user_file.SECONDS), path), ids
    here = {p.id: p for p in library.house().papers}
    if paper in here:
        return Subject(here[paper]), list(words)
    if paper in (elsewhere := own_file.shipped()):
        return Subject(own_file.load_shipped(paper)), list(words)
    raise ValueError(f"no paper is called {paper!r}; there are {', '.join([*here, *elsewhere])}.")


def one(words: Sequence[str], paper: str | None) -> tuple[Subject, str]:
    """The one claim that words mean, by id or by place.

    Raises:
        ValueError: none is meant, or several; then they are listed.
    """
    about, rest = subject(words, paper)
    if len(rest) != 1:
        there = list(about.own)
        ids = ", ".join(there[:12]) + ", …" * (len(there) > 12)
        file = f"{about.file} " if about.file else ""
        raise ValueError(f"name one claim, as in `saddlecheck show {file}{there[0]}`; there are {ids}")
    found = places.meant(rest[0], about.own, about.first)
    if len(found) > 1:
        for i in found:
            err.print(f"{i}: {about.own[i].title}", markup=False)
        raise ValueError(f"{rest[0]!r} is the place of these {len(found)} claims; name one by its id.")
    return about, found[0]
