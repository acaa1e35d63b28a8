"""The page of the side-by-side measurements, and its tables, from the JSON files that the benchmarks wrote."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Data = Mapping[str, Any]

# What the fast route must reach: times faster than the best of each family of routes.
TARGETS = {"test_diffrax": 5, "test_sdeint_with_paths": 12, "test_sdeint_path": 2000, "test_numpy": 8}

# Of waits that have missed their target: what takes the time by a profile, and what was done about it.
DOMINATES = {
    "show thm1, cold": "importing SymPy, NumPy and flint, then the three experiments that bear on the claim, which "
    "import SciPy. One claim is built with what it rests on, and a verb imports what it needs.",
    "check thm1, cold": "importing SymPy, NumPy and flint, as above, without SciPy.",
    "ledger, cold": "by the seconds in the evidence, SymPy's proofs of identities (two fifths), Z3 and cvc5 (a fifth), "
    "Arb (a sixth). SymPy's proofs are one of two, so that no other test may stand for them. Queries are made once as "
    "text, stored certificates stand in for one solver, a certificate is verified once, files have a field a line.",
    "ledger, evidence cached": "the checker, three quarters of it: half of that are normal forms of identities. No "
    "claim is built, a certificate that stands in others is verified once (264 instead of 695 examinations).",
    "ledger, certificates anew": "a third is building the claims, two fifths are making and verifying certificates. "
    "Tried: building what is asked for alone, verifying once, writing a field a line.",
    "simulate, cold kernels": "LLVM: the loop over tiles is four fifths of the wait, the random increments in it a "
    "third. Entry points were joined and the wrappers of inner functions left out; the bits are kept, so that "
    "optimisations that change them were not tried.",
    "simulate, kernels cached": "importing NumPy and numba, two thirds of it.",
    "experiments, cold kernels": "LLVM, a third, and the runs themselves, as below.",
    "experiments, kernels cached": "drawing Gaussian increments and stepping ensembles of up to 400,000 paths. "
    "Radii that are compared share one ensemble, and a sign takes as many paths as its margin needs.",
    "spectrum of a small network": "torch's passes: 26 products with the Hessian, and ten gradients against which they "
    "are confirmed. The earlier build made 24 and confirmed none.",
}


@dataclass(frozen=True)
class Benchmark:
    """One measurement: its file, how it is made, and how its data become Markdown."""

    file: str
    title: str
    asks: str
    command: str
    tables: Callable[[Data], str]


def benchmarks_page(folder: Path) -> str:
    """The page `benchmarks/index` from a folder of JSON files; what was not measured is said to be missing."""
    text = (
        "(benchmarks)=\n# Side by side with others\n\nThe same problem, tolerance and machine for each route, one "
        "after the other. The tables are printed from the files that the commands below them write.\n\n"
    )
    for b in BENCHMARKS:
        source = folder / b.file
        found = b.tables(json.loads(source.read_text("utf-8"))) if source.exists() else "Not measured yet.\n"
        text += f"## {b.title}\n\n{b.asks}\n\n{found}\n```text\n{b.command}\n```\n\n"
    return text


def sam(data: Data) -> str:
    """One SAM step beside two SGD steps, a row for each model and route."""
    rows = []
    for model, routes in data["cases"].items():
        for route, t in routes.items():
            spread = f"{t['ratio_low']:.2f} to {t['ratio_high']:.2f}" if t["ratio_low"] < t["ratio_high"] else ""
            peer = f"{t['less_peer']:+.3f}" if "less_peer" in t else ""
            rows.append((_words(model), route, f"{t['microseconds'] / 1000:.2f}", f"{t['ratio']:.2f}", spread, peer))
    head = ("model", "route", "milliseconds", "times two SGD steps", "10 % to 90 % of turns", "less the peer's")
    busy = f" Load while it ran: {data['load'][1]:g}." if "load" in data else ""
    return f"{_measured(data, 'torch', 'pytorch_optimizer').rstrip()}{busy}\n\n{markdown(head, rows)}"


def spectrum(data: Data) -> str:
    """Both extreme Hessian eigenvalues by each route: the time, the products, and the numbers found."""
    rows = [
        (
            route,
            f"{r['seconds']:.2f}",
            f"{r['relative']:.2f}",
            _mean(r["products"]),
            _agreed(r["lowest"]),
            _agreed(r["highest"]),
        )
        for route, r in data["routes"].items()
    ]
    head = ("route", "seconds", "times the first rival", "Hessian products", "lowest", "highest")
    size = f"A convolutional network of {data['parameters']:,} parameters. ".replace(",", " ")
    return f"{size}{_measured(data, 'torch', 'curvlinops')}\n{markdown(head, rows)}"


def ensemble(data: Data) -> str:
    """The ensemble's speed, what it must reach against each family of routes, and what a user waits for."""
    runs = {b["name"]: b for b in data["benchmarks"]}
    speed = {
        n: b["extra_info"]["path_steps"] / b["stats"]["median"]
        for n, b in runs.items()
        if "path_steps" in b["extra_info"]
    }
    ours = speed["test_ours[gaussian]"]
    machine = data["machine_info"]
    cpu = machine["cpu"].get("brand_raw", "an unnamed processor")
    text = (
        f"Measured {data['datetime'][:10]} on {cpu}, Python {machine['python_version']}; medians, one core in CPU "
        "seconds unless said otherwise.\n\n"
    )
    fastest = sorted(speed.items(), key=lambda item: -item[1])
    text += markdown(
        ("route", "million path-steps a second", "ours is … times faster"),
        [(_route(n), _digits(v / 1e6), _digits(ours / v) if n.startswith(tuple(TARGETS)) else "") for n, v in fastest],
    )
    reached = []
    for family, target in TARGETS.items():
        rivals = [value for name, value in speed.items() if name.startswith(family)]
        if rivals:
            reached.append((_route(family), str(target), _digits(ours / max(rivals))))
    one, two = (speed.get(f"test_two_cores[{n}]") for n in ("one thread", "two threads"))
    if one and two:
        reached.append(("one core, by two (wall clock)", "1.9", _digits(two / one)))
    text += "\n" + markdown(("against the best of", "target", "measured"), reached)
    waits = [
        (_route(n), _digits(b["stats"]["median"]), str(b["extra_info"].get("memory_growth_mib", "")))
        for n, b in runs.items()
        if b["group"] == "what a user waits for"
    ]
    return text + "\n" + markdown(("what a user waits for", "seconds", "memory growth, MiB"), waits)


