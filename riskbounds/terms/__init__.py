"""The language of proofs: linear forms, polynomials with sums in normal form, claims, exact models, reading and showing."""
