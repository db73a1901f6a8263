"""Walk a SymPy tree in any number system.

A formula over eigenvalues is a SymPy expression in scalars, indexed sequences ``mu[i]`` and sums over ``i`` (and ``j``).
:class:`Evaluation` gives its value in float64, in digits or in enclosures: the same walk, another number system.  Every value
carries two trailing axes, the index ``j`` before the index ``i``: scalars are (..., 1, 1), sequences (..., 1, M), and
leading axes broadcast over grids.  A node that the walk does not know is an error, never a guess.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import reduce
from typing import Any

import numpy as np
import sympy as sp

from riskbounds import symbols as s
from riskbounds.errors import UnsupportedError
from riskbounds.numerics.blocks import G, K, W, g
from riskbounds.numerics.numbers import Array, Numbers
from riskbounds.numerics.ranges import MaxOver, MinOver

_BLOCKS: dict[Any, str] = {G: "G", g: "g", W: "W", K: "K"}


class Evaluation:
    """Values of expressions given values of primitive symbols and definitions of the others.

    Parameters
    ----------
    numbers: the number system.
    values: Symbol or IndexedBase -> array with the two trailing axes (see module docstring).
    definitions: Symbol or IndexedBase -> expression (for a base: the expression of ``base[i]``).
    size: M, the length of the index.

    Raises
    ------
    UnsupportedError: a node outside the language of the theorems, or a symbol with neither value nor definition.
    """

    def __init__(
        self,
        numbers: Numbers,
        values: Mapping[Any, Array],
        definitions: Mapping[Any, sp.Expr],
        size: int,
    ) -> None:
        """Keep the values; nothing is evaluated yet."""
        self.numbers = numbers
        self.values = dict(values)
        self.definitions = definitions
        self.size = size
        self._memo: dict[sp.Basic, Array] = {}
        self._blocks: dict[tuple[sp.Basic, ...], dict[str, Array]] = {}

    def __call__(self, expression: sp.Basic) -> Array:
        """Value of the expression, memoised by structure."""
        found = self._memo.get(expression)
        if found is None:
            found = self._memo[expression] = self._visit(expression)
        return found

    def scalar(self, expression: sp.Basic) -> Any:
        """Value of an expression without free index and without grid axes, as one number."""
        return self(expression).reshape(-1)[0]

    def sequence(self, expression: sp.Basic) -> Array:
        """Value of an expression in ``i`` as an array of shape (M,)."""
        return np.broadcast_to(self(expression), (1, self.size)).reshape(self.size)

    def _visit(self, node: sp.Basic) -> Array:
        if isinstance(node, sp.Integer | sp.Rational):
            return self._constant(Fraction(int(node.p), int(node.q)))
        if isinstance(node, sp.Symbol):
            return self._symbol(node)
        if isinstance(node, sp.Indexed):
            return self._indexed(node)
        handler = _HANDLERS.get(node.func)
        if handler is None:
            raise UnsupportedError(f"cannot evaluate {type(node).__name__} in {str(node)[:60]}")
        found: Array = getattr(self, handler)(node)
        return found

    def _constant(self, value: Fraction) -> Array:
        number = self.numbers.number(value)
        array = np.empty((1, 1), dtype=float if isinstance(number, float) else object)
        array[0, 0] = number
        return array

    def _symbol(self, node: sp.Symbol) -> Array:
        if node in self.values:
            return self.values[node]
        if node in self.definitions:
            return self(self.definitions[node])
        if node == s.M:
            return self._constant(Fraction(self.size))
        raise UnsupportedError(f"the symbol {node} has neither a value nor a definition here")

    def _indexed(self, node: sp.Indexed) -> Array:
        base, indices = node.base, node.indices
        if indices in ((s.i,), (s.i, s.j)):
            if base in self.values:
                return self.values[base]
            if base in self.definitions:
                return self(self.definitions[base])
            raise UnsupportedError(f"the sequence {base} has neither values nor a definition here")
        if indices == (s.j,):
            return np.swapaxes(self(base[s.i]), -1, -2)
        if len(indices) == 1 and indices[0].is_Integer:
            return self._sequence_axis(self(base[s.i]))[..., :, int(indices[0]) - 1 : int(indices[0])]
        raise UnsupportedError(f"cannot evaluate the indexed symbol {node}")

    def _sequence_axis(self, value: Array) -> Array:
        return np.broadcast_to(value, (*value.shape[:-1], self.size))

    def _combine(self, operation: Callable[[Array, Array], Array], parts: list[Array]) -> Array:
        return reduce(operation, sorted(parts, key=lambda part: part.size))

    def _add(self, node: sp.Add) -> Array:
        return self._combine(np.add, [self(arg) for arg in node.args])

    def _mul(self, node: sp.Mul) -> Array:
        above, below = [], []
        for arg in node.args:
            if isinstance(arg, sp.Pow) and arg.exp.is_Rational and arg.exp.is_negative:
                below.append(self(sp.Pow(arg.base, -arg.exp)))
            else:
                above.append(self(arg))
        top = self._combine(np.multiply, above) if above else self._constant(Fraction(1))
        return top / self._combine(np.multiply, below) if below else top

    def _pow(self, node: sp.Pow) -> Array:
        base, exponent = node.args
        if isinstance(exponent, sp.Integer) and 1 < abs(int(exponent)) <= 4:
            value = self(base)
            power = reduce(np.multiply, [value] * abs(int(exponent)))
            return power if exponent > 0 else 1 / power
        if exponent == -1:
            return 1 / self(base)
        if exponent == sp.Rational(1, 2):
            return self.numbers.sqrt(self(base))
        if isinstance(exponent, sp.Rational):
            return self.numbers.power(self(base), Fraction(int(exponent.p), int(exponent.q)))
        power = self(exponent)
        return self.numbers.power(self(base), power.reshape(-1)[0] if power.size == 1 else power)

    def _block(self, node: sp.Function) -> Array:
        arguments, name = node.args, _BLOCKS[node.func]
        found = self._blocks.setdefault(arguments, {})
        if name not in found:
            wanted = [block for block in self.blocks_wanted(arguments, name) if block not in found]
            found.update(self.numbers.blocks_at(self(arguments[0]), self(arguments[1]), wanted))
        return found[name]

    def blocks_wanted(self, arguments: tuple[sp.Basic, ...], name: str) -> tuple[str, ...]:
        """Blocks worth computing together: G, W and K share their exponential; K alone is dear, so it brings the others."""
        return ("G", "g", "W", "K") if arguments[1] == s.N else (name,)

    def _sum(self, node: sp.Sum) -> Array:
        if len(node.limits) == 1 and node.limits[0][0] == s.i:
            _, low, high = node.limits[0]
            return self._weighted_sum(node.function, low, high)
        value = self(node.function)
        for index, low, high in node.limits:
            value = self._plain_sum(value, low, high, {s.i: -1, s.j: -2}[index])
        return value

    def _plain_sum(self, value: Array, low: sp.Expr, high: sp.Expr, axis: int) -> Array:
        shape = list(value.shape)
        shape[axis] = self.size
        terms = np.broadcast_to(value, shape)
        if (low, high) != (sp.S.One, s.M):
            terms = np.where(self._mask(low, high, axis), terms, self._constant(Fraction(0)))
        return np.expand_dims(np.asarray(self.numbers.sum(terms, axis)), axis)

    def _weighted_sum(self, term: sp.Expr, low: sp.Expr, high: sp.Expr) -> Array:
        """Sum over i by linearity: one inner product per addend, with what does not depend on i taken out."""
        if isinstance(term, sp.Add):
            return self._combine(np.add, [self._weighted_sum(part, low, high) for part in term.args])
        above: list[sp.Expr] = []
        below: list[sp.Expr] = []
        outside = self._constant(Fraction(1))
        for factor, inverse in self._factors(term, False):
            value = self(factor)
            if value.shape[-1] > 1:
                (below if inverse else above).append(factor)
            else:
                outside = outside / value if inverse else outside * value
        key = sp.Tuple(sp.Tuple(*above), sp.Tuple(*below), low, high)
        if key not in self._memo:
            self._memo[key] = self._inner(above, below, low, high)
        return outside * self._memo[key]

    def _factors(self, term: sp.Expr, inverse: bool) -> list[tuple[sp.Expr, bool]]:
        """Factors of a product and whether each divides; definitions that are products are opened."""
        if isinstance(term, sp.Indexed) and term.indices == (s.i,) and term.base not in self.values:
            definition = self.definitions.get(term.base)
            if isinstance(definition, sp.Mul):
                return self._factors(definition, inverse)
        if isinstance(term, sp.Mul):
            return [pair for arg in term.args for pair in self._factors(arg, inverse)]
        if isinstance(term, sp.Pow) and term.exp == -1:
            return self._factors(term.base, not inverse)
        return [(term, inverse)]

    def _inner(self, above: list[sp.Expr], below: list[sp.Expr], low: sp.Expr, high: sp.Expr) -> Array:
        """Sum over i of a product of sequences; in float64 what all points share is the vector of a matrix product."""
        one = self._constant(Fraction(1))
        shared, own = one, one
        for size in (True, False):
            tops = [self(factor) for factor in above if (self(factor).size == self.size) is size]
            bottoms = [self(factor) for factor in below if (self(factor).size == self.size) is size]
            value = self._combine(np.multiply, tops) if tops else one
            value = value / self._combine(np.multiply, bottoms) if bottoms else value
            shared, own = (value, own) if size else (shared, value)
        whole = (low, high) == (sp.S.One, s.M)
        if whole and own.dtype != object and own.shape[-1] == self.size:
            return np.asarray(own @ np.broadcast_to(shared.reshape(-1), self.size)[:, None])
        return self._plain_sum(shared * own, low, high, -1)

    def _mask(self, low: sp.Expr, high: sp.Expr, axis: int) -> Array:
        position = np.arange(1, self.size + 1)
        position = position.reshape((1, -1) if axis == -1 else (-1, 1))
        mask = np.ones_like(position, dtype=bool)
        if low != 1:
            if low != s.k_star + 1:
                raise UnsupportedError(f"a sum cannot start at {low}")
            mask = mask & (position > self.values[s.k_star])
        if high != s.M:
            if high != s.k_star:
                raise UnsupportedError(f"a sum cannot end at {high}")
            mask = mask & (position <= self.values[s.k_star])
        return np.asarray(mask)

    def _extreme(self, node: sp.Function) -> Array:
        pick = self.numbers.maximum if isinstance(node, MaxOver) else self.numbers.minimum
        value = self(node.args[0])
        if value.dtype != object:
            return np.asarray((np.max if isinstance(node, MaxOver) else np.min)(value, axis=-1, keepdims=True))
        return reduce(pick, [value[..., n : n + 1] for n in range(value.shape[-1])])

    def _named(self, node: sp.Function) -> Array:
        operation: Callable[..., Array] = getattr(self.numbers, _NAMED[node.func])
        return operation(*(self(each) for each in node.args))

    def _max(self, node: sp.Max) -> Array:
        return reduce(self.numbers.maximum, [self(arg) for arg in node.args])

    def _min(self, node: sp.Min) -> Array:
        return reduce(self.numbers.minimum, [self(arg) for arg in node.args])


_NAMED: dict[Any, str] = {sp.exp: "exp", sp.log: "log", sp.Abs: "absolute", sp.gamma: "gamma", sp.zeta: "zeta"}
_HANDLERS: dict[Any, str] = {
    sp.Add: "_add",
    sp.Mul: "_mul",
    sp.Pow: "_pow",
    sp.Sum: "_sum",
    sp.Max: "_max",
    sp.Min: "_min",
    MaxOver: "_extreme",
    MinOver: "_extreme",
    **dict.fromkeys(_BLOCKS, "_block"),
    **dict.fromkeys(_NAMED, "_named"),
}
