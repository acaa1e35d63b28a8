import re

import pytest
import sympy as sp

from saddlecheck.theory.critical.loss import Loss
from saddlecheck.verification.site import explorer


def test_every_loss_of_the_page_has_all_its_critical_points_certified_nearby():
    for shown in explorer.LOSSES:
        code = explorer.loss_js(shown)
        assert f'"id": "{shown.id}"' in code or f'id: "{shown.id}"' in code


def test_the_page_is_one_file_that_asks_nobody_for_anything():
    page = explorer.page_html()
    assert "@@" not in page
    assert not re.search(r"(?:src|href)=[\"'](?:https?:)?//", page)
    assert not re.search(r"\beval\s*\(|new Function|innerHTML|document\.write", page)
    assert len(page) < 300_000


def test_functions_share_common_parts_and_keep_exact_fractions():
    x, y = sp.symbols("x y", real=True)
    code = explorer.function_js([sp.Rational(1, 3) * (x * y - 1) ** 2, (x * y - 1) ** 3], (x, y))
    assert code.count("x*y") == 1
    assert "1/3" in code


def test_a_loss_of_another_dimension_is_refused():
    with pytest.raises(ValueError, match="two variables"):
        explorer.loss_js(explorer.ShownLoss(Loss("x**2"), (0, 0), 1, (0, 0), 0.1, 0.1, 1))


def test_writing_is_whole(tmp_path):
    path = explorer.write(tmp_path / "deep" / "explorer.html")
    assert path.read_text() == explorer.page_html()
    assert [p.name for p in path.parent.iterdir()] == ["explorer.html"]
