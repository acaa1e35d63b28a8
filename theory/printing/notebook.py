"""Claims and papers as a notebook shows them: HTML with mathematics that the notebook sets, or LaTeX."""

from __future__ import annotations

import html as markup

from saddlecheck.theory.claims.claim import Claim
from saddlecheck.theory.claims.paper import Paper
from saddlecheck.theory.printing.displays import in_tex
from saddlecheck.theory.printing.prose import plain
from saddlecheck.theory.printing.tex import alphabet, tex_lines

_SPOKEN = {"paper": "the paper", "reading": "read literally", "ours": "ours"}


def html(shown: Claim | Paper) -> str:
    """A claim with its words, conditions and statement; a paper with the list of its claims."""
    return _paper(shown) if isinstance(shown, Paper) else _claim(shown)


def latex(shown: Claim | Paper) -> str:
    """The statement of a claim under its conditions; of a paper the statements of all of its claims."""
    if isinstance(shown, Claim):
        return f"$$\n{_statement(shown)}\n$$"
    with alphabet(shown.symbols):
        return "\n".join(f"$$\n{_statement(claim)}\n$$" for claim in shown.claims)


def _statement(claim: Claim) -> str:
    """Conditions, statement and what its names stand for, as an aligned block."""
    shown = in_tex(claim)
    given = [line for g in claim.given for line in tex_lines(g)]
    rows = [rf"& {line}" for line in shown.formula]
    if given:
        rows = [r"& " + r",\quad ".join(given), *(rf"\Longrightarrow\quad {row}" for row in rows[:1]), *rows[1:]]
    rows += [rf"& \text{{where }} {line}" for line in shown.where]
    return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"


def _claim(claim: Claim) -> str:
    whose = f" ({_SPOKEN[claim.voice]})" if claim.voice else ""
    head = f"<strong>{plain(claim.title)}</strong> <code>{claim.id}</code> {markup.escape(str(claim.place))}{whose}"
    return f"<div><p>{head}</p><p>{plain(claim.says)}</p>$${markup.escape(_statement(claim), quote=False)}$$</div>"


def _paper(paper: Paper) -> str:
    rows = "".join(
        f"<tr><td><code>{c.id}</code></td><td style='text-align:left'>{plain(c.title)}</td>"
        f"<td>{markup.escape(str(c.place))}</td><td>{_SPOKEN[c.voice or 'ours']}</td></tr>"
        for c in paper.claims
    )
    head = "".join(f"<th>{word}</th>" for word in ("claim", "", "place", "voice"))
    return (
        f"<div><p><strong>{plain(paper.source)}</strong></p>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )
