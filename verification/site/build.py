"""The generated half of the site: write every page from the reports, and remove what no report stands for."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from saddlecheck._files import write_whole
from saddlecheck.verification.errors import UncheckedPage
from saddlecheck.verification.site import downloads
from saddlecheck.verification.site.claim_page import Book, page
from saddlecheck.verification.site.dashboard import dashboard, errata_pages, tally
from saddlecheck.verification.site.errata import errata, findings
from saddlecheck.verification.site.sharing import each

FIGURES = "figures"  # the folder of their PDFs and numbers, beside the pages

__all__ = ["Book", "UncheckedPage", "findings", "make_book", "write_claims", "write_site"]


def make_book(*, jobs: int | None = None, ids: Iterable[str] | None = None, numeric: bool = True) -> Book:
    """Settle the claims (all by default; what is cached is not settled again), and try their own false twins.

    `jobs`: processes, by default one a core.
    `numeric`: whether experiments and records count.

    Returns:
        The reports, and the trials of the claims' own twins.
    """
    from saddlecheck.verification.ledger.book import check_all
    from saddlecheck.verification.ledger.library import house
    from saddlecheck.verification.site.trials import own_trials

    jobs = jobs or os.cpu_count() or 1
    reports = check_all(ids, jobs=jobs, numeric=numeric)
    return Book(reports, own_trials((r.claim for r in reports.values()), jobs=jobs), papers=house().papers)


def write_site(docs: Path, extra: Path, book: Book | None = None) -> None:
    """Generate into the documentation's folder what it shows of the ledger, the figures and the explorer.

    `docs`: the sources; the measurements are in `benchmarks` beside it.
    `extra`: the folder whose files are copied to the root of the site.
    """
    from saddlecheck.verification.ledger import comparison
    from saddlecheck.verification.site import explorer
    from saddlecheck.verification.site.benchmarks import benchmarks_page
    from saddlecheck.verification.site.contradictions import contradictions_page
    from saddlecheck.verification.site.gallery import draw_all, gallery, on_claim, pictures_of

    book = make_book() if book is None else book
    jobs = os.cpu_count() or 1
    drawn = draw_all(jobs=jobs)
    book = replace(book, figures={i: on_claim(d) for i, d in pictures_of(drawn).items()})
    write_claims(book, docs / "claims", extra, jobs=jobs)
    replace_folder(
        docs / "gallery", {"index.md": gallery(drawn, book, docs / "gallery", extra / FIGURES)}, keep=(".png",)
    )
    replace_folder(docs / "benchmarks", {"index.md": benchmarks_page(docs.parent / "benchmarks")})
    against = contradictions_page(book, comparison.pairs(), comparison.formulas())
    replace_folder(docs / "contradictions", {"index.md": against})
    explorer.write(extra / "explorer.html")
    if (picture := docs / "pictures" / "basins.png").exists():  # the front page's
        shutil.copyfile(picture, extra / picture.name)
    write_atlas(book, docs)


def write_atlas(book: Book, docs: Path) -> list[Path]:
    """Write the papers, the stability table and the graph into `docs/atlas`, and what the search looks through.

    Returns:
        The paths of the pages.
    """
    from saddlecheck.verification.ledger.highlights import entries_of
    from saddlecheck.verification.site import atlas, front, search

    others = {"stability-table": atlas.table_page(book), "graph": atlas.graph_page(book)}
    texts = {f"{name}.md": text for name, text in others.items()} | {"index.md": atlas.papers_page(book, others)}
    first = book.papers[0]
    texts["found.md"] = front.found(first, entries_of(first.id, book.reports), "claims/{}.md")
    texts["cards.html"] = front.cards()
    texts["board.html"] = tally(Book({r.id: r for r in book.of(first)}, {}, papers=(first,)), "claims/index.html")
    write_whole(docs / "_static" / "search-data.js", search.search_data(book, docs))
    return replace_folder(docs / "atlas", texts)


def write_claims(book: Book, folder: Path, extra: Path | None = None, *, jobs: int = 1) -> list[Path]:
    """Write `folder/ID.md` for each claim, the dashboard `index.md`, `errata….md`, `tally.html`; delete other pages.

    `extra`: the folder whose files are copied to the root of the site; certificates and Coq files go there. None: the
    pages offer none.
    `jobs`: processes that make the pages and the certificates.

    A page that is as it should be is left alone, so that an unchanged site is not built again; any other content,
    by hand or from an older ledger, is replaced. Raises UncheckedPage for a report that its evidence does not support.

    Returns:
        Paths of all files, whether written now or left alone.

    Raises:
        ValueError: a claim's id is the name of one of the other pages.
    """
    own = {"index", *(name for _, name in errata_pages(book))}
    if taken := sorted(own & set(book.reports)):
        raise ValueError(f"claim {taken[0]!r} has the name of a page that lists claims; give it another id.")
    if extra is not None:
        book = replace(book, downloads=downloads.write(book.reports, extra / downloads.FOLDER, jobs=jobs))
    ids = list(book.reports)
    _ = book.shown  # computed here once: the processes below inherit it
    texts = dict(zip((f"{i}.md" for i in ids), each(_page, book, ids, jobs=jobs, at_once=8), strict=True))
    texts["index.md"] = dashboard(book)
    texts |= {f"{name}.md": errata(book, paper, name) for paper, name in errata_pages(book)}
    texts["tally.html"] = tally(book, "claims/index.html")
    texts["ledger.json"] = json.dumps([r.summary() for r in book.reports.values()], indent=1) + "\n"
    return replace_folder(folder, texts)


def _page(book: Book, claim_id: str) -> str:
    return page(book.reports[claim_id], book)


def replace_folder(folder: Path, texts: dict[str, str], keep: tuple[str, ...] = ()) -> list[Path]:
    """Make a folder hold exactly these texts, touching only what differs; returns its files.

    `keep`: endings of files that belong to another generator.

    Returns:
        The paths of the files, in the order of `texts`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for stale in folder.iterdir():
        if stale.is_file() and stale.name not in texts and stale.suffix not in keep:
            stale.unlink()
    for name, text in texts.items():
        path = folder / name
        if not path.exists() or path.read_text("utf-8") != text:
            write_whole(path, text)
    return [folder / name for name in texts]
