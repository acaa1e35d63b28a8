"""The blocks of a guide: what is a file, and what is a command with the output that is shown below it."""

import re

BLOCK = re.compile(r"^```(\S*)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(guide):
    return [(kind, body) for kind, body in BLOCK.findall(guide.read_text())]


def lines(text):
    """What is compared: a line's words; how wide a console is decides nothing."""
    return " ".join(text.split())


def write(body, folder):
    """The file that a block of Python shows, by its first line: `# NAME.py`, or `# NAME.py, continued`."""
    first, _, rest = body.partition("\n")
    if (found := re.fullmatch(r"# (\w+\.py)(, continued)?", first)) is None:
        return False
    path = folder / found[1]
    path.write_text((path.read_text() + "\n" if found[2] else "") + rest)
    return True


def commands(body):
    """The commands of a console block, each with the output that is shown below it."""
    for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
        command, _, shown = part.partition("\n")
        yield command, shown
