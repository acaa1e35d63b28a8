"""Claims as files for the proof assistant Coq: statements that a reader can compare, and scripts that Coq checks."""
