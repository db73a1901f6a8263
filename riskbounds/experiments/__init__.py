"""The papers' experiments, and those beyond them."""
