"""Derivations of the registered theorems, one file per theorem; none is checked by machine yet."""
