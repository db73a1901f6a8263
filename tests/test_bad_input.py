"""Faults: each gives one line on stderr that names what to change, and exit code 2."""

from __future__ import annotations

import io
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from problems import BASE, NO_SKETCH, changed, write

from riskbounds.cli import main
from riskbounds.cli.commands import COMMANDS
from riskbounds.quantization.slots import SLOTS

SPECTRUM = 'spectrum = { kind = "power-law", exponent = "3/2", dimension = 30, scale = 1 }'
TARGET = 'target = { kind = "isotropic" }'
DATA_PROBLEM = '[problem]\nspectrum = { kind = "data", file = "FILE.csv" }\n[training]\nsteps = 10\nstep_size = 0.01\n'

SKETCH = "[sketch]\nsize = 8\n"
ADDITIVE = NO_SKETCH.replace("multiplicative", "additive").replace("two-point", "uniform")


def spectrum(text: str) -> str:
    """The base file with another spectrum and no sketch."""
    return changed(SPECTRUM, f"spectrum = {text}", NO_SKETCH)


def target(text: str) -> str:
    """The base file with another target."""
    return changed(TARGET, f"target = {text}")


# name: (problem file, what the line must say)
FILES: dict[str, tuple[str | bytes, str]] = {
    "empty file": ("", "is empty"),
    "only spaces": (" \n\n", "is empty"),
    "not UTF-8": (b"[problem]\n\xff\xfe = 1\n", "not UTF-8"),
    "binary": (bytes(range(256)), "not UTF-8"),
    "not TOML": ("[problem\n", "not valid TOML"),
    "nested too deeply": ("x = " + "[" * 5000 + "]" * 5000, "problem file"),
    "number of 5000 digits": (changed("steps = 100", "steps = 1" + "0" * 5000), "too many digits"),
    "no problem": ("[training]\nsteps = 1\nstep_size = 0.1\n", "missing key problem"),
    "no training": (BASE.split("[training]")[0], "missing key training"),
    "problem is a number": ("problem = 3\n[training]\nsteps = 1\nstep_size = 1\n", "problem = 3 must be a table"),
    "unknown section": (BASE + "\n[trainig]\nsteps = 1\n", "unknown key trainig; did you mean training?"),
    "misspelt key": (changed("step_size", "stepsize"), "unknown key training.stepsize; did you mean training.step_size?"),
    "misspelt exponent": (changed("exponent", "exponnt"), "did you mean problem.spectrum.exponent?"),
    "key of another section": (changed("noise_variance = 1.0", "noise_variance = 1.0\nsteps = 3"), "training.steps"),
    "unknown word": (changed("seed = 0", "zebra = 0"), "unknown key sketch.zebra; valid here: size, kind, seed"),
    "no exponent": (changed('exponent = "3/2", ', ""), "missing key problem.spectrum.exponent"),
    "no dimension": (changed("dimension = 30, ", ""), "missing key problem.spectrum.dimension"),
    "no kind": (changed('kind = "power-law", ', ""), "missing key problem.spectrum.kind"),
    "no noise": (changed("noise_variance = 1.0\n", ""), "missing key problem.noise_variance"),
    "no target": (changed(TARGET + "\n", ""), "missing key problem.target"),
    "no size": (changed("size = 8\n", ""), "missing key sketch.size"),
    "no steps": (changed("steps = 100\n", ""), "missing key training.steps"),
    "misspelt kind": (changed("power-law", "powerlaw"), "did you mean power-law?"),
    "kind is a number": (changed('"power-law"', "3"), "problem.spectrum.kind = 3"),
    "spectrum is a string": (spectrum('"power-law"'), "must be a table"),
    "sketch kind": (changed('kind = "gaussian"', 'kind = "gausian"'), "did you mean gaussian?"),
    "explicit with dimension": (spectrum('{ kind = "explicit", values = [1], dimension = 1 }'), "problem.spectrum.dimension"),
    "explicit with nothing": (spectrum('{ kind = "explicit" }'), "either values or file"),
    "explicit with both": (spectrum('{ kind = "explicit", values = [1], file = "x.csv" }'), "either values or file"),
    "explicit empty": (spectrum('{ kind = "explicit", values = [] }'), "is empty"),
    "explicit scalar": (spectrum('{ kind = "explicit", values = 3 }'), "must be a list of numbers"),
    "explicit zero": (spectrum('{ kind = "explicit", values = [1, 0] }'), "values[1] = 0.0 must be > 0"),
    "explicit text": (spectrum('{ kind = "explicit", values = [1, "x"] }'), "values[1]"),
    "explicit nan": (spectrum('{ kind = "explicit", values = [1, nan] }'), "values[1] = nan is not a finite number"),
    "missing array file": (spectrum('{ kind = "explicit", file = "gone.npy" }'), "gone.npy' does not exist"),
    "array of unknown kind": (spectrum('{ kind = "explicit", file = "problem.toml" }'), "must end in .csv or .npy"),
    "a = 1": (changed('"3/2"', "1"), "problem.spectrum.exponent = 1 must be > 1"),
    "a < 1": (changed('"3/2"', "0.5"), "problem.spectrum.exponent = 0.5 must be > 1"),
    "a is a list": (changed('"3/2"', "[1.5]"), "problem.spectrum.exponent must be a number"),
    "a is true": (changed('"3/2"', "true"), "problem.spectrum.exponent = true is not a number"),
    "a is a date": (changed('"3/2"', "2020-01-01"), "problem.spectrum.exponent must be a number"),
    "a is inf": (changed('"3/2"', "inf"), "problem.spectrum.exponent = inf"),
    "a is nan text": (changed('"3/2"', '"nan"'), "problem.spectrum.exponent = 'nan'"),
    "a divides by zero": (changed('"3/2"', '"3/0"'), "divides by zero"),
    "a is a formula": (changed('"3/2"', '"1+1"'), "problem.spectrum.exponent = '1+1'"),
    "a makes lam underflow": (changed('"3/2"', "1000"), "below 1e-300"),
    "log power law a = 1": (spectrum('{ kind = "log-power-law", exponent = 1, dimension = 9 }'), "must be > 1"),
    "rate = 0": (spectrum('{ kind = "exponential", rate = 0, dimension = 9 }'), "problem.spectrum.rate = 0 must be > 0"),
    "scale = 0": (changed("scale = 1", "scale = 0"), "problem.spectrum.scale = 0 must be > 0"),
    "dimension = 0": (changed("dimension = 30", "dimension = 0"), "problem.spectrum.dimension = 0 must be >= 1"),
    "dimension = 1.5": (changed("dimension = 30", "dimension = 1.5"), "problem.spectrum.dimension = 1.5 must be an integer"),
    "dimension misspelt": (changed("dimension = 30", 'dimension = "infinit"'), '"infinite"'),
    "dimension huge": (changed("dimension = 30", "dimension = 1e9"), "problem.spectrum.dimension = 1E+9 is above the limit"),
    "dimension beyond floats": (changed("dimension = 30", "dimension = 1e999999999"), "problem.spectrum.dimension"),
    "sketch of infinite": (changed("dimension = 30", 'dimension = "infinite"'), "cannot be sketched"),
    "additive infinite": (
        changed("dimension = 30", 'dimension = "infinite"', ADDITIVE),
        "infinite trace",
    ),
    "sample infinite": (
        changed("dimension = 30", 'dimension = "infinite"', NO_SKETCH).replace("isotropic", "sample"),
        "problem.target.kind",
    ),
    "source b = 1 infinite": (
        changed("dimension = 30", 'dimension = "infinite"', NO_SKETCH).replace('"isotropic"', '"source", exponent = 1'),
        "problem.target.exponent must be > 1",
    ),
    "target kind": (target('{ kind = "isotropc" }'), "did you mean isotropic?"),
    "target scale": (target('{ kind = "isotropic", scale = -1 }'), "problem.target.scale = -1 must be >= 0"),
    "target length": (target('{ kind = "explicit", values = [1, 2] }'), "has 2 entries but the dimension is 30"),
    "target seed": (target('{ kind = "sample", seed = -1 }'), "problem.target.seed = -1 must be >= 0"),
    "source without exponent": (target('{ kind = "source" }'), "missing key problem.target.exponent"),
    "ones with scale": (target('{ kind = "ones", scale = 2 }'), "unknown key problem.target.scale"),
    "negative noise": (changed("noise_variance = 1.0", "noise_variance = -1"), "problem.noise_variance = -1 must be >= 0"),
    "nan noise": (changed("noise_variance = 1.0", "noise_variance = nan"), "problem.noise_variance = nan"),
    "risk inputs": (changed("noise_variance = 1.0", 'noise_variance = 1\nrisk_inputs = "dirty"'), "clean, quantized"),
    "M > p": (changed("size = 8", "size = 31"), "sketch.size = 31 must be <= problem.spectrum.dimension = 30"),
    "M > p in a list": (changed("size = 8", "size = [8, 31]"), "sketch.size = 31 must be <="),
    "M = 0": (changed("size = 8", "size = 0"), "sketch.size = 0 must be >= 1"),
    "M is an empty list": (changed("size = 8", "size = []"), "sketch.size is an empty list"),
    "M is a table": (changed("size = 8", "size = { a = 1 }"), "sketch.size must be a number"),
    "M huge": (changed("size = 8", "size = 1e6").replace("= 30", "= 1e7"), "sketch.size = 1E+6 is above the limit"),
    "sketch entries huge": (changed("size = 8", "size = 10000").replace("= 30", "= 1e7"), "lower sketch.size"),
    "sketch seed": (changed("seed = 0", "seed = 0.5"), "sketch.seed = 0.5 must be an integer"),
    "N = 0": (changed("steps = 100", "steps = 0"), "training.steps = 0 must be >= 1"),
    "N negative": (changed("steps = 100", "steps = [10, -5]"), "training.steps = -5 must be >= 1"),
    "N = 1.5": (changed("steps = 100", "steps = 1.5"), "training.steps = 1.5 must be an integer"),
    "N huge": (changed("steps = 100", "steps = 1e40"), "training.steps = 1E+40 is above the limit"),
    "N is text": (changed("steps = 100", 'steps = "many"'), "training.steps = 'many'"),
    "gamma = 0": (changed("step_size = 0.1", "step_size = 0"), "training.step_size = 0 must be > 0"),
    "gamma negative": (changed("step_size = 0.1", 'step_size = "-1/10"'), "training.step_size = '-1/10' must be > 0"),
    "B = 0": (changed("batch_size = 1", "batch_size = 0"), "training.batch_size = 0 must be >= 1"),
    "B = 1/2": (changed("batch_size = 1", "batch_size = 0.5"), "training.batch_size = 0.5 must be an integer"),
    "eps < 0": (changed("data = 1e-3", "data = -1e-3"), "quantization.data = -0.001 must be >= 0"),
    "eps < 0 in a table": (changed("eps = 1e-3", "eps = -1"), "quantization.feature.eps = -1 must be >= 0"),
    "eps is true": (changed("data = 1e-3", "data = true"), "quantization.data = True must be a number eps >= 0"),
    "eps is text": (changed("data = 1e-3", 'data = "small"'), "quantization.data = 'small'"),
    "no structure": (changed('structure = "multiplicative"\n', ""), "missing key quantization.structure"),
    "misspelt structure": (changed('structure = "multiplicative"\n', 'structure = "aditive"\n'), "did you mean additive?"),
    "structure is a list": (changed('structure = "multiplicative"\n', "structure = []\n"), "quantization.structure = []"),
    "misspelt slot": (changed("data = 1e-3", "activatoin = 1e-3"), "did you mean quantization.activation?"),
    "slot without eps": (changed("data = 1e-3", 'data = { structure = "additive" }'), "missing key quantization.data.eps"),
    "misspelt eps": (changed("eps = 1e-3", "epsilon = 1e-3"), "did you mean quantization.feature.eps?"),
    "noise of another structure": (changed('"two-point"', '"uniform"'), "quantization.feature: noise = 'uniform'"),
    "sketch noise": (
        BASE + 'sketch = { structure = "additive", eps = 1, noise = "gaussian" }\n',
        "quantization.sketch.noise = 'gaussian' must be reference or entrywise",
    ),
    "sketch noise elsewhere": (
        BASE + 'label = { structure = "additive", eps = 1, noise = "entrywise" }\n',
        "quantization.label: noise = 'entrywise' must be gaussian, uniform or triangular",
    ),
    "sketch slot without sketch": (NO_SKETCH + "sketch = 1e-3\n", "quantization.sketch needs a [sketch]"),
    "storage multiplicative": (BASE + "storage = 1e-3\n", "only additive storage is covered; real floating-point storage"),
    "storage format": (BASE + 'storage = { format = "bf16" }\n', "only additive storage is covered"),
    "batch scale": (BASE + 'batch_scale = "all"\n', "per-sample, shared"),
    "unknown format": (changed("data = 1e-3", 'data = { format = "e4m4" }'), "'e4m3'"),
    "integer without range": (changed("data = 1e-3", 'data = { format = "int8" }'), "needs range"),
    "range of a float": (changed("data = 1e-3", 'data = { format = "bf16", range = 8 }'), "remove it"),
    "range = 0": (changed("data = 1e-3", 'data = { format = "int8", range = 0 }'), "range = 0 must be > 0"),
    "rounding": (changed("data = 1e-3", 'data = { format = "bf16", rounding = "stochstic" }'), "'stochastic'"),
    "rounding is a number": (changed("data = 1e-3", 'data = { format = "bf16", rounding = 3 }'), "must be a string"),
    "format with eps": (changed("data = 1e-3", 'data = { format = "bf16", eps = 3 }'), "unknown key quantization.data.eps"),
    "too many rows": (
        changed("steps = 100", f"steps = [{'1, ' * 400}]").replace("size = 8", f"size = [{'1, ' * 400}]"),
        "asks for 160000 rows",
    ),
    "data with target": (DATA_PROBLEM.replace("[training]", 'target = { kind = "ones" }\n[training]'), "remove problem.target"),
    "data with noise": (DATA_PROBLEM.replace("[training]", "noise_variance = 1\n[training]"), "remove problem.noise_variance"),
    "data without file": (DATA_PROBLEM.replace(', file = "FILE.csv"', ""), "missing key problem.spectrum.file"),
    "data file is a number": (DATA_PROBLEM.replace('"FILE.csv"', "3"), "problem.spectrum.file = 3 must be a string"),
    "data file is a folder": (DATA_PROBLEM.replace("FILE.csv", "."), "is a directory"),
    "data file is missing": (DATA_PROBLEM.replace("FILE.csv", "gone.csv"), "gone.csv' does not exist"),
    "data file with a null": (DATA_PROBLEM.replace("FILE.csv", "a\\u0000b.csv"), "problem.spectrum.file"),
    "data file of unknown kind": (DATA_PROBLEM.replace("FILE.csv", "problem.toml"), "must end in .csv, .npy or .npz"),
}

