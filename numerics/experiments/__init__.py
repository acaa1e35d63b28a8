"""The experiments, a file for each subject; each has a tuple EXPERIMENTS. Margins and seeds stand here beforehand."""
