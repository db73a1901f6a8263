"""The commands and their options. Imports nothing heavy: `riskbounds --help` must be quick."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import NoReturn

from riskbounds import __version__
from riskbounds.cli.examples import EXAMPLES
from riskbounds.errors import ProblemError, did_you_mean

EXPERIMENTS = ("figure1", "figure2", "q1", "q2", "effective-sizes", "true-formats", "helps")
LAW_SCHEMES = ("full-precision", "multiplicative", "additive", "elementwise")
PICTURES = {
    "risk": "the risk against N or M: certified band, exact, law, --results or --runs",
    "terms": "the terms of the upper bound",
    "spectrum": "the quantized spectrum beside the clean one, and k*",
    "regimes": "the largest term of the law over N and M",
    "effective-sizes": "M_eff/M and N_eff/N against bits",
    "step-size": "the risk against the step size, with the certified best interval",
    "batch-size": "the risk against the batch size",
    "slots": "which slot deserves the next bit",
    "formats": "integers against floating point over the dimension",
}
FILE_HELP = "a problem file, a preset (riskbounds presets lists them), or - for standard input"


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line and name the nearest valid word."""

    def error(self, message: str) -> NoReturn:
        """Raise ProblemError instead of printing the usage."""
        raise ProblemError(f"{message} ({self.prog} --help shows how)")

    def _check_value(self, action: argparse.Action, value: str) -> None:
        if action.choices is not None and value not in action.choices:
            choices = [str(choice) for choice in action.choices]
            hint = did_you_mean(value, choices) or f"one of: {', '.join(choices)}"
            what = "command" if action.dest == "command" else "/".join(action.option_strings) or action.dest
            raise ProblemError(f"unknown {what} {value!r}; {hint}")


def parser() -> Parser:
    """Return the parser of all commands."""
    top = Parser(
        prog="riskbounds",
        description="Certified lower and upper bounds on the risk of low-precision SGD in linear regression.",
        epilog="Example: riskbounds bound figure1a",
        allow_abbrev=False,
    )
    top.add_argument("--version", action="version", version=f"riskbounds {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", parser_class=Parser)
    _bound(_command(commands, "bound", "lower <= exact <= upper of the risk, with terms, budget and hypotheses"))
    _format(_command(commands, "theorems", "list the registered theorems"), "table", "json")
    show = _command(commands, "show", "print one theorem: statement, hypotheses, terms, symbols, source")
    show.add_argument("name", metavar="NAME", help="a theorem name (riskbounds theorems lists them)")
    _format(show, "text", "latex", "json")
    cite = _command(commands, "cite", "BibTeX of a theorem, or of what `bound FILE` uses")
    cite.add_argument("name", metavar="NAME|FILE", help=f"a theorem name, or {FILE_HELP}")
    presets = _command(commands, "presets", "list the presets, or print one as a problem file")
    presets.add_argument("name", metavar="NAME", nargs="?", help="a preset")
    formats = _command(commands, "formats", "number formats: eps, structure, assumption and source")
    formats.add_argument("name", metavar="NAME", nargs="?", help="a format")
    formats.add_argument("--range", metavar="R", help="width of an integer grid; its step is R / 2^bits")
    formats.add_argument("--rounding", metavar="ROUNDING", default="stochastic", help="stochastic (default), dither, ...")
    _format(formats, "table", "json")
    _law(_command(commands, "law", "the scaling law of a scheme: terms, effective sizes, remainder"))
    regimes = _command(commands, "regimes", "where each term of a scheme's law is the largest")
    regimes.add_argument("scheme", metavar="SCHEME", choices=LAW_SCHEMES, help=", ".join(LAW_SCHEMES))
    _format(regimes, "text", "json", "latex")
    _solve(_command(commands, "solve", "the loosest value of one key that meets a target, or the one with the least upper bound"))
    _compare(_command(commands, "compare", "which of two problems has the lower risk, certified by their bounds"))
    _allocate(_command(commands, "allocate", "split a budget between model size, steps and bits"))
    _plot(_command(commands, "plot", "draw one picture of a problem"))
    _report(_command(commands, "report", "all about one problem on a page: numbers, theorem, proof status, pictures, references"))
    _sweep(
        _command(commands, "sweep", "bound or simulate over any keys of the problem, to one netCDF file; a killed sweep resumes")
    )
    _reproduce(_command(commands, "reproduce", "an experiment of the papers, or one beyond them: pictures, data and fits"))
    _simulate(_command(commands, "simulate", "run quantized SGD and hold its mean risk against the bounds"))
    _check(_command(commands, "check", "hold risks that you measured against the bounds"))
    _next_bit(_command(commands, "next-bit", "which slot deserves the next bit: what it takes off the upper bound, slot by slot"))
    _formats(_command(commands, "integers-or-floats", "integers against floating point of equal width, certified, and P1's rule"))
    _verify(_command(commands, "verify", "check the proofs of the theorems, step by step"))
    return top


