"""One example per command, shown by its --help; the tests parse every one, and the README's commands run."""

from __future__ import annotations

EXAMPLES = {
    "bound": "riskbounds bound figure1a",
    "theorems": "riskbounds theorems",
    "show": "riskbounds show p2-theorem-4.1",
    "cite": "riskbounds cite figure1a",
    "presets": "riskbounds presets figure1a",
    "formats": "riskbounds formats e4m3",
    "law": "riskbounds law multiplicative",
    "regimes": "riskbounds regimes additive",
    "allocate": 'riskbounds allocate figure1c --budget 1e6 --cost "M*N"',
    "solve": 'riskbounds solve q1-additive-1e-2 --for training.steps --such-that "risk.upper<=0.05"',
    "compare": "riskbounds compare q1-additive-1e-2 q1-multiplicative-1e-2",
    "next-bit": "riskbounds next-bit figure2d",
    "integers-or-floats": "riskbounds integers-or-floats q1-additive-0 --width 8",
    "verify": "riskbounds verify sharp",
    "simulate": "riskbounds simulate q2-additive-50 --runs 100 --seed 0 --set training.steps=100",
    "check": "riskbounds check my_problem.toml --results runs.csv",
    "sweep": "riskbounds sweep q2-additive-50 --over quantization.data=1e-3,1e-2 --run bound --out sweep.nc",
    "reproduce": "riskbounds reproduce figure1 --out figures",
    "plot": "riskbounds plot risk q1-additive-1e-2 --out risk.png",
    "report": "riskbounds report q1-additive-1e-2 --out report.html",
}
