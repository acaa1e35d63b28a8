"""Formulas as people read them: LaTeX, plain text, and the typography of prose."""
