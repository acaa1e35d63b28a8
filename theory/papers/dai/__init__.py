"""Dai, Ahn and Sra: what the normalisation in SAM does on convex losses and on a product."""
