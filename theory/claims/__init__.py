"""The kernel: claims, the steps of their proofs, the rules behind the steps, and formulas as data."""
