"""Losses, of the paper and of the user: parsing, all critical points with certificates, known landscapes."""
