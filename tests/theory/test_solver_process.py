"""The solvers' own process: it can be lost without losing more than one answer, and it remembers nothing."""

import io
import itertools
import json
import os
import signal
import subprocess
import sys
import threading
import time
from fractions import Fraction
from pathlib import Path

import pytest

from saddlecheck.theory.engines import solver_process
from saddlecheck.theory.engines.smt import ENGINES
from saddlecheck.theory.engines.solver_process import Reply, solve

X = {"x": "Real"}


@pytest.fixture(autouse=True)
def _nothing_asked_before(monkeypatch):
    monkeypatch.setattr(solver_process, "_answered", {})


@pytest.mark.parametrize("engine", ENGINES)
def test_answers_and_values(engine):
    assert solve(engine, X, ["(= (* 2.0 x) 1.0)"], 5) == Reply("sat", {"x": Fraction(1, 2)})
    assert solve(engine, X, ["(< (* x x) 0.0)"], 5) == Reply("unsat", {})
    # a root of 2 is no fraction: a model is found, and no value is made up
    assert solve(engine, X, ["(= (* x x) 2.0)"], 5) == Reply("sat", {})
    # a constant that nothing is said about has a value all the same
    assert set(solve(engine, {**X, "lambda 1": "Real"}, ["(> x 0.0)"], 5).values) == {"x", "lambda 1"}


def test_a_core_names_assertions_that_contradict_each_other():
    names, assertions = ["x", "y"], ["(> x 0.0)", "(> y 5.0)", "(< (* x x) 1.0)", "(> x 2.0)"]
    assert solver_process.core(names, assertions, 5) == ("unsat", {2, 3})
    assert solver_process.core(names, assertions[:3], 5) == ("sat", set())


@pytest.mark.parametrize("engine", ENGINES)
def test_what_a_solver_does_not_understand_is_an_error_and_not_an_answer(engine):
    with pytest.raises(ValueError, match=f"{engine} does not understand"):
        solve(engine, X, ["(> undeclared 0.0)"], 5)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_process_that_was_ended_answers_nothing_and_is_replaced(engine):
    solve(engine, X, ["(> x 0.0)"], 5)
    lost = solver_process._process()
    lost.kill()
    assert solve(engine, X, ["(> x 1.0)"], 5) == Reply("unknown", {})  # and that is not remembered
    assert solve(engine, X, ["(> x 1.0)"], 5).status == "sat"
    assert solver_process._process() is not lost


@pytest.mark.parametrize("engine", ENGINES)
def test_the_alarm_ends_what_does_not_look_at_the_clock(engine, monkeypatch, tmp_path):
    # the same process, with an engine that never returns
    source = Path(solver_process.__file__).read_text(encoding="utf-8")
    source = source.replace("import z3", "while True: pass").replace("import cvc5", "while True: pass")
    (tmp_path / "stuck.py").write_text(source, encoding="utf-8")
    monkeypatch.setattr(solver_process, "__file__", str(tmp_path / "stuck.py"))
    monkeypatch.setattr(solver_process, "_running", {})
    assert solve(engine, X, ["(> x 0.0)"], 0.1) == Reply("unknown", {})


def test_the_alarm_counts_the_time_of_the_processor_and_not_of_the_wall(monkeypatch, tmp_path):
    # the same process, on a machine that does other things for longer than 1 + 2 * 0.1 seconds before it answers
    source = Path(solver_process.__file__).read_text(encoding="utf-8")
    (tmp_path / "slow.py").write_text(source.replace("import z3", "time.sleep(1.5); import z3"), encoding="utf-8")
    monkeypatch.setattr(solver_process, "__file__", str(tmp_path / "slow.py"))
    monkeypatch.setattr(solver_process, "_running", {})
    assert solve("z3", X, ["(> x 0.0)"], 0.1).status == "sat"
    solver_process._end_own()


@pytest.mark.parametrize("engine", ENGINES)
def test_an_answer_does_not_depend_on_what_was_asked_before(engine):
    query = ({"x": "Real", "y": "Real"}, ["(> (* x y y) 3.0)", "(< (+ x y) 1.0)"], 5)
    first = solve(engine, *query)
    solver_process._answered.clear()
    for bound in range(5):
        solve(engine, {"y": "Real", "x": "Real"}, [f"(> (* y x) {bound}.0)"], 5)
    assert solve(engine, *query) == first


@pytest.mark.parametrize("engine", ENGINES)
def test_what_was_answered_is_not_asked_again(engine, monkeypatch):
    first = solve(engine, X, ["(> x 2.0)"], 5)
    monkeypatch.setattr(solver_process, "_ask", None)
    assert solve(engine, X, ["(> x 2.0)"], 5) == first
    with pytest.raises(TypeError):  # another time limit is another question
        solve(engine, X, ["(> x 2.0)"], 6)


def test_one_engine_never_answers_for_another(monkeypatch):
    # two engines that share an answer would be one
    asked = []
    monkeypatch.setattr(solver_process, "_ask", lambda engine, *_: asked.append(engine) or Reply("unsat", {}))
    for _ in range(2):
        for engine in ENGINES:
            solve(engine, X, ["(< (* x x) 0.0)"], 5)
    assert asked == list(ENGINES)


class Late(Exception):
    """What an alarm raises."""


