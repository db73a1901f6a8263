"""From SymPy to terms, by which a registered theorem becomes a claim, and from terms to SymPy, for reading and showing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import sympy as sp

from riskbounds import symbols
from riskbounds.errors import ProofError
from riskbounds.numerics.blocks import BLOCKS
from riskbounds.terms.linear import MEANS, NATURAL, REAL, TIME, Lin, Number, Var, lin
from riskbounds.terms.monomials import function_of
from riskbounds.terms.polynomial import Base, Factor, Function, Monomial, Term, combine, factor, power, summed, term
from riskbounds.terms.vocabulary import Symbol, direction, scalar

#: What a symbol means: a term, a linear form (for counts), or a function of its indices.
Meaning = Term | Lin | Var | Callable[..., Term]
Meanings = Mapping[Any, Meaning]
_FUNCTIONS = {sp.exp: "exp", sp.Max: "max", sp.Min: "min", sp.Abs: "abs", sp.log: "log", sp.gamma: "gamma", sp.zeta: "zeta"}


class Reader:
    """Terms of SymPy expressions, definitions expanded and symbols given their meanings.

    A symbol without a meaning or definition becomes a symbol of the same name, its sign read off its domain in
    :data:`riskbounds.symbols.MEANINGS`.

    Parameters
    ----------
    meanings: SymPy symbol, IndexedBase or subexpression (max over i, say) -> what it stands for in the derivation.
    definitions: SymPy symbol or IndexedBase -> expression (for a base: of ``base[i]``).
    """

    def __init__(self, meanings: Meanings, definitions: Mapping[Any, sp.Expr] | None = None) -> None:
        """Keep both maps."""
        self.meanings = dict(meanings)
        self.definitions = dict(definitions or {})

    def __call__(self, expression: Any, at: Mapping[Any, Var] | None = None) -> Term:
        """The term of an expression; ``at`` gives variables to SymPy's free indices (i and j stand for themselves)."""
        return self._read(sp.sympify(expression), dict(at or {symbols.i: direction("i"), symbols.j: direction("j")}))

    def _read(self, node: Any, at: dict[Any, Var]) -> Term:
        if node.is_Rational:
            return term(Fraction(int(node.p), int(node.q)))
        if isinstance(self.meanings.get(node), Term):
            return self.meanings[node]  # type: ignore[return-value]
        if isinstance(node, sp.Symbol):
            return self._symbol(node, at)
        if isinstance(node, sp.Indexed):
            return self._indexed(node, at)
        if isinstance(node, sp.Add):
            return combine((self._read(part, at), Fraction(1)) for part in node.args)
        if isinstance(node, sp.Mul):
            result = term(1)
            for part in node.args:
                result = result * self._read(part, at)
            return result
        if isinstance(node, sp.Pow):
            return self._power(node, at)
        if isinstance(node, sp.Sum):
            return self._sum(node, at)
        if isinstance(node, BLOCKS):
            return self._read(node.rewrite(sp.Pow), at)
        name = _FUNCTIONS.get(node.func)
        if name is None:
            raise ProofError(f"no term for {node.func.__name__}: {node}")
        return factor(function_of(name, (self._read(part, at) for part in node.args)))

    def _symbol(self, node: sp.Symbol, at: Mapping[Any, Var]) -> Term:
        if node in at:
            raise ProofError(f"the index {node} enters as a number")
        if node in self.meanings:
            meaning = self.meanings[node]
            return meaning if isinstance(meaning, Term) else term(meaning)
        if node in self.definitions:
            return self._read(self.definitions[node], {symbols.i: direction("i")})
        return scalar(node.name, _sign(node))

    def _indexed(self, node: sp.Indexed, at: Mapping[Any, Var]) -> Term:
        indices = tuple(at[index] for index in node.indices)
        meaning = self.meanings.get(node.base)
        if callable(meaning):
            return meaning(*indices)
        if node.base in self.definitions:
            return self._read(self.definitions[node.base], {symbols.i: indices[0], symbols.j: indices[-1]})
        return Symbol(node.base.label.name, _sign(node.base))[indices]

    def _power(self, node: sp.Pow, at: dict[Any, Var]) -> Term:
        base = self._read(node.base, at)
        if node.exp.is_Rational and node.exp.q != 1:
            if node.exp.q != 2:
                raise ProofError(f"no term for the root {node}")
            return factor(Function("sqrt", (base,))) ** int(node.exp.p)
        return power(base, self.exponent(node.exp))

    def exponent(self, node: Any) -> Lin:
        """A linear form in the counts."""
        if node.is_Rational:
            return lin(Fraction(int(node.p), int(node.q)))
        if isinstance(node, sp.Add):
            return sum((self.exponent(part) for part in node.args), lin(0))
        if isinstance(node, sp.Mul) and node.args[0].is_Rational:
            return self.exponent(sp.Mul(*node.args[1:])) * Fraction(int(node.args[0].p), int(node.args[0].q))
        meaning = self.meanings.get(node)
        if isinstance(meaning, Lin | Var):
            return lin(meaning)
        if isinstance(node, sp.Symbol):
            return lin(Var(node.name, REAL))
        raise ProofError(f"no linear exponent: {node}")

    def _sum(self, node: sp.Sum, at: dict[Any, Var]) -> Term:
        body_at = dict(at)
        variables = []
        for index, low, high in node.limits:
            part = {(1, symbols.M): "all", (1, symbols.k_star): "head", (symbols.k_star + 1, symbols.M): "tail"}.get((low, high))
            if part is None:
                raise ProofError(f"no range for {index} from {low} to {high}")
            variables.append(Var(f"{index.name}:{len(body_at)}", part))
            body_at[index] = variables[-1]
        body = self._read(node.function, body_at)
        for variable in variables:
            body = summed(variable, body)
        return body


