"""Figures 8 and 9 and Table 1: what the printed numbers say, exactly, and what only training can settle.

Key results: two of the four gaps are not the difference of the entries beside them (table1-gaps), by no more than
rounding explains (table1-gaps-rounded); the readings of the table are settled on its own entries. The figures are
claims about training runs and stay open until one has been made.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping

import sympy as sp

from saddlecheck.theory.claims.claim import Claim, Place, Twin
from saddlecheck.theory.claims.formulas import above, below, equal, every
from saddlecheck.theory.claims.nodes import Prop
from saddlecheck.theory.claims.steps import STATEMENT, Entails
from saddlecheck.theory.papers.kim.momentum.momentum_effect import GIVEN, MSD
from saddlecheck.theory.symbols import B, Expr, Formula, gamma

# rho: mean test accuracy in per cent at gamma = 0, 0.9, 0.95, and the gap, as printed.
TABLE: Mapping[str, tuple[tuple[str, str, str], str]] = {
    "0.01": (("93.77", "94.99", "94.94"), "1.22"),
    "0.05": (("93.56", "95.01", "94.94"), "1.45"),
    "0.1": (("92.29", "94.84", "95.08"), "2.80"),
    "0.5": (("86.20", "88.76", "91.98"), "5.79"),
}


def _best(row: tuple[str, ...]) -> Expr:
    """The largest entry, left as a maximum so that a reader sees of what."""
    return sp.Max(*map(sp.Rational, row), evaluate=False)


def _worst(row: tuple[str, ...]) -> Expr:
    return sp.Min(*map(sp.Rational, row), evaluate=False)


def _minus(left: Expr, right: Expr) -> Expr:
    return sp.Add(left, sp.Mul(-1, right, evaluate=False), evaluate=False)


def _larger(left: Expr, right: Expr) -> Formula:
    return above(_minus(left, right))


_GAPS = [(_minus(_best(row), _worst(row)), sp.Rational(gap)) for row, gap in TABLE.values()]


def _within(margin: Expr) -> Formula:
    """That every printed gap is within the margin of its entries' difference."""
    return every(
        *(below(sp.Abs(_minus(spread, gap), evaluate=False), margin) for spread, gap in _GAPS)
    )  # fmt: skip


GAPS = Claim(
    id="table1-gaps",
    title="Table 1: the column Gap is the largest entry less the smallest",
    place=Place("4.4", "Table 1"),
    voice="paper",
    provenance="seen",
    says="In each row of Table 1 the gap is the maximum of the three accuracies less their minimum.",
    statement=every(*(equal(spread, gap) for spread, gap in _GAPS)),
    finding="Two rows are off by 0.01: rho = 0.1 (the entries give 2.79) and rho = 0.5 (5.78).",
    argument=(
        "In the row rho = 0.1 the entries are 92.29, 94.84 and 95.08, so the largest less the smallest is 2.79, and "
        "2.80 is printed. In the row rho = 0.5 they are 86.20, 88.76 and 91.98, which gives 5.78, and 5.79 is "
        "printed. The other two rows agree."
    ),
    twins=tuple(Twin(f"the row rho = {rho}", equal(*pair)) for rho, pair in list(zip(TABLE, _GAPS, strict=True))[2:]),
)
ROUNDED = Claim(
    id="table1-gaps-rounded",
    title="The gaps of Table 1 agree with its entries up to rounding",
    place=Place("4.4", "Table 1"),
    voice="ours",
    says="Each printed gap is within 0.015 of the difference of the printed entries: three roundings of half a unit.",
    argument=(
        "The four differences of the printed entries are 1.22, 1.45, 2.79 and 5.78, and the printed gaps are 1.22, "
        "1.45, 2.80 and 5.79. They differ by at most 0.01. Two entries and a gap that are each rounded to two "
        "decimals may be off by three times 0.005. So rounding accounts for the differences."
    ),
    statement=_within(sp.Rational("0.015")),
    steps=(Entails("subtract", STATEMENT, "subtract the printed gap from the difference of the entries"),),
    amends="table1-gaps",
    twins=(Twin("within 0.0075", _within(sp.Rational("0.015") / 2)),),
)

_ROWS = [row for row, _ in TABLE.values()]
READ = Claim(
    id="table1-worst-without",
    title="Table 1: every row is worst without momentum, and the gap grows with rho",
    place=Place("4.4", "Table 1"),
    voice="paper",
    provenance="seen",
    says="In each row the smallest accuracy stands at gamma = 0, and the gap is larger the larger rho is.",
    reading="On the printed means. They come with deviations over three seeds, which a comparison of runs has to use.",
    argument=(
        "In each row the entry at gamma = 0 is below the other two: 93.77, 93.56, 92.29 and 86.20. The differences of "
        "the largest and the smallest entry are 1.22, 1.45, 2.79 and 5.78, in the order of increasing rho. They "
        "increase from row to row."
    ),
    statement=every(
        *(_larger(_worst(row[1:]), sp.Rational(row[0])) for row in _ROWS),
        *(_larger(wider, narrower) for (narrower, _), (wider, _) in itertools.pairwise(_GAPS)),
    ),
    steps=(Entails("compare", STATEMENT, "compare the decimal numbers of the table"),),
    twins=(Twin("worst at gamma = 0.9", _larger(_worst((_ROWS[0][0], _ROWS[0][2])), sp.Rational(_ROWS[0][1]))),),
)


def _rising(rows: Iterable[tuple[str, str, str]]) -> Formula:
    """That the accuracies rise from left to right in each row."""
    return every(*(_larger(sp.Rational(b), sp.Rational(a)) for row in rows for a, b in itertools.pairwise(row)))


