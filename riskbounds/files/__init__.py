"""Problem files and the arrays they name: TOML, CSV, .npy and .npz to a Setting."""

from __future__ import annotations

from riskbounds.files.documents import apply, parse, read

__all__ = ["apply", "parse", "read"]
