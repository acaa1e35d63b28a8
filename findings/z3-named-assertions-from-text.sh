#!/usr/bin/env bash
# version:   z3-solver 5.4.1.0, Python 3.11
# guess:     assertions that are named in SMT-LIB text, (! ... :named k), are what unsat_core() speaks of.
# behaviour: after Solver.from_string the answer is unsat and the core is empty, also with unsat_core switched on; only
#            assert_and_track records one.
# seen:      from_string: unsat, core []   assert_and_track: unsat, core ['k1', 'k2']
# matters:   a search that prunes premises by cores would take "no premise is needed" for an answer.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q z3-solver==5.4.1.0
"$folder/venv/bin/python" - <<'PY'
import sys

import z3

solver = z3.Solver()
solver.set(unsat_core=True)
solver.from_string("(declare-const x Real)(assert (! (> x 1.0) :named k1))(assert (! (< x 0.0) :named k2))")
first, named = solver.check(), [str(name) for name in solver.unsat_core()]
other, x = z3.Solver(), z3.Real("x")
other.assert_and_track(x > 1, "k1")
other.assert_and_track(x < 0, "k2")
second, tracked = other.check(), sorted(str(name) for name in other.unsat_core())
print(f"from_string: {first}, core {named}   assert_and_track: {second}, core {tracked}")
sys.exit(0 if (str(first), named) == ("unsat", []) and tracked == ["k1", "k2"] else 1)
PY