def _command(commands: argparse._SubParsersAction[Parser], name: str, help_: str) -> Parser:
    about = help_[0].upper() + help_[1:] + "."
    return commands.add_parser(name, help=help_, description=about, epilog=f"Example: {EXAMPLES[name]}", allow_abbrev=False)


def _format(command: Parser, *formats: str) -> None:
    command.add_argument("--format", choices=formats, default=formats[0], help=f"{', '.join(formats)} (default {formats[0]})")


def _file(command: Parser, *names: str) -> None:
    for name in names or ("file",):
        command.add_argument(name, metavar=name.upper(), help=FILE_HELP)
    command.add_argument(
        "--set", metavar="KEY=VALUE", action="append", default=[], help="change a key of the problem, such as training.steps=100"
    )


def _bound(command: Parser) -> None:
    _file(command)
    command.add_argument("--theorem", metavar="NAME", help="default: sharp, or sharp-general when Lam and Sigma do not commute")
    command.add_argument("--sketches", metavar="K", help="repeat with sketch seeds seed .. seed+K-1")
    command.add_argument("--digits", metavar="D", help="print D significant digits, computed in D-digit arithmetic")
    command.add_argument("--rigorous", action="store_true", help="print enclosures (mid and rad) that contain the truth")
    _format(command, "table", "json", "csv", "latex", "markdown")


def _law(command: Parser) -> None:
    command.add_argument("scheme", metavar="SCHEME", choices=LAW_SCHEMES, help=", ".join(LAW_SCHEMES))
    command.add_argument("--side", choices=("upper", "lower", "exact"), default="upper", help="upper (default), lower, exact")
    command.add_argument("--slots", metavar="SLOTS", help="the quantized slots, with commas; default: all that the scheme covers")
    command.add_argument("--source", action="store_true", help="E lam_i w*_i^2 = i^-b instead of E w*_i^2 = 1")
    _format(command, "text", "json", "latex")


def _solve(command: Parser) -> None:
    _file(command)
    command.add_argument(
        "--for",
        metavar="KEY",
        dest="key",
        required=True,
        help="training.steps, training.step_size, sketch.size, quantization.SLOT, bits.SLOT or bits",
    )
    asked = command.add_mutually_exclusive_group(required=True)
    asked.add_argument(
        "--such-that",
        metavar="QUESTION",
        help='"QUANTITY<=V" or "QUANTITY>=V" with risk.upper, risk.lower, risk.exact, effective.data_size/steps, '
        "effective.model_size/size",
    )
    asked.add_argument("--minimise", metavar="QUANTITY", help="risk.upper; a step size comes with its certified interval")
    _format(command, "json", "text")


def _compare(command: Parser) -> None:
    _file(command, "file_a", "file_b")
    command.add_argument("--sketches", metavar="K", help="repeat with sketch seeds seed .. seed+K-1 and count the verdicts")
    _format(command, "json", "text")


def _allocate(command: Parser) -> None:
    _file(command)
    command.add_argument("--budget", metavar="C", required=True, help="what the cost may come to")
    command.add_argument("--cost", metavar="COST", required=True, help='"M*N", "M*N*bits" or "M*bits"')
    _format(command, "text", "json")


def _sweep(command: Parser) -> None:
    _file(command)
    command.add_argument(
        "--over",
        metavar="KEY=V1,V2,...",
        action="append",
        required=True,
        help="a key and its values; repeat for a product of keys",
    )
    command.add_argument("--run", choices=("bound", "simulate"), required=True, help="what to run at every point")
    command.add_argument("--out", metavar="FILE.nc", required=True, help="the data set; FILE.nc.partial keeps finished points")
    command.add_argument("--jobs", metavar="J", default=1, help="processes on this machine (default 1)")
    command.add_argument("--scheduler", metavar="ADDRESS", help="a dask scheduler, such as tcp://node1:8786, instead of --jobs")
    command.add_argument("--runs", metavar="R", default=100, help="replicas per point of --run simulate (default 100)")
    command.add_argument("--seed", metavar="S", default=0, help="seed that every point's replicas are drawn from (default 0)")


def _reproduce(command: Parser) -> None:
    command.add_argument("name", metavar="NAME", choices=EXPERIMENTS, help=", ".join(EXPERIMENTS))
    command.add_argument("--out", metavar="DIR", required=True, help="folder of PANEL.png, PANEL.csv and fits.json")
    command.add_argument("--jobs", metavar="J", help="processes on this machine (default: its processors)")
    command.add_argument("--seed", metavar="S", default=0, help="seed of the simulated replicas (default 0)")


