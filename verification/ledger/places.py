"""Which claims a reader means: by id, or by place, as in "Theorem 2", "eq. 12" and "(12)"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from saddlecheck.verification.ledger.contents import ListedClaim
from saddlecheck.verification.ledger.lookup import hint

if TYPE_CHECKING:  # to look a place up needs no claim that is built
    from saddlecheck.theory.claims.claim import Claim

Label = tuple[str, str]  # such as ("theorem", "2") and ("equation", "12")

_KINDS = {
    "theorem": "theorem", "thm": "theorem", "theorems": "theorem", "lemma": "lemma", "lemmas": "lemma",
    "corollary": "corollary", "cor": "corollary", "corollaries": "corollary", "proposition": "proposition",
    "prop": "proposition", "definition": "definition", "def": "definition", "figure": "figure", "fig": "figure",
    "figures": "figure", "figs": "figure", "table": "table", "tables": "table", "case": "case", "cases": "case",
    "equation": "equation", "eq": "equation", "eqs": "equation", "equations": "equation", "section": "section",
    "sec": "section", "sections": "section",
}  # fmt: skip
_TOKEN = re.compile(r"\((?P<number>\w+)\)|(?P<word>[a-z]+(?!\w))|(?P<value>\w+(?:\.\w+)*)|(?P<sign>[,;:.])")
_ROMAN = re.compile(r"[ivx]+")


def labels(text: str) -> frozenset[Label]:
    """What a place is called by: kinds and numbers, lists and ranges written out; "after" and "proof of" stay apart.

    Args:
        text: such as "4.3, Theorem 2, (12)", "eqs (8), (9)", "(16) to (19)" or "after (10)".

    Returns:
        The labels; none for a text without any.

    Example:
        >>> sorted(labels("Theorem 2, (12)"))
        [('equation', '12'), ('theorem', '2')]
        >>> labels("eq. 12") == labels("(12)")
        True
    """
    found: list[Label] = []
    kind, before, upto = "", "", False
    for token in _TOKEN.finditer(text.lower().replace("§", "section ")):
        word = token["word"]
        if word == "appendix":
            found.append(("section", word))
        elif word in _KINDS:
            kind = _KINDS[word]
        elif word in ("after", "before", "proof"):
            before = f"{word} "
        elif word in ("to", "and", "of"):
            upto = word == "to"
        elif number := token["number"] or token["value"] or (word if kind and _ROMAN.fullmatch(word or "") else None):
            named = ("part" if kind == "case" else "equation") if token["number"] else kind or "section"
            last = found[-1][1] if found else ""
            if upto and last.isdigit() and number.isdigit():
                found += [(before + named, str(i)) for i in range(int(last) + 1, int(number))]
            found.append((before + named, number))
            upto = False
        elif token["sign"] in (",", ";"):
            before = ""
        elif word:
            kind = ""
    return frozenset(found)


def meant(
    words: str, claims: Mapping[str, Claim | ListedClaim], first: Iterable[Claim | ListedClaim] = ()
) -> list[str]:
    """The ids of the claims that words mean.

    Args:
        words: an id in any case, or a place.
        claims: all that there are.
        first: those among which a place is looked up; by default all.

    Returns:
        One id, or several where the words leave it open. Of several claims at a place the paper's own is meant.

    Raises:
        ValueError: none is meant; the message names the nearest.
    """
    if (exact := words.strip().lower()) in claims:
        return [exact]
    asked = labels(words)
    placed = [c for c in (tuple(first) or tuple(claims.values())) if asked and asked <= labels(str(c.place))]
    own = [c for c in placed if c.voice == "paper" and not c.amends]
    found = [c.id for c in (own or placed)]
    if not found:
        raise ValueError(f"no claim is called {words!r}: {hint(exact, claims)}")
    return found
