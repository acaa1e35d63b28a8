"""Section 4.1: SAM near a saddle, geometrically, and Beale's function."""
