"""Section 4.4: momentum and batch size, the experiments."""