# name: (content of X.csv, what the line must say)
TABLES: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", "X.csv is empty"),
    "only a header": ("a,b,y\n", "no rows"),
    "no header": ("1,2,3\n4,5,6\n", "column names"),
    "no target": ("a,b,z\n1,2,3\n4,5,7\n", "there is no column 'y'"),
    "nan": ("a,b,y\n1,2,3\n4,nan,6\n7,1,9\n", "column b"),
    "empty cell": ("a,b,y\n1,2,3\n4,,6\n7,1,9\n", "column b"),
    "infinite target": ("a,y\n1,inf\n4,2\n", "target column"),
    "text": ("a,b,y\n1,two,3\n", "'two' in column 'b', row 1"),
    "ragged": ("a,b,y\n1,2,3\n1,2\n", "row 2, expected 3"),
    "twice": ("a,a,y\n1,2,3\n", "several columns named 'a'"),
    "constant": ("a,b,y\n1,2,3\n1,5,6\n1,0,2\n", "column a is constant"),
    "dependent": ("a,b,c,y\n1,2,3,1\n2,5,7,1\n4,0,4,3\n0,3,3,0\n", "column c is a linear combination"),
    "too few rows": ("a,b,c,y\n1,2,9,3\n4,5,6,7\n", "2 rows are fewer than the 3 columns (a, b, c)"),
    "only a target": ("y\n1\n2\n", "0 feature columns"),
    "huge entries": ("a,y\n1e200,1\n2,2\n", "rescale"),
    "not text": (b"a,y\n\xff,1\n", "not UTF-8"),
}

