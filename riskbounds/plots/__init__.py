"""Pictures of bounds, laws, decisions and runs: one function per question; `ax=None`, the axes come back, nothing is shown."""
