"""Speed: each module prints value, limit and machine."""
