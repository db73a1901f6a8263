"""Quantized SGD with real and idealised quantizers, and verdicts on the bounds."""