def _sign(symbol: Any) -> str:
    """The sign of a symbol: by its domain if it is one of the theory's, else by SymPy's assumptions."""
    if symbol not in symbols.MEANINGS:
        return "+" if symbol.is_positive else "0+" if symbol.is_nonnegative else "?"
    domain = symbols.MEANINGS[symbol][1]
    if domain in ("> 0", "(0, 1]", "> 1", ">= 1", ">= 3") or domain.startswith("integer >= 1"):
        return "+"
    return "0+" if domain in (">= 0", "[0, 1]", "integer >= 0") else "?"


def to_sympy(body: Term) -> sp.Expr:
    """The term as a SymPy expression: sums over 1..M, over the head and the tail, and over natural numbers; E for expectations.

    Symbols are those of :mod:`riskbounds.symbols` where there is one of the name.
    """
    return sp.Add(*(_number(c) * _monomial(m) for m, c in body.monomials.items()))


def _monomial(monomial: Monomial) -> sp.Expr:
    product = sp.Mul(*(_factor(f) ** _linear(e) for f, e in monomial.factors))
    for var in reversed(monomial.bound):
        index = _variable(var)
        if var.range == TIME and var.below is not None:
            product = sp.Sum(product, (index, 0, _linear(var.below) - 1))
        elif var.range in MEANS:
            product = sp.Function("E")(index, product)
        else:
            low = symbols.k_star + 1 if var.range == "tail" else sp.Integer(1)
            product = sp.Sum(product, (index, low, symbols.k_star if var.range == "head" else symbols.M))
    return product


def _factor(f: Factor) -> sp.Expr:
    if isinstance(f, Var):
        return _variable(f)
    if isinstance(f, Base):
        return to_sympy(f.term)
    if isinstance(f, Function):
        known = {name: function for function, name in _FUNCTIONS.items()} | {"sqrt": sp.sqrt}
        return known.get(f.name, sp.Function(f.name))(*(to_sympy(part) for part in f.arguments))
    arguments = [*(_linear(form) for form in f.times), *(_variable(v) for v in f.indices)]
    signs = {"+": {"positive": True}, "0+": {"nonnegative": True}}.get(f.sign, {"real": True})
    known = {str(getattr(symbol, "label", symbol)): symbol for symbol in symbols.MEANINGS}
    found = known.get(f.name, sp.IndexedBase(f.name, **signs) if arguments else sp.Symbol(f.name, **signs))
    return found[tuple(arguments)] if arguments else found


def _variable(var: Var) -> sp.Symbol:
    if var.range == REAL:
        return sp.Symbol(var.name, positive=True)
    numbers = {"nonnegative": True} if var.range in NATURAL else {"positive": True}
    return sp.Symbol(var.name.replace("#", "k"), integer=True, **numbers)


def _linear(form: Lin) -> sp.Expr:
    return sp.Add(_number(form.constant), *(_number(c) * _variable(v) for v, c in form.parts))


def _number(value: Number) -> sp.Rational:
    return sp.Rational(value.numerator, value.denominator)
