"""Section 2: what SAM minimises and perturbs."""
