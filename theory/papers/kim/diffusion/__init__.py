"""Section 4.3: SAM's noise, its variance around a saddle, and the gap to SGD."""
