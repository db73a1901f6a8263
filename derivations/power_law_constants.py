"""What the constants of P2's power-law theorems are of an instance: envelopes of i^a lam_i and of the energies, floors, K."""

from __future__ import annotations

from riskbounds.derivations.energies import down, rank
from riskbounds.derivations.hypotheses import envelopes, roots
from riskbounds.derivations.power_law import a
from riskbounds.derivations.sgd import i
from riskbounds.derivations.threshold_general import EXTREMES, LARGEST_IDS

from riskbounds import symbols
from riskbounds.proofs import Claim, Reader, lin
from riskbounds.theorems import Theorem

#: The steps that state them.
CONSTANT_IDS = {
    **LARGEST_IDS,
    **{"c1": "lam below", "c2": "lam above", "c3": "energy above", "c3_low": "energy below", "reach": "K", "reach_low": "K_low"},
    **{"floor_low": "floor below", "floor_high": "floor above"},
}
_RANKED = dict.fromkeys((symbols.c1, symbols.c2, symbols.c3, symbols.c3_low), rank(i, down))
_PLAIN = dict.fromkeys((*EXTREMES, symbols.floor_low, symbols.floor_high), 1)


def constants(theorem: Theorem, read: Reader) -> dict[str, Claim]:
    """Those that the theorem defines; the envelopes of i^a lam_i at i^-a, as bounds of lam_i."""
    numbered = Reader({**read.meanings, symbols.i**symbols.a: rank(i, lin(a))}, read.definitions)
    return {**envelopes(theorem, numbered, _RANKED | _PLAIN), **roots(theorem, read, symbols.reach, symbols.reach_low)}


def constant_ids(theorem: Theorem) -> dict[str, str]:
    """The steps for :func:`constants`."""
    return {name: step for name, step in CONSTANT_IDS.items() if name in {str(symbol) for symbol in theorem.definitions}}