def waiting(data: Data) -> str:
    """What people wait for: CPU time beside the earlier build, the ratio to reach, and the memory of both."""
    rows = [
        (
            name,
            f"{r['base_seconds']:.2f}",
            f"{r['seconds']:.2f}",
            f"{r['ratio']:.2f}",
            f"{r['target']:.2f}",
            "reached" if r["ratio"] <= r["target"] else "missed",
            f"{r['base_mebibytes']:.0f}",
            f"{r['mebibytes']:.0f}",
            f"{r['mebibytes'] / r['base_mebibytes']:.2f}",
            f"{r['pairs']}",
        )
        for name, r in data["rows"].items()
    ]
    head = ("work", "CPU s before", "now", "ratio", "target", "", "MiB before", "now", "ratio", "pairs")
    missed = [
        f"- {name}: {DOMINATES.get(name, 'not looked into yet.')}\n"
        for name, r in data["rows"].items()
        if r["ratio"] > r["target"]
    ]
    why = f"\nWhat dominates where the target is missed, and what was tried:\n\n{''.join(missed)}" if missed else ""
    return f"{_measured(data)[:-2]}; the earlier build is {data['base']}.\n\n{markdown(head, rows)}{why}"


def polynomials(data: Data) -> str:
    """Critical points of polynomial losses: seconds of ours and of msolve, and what had to be reached."""
    rows = [
        (
            name,
            f"{r['ours']['points']}{'' if r['ours']['complete'] else ', perhaps not all'}",
            f"{r['ours']['s']:.2f}",
            r["msolve"].get("ended") or f"{r['msolve']['s']:.3f}",
            "" if r["ratio"] is None else f"{r['ratio']:.3g}",
        )
        for name, r in data["systems"].items()
    ]
    s, target = data["summary"], data["summary"]["target"]
    reached = (
        f"Over the {s['compared']} that both finish the geometric mean of ours is {s['ours_s']:.2g} s, "
        f"{s['ratio']:.2g} times msolve's (to reach: {target['or_ours_s']:g} s, or {target['ratio']:g} times); "
        f"the slowest of all takes {s['slowest_s']:.2g} s (at most {target['slowest_s']:g})."
    )
    head = ("loss", "real critical points", "ours, s", "msolve, s", "ratio")
    return f"{_measured(data, 'flint', 'sympy', 'msolve')}\n{markdown(head, rows)}\n{reached}\n"


