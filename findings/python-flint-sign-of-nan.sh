#!/usr/bin/env bash
# version:   python-flint 0.9.0, Python 3.11
# guess:     what has no value stays without one: the sign of a ball that is nan is nan.
# behaviour: arb.sgn() of nan is the finite ball [+/- 1].
# seen:      1/arb(0,1) = nan   its sgn = [+/- 1.01]   finite: True
# matters:   sign(1/x) + 2 > 0 looks proved by ball arithmetic on a box across the pole, where 1/x does not exist.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q python-flint==0.9.0
"$folder/venv/bin/python" - <<'PY'
import sys

from flint import arb

pole = 1 / arb(0, 1)
print(f"1/arb(0,1) = {pole}   its sgn = {pole.sgn()}   finite: {pole.sgn().is_finite()}")
sys.exit(0 if not pole.is_finite() and pole.sgn().is_finite() else 1)
PY
