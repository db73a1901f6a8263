"""Quantizers: structures of their errors, the slots where they sit, number formats."""

from __future__ import annotations

from riskbounds.quantization.slots import SLOTS, Quantization
from riskbounds.quantization.structures import STRUCTURES, Additive, Elementwise, Multiplicative, Structure

__all__ = ["SLOTS", "STRUCTURES", "Additive", "Elementwise", "Multiplicative", "Quantization", "Structure"]
