"""Problem files and the arrays they name: TOML, CSV, .npy and .npz to a Setting."""

from __future__ import annotations

from riskbounds.files.documents import apply, key_and_text, load, parse, put, read, setting_of, value_of

__all__ = ["apply", "key_and_text", "load", "parse", "put", "read", "setting_of", "value_of"]