# name: (arguments, what the line must say)
ARGUMENTS: dict[str, tuple[list[str], str]] = {
    "no command": ([], "missing command"),
    "misspelt command": (["bonud", "FILE"], "did you mean bound?"),
    "no file": (["bound"], "FILE"),
    "missing file": (["bound", "gone.toml"], "there is no file or preset 'gone.toml'"),
    "missing file in a folder": (["bound", "no/such/gone.toml"], "'gone.toml' does not exist"),
    "misspelt preset": (["bound", "figure1e"], "did you mean figure1"),
    "empty name": (["bound", ""], "is empty"),
    "directory": (["bound", "."], "is a directory"),
    "null in a name": (["bound", "a\0b"], "no file or preset"),
    "name too long": (["bound", "x" * 5000], "xxx"),
    "misspelt option": (["bound", "FILE", "--digts", "5"], "did you mean --digits?"),
    "extra argument": (["bound", "FILE", "another"], "unexpected argument 'another'"),
    "misspelt format": (["bound", "FILE", "--format", "jsn"], "did you mean json?"),
    "digits = 0": (["bound", "FILE", "--digits", "0"], "--digits = '0' must be >= 1"),
    "digits is text": (["bound", "FILE", "--digits", "many"], "--digits = 'many'"),
    "digits huge": (["bound", "FILE", "--digits", "1e9"], "--digits = '1e9' is above the limit"),
    "sketches = 0": (["bound", "FILE", "--sketches", "0"], "--sketches = '0' must be >= 1"),
    "set without =": (["bound", "FILE", "--set", "training.steps"], "must be KEY=VALUE"),
    "set without key": (["bound", "FILE", "--set", "=3"], "must be KEY=VALUE"),
    "set a bad key": (["bound", "FILE", "--set", "training..steps=3"], "must be KEY=VALUE"),
    "set an unknown key": (["bound", "FILE", "--set", "training.stepz=3"], "did you mean training.steps?"),
    "set inside a number": (["bound", "FILE", "--set", "training.steps.x=3"], "training.steps is not a table"),
    "set text": (["bound", "FILE", "--set", "training.steps=many"], "training.steps = 'many'"),
    "set nothing": (["bound", "FILE", "--set", "training.steps="], "training.steps = ''"),
    "set two keys": (["bound", "FILE", "--set", "training.steps=3\n[training]\nsteps=4"], "training.steps = "),
    "set without value": (["bound", "FILE", "--set"], "--set"),
    "last set wins": (["bound", "FILE", "--set", "training.steps=5", "--set", "training.steps=0"], "training.steps = 0"),
    "misspelt preset to print": (["presets", "figure9z"], "unknown preset 'figure9z'; did you mean figure"),
    "misspelt number format": (["formats", "bf17"], "'bf16'"),
    "range of a float": (["formats", "bf16", "--range", "8"], "range is only for"),
    "range is text": (["formats", "int8", "--range", "wide"], "range = 'wide'"),
}

