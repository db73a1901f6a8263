"""The simulator against drawing its random numbers only (limit 2x), and against sketching every sample (at least 50x).

Processor time, the least of some repeats.  Both cases have every slot of figure 1 or 2 on.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from benchmarks.machine import report
from riskbounds import Setting
from riskbounds.simulation.descent import DRAWN, Descent, State
from riskbounds.simulation.population import Population, draw_targets, population
from riskbounds.simulation.quantizers import signs
from riskbounds.simulation.samples import idealised, samples

RUNS, UPDATES = 160, 60


def seconds(work: Callable[[], object], repeats: int = 7) -> float:
    """Least processor time of some repeats."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def simulated(found: Population) -> float:
    """Seconds per update of RUNS replicas."""
    setting, generator = found.setting, np.random.Generator(np.random.SFC64(1))
    quantization = idealised(setting.quantization)
    state = State(v=np.zeros((RUNS, found.size)), total=np.zeros((RUNS, found.size)), updates=0, generator=generator)
    drawn = samples(found, quantization, draw_targets(found, RUNS, generator), RUNS, state.events)
    descent = Descent(samples=drawn, quantization=quantization, gamma=float(setting.training.step_size), batch=1)
    before = [0]

    def work() -> None:
        before[0] = state.updates
        while state.updates < before[0] + UPDATES:
            for _ in descent.run_group(state, UPDATES):
                pass

    return seconds(work) / (state.updates - before[0])


def drawn_only(size: int, vectors: int, scales: int) -> float:
    """Seconds per update to draw ``vectors`` normals per coordinate, one for the label and ``scales`` signs per replica."""
    generator = np.random.Generator(np.random.SFC64(1))
    count = max(1, DRAWN // (RUNS * size))
    normals = np.empty((vectors, count, RUNS, size))

    def work() -> None:
        for _ in range(UPDATES // count):
            for vector in normals:
                generator.standard_normal(out=vector)
            generator.standard_normal((count, RUNS))
            for _ in range(scales):
                signs((count, RUNS, 1), generator)

    return seconds(work) / (UPDATES // count * count)


def plain(found: Population) -> float:
    """Seconds per step of one replica that draws x, sketches it and steps in full precision."""
    generator = np.random.default_rng(1)
    assert found.sketch is not None
    roots, target, v, sketch = np.sqrt(found.spectrum), np.ones(len(found.spectrum)), np.zeros(found.size), found.sketch

    def work() -> None:
        nonlocal v
        for _ in range(UPDATES):
            x = roots * generator.standard_normal(len(roots))
            z, y = sketch @ x, x @ target + generator.standard_normal()
            v = v + 0.1 * z * (y - z @ v)

    return seconds(work) / UPDATES


def main() -> None:
    """Print the ratios."""
    for preset, size, vectors, scales in (("figure1a", 200, 1, 6), ("figure1a", 1000, 1, 6), ("figure2a", 200, 2, 2)):
        found = population(Setting.from_file(preset, [f"sketch.size={size}"]), size)
        ratio = simulated(found) / drawn_only(size, vectors, scales)
        report(f"simulation of {preset} at M = {size} against its draws", ratio, 2.0, "x")
        if size == 200 and preset == "figure1a":
            share = simulated(found) / RUNS / plain(found)
            report("a replica-step against the plain loop, p = 10 000, M = 200", 100 * share, 2.0, "%")


if __name__ == "__main__":
    main()
