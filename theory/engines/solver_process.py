"""The SMT solvers in a process of their own, asked in SMT-LIB.

There a query that does not look at the clock can be ended, and every query starts from nothing: what a solver answers
does not depend on what it was asked before, so what was asked before is not asked again (four queries of ten: the steps
of one claim share their conditions).  Run as a script, this file is that process.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

_INTEGERS = "(to_real "  # marks a query about integers, which the logic of real fields does not have
_STEPS = 1_000_000  # cvc5's own count of work; the ledger's proofs need a small part of it


@dataclass(frozen=True)
class Reply:
    """status: "sat", "unsat" or "unknown".  values: where sat, the value of each constant that is rational."""

    status: str
    values: dict[str, Fraction]


def solve(
    engine: str, constants: Mapping[str, str], assertions: Sequence[str], seconds: float, steps: int | None = None
) -> Reply:
    """Whether the assertions (SMT-LIB terms) hold together for some values of the constants (name: sort).

    The time limit is in seconds of the processor, so that what is decided does not depend on what else the machine
    does; after twice as many the solver's process is ended. After `steps` of its own count of work it gives up; None
    means its usual bound.

    Returns:
        The status, "sat", "unsat" or "unknown"; where sat, the value of each constant that is rational.
    """
    text = "".join(f"(declare-const |{name}| {sort})" for name, sort in constants.items())
    text += "".join(f"(assert {term})" for term in assertions)
    wanted = tuple((name, sort) for name, sort in constants.items() if sort in ("Real", "Int"))
    query = (engine, text, wanted, seconds, steps)
    if query not in _answered:
        reply = _ask(*query)
        if reply.status == "unknown":  # the process may have been lost
            return reply
        _answered[query] = reply
    return _answered[query]


def core(constants: Sequence[str], assertions: Sequence[str], seconds: float) -> tuple[str, set[int]]:
    """Z3's answer about real constants, and where it is "unsat" which of the assertions contradict each other."""
    reply = solve("z3 core", dict.fromkeys(constants, "Real"), assertions, seconds)
    return reply.status, set(map(int, reply.values))


def _ask(engine: str, text: str, wanted: Sequence[tuple[str, str]], seconds: float, steps: int | None) -> Reply:
    query = {"engine": engine, "text": text, "wanted": wanted, "seconds": seconds, "steps": steps}
    process = _process()
    try:
        process.stdin.write(json.dumps(query) + "\n")
        process.stdin.flush()
        answer = process.stdout.readline()
    except BrokenPipeError:
        answer = ""
    except BaseException:  # interrupted between question and answer: the next question must not read this one's answer
        with alarms_held_back():  # a second one would leave it running
            process.kill()
            _end(_running.pop(os.getpid()))
        raise
    if not answer:  # it was ended in the middle of this query; the next one gets a new process
        _end(_running.pop(os.getpid()))
        return Reply("unknown", {})
    reply = json.loads(answer)
    if "error" in reply:
        raise ValueError(f"{engine} does not understand a query: {reply['error']}")
    return Reply(reply["status"], {name: Fraction(value) for name, value in reply["values"].items()})


_answered: dict[tuple[Any, ...], Reply] = {}
_running: dict[int, Any] = {}  # by process id: a fork must not speak into its parent's pipe


def _process() -> Any:
    pid = os.getpid()
    if pid not in _running:
        command = [sys.executable, "-P", __file__]
        with alarms_held_back():  # an alarm in the middle would leave a process running
            _running[pid] = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    return _running[pid]


@contextlib.contextmanager
def alarms_held_back() -> Iterator[None]:
    """Deliver SIGALRM after the block.

    Not by the thread's signal mask: the system hands an alarm to any thread that takes it, and Python then runs its
    handler in the main thread whatever that thread blocks.  Outside the main thread no handler runs at all.
    """
    if not hasattr(signal, "SIGALRM") or threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    handler = signal.signal(signal.SIGALRM, lambda number, _: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGALRM, handler)
        if came:
            signal.raise_signal(signal.SIGALRM)


@atexit.register
def _end_own() -> None:
    if process := _running.pop(os.getpid(), None):
        _end(process)


def _end(process: Any) -> None:
    process.stdout.close()
    with contextlib.suppress(BrokenPipeError):
        process.stdin.close()
    process.wait()


