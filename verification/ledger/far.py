"""Claims settled on a Dask cluster: where evidence is found changes nothing about it.

A task is a few claims of this project, named by their ids. A worker builds them from its own installation, in a process
of its own, since an engine's clock and its solvers need a main thread; it sends back what was found with the key under
which that is cached. Evidence under another key is refused: it is of other code or of other versions. A worker that is
lost costs the claims that it had at the time; another one settles them again.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import saddlecheck
from saddlecheck.numerics.cluster import DaskCluster
from saddlecheck.theory.claims.claim import Claim
from saddlecheck.theory.claims.evidence import Evidence
from saddlecheck.verification.ledger import cache
from saddlecheck.verification.ledger.library import part
from saddlecheck.verification.ledger.settle import settle

_SHARE = 4  # claims a task: what a worker that is lost costs at most, and what makes a process worth its start
_CHILD = "import sys; sys.path.insert(0, sys.argv[1]); from saddlecheck.verification.ledger.far import answer; answer()"


def settled(claims: Mapping[str, Claim], address: str) -> Iterator[tuple[str, tuple[Evidence, ...]]]:
    """The evidence on claims of this project, from the workers of a cluster, in the order in which it comes.

    Args:
        claims: id -> claim.
        address: of the Dask scheduler.

    Yields:
        (id, evidence) of each claim.

    Raises:
        ValueError: no scheduler answers, a worker fails, or it has other code or versions than this process.
    """
    ids = list(claims)
    tasks = [(ids[i : i + _SHARE],) for i in range(0, len(ids), _SHARE)]
    with DaskCluster(address) as cluster:
        try:
            for _, found in cluster.results(work, tasks):
                for name, used_key, evidence in found:
                    if used_key != cache.key(claims[name].fingerprint):
                        raise ValueError(
                            f"a worker of {address} has other code or versions than this process, so that its evidence "
                            f"on {name} is not used here; install the same saddlecheck and packages there."
                        )
                    yield name, tuple(Evidence(**e) for e in evidence)
        except (ImportError, RuntimeError) as error:
            raise ValueError(f"a worker of {address} failed: {' '.join(str(error).split())[-300:]}") from error


def work(ids: Sequence[str]) -> list[Any]:
    """On a worker: settle claims in a process of its own.

    Returns:
        [id, key, evidence] of each, as JSON data.

    Raises:
        RuntimeError: the process failed; the message is its last line.
    """
    root = str(Path(str(saddlecheck.__file__)).parent.parent)
    done = subprocess.run(
        [sys.executable, "-c", _CHILD, root], input=json.dumps(list(ids)), capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError((done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1])
    return list(json.loads(done.stdout))


def answer() -> None:
    """The process: ids on standard input, evidence on standard output."""
    ids = json.load(sys.stdin)
    claims = part(ids).catalogue
    found = [[i, cache.key(claims[i].fingerprint), [asdict(e) for e in settle(claims[i])]] for i in ids]
    json.dump(found, sys.stdout, default=str)
