r"""Plain words with mathematics in ASCII, such as "gamma mu_1 <= 1", as a line with inline mathematics.

What is recognised: Greek names, letters with an index, a power or a star, norms, and relations.  Everything else stays as it is.
"""

from __future__ import annotations

import re

_GREEK = {name: rf"\{name}" for name in ("alpha", "beta", "gamma", "delta", "kappa", "mu", "sigma", "tau", "theta", "Sigma")}
_NAMES = {
    **_GREEK,
    "lam": r"\lambda",
    "Lam": r"\Lambda",
    "eps": r"\epsilon",
    "ad": r"a_\delta",
    "av": r"a_v",
    "adlow": r"\underline{a}_\delta",
    "Alow": r"\underline{A}",
    "vbar": r"\bar v",
    "risk_weight": r"\ell",
    "c1": "c_1",
    "c2": "c_2",
    "c3": "c_3",
    "sbar": r"\bar s",
}
_WHOLE = {
    "eps_bar_1": r"\bar\epsilon_1",
    "eps_bar_2": r"\bar\epsilon_2",
    "c3_low": r"\underline{c}_3",
    "e_low": r"\underline{e}",
    "e_high": r"\bar e",
}
_RELATIONS = {"<=": r"\le", ">=": r"\ge", "->": r"\to", "<<": r"\ll"}
_INDEX = r"_(?:[A-Za-z0-9]+|\{[^{}$]*\})"
_POWER = r"\^(?:-?[A-Za-z0-9]+(?:/[A-Za-z0-9]+)?|\([^()$]*\)|\{[^{}$]*\})"
_TOKEN = re.compile(
    rf"(?P<whole>(?<![\w.])(?:{'|'.join(_WHOLE)})(?!\w))"
    rf"|\|\|(?P<norm>[^|$]+)\|\|(?P<norm_scripts>(?:{_INDEX}|{_POWER}){{0,2}})"
    rf"|(?<![\w.\\])(?P<name>{'|'.join(sorted(_NAMES, key=len, reverse=True))}|sum|[A-Za-z])(?P<star>\*?)"
    rf"(?P<scripts>(?:{_INDEX}|{_POWER}){{0,2}})(?![\w])"
    rf"|(?<=\))(?P<outer>{_POWER}|{_INDEX})"
    r"|(?P<relation><=|>=|->|<<)"
)
_SCRIPT = re.compile(rf"{_INDEX}|{_POWER}")


def in_mathematics(words: str) -> str:
    """Return the words with their mathematics between dollars (:mod:`riskbounds.display.markup`)."""
    return _TOKEN.sub(_marked, words.replace("$", ""))


def _marked(found: re.Match[str]) -> str:
    if found["whole"]:
        return f"${_WHOLE[found['whole']]}$"
    if found["norm"]:
        inside = _TOKEN.sub(_marked, found["norm"]).replace("$", "")
        return rf"$\|{inside}\|{_scripts(found['norm_scripts'])}$"
    if found["relation"]:
        return f"${_RELATIONS[found['relation']]}$"
    if found["outer"]:
        return f"${{}}{_scripts(found['outer'])}$"
    name, scripts = found["name"], found["scripts"]
    if name not in _NAMES and not (found["star"] or scripts):
        return found[0]
    shown = r"\textstyle\sum" if name == "sum" else _NAMES.get(name, name)
    return f"${shown}{_scripts(scripts, found['star'])}$"


def _scripts(text: str, star: str = "") -> str:
    """Index and power in TeX; a star joins the power."""
    index, power = "", star
    for script in _SCRIPT.findall(text):
        body = script[1:].strip("{}")
        body = body if body[1:-1].isalpha() else body.strip("()")
        named = _NAMES.get(body, rf"\mathrm{{{body}}}" if body.isalpha() and len(body) > 1 else body)
        if script[0] == "_":
            index = f"_{{{named}}}"
        else:
            power += named
    return index + (f"^{{{power}}}" if power else "")
