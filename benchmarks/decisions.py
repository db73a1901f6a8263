"""`allocate`, `solve` and `compare` on presets (limit 10 s each); refusals (a minimum at the end of the range) count too."""

from __future__ import annotations

from benchmarks.commands import RISKBOUNDS, seconds
from benchmarks.machine import report

LIMIT = 10.0
#: The largest sketched presets (M = 1000, p = 10 000; figure2a does not commute), one without a sketch, and measured data.
SOLVED = {
    "figure2a": (
        ("training.steps", "--such-that", "risk.upper<=0.06"),
        ("training.step_size", "--minimise", "risk.upper"),
        ("training.step_size", "--such-that", "risk.lower>=0.05"),
        ("sketch.size", "--such-that", "risk.upper<=0.06"),
        ("sketch.size", "--minimise", "risk.upper"),
        ("quantization.data", "--such-that", "risk.upper<=0.06"),
        ("quantization.data", "--such-that", "risk.exact<=0.06"),
        ("quantization.data", "--such-that", "effective.data_size/steps>=0.98"),
        ("quantization.data", "--minimise", "risk.upper"),
        ("quantization.parameter", "--such-that", "risk.upper<=0.06"),
        ("bits", "--such-that", "risk.upper<=0.06"),
        ("quantization.data", "--such-that", "effective.model_size/size>=0.9"),
        ("bits", "--minimise", "risk.upper"),
    ),
    "figure1a": (
        ("training.steps", "--such-that", "risk.exact<=0.06"),
        ("sketch.size", "--such-that", "risk.upper<=0.06"),
        ("bits.data", "--such-that", "risk.upper<=0.06"),
    ),
    "q1-additive-1e-2": (("quantization.data", "--such-that", "risk.upper<=0.05"),),
    "diabetes": (("training.steps", "--such-that", "risk.upper<=1000"),),
}
OTHERS = (
    ("compare", "figure1a", "figure2a"),
    ("compare", "q1-additive-1e-2", "q1-multiplicative-1e-2"),
    ("allocate", "figure1d", "--budget", "1e6", "--cost", "M*N*bits"),
    ("allocate", "figure2a", "--budget", "1e7", "--cost", "M*N"),
    ("allocate", "figure2a", "--budget", "1e9", "--cost", "M*N"),
    ("allocate", "figure2c", "--budget", "1e9", "--cost", "M*N*bits"),
    ("next-bit", "figure2a"),
    ("integers-or-floats", "q1-additive-0", "--width", "8"),
)


def main() -> None:
    """Print the time of each command."""
    calls = [("solve", name, "--for", *asked) for name, questions in SOLVED.items() for asked in questions]
    for call in (*calls, *OTHERS):
        report(" ".join(call), seconds(*RISKBOUNDS, *call, repeats=1, exits=(0, 2)), LIMIT, "s")


if __name__ == "__main__":
    main()
