r"""Names for the parts that a long formula repeats, so that it can be read: with $S_1 = ...$, the formula in $S_1$.

An abbreviation is a matter of print. The formula stays the object that is checked; under a derivative or at a value
of a variable, $S_1$ stands for the expression as it is written out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator

import sympy as sp

from saddlecheck.theory.printing.tex import tex_lines
from saddlecheck.theory.symbols import Expr, Formula

LONG = 1500  # characters of LaTeX beyond which a formula is abbreviated
_MOST = 12  # names: more would have to be remembered than is saved
_SAVING = 15  # nodes of the tree: a name that saves less is not worth its definition
_LETTERS = "SQUAZ"


def abbreviations(formula: Formula) -> dict[Expr, str]:
    """Return repeated parts of a formula that is too long to read, each with the name it is printed by, inner first.

    Empty for a formula that is short enough, or repeats nothing.
    """
    chosen: list[Expr] = []
    while len(chosen) < _MOST and _printed(formula, named := _named(formula, chosen)) > LONG:
        sizes: dict[Expr, int] = {}
        for tree in (formula, *chosen):
            _size(tree, named, sizes)
        seen = Counter(part for tree in (formula, *chosen) for part in _parts(tree, named, whole=tree in chosen))
        saved = {part: (count - 1) * sizes[part] - count for part, count in seen.items() if count > 1}
        best = max(saved, key=lambda part: (saved[part], sp.default_sort_key(part)), default=None)
        if best is None or saved[best] < _SAVING:
            break
        chosen.append(best)
    return _named(formula, chosen)


def definitions(names: dict[Expr, str]) -> list[str]:
    """LaTeX of what each name stands for, in terms of the names before it."""
    return [f"{name} = {tex_lines(part, _without(part, names))[0]}" for part, name in names.items()]


def _without(part: Expr, names: dict[Expr, str]) -> dict[Expr, str]:
    return {p: name for p, name in names.items() if p != part}


def _named(formula: Formula, chosen: Collection[Expr]) -> dict[Expr, str]:
    """The chosen parts by size, so that none is used before it is defined, with names that no symbol begins with."""
    taken = {s.name[0] for s in formula.atoms(sp.Symbol)}
    letter = next(c for c in _LETTERS if c not in taken)
    ordered = sorted(chosen, key=lambda part: (_size(part, (), {}), sp.default_sort_key(part)))
    return {part: f"{letter}_{{{i}}}" for i, part in enumerate(ordered, 1)}


def _printed(formula: Formula, names: dict[Expr, str]) -> int:
    return sum(map(len, [*tex_lines(formula, names), *definitions(names)]))


def _size(tree: Expr, named: Collection[Expr], sizes: dict[Expr, int]) -> int:
    """Nodes of a tree in which a named part is one node; `sizes` collects those of all its parts."""
    if tree not in sizes:
        sizes[tree] = 1 + sum(1 if arg in named else _size(arg, named, sizes) for arg in tree.args)
    return sizes[tree]


def _parts(tree: Expr, named: Collection[Expr], *, whole: bool = False) -> Iterator[Expr]:
    """The parts that are still written out, as often as they are; of a definition its own right side is none."""
    if not whole:
        if tree in named:
            return
        if isinstance(tree, sp.Expr) and tree.args and not tree.is_number and not _split_in_print(tree):
            yield tree
    for arg in tree.args:
        yield from _parts(arg, named)


def _split_in_print(tree: Expr) -> bool:
    """Whether the printer takes it apart: a power into base and exponent, or denominator; a product off its sign."""
    return bool(tree.is_Pow or (tree.is_Mul and tree.could_extract_minus_sign()))


__all__ = ["LONG", "abbreviations", "definitions"]
