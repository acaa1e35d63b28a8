"""What a paper prints beside what holds: what both share said once, and only the difference marked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

from saddlecheck.theory.claims.claim import Claim
from saddlecheck.theory.printing.displays import in_tex
from saddlecheck.theory.printing.tex import tex_lines
from saddlecheck.theory.symbols import Formula
from saddlecheck.verification.ledger.twins import Trial
from saddlecheck.verification.site import differences, formula, mathml, parts
from saddlecheck.verification.site.fragments import fragment
from saddlecheck.verification.site.prose import plain
from saddlecheck.verification.site.voices import form


def beside(printed: Claim, repairs: Sequence[Claim]) -> str:
    """HTML: the conditions that all share, then the printed statement and below it what holds.

    Args:
        printed: the form that is amended.
        repairs: the claims that amend it.

    Returns:
        A block of HTML.
    """
    shared = [c for c in _lines(printed.given) if all(c in _lines(r.given) for r in repairs)]
    first = next((r for r in repairs if r.statement != printed.statement), None)
    body = _compared(printed, first)[0] if first else formula.stated(printed, whole=False)
    sides = [_side("printed", form(printed), printed, shared, body)]
    for repair in repairs:
        if repair.statement == printed.statement:
            body = '<p class="label">the same statement</p>'
        else:
            body = _compared(printed, repair)[1]
        sides.append(_side("repaired", "What holds", repair, shared, body))
    return fragment("beside", shared=_listed(shared), sides=sides)


def _side(css: str, label: str, claim: Claim, shared: Sequence[str], body: str) -> dict[str, str]:
    """A statement with its words, for the template: its title, and the conditions that not all share."""
    further = _listed([c for c in _lines(claim.given) if c not in shared], "changed")
    return {"css": css, "label": label, "id": claim.id, "title": plain(claim.title), "body": body, "further": further}


def _compared(printed: Claim, repair: Claim) -> tuple[str, str]:
    """The statements of both as HTML, marked, each with what its names stand for."""
    if (printed.display is None) != (repair.display is None):
        return formula.stated(printed, whole=False), formula.stated(repair, whole=False)
    old, new = in_tex(printed), in_tex(repair)
    if max(sum(map(len, old.formula)), sum(map(len, new.formula))) > formula.LONG:
        return formula.stated(printed, whole=False), formula.stated(repair, whole=False)
    pairs = list(differences.pairs(old.formula, new.formula))
    left = mathml.block([line for line, _, _ in pairs if line], "and")
    right = mathml.block([line for _, line, _ in pairs if line], "and")
    printed_names, repaired_names = _names(old.where, new.where)
    return left + printed_names, right + repaired_names


def _names(old: Sequence[str], new: Sequence[str]) -> tuple[str, str]:
    """What the names of both stand for, marked where it differs; of the repair only what is not as printed."""
    printed, repaired = ({_name(line): line for line in side} for side in (old, new))
    left = [differences.marked(line, repaired.get(_name(line), line))[0] for line in old]
    right = [differences.marked(printed.get(_name(line), line), line)[1] for line in new if line not in old]
    rest = "; the other names as printed" if any(line in old for line in new) else ""
    return _where(left), _where(right, rest)


def _where(lines: Sequence[str], rest: str = "") -> str:
    return f'<p class="label">where{rest}</p>{mathml.block(lines)}' if lines else ""


def _name(line: str) -> str:
    return line.partition(" = ")[0]


def twins(claim: Claim, trials: Iterable[Trial]) -> list[dict[str, str]]:
    """The deliberate mistakes that were put to the engines, the lines that each changes, and what refuted it.

    Args:
        claim: whose twins they are.
        trials: what became of them.

    Returns:
        For each the mistake, where it was made, the changed lines (HTML) and the engines.
    """
    of_step = {s.name: (i, s.formula) for i, s in enumerate(claim.steps, 1)}
    conditions = {t.mistake: t.given for t in claim.twins}
    found = []
    for t in trials:
        number, original = of_step.get(t.target, (0, claim.statement))
        given = conditions.get(t.mistake)
        if t.formula == original and given is not None:
            shown = _changes(claim.given, given)
        else:
            shown = _changes([original], [t.formula])
        found.append({
            "mistake": plain(t.mistake), "at": f"step {number}" if number else "", "shown": shown,
            "refuted": f"refuted by {', '.join(map(parts.engine_name, t.refuted_by))}"
            if t.refuted_by else '<strong class="false">survived</strong>',
        })  # fmt: skip
    return found


def _changes(before: Sequence[Formula], after: Sequence[Formula]) -> str:
    """The new lines, each marked where it differs from the most similar one of before; else what is left out."""
    old, new = _lines(before), _lines(after)
    lines: list[str] = []
    for line in (n for n in new if n not in old):
        like = max(old, key=lambda o: SequenceMatcher(None, o, line, autojunk=False).quick_ratio())
        was, now = differences.marked(like, line, brief=True)
        lines.append(now)
        if "changed" in was and "changed" not in now:  # something was left out, which only the line of before shows
            lines.append(f'<span class="muted">instead of</span> {was}')
    if not lines:
        lines = [f'<span class="muted">without</span> {mathml.inline(o)}' for o in old if o not in new]
    return mathml.block(lines) if lines else ""


def _lines(formulas: Iterable[Formula]) -> list[str]:
    return list(dict.fromkeys(line for f in formulas for line in tex_lines(f)))


def _listed(lines: Sequence[str], css: str = "") -> str:
    shown = map(mathml.inline, lines)
    return ", ".join(f'<span class="{css}">{line}</span>' if css else line for line in shown)
