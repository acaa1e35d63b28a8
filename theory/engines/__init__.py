"""The engines that check a step: exact and ball arithmetic, identities, SMT solvers, subdivision, search."""
