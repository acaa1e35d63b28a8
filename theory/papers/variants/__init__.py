"""Variants of SAM: what their papers say about them, a file for each, and what is said without a paper of its own."""
