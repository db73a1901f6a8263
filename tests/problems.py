"""A small valid problem file, and the ways in which tests change it."""

from __future__ import annotations

from pathlib import Path

BASE = """\
[problem]
spectrum = { kind = "power-law", exponent = "3/2", dimension = 30, scale = 1 }
target = { kind = "isotropic" }
noise_variance = 1.0

[sketch]
kind = "gaussian"
size = 8
seed = 0

[training]
steps = 100
step_size = 0.1
batch_size = 1

[quantization]
structure = "multiplicative"
data = 1e-3
feature = { structure = "multiplicative", eps = 1e-3, noise = "two-point" }
"""

NO_SKETCH = BASE.replace('[sketch]\nkind = "gaussian"\nsize = 8\nseed = 0\n', "")


def write(folder: Path, text: str | bytes, name: str = "problem.toml") -> Path:
    """Write a problem file and return its path."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def changed(old: str, new: str, base: str = BASE) -> str:
    """Return the base file with one piece replaced; the piece must be there."""
    assert base.count(old) == 1, old
    return base.replace(old, new)
