"""A report on one problem: words, numbers, pictures, proofs and sources."""
