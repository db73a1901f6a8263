"""Nodes on a contour around every pole of the generating function.

A sequence f_n = sum_k c_k z_k^n with poles z_k in [0, z_max] has F(z) = sum_n f_n z^-n and

    f_{N-1} = (1/2 pi i) int F(z) z^{N-2} dz ,      z = e^{(shift + s)/N},  shift = N log z_max,

over a contour in s around (-inf, 0]. The contour is the modified Talbot contour of Weideman ("Optimizing Talbot's
contours for the inversion of the Laplace transform", SIAM J. Numer. Anal. 44 (2006)), whose midpoint rule with n nodes
errs by about exp(-1.358 n) and amplifies rounding by exp(0.17 n). Only z - 1 = expm1((shift+s)/N) is formed, and
z - (1 - gap) = (z - 1) + gap, so rates next to 1 lose nothing and coinciding rates need no care.
Poles in [-z_max, 0), rates of coordinates with x > 1, get the mirrored contour z = -e^{(shift+s)/N}.
"""

from __future__ import annotations

from dataclasses import dataclass

from riskbounds.exact.arithmetic import Arithmetic, ComplexArray
from riskbounds.exact.model import Real

# below this many steps the contour's strip |Im s| < pi N is too narrow
FEWEST_STEPS = 16


@dataclass(frozen=True, kw_only=True)
class Nodes:
    """f_{N-1} / N^2 = Re sum_k weight_k F(1 + minus_one_k); minus_one = z - 1."""

    minus_one: ComplexArray
    weight: ComplexArray


def talbot_nodes(arithmetic: Arithmetic, steps: Real, count: int, shift: Real, mirrored: bool) -> Nodes:
    """The midpoint rule with `count` (even) nodes, halved by conjugate symmetry."""
    theta = arithmetic.angles(count)
    a, b, c, d = (arithmetic.exact(value) for value in (0.5017, 0.6407, 0.6122, 0.2645))
    cotangent = arithmetic.cotangent(theta * b)
    imag = theta * d * count
    s = arithmetic.complex(count * (a * theta * cotangent - c), imag)
    bent = a * cotangent - a * b * theta * (1 + cotangent * cotangent)
    slope = arithmetic.complex(d * count + 0 * theta, -count * bent)  # s'(theta) / i
    gap = arithmetic.exponential_gap((s + shift) / steps)
    power = 1 + arithmetic.exponential_gap((s + shift) * (steps - 1) / steps)
    weight = slope * power * 2 / count / (steps * steps * steps)
    if not mirrored:
        return Nodes(minus_one=gap, weight=weight)
    sign = 1 if (int(float(steps)) - 1) % 2 == 0 else -1
    return Nodes(minus_one=-2 - gap, weight=weight * sign)


def few_steps_nodes(arithmetic: Arithmetic, steps: Real, count: int, shift: Real) -> Nodes:
    """For real N >= 1 where Talbot's contour does not fit: log z on lam (theta cot theta) + 3 i theta/4, inside |Im log z| < pi.

    At theta -> pi the integrand vanishes faster than any power, so the midpoint rule with `count` (even) nodes converges fast.
    """
    theta = arithmetic.angles(count)
    turn = arithmetic.exact(0.75)
    lam = arithmetic.exact(min(1.0, 4.0 / float(steps)))
    cotangent = arithmetic.cotangent(theta)
    log_z = arithmetic.complex(lam * theta * cotangent + shift / steps, turn * theta)
    slope = arithmetic.complex(turn + 0 * theta, -lam * (cotangent - theta * (1 + cotangent * cotangent)))
    power = 1 + arithmetic.exponential_gap(log_z * (steps - 1))
    return Nodes(minus_one=arithmetic.exponential_gap(log_z), weight=slope * power * 2 / count / (steps * steps))
