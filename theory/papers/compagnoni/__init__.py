"""Compagnoni et al.: stochastic differential equations of SAM, and what they say about minima and saddles."""