HIGHER = Claim(
    id="table1-higher-momentum",
    title="Table 1: a higher momentum gives a higher accuracy",
    place=Place("4.4", "Table 1"),
    voice="paper",
    provenance="seen",
    says="In each row the accuracy rises with the momentum.",
    statement=_rising(_ROWS),
    finding="For rho = 0.01 and 0.05 gamma = 0.9 stands above 0.95.",
    argument=(
        "In the rows rho = 0.01 and rho = 0.05 the entry at gamma = 0.9 is above that at gamma = 0.95: 94.99 against "
        "94.94, and 95.01 against 94.94. So the accuracy does not rise from left to right in these rows. In the other "
        "two it does (table1-higher-momentum-wide)."
    ),
    twins=(Twin("the row rho = 0.05", _rising(_ROWS[1:2])),),
)
HIGHER_WIDE = Claim(
    id="table1-higher-momentum-wide",
    title="In Table 1 a higher momentum gives a higher accuracy for rho of 0.1 and 0.5",
    place=Place("4.4", "Table 1"),
    voice="ours",
    says="In the last two rows the accuracy rises with the momentum.",
    argument=(
        "In the row rho = 0.1 the entries are 92.29 < 94.84 < 95.08. In the row rho = 0.5 they are 86.20 < 88.76 < "
        "91.98. Both rows rise from left to right."
    ),
    statement=_rising(_ROWS[2:]),
    steps=(Entails("compare", STATEMENT, "compare the decimal numbers of the last two rows"),),
    amends="table1-higher-momentum",
    twins=(Twin("for rho = 0.01 as well", _rising(_ROWS[::2])),),
)

# ---- what only training can settle


FIG8 = Claim(
    id="fig8",
    title="Figure 8: smaller batches and more momentum train SAM better",
    place=Place("4.4", "Figure 8"),
    voice="paper",
    provenance="seen",
    says="On CIFAR-10 and CIFAR-100 without batch norm and augmentation, rho = 0.1, 300 epochs: SAM's final training "
    "loss rises with the batch size, above 1 at B = 512 with under 60 % accuracy, and falls with the momentum.",
    statement=Prop(
        "fig8",
        "At equal epochs the final training loss of normalised SAM at rho = 0.1 rises with the batch size and falls "
        "with the momentum, and the test accuracy does the opposite.",
    ),
    reading="A claim about training runs: no formula stands for it, and the twins are about (14), which it leans on.",
    argument=(
        "The claim is about training runs, and no formula stands for it. What is proved is about (14): it falls with "
        "the batch size (thm3-batch) and rises with the momentum (thm3-gamma), and neither is a statement on a "
        "training loss. The comparison has to be made at equal epochs, so that a smaller batch also means more steps. "
        "Runs over the grid of the figure, several seeds for each point, decide it; until they are made the claim is "
        "open."
    ),
    settles="saddlecheck sweep fig8",
    twins=(Twin("(14) rises with the batch size", sp.diff(MSD, B) > 0, GIVEN),),
    related=("thm3-batch", "thm3-gamma"),
)
FIG9 = Claim(
    id="fig9",
    title="Figure 9: momentum helps SAM more than SGD",
    place=Place("4.4", "Figure 9"),
    voice="paper",
    provenance="seen",
    says="Raising the momentum from 0 to 0.9 gains SGD about 5 % of accuracy, and SAM more than 20 %.",
    statement=Prop(
        "fig9",
        "At equal epochs momentum 0.9 instead of 0 raises the test accuracy of normalised SAM at rho = 0.1 by more "
        "than it raises that of SGD.",
    ),
    reading=FIG8.reading,
    argument=(
        "The claim compares two differences of accuracies, that of SAM and that of SGD, between momentum 0 and 0.9. "
        "At a fixed learning rate momentum also multiplies the effective step by 1/(1 - gamma), for both algorithms "
        "(momentum-equal-rate), so the comparison is one of the two algorithms and not of momentum alone. No formula "
        "stands for it. Runs with several seeds decide it; until they are made the claim is open."
    ),
    settles="saddlecheck sweep fig9",
    twins=(Twin("(14) falls with momentum", sp.diff(MSD, gamma) < 0, GIVEN),),
    related=("thm3-escape", "momentum-equal-rate"),
)
TABLE1 = Claim(
    id="table1",
    title="Table 1: momentum matters more the larger rho is",
    place=Place("4.4", "Table 1"),
    voice="paper",
    provenance="seen",
    says="With batch norm and augmentation, SAM's accuracy on CIFAR-10 is worst without momentum for each rho, the "
    "more so the larger rho is, and rho = 0.1 with gamma = 0.95 is the best of all.",
    statement=Prop(
        "table1",
        "Over seeds, the test accuracy of normalised SAM is lowest at gamma = 0 for each rho, the loss against the "
        "best gamma grows with rho, and the best of all is at rho = 0.1 and gamma = 0.95.",
    ),
    reading=FIG8.reading,
    argument=(
        "The claim is about the means of repeated training runs. On the printed means it can be read off "
        "(table1-worst-without), but they come from three seeds with deviations, and the best entry of each row is "
        "chosen after the fact. Whether the order holds beyond these seeds is decided by further runs at equal "
        "epochs. Until they are made the claim is open."
    ),
    settles="saddlecheck sweep table1",
    twins=(
        Twin("(14) falls with momentum", sp.diff(MSD, gamma) < 0, GIVEN),
        Twin("the printed means: worst at gamma = 0.95", _rising(row[::-1] for row in _ROWS)),
    ),
    related=("table1-gaps", "table1-worst-without", "table1-higher-momentum"),
)

CLAIMS: tuple[Claim, ...] = (FIG8, FIG9, TABLE1, GAPS, ROUNDED, READ, HIGHER, HIGHER_WIDE)
