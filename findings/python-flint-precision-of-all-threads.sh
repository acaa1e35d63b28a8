#!/usr/bin/env bash
# version:   python-flint 0.9.0, Python 3.11
# guess:     the precision of balls is a context of the thread, as decimal's is: a thread that works at 300 bits does not
#            change what another computes.
# behaviour: flint.ctx is one for the process. A with-block in one thread sets the precision of all others while it lasts,
#            and two blocks that overlap can leave a precision that neither asked for.
# seen:      radius of 1/3 at 53 bits below 1e-15: True; while another thread is in workprec(8): False; decimal's: unchanged
#            after two overlapping blocks: 300 bits, 53 before them
# matters:   enclosures stay enclosures, but one that was computed to 256 bits in order to separate two roots may come back
#            with 8, and results depend on what else runs.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q python-flint==0.9.0
"$folder/venv/bin/python" - <<'PY'
import decimal
import sys
import threading

import flint


class Block(threading.Thread):
    """Holds a precision, in flint and in decimal, from enter() to leave()."""

    def __init__(self, bits):
        super().__init__()
        self.bits, self.inside, self.go = bits, threading.Event(), threading.Event()

    def run(self):
        decimal.getcontext().prec = 3
        with flint.ctx.workprec(self.bits):
            self.inside.set()
            self.go.wait()

    def enter(self):
        self.start()
        self.inside.wait()

    def leave(self):
        self.go.set()
        self.join()


def third():
    return float((flint.arb(1) / 3).rad()) < 1e-15


flint.ctx.prec = 53
alone, digits = third(), decimal.getcontext().prec
other = Block(8)
other.enter()
beside, kept = third(), decimal.getcontext().prec == digits
other.leave()
first, second = Block(300), Block(100)
first.enter()
second.enter()
first.leave()
second.leave()
print(f"radius of 1/3 at 53 bits below 1e-15: {alone}; while another thread is in workprec(8): {beside}; "
      f"decimal's: {'unchanged' if kept else 'changed'}")
print(f"after two overlapping blocks: {flint.ctx.prec} bits, 53 before them")
sys.exit(0 if alone and not beside and kept and flint.ctx.prec == 300 else 1)
PY
