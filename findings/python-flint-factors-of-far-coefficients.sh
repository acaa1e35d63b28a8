#!/usr/bin/env bash
# version:   python-flint 0.9.0, Python 3.11
# guess:     factoring over exact integers has no limit on their size, and does the same in each of the polynomial types.
# behaviour: fmpz_mpoly.factor() raises OverflowError where two factors have coefficients that differ by more than a C int
#            holds. fmpz_poly and fmpq_mpoly factor the same polynomial.
# seen:      (x - 1)(x - 10^30): fmpz_mpoly OverflowError, fmpq_mpoly 2 factors, fmpz_poly 2 factors
# matters:   a loss with scales far apart (1e-15 and 1e15 in one Hessian) ends an exact elimination that works on all others.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q python-flint==0.9.0
"$folder/venv/bin/python" - <<'PY'
import sys

import flint


def factors(polynomial):
    try:
        return f"{len(polynomial.factor()[1])} factors"
    except OverflowError:
        return "OverflowError"


def product(x):
    return (x - 1) * (x - 10**30)


rings = {kind: getattr(flint, f"{kind}_ctx").get(["x"], flint.Ordering.lex) for kind in ("fmpz_mpoly", "fmpq_mpoly")}
found = {kind: factors(product(ring.gens()[0])) for kind, ring in rings.items()}
found["fmpz_poly"] = factors(product(flint.fmpz_poly([0, 1])))
print(", ".join(f"{kind} {outcome}" for kind, outcome in found.items()))
sys.exit(0 if found == {"fmpz_mpoly": "OverflowError", "fmpq_mpoly": "2 factors", "fmpz_poly": "2 factors"} else 1)
PY
