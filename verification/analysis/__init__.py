"""The theorems applied to a loss of the user's own; the way in is `saddlecheck.verification.analysis.entry`."""