SOLVE, MET = ["solve", "FILE", "--for"], ["--such-that", "risk.upper<=0.3"]
SPENT, COST = ["--budget", "1e6"], ["--cost", "M*N"]

# every other command. name: (arguments, what the line must say)
COMMAND_FAULTS: dict[str, tuple[list[str], str]] = {
    "law of nothing": (["law"], "SCHEME"),
    "law of a misspelt scheme": (["law", "multiplicativ"], "did you mean multiplicative?"),
    "law of a misspelt side": (["law", "additive", "--side", "uper"], "did you mean upper?"),
    "law in another format": (["law", "additive", "--format", "csv"], "one of: text, json, latex"),
    "law of a misspelt slot": (["law", "additive", "--slots", "dta"], "no slot 'dta'"),
    "law of a slot outside its scheme": (["law", "multiplicative", "--slots", "storage"], "no slot 'storage'"),
    "law with a misspelt option": (["law", "additive", "--sid", "upper"], "did you mean --side?"),
    "regimes of nothing": (["regimes"], "SCHEME"),
    "regimes of a misspelt scheme": (["regimes", "addtive"], "did you mean additive?"),
    "regimes in another format": (["regimes", "additive", "--format", "table"], "one of: text, json, latex"),
    "regimes with too much": (["regimes", "additive", "extra"], "unexpected argument 'extra'"),
    "solve without a key": (["solve", "FILE"], "--for"),
    "solve without a question": ([*SOLVE, "training.steps"], "--such-that"),
    "solve for a misspelt key": ([*SOLVE, "training.stepz", *MET], "did you mean training.steps?"),
    "solve for a misspelt slot": ([*SOLVE, "quantization.dta", *MET], "did you mean quantization.data?"),
    "solve a misspelt quantity": ([*SOLVE, "training.steps", "--such-that", "risk.uper<=1"], "did you mean risk.upper?"),
    "solve an equation": ([*SOLVE, "training.steps", "--such-that", "risk.upper=1"], '"QUANTITY<=V"'),
    "solve for text": ([*SOLVE, "training.steps", "--such-that", "risk.upper<=many"], "'many' is not a finite number"),
    "solve for nan": ([*SOLVE, "training.steps", "--such-that", "risk.upper<=nan"], "'nan' is not a finite number"),
    "solve the impossible": ([*SOLVE, "training.steps", "--such-that", "risk.upper<=-1"], "no training.steps"),
    "solve two questions": ([*SOLVE, "training.steps", *MET, "--minimise", "risk.upper"], "--minimise"),
    "minimise a lower bound": ([*SOLVE, "training.steps", "--minimise", "risk.lower"], "only risk.upper"),
    "solve a missing file": (["solve", "gone.toml", "--for", "training.steps", *MET], "no file or preset 'gone.toml'"),
    "compare one file": (["compare", "FILE"], "FILE_B"),
    "compare with a missing file": (["compare", "FILE", "gone.toml"], "no file or preset 'gone.toml'"),
    "compare three files": (["compare", "FILE", "FILE", "FILE"], "unexpected argument"),
    "compare no sketches": (["compare", "FILE", "FILE", "--sketches", "0"], "--sketches = '0' must be >= 1"),
    "compare a bad setting": (["compare", "FILE", "FILE", "--set", "training.steps=0"], "training.steps = 0 must be >= 1"),
    "compare in another format": (["compare", "FILE", "FILE", "--format", "csv"], "one of: "),
    "allocate nothing": (["allocate", "FILE"], "--budget"),
    "allocate at no cost": (["allocate", "FILE", *SPENT], "--cost"),
    "allocate text": (["allocate", "FILE", "--budget", "many", *COST], "--budget = 'many'"),
    "allocate a debt": (["allocate", "FILE", "--budget", "-1", *COST], "--budget = '-1' must be >= 1"),
    "allocate at an unknown cost": (["allocate", "FILE", *SPENT, "--cost", "M+N"], "did you mean M*N?"),
    "allocate a missing file": (["allocate", "gone.toml", *SPENT, *COST], "no file or preset 'gone.toml'"),
    "theorems in another format": (["theorems", "--format", "text"], "one of: table, json"),
    "theorems with too much": (["theorems", "extra"], "unexpected argument 'extra'"),
    "show nothing": (["show"], "NAME"),
    "show a misspelt theorem": (["show", "p1-theorem-4.9"], "did you mean p1-theorem-4."),
    "show in another format": (["show", "sharp", "--format", "csv"], "one of: text, latex, json"),
    "show two theorems": (["show", "sharp", "threshold"], "unexpected argument 'threshold'"),
    "cite nothing": (["cite"], "NAME|FILE"),
    "cite an unknown name": (["cite", "nothing"], "is no theorem, preset or file"),
    "cite a directory": (["cite", "."], "is no theorem, preset or file"),
    "two presets": (["presets", "figure1a", "figure1b"], "unexpected argument 'figure1b'"),
    "a negative range": (["formats", "int8", "--range", "-1"], "range = '-1' must be > 0"),
    "an unknown rounding": (["formats", "bf16", "--rounding", "up"], "Valid: stochastic, nearest"),
    "bound by a law": (["bound", "FILE", "--theorem", "lin-2024"], "states a law, not a bound"),
    "bound by a recalled theorem": (["bound", "FILE", "--theorem", "zou-2023-lower"], "recalled from memory"),
    "bound by a condition": (["bound", "FILE", "--theorem", "p1-corollary-4.2"], "states a condition, not a bound"),
    "bound by a theorem without sketches": (["bound", "FILE", "--theorem", "p1-theorem-4.1"], "remove [sketch]"),
    "bound to half a digit": (["bound", "FILE", "--digits", "1.5"], "--digits = '1.5' must be an integer"),
    "bound to too many digits": (["bound", "FILE", "--digits", "5000"], "between 1 and 1000"),
}

