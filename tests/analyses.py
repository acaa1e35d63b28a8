"""What tests read off an analysis."""

import numpy as np


def at(analysis, *place):
    """The critical point nearest to the place."""
    return min(analysis.points, key=lambda p: np.linalg.norm(np.array(p.at) - place))


def verdicts(point):
    """The verdict of each optimiser at a point."""
    return {name: ruling.verdict for name, ruling in point.optimisers.items()}
