import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PICTURES = re.findall(r"!\[(.+?)\]\((docs/pictures/\S+)\)", (ROOT / "README.md").read_text())


def test_the_readme_begins_with_the_basins():
    assert [Path(path).stem for _, path in PICTURES] == ["basins", "stability-map", "explorer", "papers"]


@pytest.mark.parametrize(("words", "path"), PICTURES, ids=[p for _, p in PICTURES])
def test_a_picture_is_small_and_has_words(words, path):
    assert (ROOT / path).stat().st_size < 200_000
    assert len(words.split()) > 5


def test_every_picture_is_made_by_the_script():
    script = (ROOT / "docs" / "pictures" / "make.py").read_text()
    for picture in (ROOT / "docs" / "pictures").glob("*.png"):
        assert f'"{picture.name}"' in script