def gpu(data: Data) -> str:
    """Images a second on a GPU by batch size and route, and what the aims are about."""
    rows = [
        (
            r["optimiser"].upper(),
            r["compile"],
            "yes" if r["batch_norm"] else "no",
            f"{r['batch_size']}",
            f"{r['passes_per_second']:,.0f}".replace(",", " "),
        )
        for r in data["rates"]
    ]
    head = ("rule", "compile", "batch norm, augmentation", "B", "images a second and pass")
    ratios = markdown(("ratio", ""), ((name, f"{value:.3f}") for name, value in data["ratios"].items()))
    what = f"{data['what'][0].upper()}{data['what'][1:]}, on {data['device']}, torch {data['torch']}."
    return f"{what}\n\n{markdown(head, rows)}\n{ratios}"


def markdown(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table."""
    columns = list(head)
    lines = [columns, ["---"] * len(columns), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _measured(data: Data, *packages: str) -> str:
    what = str(data["what"])
    versions = ", ".join(["Python " + data["python"], *(f"{p} {data[p]}" for p in packages)])
    return f"{what[0].upper()}{what[1:]}. {versions}.\n"


def _route(name: str) -> str:
    """A benchmark's name in words: "test_two_cores[one thread]" is "two cores, one thread"."""
    return name.removeprefix("test_").replace("_", " ").replace("[", ", ").removesuffix("]")


def _digits(value: float) -> str:
    """Three digits, large numbers without an exponent."""
    return f"{float(f'{value:.3g}'):,g}".replace(",", " ")


def _words(name: str) -> str:
    return name.replace("_", " ").replace("cnn", "CNN").replace("mlp", "MLP")


def _mean(values: list[int]) -> str:
    return f"{sum(values) / len(values):.3g}"


def _agreed(values: list[float]) -> str:
    """The value from all starts; its range where they do not agree to the digits that were kept."""
    return f"{values[0]:g}" if min(values) == max(values) else f"{min(values):g} to {max(values):g}"


BENCHMARKS = (
    Benchmark(
        "sam.json",
        "SAM as an optimiser",
        "A SAM step is two gradients and two passes over the weights. What does the wrapper add to two steps of plain "
        "SGD, beside the same algorithm as `pytorch_optimizer` publishes it? The aim is at most 0.01 of the two "
        "steps more than theirs. `flat=True` keeps all weights in one buffer, which pays where there are many small "
        "tensors.",
        "pip install --no-deps pytorch_optimizer\npython benchmarks/bench_sam.py benchmarks/sam.json",
        sam,
    ),
    Benchmark(
        "gpu-rates.json",
        "A captured step on a GPU",
        "ResNet-18 on 32 x 32 images in bfloat16. What does it gain to replay a whole step as one CUDA graph "
        '(`compile="captured"`), at which batch size? The aims: SAM at most 1.02 (B = 512) and 1.05 (B = 128) times '
        "two SGD steps, and at least 0.75 (B = 128) and 0.5 (B = 64) of its rate at B = 512. Unmeasured without a GPU.",
        "python benchmarks/gpu_rates.py --out runs && cp runs/rates.json benchmarks/gpu-rates.json",
        gpu,
    ),
    Benchmark(
        "spectrum.json",
        "The extreme eigenvalues of a Hessian",
        "The lowest eigenvalue distinguishes a saddle from a minimum, the highest bounds the step. `spectrum` finds "
        "both from Hessian-vector products, beside `curvlinops` with SciPy's `eigsh`.",
        "tox -e spectrum-peer -- benchmarks/spectrum.json",
        spectrum,
    ),
    Benchmark(
        "ensemble.json",
        "Ensembles of noisy runs",
        "Euler-Maruyama of a linear equation for 100 000 paths and 1000 steps, beside diffrax, sdeint and NumPy.",
        "python -m pytest benchmarks/bench_ensemble.py --benchmark-json=benchmarks/ensemble.json -q",
        ensemble,
    ),
    Benchmark(
        "polynomials.json",
        "Critical points of polynomial losses",
        "All real critical points, from the formula to a list that is certified to be complete, with the kind of each; "
        "beside msolve on the same gradients, which gives boxes about the real zeros.",
        "python benchmarks/bench_polynomials.py --msolve PATH",
        polynomials,
    ),
    Benchmark(
        "waiting.json",
        "What people wait for",
        "CPU time of whole process trees, solver processes included, and the memory of the largest process, beside an "
        "earlier build on the claims and experiments that both have; the two run one after the other, in pairs.",
        "git worktree add BASE c48d947\npython benchmarks/bench_waiting.py BASE",
        waiting,
    ),
)
