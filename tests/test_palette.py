"""One palette: the style sheets hold shades of its colours, fit for text, and no picture names a colour twice."""

import colorsys
import re
from pathlib import Path

import pytest

from saddlecheck.verification import palette
from saddlecheck.verification.ledger.judge import Verdict

ROOT = Path(__file__).resolve().parent.parent
SHEETS = ("verification/site/static/saddlecheck.css", "verification/site/web/explorer.css")
MEANING = {
    "holds": palette.VERDICT[Verdict.HOLDS], "corrected": palette.VERDICT[Verdict.CORRECTED],
    "conditional": palette.VERDICT[Verdict.CONDITIONAL], "refuted": palette.VERDICT[Verdict.REFUTED],
    "numeric": palette.VERDICT[Verdict.NUMERIC], "open": palette.VERDICT[Verdict.OPEN],
    "attracts": palette.RULING["attracts"], "repels": palette.RULING["repels"],
    "ok": palette.GREEN, "bad": palette.RED, "neutral": palette.ORANGE, "held": palette.PINK,
}  # fmt: skip
GROUNDS = ("#ffffff", "#14181d")  # of the explorer; the site's differ from them by less than 2 % in luminance
HUE = 15.0  # degrees: neighbours in the palette are at least 15 apart (red at 26, orange at 41), most 40
CONTRAST = 4.5  # WCAG 2.2, 1.4.3, for text


def channels(colour: str) -> list[float]:
    digits = colour.removeprefix("#")
    wide = digits if len(digits) == 6 else "".join(2 * d for d in digits)
    return [int(wide[i : i + 2], 16) / 255 for i in (0, 2, 4)]


def hue(colour: str) -> float:
    return 360 * colorsys.rgb_to_hsv(*channels(colour))[0]


def contrast(one: str, other: str) -> float:
    def luminance(colour: str) -> float:
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels(colour)]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def faults(sheet: str) -> list[str]:
    """Sentences on the shades of a sheet that are not the palette's, or cannot be read on either ground."""
    found = []
    for name, shade in re.findall(r"--([a-z]+): (#[0-9a-f]{3,6})\b", sheet):
        if name not in MEANING:
            continue
        apart = abs(hue(shade) - hue(MEANING[name]))
        if min(apart, 360 - apart) >= HUE:
            found.append(f"--{name}: {shade} has another hue than {MEANING[name]}")
        if max(contrast(shade, ground) for ground in GROUNDS) < CONTRAST:
            found.append(f"--{name}: {shade} is too pale to be read")
    return found


@pytest.mark.parametrize("sheet", SHEETS)
def test_a_sheet_has_shades_of_the_palette_only(sheet):
    text = (ROOT / sheet).read_text()
    assert len(set(re.findall(r"--([a-z]+): #", text)) & set(MEANING)) >= 4
    assert faults(text) == []


def test_another_hue_and_a_pale_shade_are_noticed():
    assert faults("--holds: #a34300;") == ["--holds: #a34300 has another hue than #009E73"]
    assert faults("--ok: #009e73;") == []  # 5.1 on the dark ground
    assert faults("--bad: #cc6a33;") != [] or contrast("#cc6a33", GROUNDS[1]) >= CONTRAST
    assert faults("--open: #c00000;") != []


def test_okabe_and_ito_are_written_once():
    names = ("ORANGE", "SKY", "GREEN", "YELLOW", "BLUE", "RED", "PINK")
    own = {getattr(palette, name).lower() for name in names}
    assert len(own) == 7
    for path in (*ROOT.glob("verification/**/*.py"), *ROOT.glob("docs/*.py")):
        if path.name != "palette.py":
            assert not own & {c.lower() for c in re.findall(r"#[0-9A-Fa-f]{6}\b", path.read_text())}, path
