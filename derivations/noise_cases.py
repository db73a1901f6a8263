"""The derivations that depend on a choice of quantizers, at the choices that ``riskbounds verify`` shows.

The tests run them for every choice of the update's slots and for other mixtures of the features' quantizers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from random import Random

from riskbounds.derivations.batch_models import exact_model, update_model
from riskbounds.derivations.exact_pairs import exact_pairs
from riskbounds.derivations.exact_recursion import FEATURES, exact_recursion
from riskbounds.derivations.layer_models import layers_model
from riskbounds.derivations.noise_generic import noise_generic
from riskbounds.derivations.noise_layers import noise_layers
from riskbounds.derivations.noise_parts import ROW, UNCENTRED
from riskbounds.derivations.noise_update import noise_update

from riskbounds.proofs import Derivation, Model
from riskbounds.quantization.slots import Quantization
from riskbounds.quantization.structures import STRUCTURES, Additive, Elementwise, Multiplicative

UPDATE = ("label", "parameter", "activation", "output")


def everywhere(structure: str, batch_scale: str = "per-sample") -> Quantization:
    """One structure in all slots of the update."""
    return Quantization(**{slot: STRUCTURES[structure]("1/10") for slot in UPDATE}, batch_scale=batch_scale)


#: name -> (quantization of the update, sketched, row)
UPDATES = {
    "exact": (Quantization(), False, ROW),
    "additive": (everywhere("additive"), False, ROW),
    "multiplicative": (everywhere("multiplicative"), False, ROW),
    "shared": (everywhere("multiplicative", "shared"), False, ROW),
    "elementwise": (everywhere("elementwise"), False, ROW),
    "sketched": (everywhere("elementwise"), True, ROW),
    "uncentred": (everywhere("multiplicative"), True, UNCENTRED),
}
#: name -> (quantization of the features, sketched)
MIXTURES = {
    "additive-elementwise": (Quantization(data=Additive("1/10"), feature=Elementwise("1/10")), True),
    "entrywise": (Quantization(sketch=Additive("1/10", noise="entrywise"), feature=Multiplicative("1/10")), True),
    "three-layers": (
        Quantization(data=Multiplicative("1/10"), sketch=Elementwise("1/10"), feature=Multiplicative("1/10")),
        True,
    ),
}
#: name -> quantization of the update, for the recursion of all pairs of coordinates.
PAIRS = {
    "exact": Quantization(),
    "additive": everywhere("additive"),
    "multiplicative": everywhere("multiplicative"),
    "shared": everywhere("multiplicative", "shared"),
}
NAMES = (
    *(f"noise-update-{name}" for name in UPDATES),
    *(f"noise-generic-{name}" for name in MIXTURES),
    "noise-layers",
    *(f"exact-recursion-{name}" for name in FEATURES),
    *(f"exact-pairs-{name}" for name in PAIRS),
)


def case(name: str) -> Derivation:
    """The derivation of one of :data:`NAMES`."""
    kind, _, choice = name.removeprefix("noise-").partition("-")
    if kind == "update":
        update, sketched, row = UPDATES[choice]
        found = noise_update(update, sketched=sketched, row=row)
    elif kind == "generic":
        features, sketched = MIXTURES[choice]
        found = noise_generic(features, sketched=sketched)
    elif kind == "layers":
        found = noise_layers(("many", "common"))
    elif choice.startswith("pairs-"):
        found = exact_pairs(name, PAIRS[choice.removeprefix("pairs-")])
    else:
        found = exact_recursion(choice.removeprefix("recursion-"), everywhere("multiplicative", "shared"))
    return replace(found, name=name, witness=witness(kind, choice, found) or found.witness)


def witness(kind: str, choice: str, derivation: Derivation) -> Callable[[Random], Model] | None:
    """The exact model of a derivation about a batch."""
    if kind == "update":
        return partial(update_model, derivation=derivation)
    if choice.startswith("recursion-"):
        return partial(exact_model, derivation=derivation, features=choice.removeprefix("recursion-"))
    return layers_model if kind == "layers" else None
