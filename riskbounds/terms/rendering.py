"""Terms and claims as plain text and as TeX."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from riskbounds import symbols
from riskbounds.terms.claims import Claim
from riskbounds.terms.linear import MEANS, TIME, Lin, Number, Var
from riskbounds.terms.polynomial import Atom, Base, Factor, Monomial, Term, substitute, variables_of

_INDICES, _DRAWS = "ijklabcdefgh", "wrhoqmfdpyz"
_OPERATORS = ("min", "max", "exp", "log")
_LETTERS = {"all": _INDICES, "head": _INDICES, "tail": _INDICES, TIME: "stpq"}
_RELATIONS = {"=": "=", "<=": r"\le", "<": "<"}


def text(body: Term) -> str:
    """A term in plain text."""
    return _Printer(tex=False).term(body)


def latex(body: Term) -> str:
    """A term in TeX, in the papers' notation."""
    return _Printer(tex=True).term(body)


def claim_latex(claim: Claim) -> str:
    """A claim in TeX."""
    return f"{latex(claim.left)} {_RELATIONS[claim.relation]} {latex(claim.right)}"


@dataclass
class _Printer:
    tex: bool

    def term(self, body: Term) -> str:
        if not body.monomials:
            return "0"
        parts = [self._signed(m, c) for m, c in body.monomials.items()]
        # plain text is the same for equal terms: functions sort their arguments by it
        parts.sort(key=lambda part: (part.startswith("-"), *(() if self.tex else (not part.strip("-0123456789/"), part))))
        return parts[0] + "".join(f" - {part[1:]}" if part.startswith("-") else f" + {part}" for part in parts[1:])

    def _signed(self, monomial: Monomial, c: Number) -> str:
        names = _names(monomial)
        sums = "".join(self._binder(var, names) for var in monomial.bound)
        up = [self._power(f, e, names) for f, e in monomial.factors if not _below(e)]
        down = [self._power(f, e * -1, names) for f, e in monomial.factors if _below(e)]
        number: Number = c if c > 0 else -c
        if number.numerator != 1 or not up:
            up.insert(0, str(number.numerator))
        if number.denominator != 1:
            down.insert(0, str(number.denominator))
        glue = r"\," if self.tex else " "
        top, bottom = glue.join(up), glue.join(down)
        if not down:
            product = top
        elif self.tex:
            product = rf"\frac{{{top}}}{{{bottom}}}"
        else:
            product = f"{top}/({bottom})" if len(down) > 1 else f"{top}/{bottom}"
        return ("-" if c < 0 else "") + sums + product

    def _binder(self, var: Var, names: dict[Var, str]) -> str:
        name = names[var]
        if var.range in MEANS:
            return rf"\mathrm{{E}}_{{{name}}} " if self.tex else f"E_{name} "
        limits = name
        if var.range == TIME and var.below is not None:
            limits = f"{name}<{self.linear(var.below, names)}"
        elif var.range in ("head", "tail"):
            limits = f"{name}{'<=' if var.range == 'head' else '>'}k*"
            limits = limits.replace("<=", r"\le ").replace("k*", "k^*") if self.tex else limits
        return rf"\sum_{{{limits}}} " if self.tex else f"sum_{{{limits}}} "

    def _power(self, f: Factor, exponent: Lin, names: dict[Var, str]) -> str:
        base = self._factor(f, names)
        if exponent.is_constant and exponent.constant == 1:
            return base
        if self.tex and isinstance(f, Atom):
            base = f"({base})" if f.times else f"{{{base}}}"
        shown = self.linear(exponent, names)
        return f"{base}^{{{shown}}}" if self.tex else f"{base}^{shown}" if shown.isalnum() else f"{base}^({shown})"

    def _factor(self, f: Factor, names: dict[Var, str]) -> str:
        if isinstance(f, Var):
            return names.get(f, f.name)
        if isinstance(f, Base):
            return f"({_Printer(self.tex).inside(f.term, names)})"
        if isinstance(f, Atom):
            times = ",".join(self.linear(form, names) for form in f.times)
            indices = [names.get(v, v.name) for v in f.indices]
            if self.tex:
                name = _tex_name(f.name)
                name = f"{{{name}}}" if (indices or times) and ("_" in name or "^" in name) else name
                return name + (f"_{{{','.join(indices)}}}" if indices else "") + (f"^{{({times})}}" if times else "")
            return f.name + (f"({times})" if times else "") + (f"[{','.join(indices)}]" if indices else "")
        name = rf"\{f.name}" if self.tex and f.name in _OPERATORS else f.name
        return f"{name}({', '.join(_Printer(self.tex).inside(part, names) for part in f.arguments)})"

    def inside(self, body: Term, names: dict[Var, str]) -> str:
        return self.term(substitute(body, {var: Var(name, var.range, var.below) for var, name in names.items()}))

    def linear(self, form: Lin, names: dict[Var, str]) -> str:
        parts = []
        for var, c in form.parts:
            size = "" if abs(c) == 1 else str(abs(c))
            parts.append(("-" if c < 0 else "") + size + names.get(var, var.name))
        if form.constant or not parts:
            parts.append(str(form.constant))
        # plain text is the same for equal terms: functions sort their arguments by it
        parts.sort(key=lambda part: (part.startswith("-"), *(() if self.tex else (not part.strip("-0123456789/"), part))))
        return parts[0] + "".join(part if part.startswith("-") else f"+{part}" for part in parts[1:])


def _below(exponent: Lin) -> bool:
    return exponent.is_constant and exponent.constant < 0


def _names(monomial: Monomial) -> dict[Var, str]:
    """Readable letters for bound variables, none of which occurs free."""
    taken = {v.name for f, e in monomial.factors for v in variables_of(f, e)}
    names: dict[Var, str] = {}
    for var in monomial.bound:
        letters = _LETTERS.get(var.range, _DRAWS)
        names[var] = next((c for c in letters if c not in taken and c not in names.values()), var.name)
    return names


@cache
def _tex_name(name: str) -> str:
    known = {getattr(key, "name", str(getattr(key, "label", key))): tex for key, (tex, _, _) in symbols.MEANINGS.items()}
    return known.get(name, name if len(name) == 1 else rf"\mathrm{{{name.replace('_', chr(92) + '_')}}}")


def describe(f: Factor) -> str:
    """A factor in words."""
    return str(f.term) if isinstance(f, Base) else f.name


def describe_exponent(exponent: Lin) -> str:
    """An exponent in words."""
    parts = [f"{c}*{v.name}" for v, c in exponent.parts] + ([str(exponent.constant)] if exponent.constant else [])
    return " + ".join(parts) or "0"
