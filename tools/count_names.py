"""How many private names the modules of a folder assign at their top level: `python tools/count_names.py [FOLDER]`.

A claim reads as mathematics where its formulas stand in it. A name that is used once has to be looked up instead.
Functions are not counted: each has a docstring.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

CLAIMS = Path(__file__).parents[1] / "theory" / "papers"


def private_names(source: str) -> Iterator[str]:
    """The names with a leading underscore that a module assigns at its top level; `__all__` and its like are none."""
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.Assign):
            targets = statement.targets
        elif isinstance(statement, ast.AnnAssign):
            targets = [statement.target]
        else:
            continue
        for target in targets:
            for node in ast.walk(target):
                if isinstance(node, ast.Name) and node.id.startswith("_") and not node.id.endswith("__"):
                    yield node.id


def counted(folder: Path) -> dict[Path, int]:
    """Private names by module, the modules with most of them first."""
    counts = {path: sum(1 for _ in private_names(path.read_text("utf-8"))) for path in folder.rglob("*.py")}
    return dict(sorted(counts.items(), key=lambda item: -item[1]))


def main() -> None:
    """Print the count of each module, and their sum."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else CLAIMS
    if not folder.is_dir():
        print(f"{folder} is no folder; name one that holds Python modules.", file=sys.stderr)
        raise SystemExit(2)
    counts = counted(folder)
    for path, number in counts.items():
        if number:
            print(f"{number:5} {path.relative_to(folder)}")
    print(f"{sum(counts.values()):5} in all")


if __name__ == "__main__":
    main()
