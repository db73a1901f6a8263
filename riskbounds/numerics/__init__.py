"""Number systems and the scalar building blocks of the theorems.

One object per number system, all with the methods of `Numbers`: `Floats()`, `Digits(50)`, `Enclosures(192)`.
"""

from riskbounds.numerics.blocks import BLOCKS, G, K, W, g
from riskbounds.numerics.digits import Digits
from riskbounds.numerics.enclosures import Enclosures
from riskbounds.numerics.floats import Floats
from riskbounds.numerics.numbers import Array, Numbers, Scalar

__all__ = ["BLOCKS", "Array", "Digits", "Enclosures", "Floats", "G", "K", "Numbers", "Scalar", "W", "g"]
