#!/usr/bin/env bash
# version:   sympy 1.14.0, Python 3.11
# guess:     And(A, B, evaluate=False) has one canonical order of arguments, whatever the process.
# behaviour: atoms of a class of one's own that derives from Boolean and has no args share one sort_key, so that the order
#            follows Python's hash seed: printed formulas, digests and cache keys differ between processes.
# seen:      orders over hash seeds 0 to 7: 2 different ones
# matters:   whoever keys results by the text or digest of a formula recomputes, or misses, at random.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q sympy==1.14.0
cat > "$folder/order.py" <<'PY'
import sympy as sp
from sympy.logic.boolalg import Boolean


class Proposition(Boolean):
    """A statement in words."""

    def __new__(cls, name):
        made = super().__new__(cls)
        made.name = name
        return made

    def _hashable_content(self):
        return (self.name,)


print([p.name for p in sp.And(Proposition("it rains"), Proposition("it is cold"), evaluate=False).args])
PY
orders=$(for seed in 0 1 2 3 4 5 6 7; do PYTHONHASHSEED=$seed "$folder/venv/bin/python" "$folder/order.py"; done | sort -u | wc -l)
echo "orders over hash seeds 0 to 7: $orders different ones"
test "$orders" -gt 1
