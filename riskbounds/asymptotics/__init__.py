"""What a bound says as M and N grow: exponents, orders with explicit remainders, Mellin expansions, laws and their regimes."""
