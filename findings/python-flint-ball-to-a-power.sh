#!/usr/bin/env bash
# version:   python-flint 0.9.0, Python 3.11
# guess:     a ball around 0 to a natural power is an enclosure: arb(0, 1)**2 holds [0, 1], as arb(0, 1)*arb(0, 1) does.
# behaviour: `**` of a ball that holds 0 is nan, for every natural exponent above 1; the product is finite.
# seen:      arb(0,1)**2 = nan   arb(0,1)*arb(0,1) = [+/- 1.01]   arb(1,1/2)**2 = [+/- 2.26]
# matters:   bisection with Arb never ends on a box around 0 for a polynomial that is written with powers.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q python-flint==0.9.0
"$folder/venv/bin/python" - <<'PY'
import sys

from flint import arb

ball = arb(0, 1)
print(f"arb(0,1)**2 = {ball**2}   arb(0,1)*arb(0,1) = {ball * ball}   arb(1,1/2)**2 = {arb(1, 0.5) ** 2}")
as_written = all(not (ball**k).is_finite() for k in (2, 3, 4)) and (ball * ball).is_finite()
sys.exit(0 if as_written and (arb(1, 0.5) ** 2).is_finite() else 1)
PY