def _serve() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt is for the parent; this process ends with its input
    for line in sys.stdin:
        query = json.loads(line)
        try:
            reply = _reply(query)
        except Exception as error:  # whatever a solver raises is returned as its reply
            reply = {"error": str(error)}
        signal.setitimer(signal.ITIMER_PROF, 0)
        print(json.dumps(reply), flush=True)


def _reply(query: Mapping[str, Any]) -> dict[str, Any]:
    """Return a solver's reply; "unknown" for want of time only once it has had the processor for half of its limit.

    The solver's own clock is that on the wall, and runs while other processes have the processor. Where they had it
    most of the time, it is asked once more, for as long as the limit takes at this load.
    """
    seconds = clock = query["seconds"]
    while True:
        signal.setitimer(signal.ITIMER_PROF, 1 + 2 * seconds)  # which counts the processor's time, and ends the process
        begin, before = time.monotonic(), time.process_time()
        status, values = _ENGINES[query["engine"]](query["text"], query["wanted"], int(1000 * clock), query["steps"])
        waited, used = time.monotonic() - begin, time.process_time() - before
        starved = waited >= 0.9 * clock and used < seconds / 2
        if status != "unknown" or not starved:
            return {"status": status, "values": values}
        clock = seconds * waited / max(used, seconds / 1000)  # 1.8 times as long or more


def _z3(text: str, wanted: list[tuple[str, str]], milliseconds: int, steps: int | None) -> tuple[str, dict[str, str]]:
    import z3

    context = z3.Context()
    solver = z3.Solver(ctx=context) if _INTEGERS in text else z3.SolverFor("QF_NRA", ctx=context)
    solver.set("timeout", milliseconds)
    if steps is not None:
        solver.set("rlimit", steps)
    solver.from_string(text)
    status = str(solver.check())
    if status != "sat":
        return status, {}
    model = solver.model()
    constants = {name: (z3.Real if sort == "Real" else z3.Int)(name, context) for name, sort in wanted}
    values = {name: model.eval(constant, model_completion=True) for name, constant in constants.items()}
    known = (z3.is_rational_value, z3.is_int_value)
    return status, {name: str(value) for name, value in values.items() if any(test(value) for test in known)}


def _cvc5(text: str, wanted: list[tuple[str, str]], milliseconds: int, steps: int | None) -> tuple[str, dict[str, str]]:
    import cvc5

    solver = cvc5.Solver(cvc5.TermManager())
    solver.setLogic("QF_NIRA" if _INTEGERS in text else "QF_NRA")
    solver.setOption("produce-models", "true")
    solver.setOption("tlimit-per", str(milliseconds))
    solver.setOption("rlimit-per", str(steps or _STEPS))  # it does not look at the clock everywhere
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, text, "query")
    symbols = parser.getSymbolManager()
    while not (command := parser.nextCommand()).isNull():
        if answer := command.invoke(solver, symbols):
            raise ValueError(answer)
    result = solver.checkSat()
    status = "sat" if result.isSat() else "unsat" if result.isUnsat() else "unknown"
    if status != "sat":
        return status, {}
    values = {t.getSymbol(): solver.getValue(t) for t in symbols.getDeclaredTerms()}
    found = {name: str(values[name].getRealValue()) for name, _ in wanted if values[name].isRealValue()}
    return status, found | {
        name: str(values[name].getIntegerValue()) for name, _ in wanted if values[name].isIntegerValue()
    }


def _z3_core(text: str, wanted: Any, milliseconds: int, steps: int | None) -> tuple[str, dict[str, str]]:  # noqa: ARG001
    import z3

    context = z3.Context()
    solver = z3.SolverFor("QF_NRA", ctx=context)
    solver.set("timeout", milliseconds)
    for number, assertion in enumerate(z3.parse_smt2_string(text, ctx=context)):
        solver.assert_and_track(assertion, z3.Bool(f"core {number}", context))
    status = str(solver.check())
    return status, {str(name).split()[1]: "1" for name in solver.unsat_core()} if status == "unsat" else {}


_ENGINES = {"z3": _z3, "cvc5": _cvc5, "z3 core": _z3_core}

if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):  # the parent process has ended
        _serve()