def test_an_alarm_while_the_process_starts_leaves_none_behind(monkeypatch):
    started, popen = [], subprocess.Popen
    done = threading.Event()  # an idle thread takes the alarm that the main thread's mask would keep away
    threading.Thread(target=done.wait, daemon=True).start()

    def slow(*arguments, **more):
        started.append(popen(*arguments, **more))
        os.kill(os.getpid(), signal.SIGALRM)  # at the worst moment: it runs and is not yet known
        time.sleep(0.05)
        return started[-1]

    def alarm(*_):
        raise Late

    monkeypatch.setattr(solver_process, "_running", {})
    monkeypatch.setattr(subprocess, "Popen", slow)
    handler = signal.signal(signal.SIGALRM, alarm)
    try:
        with pytest.raises(Late):
            solver_process._process()
    finally:
        signal.signal(signal.SIGALRM, handler)
        done.set()
    assert list(solver_process._running.values()) == started
    assert solve("z3", X, ["(> x 0.0)"], 5).status == "sat"  # the process that was started is the one that answers
    solver_process._end_own()


def test_a_second_alarm_while_the_process_is_ended_leaves_none_behind(monkeypatch):
    """The alarm repeats until its block is left: the next one may ring while the first one's process is ended."""
    solve("z3", X, ["(> x 0.0)"], 5)
    process, end = solver_process._running[os.getpid()], solver_process._end

    def rung(process):
        os.kill(os.getpid(), signal.SIGALRM)
        time.sleep(0.01)
        end(process)

    def alarm(*_):
        raise Late

    monkeypatch.setattr(solver_process, "_end", rung)
    monkeypatch.setattr(solver_process.json, "dumps", alarm)  # the first one
    handler = signal.signal(signal.SIGALRM, alarm)
    try:
        with pytest.raises(Late):
            solve("z3", X, ["(> x 1.0)"], 5)
    finally:
        signal.signal(signal.SIGALRM, handler)
    assert process.returncode is not None  # it was waited for
    assert os.getpid() not in solver_process._running


@pytest.fixture
def served(monkeypatch, capsys):
    """Ask the process's side, in this process: queries in, replies out."""

    def answers(*queries):
        lines = "".join(
            json.dumps({"wanted": [("x", "Real")], "seconds": 5, "steps": None, **q}) + "\n" for q in queries
        )
        monkeypatch.setattr(sys, "stdin", io.StringIO(lines))
        before = signal.getsignal(signal.SIGINT)
        try:
            solver_process._serve()
        finally:
            signal.signal(signal.SIGINT, before)
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return answers


@pytest.mark.parametrize("engine", ENGINES)
def test_what_the_process_replies(served, engine):
    def text(term, sort="Real"):
        return f"(declare-const |x| {sort})(assert {term})"

    sat, unsat, whole, broken = served(
        {"engine": engine, "text": text("(= (* 2.0 x) 1.0)")},
        {"engine": engine, "text": text("(< (* x x) 0.0)"), "steps": 1_000_000},
        {"engine": engine, "text": text("(= (to_real x) 3.0)", "Int"), "wanted": [("x", "Int")]},
        {"engine": engine, "text": text("(< x")},
    )
    assert (sat["status"], Fraction(sat["values"]["x"])) == ("sat", Fraction(1, 2))
    assert unsat == {"status": "unsat", "values": {}}
    assert (whole["status"], Fraction(whole["values"]["x"])) == ("sat", 3)
    assert list(broken) == ["error"]  # one line, and the process goes on


def test_what_the_process_replies_of_a_core(served):
    text = "(declare-const |x| Real)" + "".join(f"(assert {term})" for term in ("(> x 0.0)", "(< x 9.0)", "(< x 0.0)"))
    held = text.rpartition("(assert")[0]
    found, none = served({"engine": "z3 core", "text": text}, {"engine": "z3 core", "text": held})
    assert (found["status"], set(found["values"])) == ("unsat", {"0", "2"})
    assert none == {"status": "sat", "values": {}}


class TestLoad:
    """A limit of 0.05 seconds. The solver's clock, in milliseconds, starts there."""

    @pytest.fixture
    def asked(self, served, monkeypatch):
        def clocks(solver):
            found = []
            monkeypatch.setitem(
                solver_process._ENGINES, "z3", lambda *query: found.append(query[2]) or solver(query[2])
            )
            (reply,) = served({"engine": "z3", "text": "", "seconds": 0.05})
            return reply["status"], found

        return clocks

    def test_a_solver_that_did_not_get_the_processor_is_asked_once_more_and_for_longer(self, asked):
        def starved(clock):
            time.sleep(min(clock, 200) / 1000)
            return ("unsat" if clock >= 200 else "unknown"), {}

        # It slept all the time: the load is a thousand or what the interpreter's own work makes of it, at least 2.
        status, clocks = asked(starved)
        assert (status, clocks[0]) == ("unsat", 50)
        assert len(clocks) > 1
        assert all(later >= 1.8 * clock for clock, later in itertools.pairwise(clocks))

    def test_one_that_worked_all_the_time_is_not(self, asked):
        def busy(clock):
            start = time.process_time()
            while time.process_time() - start < clock / 1000:
                pass
            return "unknown", {}

        assert asked(busy) == ("unknown", [50])

    def test_one_that_gives_up_before_its_time_is_not(self, asked):
        assert asked(lambda _: ("unknown", {})) == ("unknown", [50])
