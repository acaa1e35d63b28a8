import typer
from typer.testing import CliRunner

from saddlecheck.verification.cli import explorer_command


def run(*arguments):
    app = typer.Typer()
    app.command()(explorer_command.explorer)
    return CliRunner().invoke(app, list(arguments))


def test_the_explorer_is_written_where_it_was_asked_for(tmp_path):
    target = tmp_path / "page.html"
    assert run("--out", str(target)).exit_code == 0
    assert "<canvas" in target.read_text()


def test_a_folder_is_refused_with_what_to_do(tmp_path):
    result = run("--out", str(tmp_path))
    assert isinstance(result.exception, ValueError)
    assert "name the file" in str(result.exception)
