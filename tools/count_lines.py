"""How many physical lines of Python two commits have outside the tests and the claims, by folder.

python tools/count_lines.py [OLD [NEW]]     OLD is de3e51a and NEW the working tree where they are not given
"""

import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FIRST = "de3e51a"
LEFT_OUT = ("tests/", "theory/paper/", "theory/papers/")  # the claims lay in the second, and lie in the third


def git(*words: str) -> bytes:
    """What git prints."""
    return subprocess.run(["git", *words], cwd=ROOT, check=True, capture_output=True).stdout


def lines(names: bytes, read: Callable[[str], bytes]) -> Counter[str]:
    """Lines by top folder, from names that end with NUL (links to the same files are not followed)."""
    found: Counter[str] = Counter()
    for name in names.decode().split("\0"):
        if name.endswith(".py") and not name.startswith(LEFT_OUT):
            found[name.split("/")[0]] += read(name).count(b"\n")
    return found


def at(commit: str) -> Counter[str]:
    """Lines at a commit."""
    return lines(git("ls-tree", "-rz", "--name-only", commit), lambda name: git("show", f"{commit}:{name}"))


def now() -> Counter[str]:
    """Lines in the working tree, new files included."""
    listed = git("ls-files", "-z", "--cached", "--others", "--exclude-standard")
    there = b"\0".join(name for name in listed.split(b"\0") if name and (ROOT / name.decode()).is_file())
    return lines(there, lambda name: (ROOT / name).read_bytes())


if __name__ == "__main__":
    old = at(sys.argv[1] if len(sys.argv) > 1 else FIRST)
    new = at(sys.argv[2]) if len(sys.argv) > 2 else now()
    for folder in sorted({*old, *new}):
        print(f"{folder:14} {old[folder]:6} {new[folder]:6} {new[folder] - old[folder]:+6}")
    print(f"{'in all':14} {old.total():6} {new.total():6} {new.total() - old.total():+6}")
