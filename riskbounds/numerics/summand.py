"""Summands of infinite sums: a SymPy expression in the index, compiled once and run in any algebra."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from numbers import Rational
from typing import Protocol, TypeVar

import flint
import sympy as sp
from flint import arb

from riskbounds.errors import UnsupportedError
from riskbounds.numerics.blocks import BLOCKS
from riskbounds.numerics.enclosures import enclose_blocks
from riskbounds.numerics.tails import ball

T = TypeVar("T")
_WHOLE_BITS = 4096  # N - 1 must stay exact


class Algebra(Protocol[T]):
    """Where a summand is run: balls at an integer, complex balls, power series at a point, tail series."""

    def constant(self, value: arb) -> T:
        """A constant."""
        ...

    def index_power(self, exponent: Fraction) -> T:
        """i^exponent."""
        ...

    def add(self, a: T, b: T) -> T:
        """a + b."""
        ...

    def multiply(self, a: T, b: T) -> T:
        """a b."""
        ...

    def power(self, a: T, exponent: Fraction) -> T:
        """a^exponent."""
        ...

    def blocks(self, x: T, N: int, names: tuple[str, ...]) -> dict[str, T]:
        """The named blocks at (x, N)."""
        ...


@dataclass(frozen=True)
class Step:
    """One instruction: an operation, the earlier results that it reads, and its parameter."""

    operation: str
    arguments: tuple[int, ...] = ()
    parameter: object = None


@dataclass(frozen=True)
class Summand:
    """A compiled summand; the last step is the result."""

    steps: tuple[Step, ...]

    def run(self, algebra: Algebra[T]) -> T:
        """The summand's value in an algebra."""
        results: list[T] = []
        groups: dict[tuple[int, int], dict[str, T]] = {}
        for step in self.steps:
            results.append(self._do(step, algebra, results, groups))
        return results[-1]

    def _do(self, step: Step, algebra: Algebra[T], results: list[T], groups: dict[tuple[int, int], dict[str, T]]) -> T:
        values = [results[n] for n in step.arguments]
        match step.operation, step.parameter:
            case "constant", arb() as value:
                return algebra.constant(value)
            case "index", Fraction() as exponent:
                return algebra.index_power(exponent)
            case "add", _:
                return algebra.add(*values)
            case "multiply", _:
                return algebra.multiply(*values)
            case "power", Fraction() as exponent:
                return algebra.power(values[0], exponent)
            case "block", (str() as name, int() as N, tuple() as names):
                key = step.arguments[0], N
                if key not in groups:
                    groups[key] = algebra.blocks(values[0], N, names)
                return groups[key][name]
        raise AssertionError(step)

    @property
    def steepest(self) -> float:
        """Largest |exponent| of a power of the index."""
        return max((abs(float(s.parameter)) for s in self.steps if isinstance(s.parameter, Fraction)), default=0.0)

    @property
    def most_steps(self) -> int:
        """Largest N of a block; 0 without blocks."""
        return max((s.parameter[1] for s in self.steps if isinstance(s.parameter, tuple)), default=0)


