"""How many physical lines the claims of each paper have: `python tools/count_claims.py [FOLDER]`.

Beside the whole stands what is left without the fields that speak to a reader alone (display, argument, voice and
provenance), where they begin a line. The first paper's claims and ours had 7,300 lines before there were such fields.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path

CLAIMS = Path(__file__).parents[1] / "theory" / "papers"
SPOKEN = ("display", "argument", "voice", "provenance")


def counted(source: str) -> tuple[int, int]:
    """All lines of a module, and those without the fields for a reader."""
    text = source.splitlines()
    spoken: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.keyword) or node.arg not in SPOKEN:
            continue
        if text[node.lineno - 1].strip().startswith(f"{node.arg}="):
            spoken.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return len(text), len(text) - len(spoken)


def main() -> None:
    """Print both counts of each paper."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else CLAIMS
    if not folder.is_dir():
        print(f"{folder} is no folder; name one that holds a folder for each paper.", file=sys.stderr)
        raise SystemExit(2)
    for paper in sorted(path for path in folder.iterdir() if any(path.rglob("*.py"))):
        both = [counted(path.read_text("utf-8")) for path in paper.rglob("*.py")]
        print(f"{sum(whole for whole, _ in both):6} {sum(rest for _, rest in both):6} {paper.name}")


if __name__ == "__main__":
    main()
