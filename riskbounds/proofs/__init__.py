"""The checker: claims with a normal form, rules, and the ledger of what has been proved."""
