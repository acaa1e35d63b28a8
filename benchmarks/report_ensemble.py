"""The ensemble benchmarks as a Markdown table, from the JSON that pytest-benchmark wrote.

python benchmarks/report_ensemble.py benchmarks/ensemble.json
"""

import json
import sys
from pathlib import Path

# What the fast route must reach: times faster than the best of each family of routes.
TARGETS = {"test_diffrax": 5, "test_sdeint_with_paths": 12, "test_sdeint_path": 2000, "test_numpy": 8}


def main(file: str) -> None:
    data = json.loads(Path(file).read_text())
    runs = {b["name"]: b for b in data["benchmarks"]}
    speed = {
        n: b["extra_info"]["path_steps"] / b["stats"]["median"]
        for n, b in runs.items()
        if "path_steps" in b["extra_info"]
    }
    ours = speed["test_ours[gaussian]"]
    cpu = data["machine_info"]["cpu"]
    print(f"Measured {data['datetime'][:10]} on {cpu.get('brand_raw', 'an unnamed processor')}, Python ", end="")
    print(f"{data['machine_info']['python_version']}; medians, one core in CPU seconds unless said otherwise.\n")
    print("| route | million path-steps a second | ours is … times faster |\n|---|---|---|")
    for name, value in sorted(speed.items(), key=lambda item: -item[1]):
        print(f"| {name.removeprefix('test_')} | {value / 1e6:.3g} | {ours / value:.3g} |")
    print("\n| against the best of | target | measured |\n|---|---|---|")
    for family, target in TARGETS.items():
        rivals = [value for name, value in speed.items() if name.startswith(family)]
        if rivals:
            print(f"| {family.removeprefix('test_')} | {target} | {ours / max(rivals):.3g} |")
    two = [runs[f"test_two_cores[{n}]"]["stats"]["median"] for n in (1, 2) if f"test_two_cores[{n}]" in runs]
    if len(two) == 2:
        print(f"| one core, by two (wall clock) | 1.9 | {two[0] / two[1]:.3g} |")
    print("\n| what a user waits for | seconds | memory growth, MiB |\n|---|---|---|")
    for name, b in runs.items():
        if b["group"] == "what a user waits for":
            growth = b["extra_info"].get("memory_growth_mib", "")
            print(f"| {name.removeprefix('test_')} | {b['stats']['median']:.3g} | {growth} |")


if __name__ == "__main__":
    main(sys.argv[1])
