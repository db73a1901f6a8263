"""Closed forms in exponents, gamma() and zeta() in ball arithmetic: the tree is walked, an unknown node is an error."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

import flint
import sympy as sp
from flint import acb, arb, fmpq, fmpz

from riskbounds.errors import UnsupportedError

Balls = Mapping[sp.Symbol, arb]
_GUARD = 64


def enclosed(compute: Callable[[Balls], arb], values: Mapping[sp.Symbol, Fraction], bits: int) -> arb:
    """What ``compute`` makes of the values as balls, with working precision to spare."""
    with flint.ctx.workprec(bits + _GUARD):
        return compute({symbol: ball(value) for symbol, value in values.items()})


def ball(value: Fraction) -> arb:
    """The ball of an exact rational."""
    return arb(fmpq(value.numerator, value.denominator))


def arb_value(node: sp.Expr, values: Balls) -> arb:
    """The ball of an expression; raises UnsupportedError for a node without a rule or a symbol without a value.

    Complex numbers may stand inside Abs().
    """
    if isinstance(node, sp.Rational):
        return ball(Fraction(int(node.p), int(node.q)))
    if isinstance(node, sp.Symbol):
        if node not in values:
            raise UnsupportedError(f"expansion: no value for {node}")
        return values[node]
    if node in _CONSTANTS:
        return _CONSTANTS[node]()
    if isinstance(node, sp.Abs):
        return abs(_complex(node.args[0], values))
    parts = [arb_value(part, values) for part in node.args]
    if isinstance(node, sp.Add):
        return sum(parts, arb(0))
    if isinstance(node, sp.Mul):
        product = arb(1)
        for part in parts:
            product *= part
        return product
    if isinstance(node, sp.Pow):
        if node.exp.is_Integer:
            return parts[0] ** fmpz(int(node.exp))
        return parts[0].sqrt() if node.exp == sp.S.Half else parts[0] ** parts[1]
    rule = _RULES.get(node.func)
    if rule is None:
        raise UnsupportedError(f"expansion: cannot enclose {type(node).__name__} in {str(node)[:80]}")
    return rule(*parts)


def _complex(node: sp.Expr, values: Balls) -> acb:
    """The same walk where I appears."""
    if not node.has(sp.I):
        return acb(arb_value(node, values))
    if node == sp.I:
        return acb(0, 1)
    parts = [_complex(part, values) for part in node.args]
    if isinstance(node, sp.Add):
        return sum(parts, acb(0))
    if isinstance(node, sp.Mul):
        product = acb(1)
        for part in parts:
            product *= part
        return product
    if isinstance(node, sp.Pow):
        return parts[0] ** parts[1]
    if isinstance(node, sp.gamma):
        return parts[0].gamma()
    if isinstance(node, sp.exp):
        return parts[0].exp()
    raise UnsupportedError(f"expansion: cannot enclose the complex {type(node).__name__} in {str(node)[:80]}")


_CONSTANTS: dict[sp.Expr, Callable[[], arb]] = {sp.pi: arb.pi, sp.EulerGamma: arb.const_euler, sp.E: arb.const_e}
_RULES: dict[object, Callable[..., arb]] = {
    sp.exp: arb.exp,
    sp.log: arb.log,
    sp.gamma: arb.gamma,
    sp.zeta: lambda point, start=1: arb(point).zeta(arb(start)),
    sp.sin: arb.sin,
}
