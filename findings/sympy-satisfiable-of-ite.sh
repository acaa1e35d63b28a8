#!/usr/bin/env bash
# version:   sympy 1.14.0, mpmath 1.3.0, Python 3.11
# guess:     satisfiable(f) of a propositional formula is False or a model at which f is true.
# behaviour: where an if-then-else with a constant branch stands under a negation, its normal form loses a case. A formula
#            beside its own negation gets a "model", at which it is false.
# seen:      f = ITE(p, p, false): the model {p: False} of "f and not f", at which it is False; p and not p: False
# matters:   a check that a statement says something ("its negation has a model") passes for a statement that is empty.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q sympy==1.14.0 mpmath==1.3.0
"$folder/venv/bin/python" - <<'PY'
import sys

from sympy import ITE, And, Not, false, symbols
from sympy.logic.inference import satisfiable

p, q = symbols("p q")
choice = ITE(p, p, false)  # p, in other words
model = satisfiable(And(choice, Not(choice), evaluate=False))
plain = satisfiable(And(p, Not(p), evaluate=False))
value = None if model is False else And(choice, Not(choice), evaluate=False).subs(model)
print(f"f and not f, f = ITE(p, p, false): {model}, at which it is {value}; p and not p: {plain}")
sys.exit(0 if model is not False and value == false and plain is False else 1)
PY