# faults that only the theorems can see: problem file, arguments, what the line must say
HYPOTHESES: dict[str, tuple[str, list[str], str]] = {
    "gamma past the limit": (BASE, ["--set", "training.step_size=1.5"], "training.step_size"),
    "gamma far past the limit": (BASE, ["--set", "training.step_size=1e9"], "training.step_size"),
    "biased format": (NO_SKETCH, ["--set", 'quantization.data={format="bf16",rounding="nearest"}'], "biased"),
    "block format": (NO_SKETCH, ["--set", 'quantization.data={format="mxfp4"}'], "biased"),
    "misspelt theorem": (BASE, ["--theorem", "shrp"], "did you mean sharp?"),
    "theorem that does not apply": (ADDITIVE + SKETCH, ["--theorem", "sharp"], "sharp-general"),
    "sketches without a sketch": (NO_SKETCH, ["--sketches", "2"], "--sketches needs a [sketch]"),
}


def refuse(capsys: pytest.CaptureFixture[str], arguments: list[str], fragment: str) -> None:
    """Run a command and check that it refuses in one line that holds the fragment."""
    code = main(arguments)
    answer = capsys.readouterr()
    assert code == 2, answer
    assert answer.out == ""
    assert answer.err.startswith("riskbounds: error: ")
    assert answer.err.count("\n") == 1
    assert answer.err.endswith("\n")
    assert fragment in answer.err
    assert "Traceback" not in answer.err
    assert len(answer.err) < 400


