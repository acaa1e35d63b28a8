"""Okabe and Ito's colours, told apart with any common colour blindness; what stands for what, on every surface.

A word, a shape or a line style always says the same as the colour. The sheets of the site and of the explorer hold
darker and lighter shades of these, fit for text; a test compares hue and contrast.
"""

from saddlecheck.theory.checker.verdict import Verdict

BLACK, ORANGE, SKY, GREEN, YELLOW = "#000000", "#E69F00", "#56B4E9", "#009E73", "#F0E442"
BLUE, RED, PINK = "#0072B2", "#D55E00", "#CC79A7"
GREY, PALE = "#6E6E6E", "#999999"  # on white; on black too

VERDICT = {
    Verdict.HOLDS: GREEN, Verdict.CORRECTED: SKY, Verdict.CONDITIONAL: BLUE, Verdict.REFUTED: RED,
    Verdict.NUMERIC: PINK, Verdict.ACCEPTED: PALE, Verdict.OPEN: ORANGE,
}  # fmt: skip
RULING = {"attracts": GREEN, "repels": RED, "cycle": SKY, "neutral": PALE, "undecided": ORANGE}
POINT = {"minimum": ("o", GREEN), "saddle": ("X", RED), "maximum": ("^", BLUE), "degenerate": ("D", PINK)}
BASINS = (SKY, YELLOW, PINK, GREEN, ORANGE, BLUE)