class _Compiler:
    """Turns an expression into steps, each distinct subexpression once."""

    def __init__(self, index: sp.Symbol, values: Mapping[sp.Symbol, arb]) -> None:
        self.index, self.values = index, values
        self.steps: list[Step] = []
        self.places: dict[sp.Expr, int] = {}

    def visit(self, node: sp.Expr) -> int:
        """The number of the step that holds the node's value."""
        if node not in self.places:
            self.places[node] = self._compile(node)
        return self.places[node]

    def _push(self, *step: object) -> int:
        self.steps.append(Step(*step))  # type: ignore[arg-type]
        return len(self.steps) - 1

    def _compile(self, node: sp.Expr) -> int:
        if not node.has(self.index):
            value = self._constant(node)
            if not value.is_finite():
                raise UnsupportedError(f"infinite sum: {str(node)[:80]} has no finite real value")
            return self._push("constant", (), value)
        if node == self.index:
            return self._push("index", (), Fraction(1))
        if isinstance(node, sp.Add | sp.Mul):
            operation = "add" if isinstance(node, sp.Add) else "multiply"
            fixed, moving = node.as_independent(self.index, as_Add=operation == "add")
            places = [self.visit(a) for a in (moving.args if moving.func is node.func else (moving,))]
            if fixed != (0 if operation == "add" else 1):
                places.append(self.visit(fixed))
            total = places[0]
            for place in places[1:]:
                total = self._push(operation, (total, place))
            return total
        if isinstance(node, sp.Pow) and node.exp.is_Rational:
            exponent = Fraction(int(node.exp.p), int(node.exp.q))
            if node.base == self.index:
                return self._push("index", (), exponent)
            return self._push("power", (self.visit(node.base),), exponent)
        if isinstance(node, BLOCKS):
            name, steps = type(node).__name__, self._whole(node.args[1])
            if name == "g" and steps == 0:
                raise UnsupportedError(f"infinite sum: {node} averages over no steps; N must be at least 1")
            return self._push("block", (self.visit(node.args[0]),), (name, steps))
        if isinstance(node, sp.Pow):
            raise UnsupportedError(f"infinite sum: the exponent in {node} must be an exact rational number")
        raise UnsupportedError(f"infinite sum: cannot enclose {type(node).__name__} in {str(node)[:80]}")

    def _constant(self, node: sp.Expr) -> arb:
        if isinstance(node, sp.Rational):
            return ball(Fraction(int(node.p), int(node.q)))
        if isinstance(node, sp.Symbol):
            if node not in self.values:
                raise UnsupportedError(f"infinite sum: no value for {node}")
            return self.values[node]
        if isinstance(node, sp.Add | sp.Mul):
            total = arb(0) if isinstance(node, sp.Add) else arb(1)
            for part in map(self._constant, node.args):
                total = total + part if isinstance(node, sp.Add) else total * part
            return total
        if isinstance(node, sp.Pow) and node.exp.is_Rational:
            base = self._constant(node.base)
            return base.sqrt() if node.exp == sp.S.Half else base ** self._constant(node.exp)
        if isinstance(node, BLOCKS):
            x, N = map(self._constant, node.args)
            return enclose_blocks(x, N, (type(node).__name__,), flint.ctx.prec)[0]
        raise UnsupportedError(f"infinite sum: cannot enclose {type(node).__name__} in {str(node)[:80]}")

    def _whole(self, node: sp.Expr) -> int:
        with flint.ctx.workprec(_WHOLE_BITS):
            value = None if node.has(self.index) else self._constant(node)
        steps = value.unique_fmpz() if value is not None and value.is_integer() else None
        if steps is None or steps < 0:
            raise UnsupportedError(f"infinite sum: the number of steps {node} must be a whole number")
        return int(steps)


def compile_summand(expression: sp.Expr, index: sp.Symbol, values: Mapping[sp.Symbol, arb | Rational]) -> Summand:
    """Compile an expression in `index`; exact values are substituted first, so that exponents become rational.

    Raises
    ------
    UnsupportedError: a node outside + * / rational powers and the building blocks, or a symbol without value.
    """
    exact = {s: sp.Rational(int(v.numerator), int(v.denominator)) for s, v in values.items() if isinstance(v, Rational)}
    balls = {s: v for s, v in values.items() if isinstance(v, arb)}
    compiler = _Compiler(index, balls)
    last = compiler.visit(sp.sympify(expression).xreplace(exact))
    names: dict[tuple[int, int], tuple[str, ...]] = {}
    for step in compiler.steps:
        if isinstance(step.parameter, tuple):
            key = step.arguments[0], step.parameter[1]
            names[key] = tuple(sorted({*names.get(key, ()), step.parameter[0]}))
    steps = [
        Step(s.operation, s.arguments, (*s.parameter, names[s.arguments[0], s.parameter[1]]))
        if isinstance(s.parameter, tuple)
        else s
        for s in compiler.steps
    ]
    return Summand(tuple(steps[: last + 1]))