def test_there_are_enough_faults() -> None:
    assert len(FILES) + len(TABLES) + len(ARGUMENTS) + len(HYPOTHESES) >= 150
    assert len(COMMAND_FAULTS) >= 40
    decided = {"bound", "theorems", "show", "cite", "presets", "formats", "law", "regimes", "solve", "compare", "allocate"}
    assert {arguments[0] for arguments, _ in COMMAND_FAULTS.values()} == decided


@pytest.mark.parametrize("name", FILES)
def test_bad_problem_file(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text, fragment = FILES[name]
    write(tmp_path, "a,y\n1,2\n3,4\n5,9\n", "FILE.csv")
    refuse(capsys, ["bound", str(write(tmp_path, text))], fragment)


@pytest.mark.parametrize("name", TABLES)
def test_bad_data_table(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content, fragment = TABLES[name]
    write(tmp_path, content, "X.csv")
    refuse(capsys, ["bound", str(write(tmp_path, DATA_PROBLEM.replace("FILE.csv", "X.csv")))], fragment)


@pytest.mark.parametrize("name", [*ARGUMENTS, *COMMAND_FAULTS])
def test_bad_arguments(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    path = str(write(tmp_path, BASE))
    arguments, fragment = {**ARGUMENTS, **COMMAND_FAULTS}[name]
    refuse(capsys, [path if word == "FILE" else word for word in arguments], fragment)


@pytest.mark.parametrize("name", HYPOTHESES)
def test_failing_hypothesis(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text, arguments, fragment = HYPOTHESES[name]
    refuse(capsys, ["bound", str(write(tmp_path, text)), *arguments], fragment)


@pytest.mark.parametrize("command", ["show", "cite"])
def test_misspelt_theorem(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    refuse(capsys, [command, "p2-theorem-4.9"], "did you mean p2-theorem-4.")
    refuse(capsys, [command, "shrp"], "sharp")


@pytest.mark.parametrize(
    ("suffix", "content", "fragment"),
    [
        (".npy", b"not an array", "not a readable array file"),
        (".npz", b"PK\x03\x04 broken", "not a readable array file"),
        (".csv", "a,b\n1,2\n3,4\n", "one number per line"),
        (".csv", "lam\n1\nx\n", "values[1] = 'x'"),
        (".csv", "lam\n", "holds no numbers"),
    ],
)
def test_damaged_array(
    suffix: str, content: str | bytes, fragment: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, content, "lam" + suffix)
    if suffix == ".npz":
        text = DATA_PROBLEM.replace("FILE.csv", "lam.npz")
    else:
        text = spectrum(f'{{ kind = "explicit", file = "lam{suffix}" }}')
    refuse(capsys, ["bound", str(write(tmp_path, text))], fragment)


@pytest.mark.parametrize(
    ("array", "fragment"),
    [
        (np.array([[1.0, 2.0]]), "one-dimensional"),
        (np.array(["a"]), "real numbers"),
        (np.array([1 + 2j]), "real numbers"),
        (np.array([{}], dtype=object), "not a readable array file"),
        (np.array([1.0, np.nan]), "values[1] = nan"),
        (np.array([]), "is empty"),
    ],
)
def test_unusable_array(array: np.ndarray, fragment: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    np.save(tmp_path / "lam.npy", array)
    text = spectrum('{ kind = "explicit", file = "lam.npy" }')
    refuse(capsys, ["bound", str(write(tmp_path, text))], fragment)


def test_npz_without_y(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    np.savez(tmp_path / "X.npz", X=np.eye(3), z=np.ones(3))
    text = DATA_PROBLEM.replace("FILE.csv", "X.npz")
    refuse(capsys, ["bound", str(write(tmp_path, text))], "must hold the arrays X and y; it holds X, z")


def test_empty_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    refuse(capsys, ["bound", "-"], "standard input is empty")


def test_missing_extra_names_the_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    refuse(capsys, ["bound", "diabetes"], "pip install 'riskbounds[data]'")


LEVELS = ["0", "1e-3", "0.3", '{structure="additive", eps=1e-3}', '{structure="elementwise", eps=0.01}', '{format="bf16"}',
          '{structure="multiplicative", eps=2}', '{format="int8", range=8}', '{format="e4m3", model="nominal"}',
          '{format="int4", range=20, rounding="dither"}']  # fmt: skip
CHOICES = {
    "problem.spectrum": [
        '{kind="power-law", exponent=1.1, dimension=9}', '{kind="exponential", rate=3, dimension=9}',
        '{kind="explicit", values=[2,1,1,2]}', '{kind="log-power-law", exponent=2, dimension=9}',
        '{kind="power-law", exponent=2, dimension="infinite"}', '{kind="power-law", exponent=3, dimension=1}',
    ],
    "problem.target": [
        '{kind="ones"}', '{kind="source", exponent=1.5}', '{kind="sample"}', '{kind="explicit", values=[1,0,-1,5]}',
    ],
    "problem.noise_variance": ["0", "1e-90", "100"],
    "problem.risk_inputs": ["quantized"],
    "sketch.size": ["1", "[2, 4]"],
    "training.steps": ["1", "2", "[1, 1000]", "1e15"],
    "training.step_size": ["1e-90", "1e-9", "0.3", "2", "1e90"],
    "training.batch_size": ["2", "1e9"],
    "quantization.structure": ["additive", "elementwise"],
    "quantization.batch_scale": ["shared"],
    **{f"quantization.{slot}": LEVELS for slot in SLOTS if slot not in ("sketch", "storage")},
    "quantization.sketch": [*LEVELS, '{structure="additive", eps=0.1, noise="entrywise"}'],
    "quantization.storage": ['{structure="additive", eps=1e-6}', "0", "1"],
}  # fmt: skip
CHANGES = st.lists(
    st.sampled_from(sorted(CHOICES)).flatmap(lambda key: st.sampled_from([f"{key}={value}" for value in CHOICES[key]])),
    min_size=1,
    max_size=5,
)
HOW = st.sampled_from([[], ["--format", "json"], ["--format", "csv"], ["--format", "latex"], ["--digits", "20"], ["--rigorous"]])


#: Sizes of the fuzz tests: the quick run and, with `-m long`, the full one.
EXAMPLES = pytest.mark.parametrize("examples", [40, pytest.param(1000, marks=pytest.mark.long)])


def fuzz(examples: int, *strategies: Any) -> Callable[[Callable[..., None]], None]:
    """Run a check on that many drawn examples, the same ones every time."""

    def run(check: Callable[..., None]) -> None:
        settings(derandomize=True, max_examples=examples, deadline=None, database=None)(given(*strategies)(check))()

    return run


def answers_or_refuses(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    """An answer on stdout, or one line on stderr and exit code 2."""
    code = main(arguments)
    answer = capsys.readouterr()
    assert (code, answer.out == "", answer.err.count("\n")) in [(0, False, 0), (2, True, 1)], (arguments, answer)


@EXAMPLES
def test_no_problem_shows_a_traceback(examples: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    @fuzz(examples, CHANGES, HOW, st.booleans())
    def check(changes: list[str], how: list[str], sketched: bool) -> None:
        path = write(tmp_path, (BASE if sketched else NO_SKETCH).replace("= 30", "= 9").replace("size = 8", "size = 3"))
        answers_or_refuses(capsys, ["bound", str(path), *how, *(word for change in changes for word in ("--set", change))])


WORDS = shlex.split("""
    FILE figure1d sharp p1-corollary-4.2 additive full-precision bf16 int8 gone.toml extra --format json text latex
    --set training.steps=3 sketch.size=2 quantization.data=0.1 --digits 3 --for training.steps training.step_size
    quantization.data bits.data --such-that risk.upper<=0.9 risk.exact>=0.1 --minimise risk.upper --budget 1000 --cost
    M*N M*bits --side exact --slots data,label --source --range 8 --rounding dither --sketches 2 --theorem threshold
""")
FORMS = {
    "law": ["additive", "--side", "exact"],
    "regimes": ["multiplicative"],
    "solve": ["FILE", "--for", "training.steps", "--such-that", "risk.upper<=0.9"],
    "compare": ["FILE", "FILE"],
    "allocate": ["FILE", "--budget", "1000", "--cost", "M*N"],
    "bound": ["FILE"], "show": ["sharp"], "cite": ["FILE"], "formats": ["int8", "--range", "8"], "presets": [], "theorems": [],
}  # fmt: skip


@EXAMPLES
def test_no_command_shows_a_traceback(examples: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every command, with words of a good call dropped and words of any call thrown in."""
    path = str(write(tmp_path, BASE.replace("= 30", "= 9").replace("size = 8", "size = 3")))

    @fuzz(examples, st.sampled_from(sorted(FORMS)), st.data())
    def check(command: str, data: st.DataObject) -> None:
        words = [word for word in FORMS[command] if data.draw(st.integers(0, 9)) > 0]
        for word in data.draw(st.lists(st.sampled_from(WORDS), max_size=3)):
            words.insert(data.draw(st.integers(0, len(words))), word)
        answers_or_refuses(capsys, [command, *(path if word == "FILE" else word for word in words)])


MIXED: dict[str, tuple[str, list[str]]] = {
    "integer format on the sketch": (BASE, ['quantization.sketch={format="int4", range=20, rounding="dither"}']),
    "format on the label in infinite dimension": (
        NO_SKETCH,
        ['quantization.label={format="bf16"}', 'problem.spectrum={kind="power-law", exponent=2, dimension="infinite"}'],
    ),
}


@pytest.mark.parametrize("name", MIXED)
def test_a_mixed_problem_answers_or_refuses(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text, changes = MIXED[name]
    code = main(["bound", str(write(tmp_path, text)), *(word for change in changes for word in ("--set", change))])
    answer = capsys.readouterr()
    assert (code, answer.out == "", answer.err.count("\n")) in [(0, False, 0), (2, True, 1)]


def test_interrupt(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(_: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setitem(COMMANDS, "presets", interrupted)
    assert main(["presets"]) == 130
    assert capsys.readouterr() == ("", "")


def test_out_of_memory(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def exhausted(_: object) -> str:
        raise MemoryError

    monkeypatch.setitem(COMMANDS, "presets", exhausted)
    refuse(capsys, ["presets"], "does not fit in memory")


def test_a_reader_that_goes_away_is_no_error() -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    run = subprocess.run([sys.executable, "-m", "riskbounds", "presets"], stdout=write_end, stderr=subprocess.PIPE, check=False)
    os.close(write_end)
    assert (run.returncode, run.stderr) == (0, b"")
