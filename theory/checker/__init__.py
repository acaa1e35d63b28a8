"""The small checker of what the engines found: the standard library and python-flint, and nothing else of ours."""
