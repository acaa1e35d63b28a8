"""Two formulas with what differs between them marked, each part by itself, in the MathML that the page shows.

The comparison is one of signs on the page: it helps a reader to find the term that was changed, and proves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import groupby
from xml.etree.ElementTree import Element

from saddlecheck.verification.site import mathml

CONTEXT = 1  # pieces that are shown on either side of a marked one where the rest is left out
_MOST = 0.7  # of the signs: where more than that differs, nothing is marked
_BY_PLACE = {"mfrac", "msup", "msub", "msubsup", "mroot", "mover", "munder"}  # whose parts have their meaning by place
_OPENING, _CLOSING = ("(", "[", "{"), (")", "]", "}")
_NOISE = ("form", "minsize", "maxsize", "stretchy", "fence", "style")  # layout, which is no difference


def pairs(before: Sequence[str], after: Sequence[str], *, brief: bool = False) -> Iterator[tuple[str, str, bool]]:
    """The lines of LaTeX of two formulas as HTML, each beside the one that it became, with the differences marked.

    Args:
        before: the lines of the first.
        after: those of the second.
        brief: leave out the parts of a line that are far from a difference.

    Yields:
        A line of each, empty where the other has none in its place, and whether they differ.
    """
    for tag, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        old, new = before[i:j], after[k:m]
        for n in range(max(len(old), len(new))):
            if tag == "equal":
                yield mathml.inline(old[n]), mathml.inline(new[n]), False
            else:
                lines = (side[n] if n < len(side) else "" for side in (old, new))
                yield *marked(*lines, brief=brief), True


def marked(before: str, after: str, *, brief: bool = False) -> tuple[str, str]:
    r"""Two formulas as HTML, each with the parts marked that the other has not.

    Args:
        before: the first, LaTeX; may be empty.
        after: the second.
        brief: leave out the pieces that are far from a difference.

    Returns:
        Both.
    """
    if not before or not after:
        whole = f'<span class="changed">{mathml.inline(before or after)}</span>'
        return (whole, "") if before else ("", whole)
    if any(mathml.has_words(text) for text in (before, after)):
        return mathml.inline(before), mathml.inline(after)
    first, second = mathml.elements(before), mathml.elements(after)
    old, new = ([part for math in side for part in math] for side in (first, second))
    left, right = _compared(old, new)
    if max(_share(left), _share(right)) > _MOST:
        left, right = old, new
    return _written(first, left, brief=brief), _written(second, right, brief=brief)


def _compared(old: list[Element], new: list[Element]) -> tuple[list[Element], list[Element]]:
    """Both sequences, with the elements wrapped that differ; as long as they were."""
    left, right = list(old), list(new)
    matcher = SequenceMatcher(None, [_key(e) for e in old], [_key(e) for e in new], autojunk=False)
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag == "replace" and j - i == m - k:
            for a, b in zip(range(i, j), range(k, m), strict=True):
                left[a], right[b] = _pair(old[a], new[b])
        elif tag != "equal":
            left[i:j] = map(_wrapped, old[i:j])
            right[k:m] = map(_wrapped, new[k:m])
    return left, right


def _pair(a: Element, b: Element) -> tuple[Element, Element]:
    """Two elements that differ: marked inside, if they are of one kind and share something, else as a whole."""
    if a.tag != b.tag or not len(a) or not len(b):
        return _wrapped(a), _wrapped(b)
    if a.tag in _BY_PLACE:
        parts = [(x, y) if _key(x) == _key(y) else _pair(x, y) for x, y in zip(a, b, strict=True)]
        left, right = ([p[side] for p in parts] for side in (0, 1))
    else:
        left, right = _compared(list(a), list(b))
    if all(_is_mark(e) for e in (*left, *right)):
        return _wrapped(a), _wrapped(b)
    return _with(a, left), _with(b, right)


def _written(pieces: Sequence[Element], parts: Sequence[Element], *, brief: bool) -> str:
    """The pieces as HTML, with these parts in place of their own."""
    at, made = 0, []
    for piece in pieces:
        made.append(_with(piece, _joined(parts[at : at + len(piece)])))
        at += len(piece)
    changed = [i for i, math in enumerate(made) if any(map(_is_mark, math.iter()))]
    near = {k for i in changed for k in range(i - CONTEXT, i + CONTEXT + 1)} if brief and changed else range(len(made))
    beyond = _brackets_of_shown(made, set(near))
    text = ""
    for shown, run in groupby(range(len(made)), near.__contains__):
        if shown:
            text += "".join(mathml.as_html(made[i]) for i in run)
        else:
            text += f'<span class="muted"> {_gap("".join(beyond[i] for i in run))} </span>'
    return mathml.together(text)


def _brackets_of_shown(pieces: Sequence[Element], shown: set[int]) -> list[str]:
    """For each piece the brackets in it whose partners are in a piece that is shown: without them those had none."""
    operators = ((i, str(e.text)) for i, piece in enumerate(pieces) for e in piece.iter("mo"))
    signs = [(i, text) for i, text in operators if text in _OPENING + _CLOSING]
    lone, waiting = set[int](), list[int]()
    for at, (i, sign) in enumerate(signs):
        if sign in _OPENING:
            waiting.append(at)
        elif waiting:
            partner = waiting.pop()
            if i in shown:
                lone.add(partner)
            if signs[partner][0] in shown:
                lone.add(at)
    kept = [signs[at] for at in sorted(lone)]
    return ["".join(sign for k, sign in kept if k == i) for i in range(len(pieces))]


def _gap(brackets: str) -> str:
    """What stands for pieces that are left out: dots, and these brackets between them."""
    return "…".join(("", *re.findall(r"[(\[{]+|[)\]}]+", brackets), ""))


def _joined(parts: Sequence[Element]) -> list[Element]:
    """The parts, with marks that follow each other made one."""
    found: list[Element] = []
    for i, part in enumerate(parts):
        if _is_mark(part) and i:
            mathml.between_terms(part[0])  # inside a mark it would be the first
        if _is_mark(part) and found and _is_mark(found[-1]):
            found[-1].extend(part)
        else:
            found.append(_with(part, list(part)) if _is_mark(part) else part)
    return found


def _share(parts: Sequence[Element]) -> float:
    """Which part of the signs is marked."""
    signs = sum(bool(e.text) for part in parts for e in part.iter())
    inside = sum(bool(e.text) for part in parts for mark in part.iter() if _is_mark(mark) for e in mark.iter())
    return inside / max(signs, 1)


def _key(part: Element) -> str:
    """An element without its layout, to be compared."""
    kept = sorted((k, v) for k, v in part.attrib.items() if k not in _NOISE)
    return f"{part.tag}{kept}{part.text}({' '.join(map(_key, part))})"


def _wrapped(part: Element) -> Element:
    mark = Element("mrow", {"class": "changed"})
    mark.append(part)
    return mark


def _is_mark(part: Element) -> bool:
    return part.get("class") == "changed"


def _with(part: Element, children: Sequence[Element]) -> Element:
    made = Element(part.tag, part.attrib)
    made.text = part.text
    made.extend(children)
    return made
