"""The paper's figures, each `draw(out: Path) -> list[Path]`."""