def _plot(command: Parser) -> None:
    kinds = "; ".join(f"{kind}: {what}" for kind, what in PICTURES.items())
    command.add_argument("kind", metavar="KIND", choices=tuple(PICTURES), help=kinds)
    _file(command)
    command.add_argument("--out", metavar="FILE", required=True, help="x.png, x.svg or x.pdf")
    command.add_argument("--theorem", metavar="NAME", help="of risk and terms; default as in bound")
    command.add_argument("--results", metavar="CSV", help="risk only: your own runs, columns as in check, over the band")
    command.add_argument("--runs", metavar="R", help="risk only: simulate R replicas and draw their means over the band")
    command.add_argument("--seed", metavar="S", default="0", help="seed of the replicas (default 0)")


def _report(command: Parser) -> None:
    _file(command)
    command.add_argument("--out", metavar="FILE", required=True, help="report.html, report.md, report.tex or report.pdf")
    command.add_argument("--theorem", metavar="NAME", help="default: as in bound")


def _simulate(command: Parser) -> None:
    _file(command)
    command.add_argument("--runs", metavar="R", required=True, help="number of independent replicas")
    command.add_argument("--seed", metavar="S", default="0", help="seed of the replicas, never of the sketch (default 0)")
    command.add_argument("--jobs", metavar="J", help="threads; the numbers do not depend on them (default: all processors)")
    command.add_argument(
        "--resume",
        metavar="DIR",
        help="keep the state of the run here, every 2 s; the same command goes on from it (default: the user's cache folder)",
    )
    _format(command, "table", "json")


def _check(command: Parser) -> None:
    _file(command)
    command.add_argument(
        "--results",
        metavar="CSV",
        required=True,
        help="columns steps, risk = R(vbar_N) - sigma^2/2, and stderr or repeated steps; model_size where sizes are a list",
    )
    _format(command, "table", "json")


def _next_bit(command: Parser) -> None:
    command.epilog = (
        f"{command.epilog}. One more bit halves a grid's step and a mantissa's spacing, so it divides eps by four. "
        "The order is that of upper bounds; riskbounds compare certifies it."
    )
    _file(command)
    _format(command, "text", "json")


def _formats(command: Parser) -> None:
    command.epilog = (
        f"{command.epilog}. P1's rule prefers floating point when m >= b - (a/2) log2 d. It compares worst-case bounds and "
        "ignores range: it fails where label noise dominates (the floor of coarse integers then acts as a ridge penalty and "
        "lowers the risk), and it says nothing behind a sketch, where floating point on the features acts like an additive floor."
    )
    _file(command)
    command.add_argument("--width", metavar="B", required=True, help="bits of both kinds")
    command.add_argument("--slots", metavar="SLOTS", default="data", help="the slots that hold them, with commas (default data)")
    command.add_argument(
        "--exponent-bits", metavar="E", help="of the floating point; default: that of the usual format of width B"
    )
    command.add_argument("--range", metavar="R", default="2", help="width of the integer grid, whose step is R / 2^B (default 2)")
    _format(command, "text", "json")


def _verify(command: Parser) -> None:
    command.add_argument("names", metavar="NAME", nargs="*", help="derivations, named as their theorems (default: all)")
    command.add_argument("--report", metavar="FILE", help="write every step, rendered, to FILE.html, .pdf, .tex or .md")
    _format(command, "text", "json")


def parse(arguments: Sequence[str]) -> tuple[str | None, argparse.Namespace]:
    """Return the command and its options; None after --help or --version. Raises ProblemError in one line."""
    top = parser()
    try:
        options, extra = top.parse_known_args(list(arguments))
    except SystemExit:
        return None, argparse.Namespace()
    if extra:
        raise ProblemError(_unknown(extra[0], top, options.command))
    if options.command is None:
        raise ProblemError("missing command (riskbounds --help lists them)")
    return options.command, options


def _unknown(word: str, top: Parser, command: str | None) -> str:
    """Say that an argument is not understood, with the nearest option of the command."""
    if not word.startswith("-"):
        return f"unexpected argument {word!r} (riskbounds {command or ''} --help shows how)"
    subparsers = next(action for action in top._actions if isinstance(action, argparse._SubParsersAction))
    known = subparsers.choices[command] if command else top
    name = word.partition("=")[0]
    hint = did_you_mean(name, known._option_string_actions) or f"riskbounds {command or ''} --help lists the options"
    return f"unknown option {name}; {hint}"
