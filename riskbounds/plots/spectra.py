"""The spectrum that quantized SGD sees, beside the clean one: which directions are learned, and which the floor covers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskbounds import symbols as s
from riskbounds.errors import UnsupportedError
from riskbounds.evaluation.statement import statement
from riskbounds.instance import instance, resolve
from riskbounds.numerics.floats import Floats
from riskbounds.plots import style
from riskbounds.plots.provenance import provenance
from riskbounds.setting import Setting
from riskbounds.theorems import default_theorem

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def spectrum(setting: Setting, ax: Axes | None = None) -> Axes:
    """Draw lam_i of Lam and mu_i of Sigma = E q q^T against i, with 1/(N gamma) and k* = max{i : mu_i >= 1/(N gamma)}.

    The last of several model sizes and numbers of steps is taken.  Raises UnsupportedError in infinite dimension.
    """
    if setting.dimension is None:
        raise UnsupportedError(
            "a spectrum of infinite dimension cannot be drawn in full; give problem.spectrum.dimension a number"
        )
    resolved, _ = resolve(setting)
    steps, gamma = setting.training.steps[-1], float(setting.training.step_size)
    stated = statement(default_theorem(resolved), instance(resolved, resolved.model_sizes[-1]))
    at = stated.at(Floats(), steps)
    lam, mu = (np.asarray(at.sequence(base[s.i]), dtype=float).ravel() for base in (s.lam, s.mu))
    last = int(np.ravel(at.values[s.k_star])[0])
    count = np.arange(1, max(len(lam), len(mu)) + 1)
    ax = style.axes(ax)
    lam, mu = np.broadcast_to(lam, count.shape), np.broadcast_to(mu, count.shape)
    ax.plot(count, lam, label=r"$\lambda_i$ of $\Lambda$, clean features", **style.EXACT.line())
    ax.plot(count, mu, label=r"$\mu_i$ of $\Sigma$, quantized features", **{**style.UPPER.line(), "linewidth": 2.2})
    ax.axhline(1 / (steps * gamma), label=rf"$1/(N\gamma)$, $N = {steps}$", **style.LAW.line())
    if last >= 1:
        ax.axvline(last, label=rf"$k^* = {last}$: directions learned", **style.LOWER.line())
    style.label(ax, x=r"$i$ (eigendirection)", y="eigenvalue", title="Spectrum with and without quantization")
    style.legend(ax)
    notes = (
        []
        if stated.instance.commuting
        else [r"$\Lambda$ and $\Sigma$ do not commute: $\lambda_i$ is $(U^T \Lambda U)_{ii}$ in $\Sigma$'s eigenbasis"]
    )
    notes += [rf"largest $\mu_i/\lambda_i$: {float(np.max(mu / lam)):.6g}"]
    notes += [] if last >= 1 else [r"$k^* = 0$: no direction is learned"]
    style.foot(ax, provenance(setting, rigor=["float64"]), *notes)
    return ax
