r"""The scalar building blocks of the theorems, as SymPy functions.

With x = gamma mu in (0, 1] and N the number of averaged iterates (theory.md, section 4; design.md, "One idea"):

    G = 1 - (1-x)^N                      what a direction has learned after N steps
    g = G / (N x)                        average of (1-x)^t over t < N
    W = (1 - (1-x)^(2N)) / (x (2-x))     sum of (1-x)^(2t) over t < N
    K = N - 2 G/x + W                    sum of (1 - (1-x)^s)^2 over s < N; dt = (lam/mu) K/N

Each has one definition, reached by `rewrite(Pow)`, and one stable evaluation per number system (`blocks_at`): the
elementary form loses every digit of K once N x is small.
"""

from typing import Any

import sympy
from sympy.printing.latex import LatexPrinter


class _Block(sympy.Function):
    """A function of (x, N), 0 < x <= 1 and N a nonnegative integer, hence real and nonnegative."""

    nargs = 2
    definition: Any

    def _eval_rewrite_as_Pow(self, x: sympy.Expr, N: sympy.Expr, **_: object) -> sympy.Expr:
        return self.definition(x, N)

    def _eval_is_extended_nonnegative(self) -> bool | None:
        x, N = self.args
        return True if x.is_nonnegative and N.is_nonnegative and N.is_integer else None

    def _eval_is_finite(self) -> bool | None:
        x, N = self.args
        steps = N.is_positive if isinstance(self, g) else N.is_nonnegative
        return True if x.is_positive and steps and x.is_finite and N.is_finite else None

    def _latex(self, printer: LatexPrinter, exp: str | None = None) -> str:
        x, N = (printer._print(a) for a in self.args)
        power = "" if exp is None else f"^{{{exp}}}"
        return rf"{self.func.__name__}_{{{N}}}{power}\left({x}\right)"


class G(_Block):
    """1 - (1-x)^N."""

    @classmethod
    def definition(cls, x: sympy.Expr, N: sympy.Expr) -> sympy.Expr:
        """The elementary expression that this block stands for."""
        return 1 - (1 - x) ** N


class g(_Block):  # noqa: N801 - the name in the theory
    """(1 - (1-x)^N) / (N x)."""

    @classmethod
    def definition(cls, x: sympy.Expr, N: sympy.Expr) -> sympy.Expr:
        """The elementary expression that this block stands for."""
        return G.definition(x, N) / (N * x)


class W(_Block):
    """(1 - (1-x)^(2N)) / (x (2-x))."""

    @classmethod
    def definition(cls, x: sympy.Expr, N: sympy.Expr) -> sympy.Expr:
        """The elementary expression that this block stands for."""
        return (1 - (1 - x) ** (2 * N)) / (x * (2 - x))


class K(_Block):
    """N - 2 (1 - (1-x)^N)/x + (1 - (1-x)^(2N)) / (x (2-x))."""

    @classmethod
    def definition(cls, x: sympy.Expr, N: sympy.Expr) -> sympy.Expr:
        """The elementary expression that this block stands for."""
        return N - 2 * G.definition(x, N) / x + W.definition(x, N)


BLOCKS: tuple[type[_Block], ...] = (G, g, W, K)
