"""`check --cluster`: claims settled by the workers of a Dask cluster."""

import os
import signal
import threading
import time
from dataclasses import asdict

import pytest

from saddlecheck.theory import Paper
from saddlecheck.verification import check_all
from saddlecheck.verification.cli.main import run
from saddlecheck.verification.ledger import cache, far

# Proofs of several rules, a refutation with its repair, and what they rest on: 10 claims or more, three tasks.
CHOSEN = ["exp-bound", "thm1", "h-derivative", "case-1-2", "eq10", "radius", "linear-flow", "gap-sign"]


def said(reports):
    """Everything but how long it took."""
    timeless = {i: [{**asdict(e), "seconds": 0.0} for e in r.evidence] for i, r in reports.items()}
    return timeless, {i: {**r.summary(), "seconds": 0.0} for i, r in reports.items()}


@pytest.fixture
def dask_cluster():
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
    ) as cluster:
        yield cluster


@pytest.mark.slow
@pytest.mark.untraced
@pytest.mark.filterwarnings("ignore")  # distributed's own: ports, event loops and closed streams of a killed worker
def test_a_cluster_finds_what_one_machine_finds_and_a_killed_worker_loses_nothing(dask_cluster, tmp_path, monkeypatch):
    monkeypatch.setenv("SADDLECHECK_CACHE", str(tmp_path / "here"))
    here = check_all(CHOSEN, numeric=False)
    monkeypatch.setenv("SADDLECHECK_CACHE", str(tmp_path / "far"))
    done = []

    def kill_one():
        while not done:
            time.sleep(0.05)
        os.kill(next(iter(dask_cluster.workers.values())).pid, signal.SIGKILL)

    killer = threading.Thread(target=kill_one)
    killer.start()
    there = check_all(
        CHOSEN, numeric=False, cluster=dask_cluster.scheduler_address, progress=lambda _stage, i: done.append(i)
    )
    killer.join()
    assert said(there) == said(here)
    assert len(done) == len(set(done)) >= len(CHOSEN)
    monkeypatch.setattr(far, "settled", lambda *_: pytest.fail("it is asked again"))  # all of it was kept
    assert said(check_all(CHOSEN, numeric=False, cluster="nowhere")) == said(here)


def test_what_a_worker_does_is_what_this_process_would_do():
    ((name, key, evidence),) = far.work(["gap-sign"])
    report = check_all(["gap-sign"], numeric=False)["gap-sign"]
    assert (name, key) == ("gap-sign", cache.key(report.claim.fingerprint))
    assert [{**e, "seconds": 0.0} for e in evidence] == said({"gap-sign": report})[0]["gap-sign"]


@pytest.mark.parametrize(
    ("reply", "complaint"),
    [
        (lambda: iter([(0, [["gap-sign", "another key", []]])]), "other code or versions"),
        (lambda: (_ for _ in ()).throw(RuntimeError("ModuleNotFoundError: no z3")), "a worker of x failed.*no z3"),
    ],
)
def test_a_worker_of_another_version_or_one_that_fails_is_refused_in_one_line(reply, complaint, monkeypatch):
    class Cluster:
        def __init__(self, _address):
            pass

        def __enter__(self):
            return self

        def __exit__(self, *_):
            return None

        def results(self, *_):
            return reply()

    monkeypatch.setattr(far, "DaskCluster", Cluster)
    claims = {"gap-sign": check_all(["gap-sign"], numeric=False)["gap-sign"].claim}
    with pytest.raises(ValueError, match=complaint):
        list(far.settled(claims, "x"))


def test_a_cluster_is_for_claims_of_the_house(tmp_path, capsys):
    with pytest.raises(ValueError, match="own papers"):
        check_all(paper=Paper("mine", "On squares", ("Euclid",), 2026, ()), cluster="tcp://127.0.0.1:1")
    file = tmp_path / "mine.py"
    assert run(["new", "paper", str(file)]) == 0
    assert run(["check", str(file), "--no-numeric", "--cluster", "tcp://127.0.0.1:1"]) == 2
    assert "a cluster settles claims of saddlecheck's own papers" in capsys.readouterr().err
