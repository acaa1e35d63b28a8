"""Section 4.2: when a saddle attracts."""
