"""The symbols of theory sections 1-5: one SymPy object each, with its domain, meaning and TeX name.

No other module creates a symbol that a formula shares.  Names in code avoid the letters that the
papers use twice: ``step`` is the step size gamma, ``contraction[i]`` is x_i = gamma mu_i,
``effective_dimension`` is D, ``shrinkage`` is s, ``a`` the spectrum exponent and ``b`` the source exponent.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

#: Symbol or IndexedBase -> (TeX name, domain, meaning), in reading order.
MEANINGS: dict[Any, tuple[str, str, str]] = {}


def _scalar(name: str, tex: str, domain: str, meaning: str, **assumptions: bool) -> sp.Symbol:
    symbol = sp.Symbol(name, **(assumptions or {"positive": True}))
    MEANINGS[symbol] = (tex, domain, meaning)
    return symbol


def _sequence(name: str, tex: str, domain: str, meaning: str, **assumptions: bool) -> sp.IndexedBase:
    base = sp.IndexedBase(name, **(assumptions or {"nonnegative": True}))
    MEANINGS[base] = (tex, domain, meaning)
    return base


_REAL = {"real": True}
_NONNEGATIVE = {"nonnegative": True}
_COUNT = {"integer": True, "positive": True}

i = sp.Symbol("i", **_COUNT)
j = sp.Symbol("j", **_COUNT)

# Problem
N = _scalar("N", "N", "integer >= 1", "number of averaged iterates v_0 .. v_{N-1} (steps)", **_COUNT)
B = _scalar("B", "B", "integer >= 1", "batch size", **_COUNT)
M = _scalar("M", "M", "integer >= 1", "model size: rows of the sketch (p without a sketch)", **_COUNT)
p = _scalar("p", "p", "integer >= 1", "dimension of the data", **_COUNT)
step = _scalar("step", r"\gamma", "> 0", "step size")
sigma = _scalar("sigma", r"\sigma", ">= 0", "standard deviation of the label noise", **_NONNEGATIVE)
noise_variance = _scalar("noise_variance", r"\sigma^2", ">= 0", "label noise variance sigma^2", **_NONNEGATIVE)
a = _scalar("a", "a", "> 1", "spectrum exponent, lam_i = c i^-a")
b = _scalar("b", "b", "> 1", "source exponent, E lam_i w*_i^2 = i^-b")
c = _scalar("c", "c", "> 0", "scale of the spectrum")
rate = _scalar("rate", r"\rho", "> 0", "decay rate of an exponential spectrum")
target_scale = _scalar("target_scale", "c_w", ">= 0", "scale of the target's prior", **_NONNEGATIVE)

# Quantization levels
EPS: dict[str, sp.Symbol] = {
    slot: _scalar(f"eps_{letter}", rf"\epsilon_{letter}", ">= 0", f"level of the {slot} quantizer", **_NONNEGATIVE)
    for slot, letter in (
        ("sketch", "s"), ("data", "d"), ("feature", "f"), ("label", "l"),
        ("parameter", "p"), ("activation", "a"), ("output", "o"), ("storage", "w"),
    )
}  # fmt: skip
eps_s, eps_d, eps_f, eps_l, eps_p, eps_a, eps_o, eps_w = EPS.values()
m2 = _scalar("m2", "m_2", ">= 1", "second moment of the composed feature scale, 1 + eps")
m3 = _scalar("m3", "m_3", ">= 1", "third moment of the composed feature scale")
m4 = _scalar("m4", "m_4", ">= 1", "fourth moment of the composed feature scale")

# Spectral quantities, per eigendirection of Sigma
lam = _sequence("lam", r"\lambda", "> 0", "eigenvalue of Lam = S H S^T (general: (U^T Lam U)_ii)")
feature_error = _sequence("feature_error", r"\Delta", ">= 0", "eigenvalue of Sigma - Lam")
mu = _sequence("mu", r"\mu", "> 0", "eigenvalue of Sigma = E q q^T")
contraction = _sequence("contraction", "x", "(0, 1]", "x_i = gamma mu_i")
target2 = _sequence("target2", r"\overline{v^{*2}}", ">= 0", "E v*_i^2")
quantized_target2 = _sequence("quantized_target2", r"\overline{(v^q)^2}", ">= 0", "E (v^q_i)^2, v^q = Sigma^-1 Lam v*")
risk_weight = _sequence("risk_weight", r"\ell", "> 0", "weight of the error functional: lam_i (clean inputs) or mu_i")
bias_weight = _sequence("bias_weight", r"\omega", "> 0", "weight of the bias in a threshold: lam_i commuting, mu_i otherwise")
cross = _sequence("cross", r"\chi", "real", "risk_weight_i E v^q_i (u_i - v^q_i), u the target of the error functional", **_REAL)
A = _sequence("A", "A", ">= 0", "noise of the batch gradient at v = v^q, relative to Sigma")
Alow = _sequence("Alow", r"\underline{A}", ">= 0", "lower counterpart of A_i")
dt = _sequence("dt", r"\tilde d", "[0, 1]", "weight of constant noise in direction i")
dp = _sequence("dp", "d'", "[0, 1]", "weight of the first step's noise in direction i")
gram = _sequence("gram", r"\Gamma", "real", "(U^T Lam U)_ij E v^q_i v^q_j", **_REAL)
rotated_covariance = _sequence("rotated_covariance", r"(U^T\Lambda U)", "real", "U^T Lam U in Sigma's eigenbasis U", **_REAL)
rotated_source = _sequence("rotated_source", r"(U^T b b^T U)", "real", "E U^T b b^T U, b = S H w*", **_REAL)
source_diagonal = _sequence("source_diagonal", r"\overline{b^2}", ">= 0", "E b_i^2 in Sigma's eigenbasis")

# Spectral quantities, scalars
trace_H = _scalar("trace_H", r"\mathrm{tr}H", "> 0", "trace of the data covariance H")
trace = _scalar("trace", r"\mathrm{tr}\Sigma", "> 0", "trace of Sigma")
approximation = _scalar("approximation", r"\mathrm{Approx}", ">= 0", "constant of the error functional", **_NONNEGATIVE)
model_error = _scalar("model_error", r"\mathrm{Approx}_M", ">= 0", "1/2 (w*^T H w* - v*^T Lam v*)", **_NONNEGATIVE)
target_norm2 = _scalar("target_norm2", r"\|v^*\|_\Lambda^2", ">= 0", "E ||v*||^2 in Lam", **_NONNEGATIVE)
quantized_norm2 = _scalar("quantized_norm2", r"\|v^q\|_\Sigma^2", ">= 0", "E ||v^q||^2 in Sigma", **_NONNEGATIVE)
shrinkage = _scalar(
    "shrinkage", "s", ">= 0", "E ||v^q - u||^2 in the weights of the error functional, u its target (v* on clean inputs)",
    **_NONNEGATIVE,
)  # fmt: skip
sigma_M2 = _scalar("sigma_M2", r"\sigma_M^2", ">= 0", "sigma^2 + 2 Approx_M: label noise given the sketch", **_NONNEGATIVE)
sigma_q2 = _scalar("sigma_q2", r"\sigma_q^2", ">= 0", "least error E(y - q^T v)^2 on quantized features", **_NONNEGATIVE)
excess = _scalar("excess", r"\Delta\sigma^2", ">= 0", "sigma_q^2 - sigma_M^2, computed without the difference", **_NONNEGATIVE)
label_second_moment = _scalar("label_second_moment", r"\mathrm{E}y^2", ">= 0", "second moment of the label", **_NONNEGATIVE)
k_star = _scalar("k_star", "k^*", "integer >= 0", "max{i : mu_i >= 1/(N gamma)}, 0 if none", integer=True, nonnegative=True)

# Noise constants and the pieces of the sharp pair
ad = _scalar("ad", "a_\\delta", ">= 0", "noise per unit of E||delta||^2_Sigma, delta = v - v^q", **_NONNEGATIVE)
av = _scalar("av", "a_v", ">= 0", "noise per unit of E||v||^2_Sigma", **_NONNEGATIVE)
adlow = _scalar("adlow", r"\underline{a}_\delta", ">= 0", "lower counterpart of ad", **_NONNEGATIVE)
A_max = _scalar("A_max", r"\max_i A_i", ">= 0", "largest noise constant A_i", **_NONNEGATIVE)
Alow_min = _scalar("Alow_min", r"\min_i \underline{A}_i", ">= 0", "smallest lower noise constant", **_NONNEGATIVE)
kappa = _scalar("kappa", r"\kappa", ">= 0", "sum_i x_i/(2 - x_i)", **_NONNEGATIVE)
h = _scalar("h", "h", ">= 0", "average of ||E delta_t||^2_Sigma", **_NONNEGATIVE)
k = _scalar("k", "k", ">= 0", "average of ||E v_t||^2_Sigma", **_NONNEGATIVE)
phi = _scalar("phi", r"\varphi", ">= 0", "bound on the average of tr(Sigma Cov v_t)", **_NONNEGATIVE)
store = _scalar("store", r"\mathrm{store}", ">= 0", "risk of additive storage errors", **_NONNEGATIVE)
bias = _scalar("bias", r"\mathrm{bias}", ">= 0", "threshold form of the squared bias", **_NONNEGATIVE)
effective_dimension = _scalar("effective_dimension", "D", ">= 0", "threshold form of sum_i dt_i", **_NONNEGATIVE)
alpha = _scalar("alpha", r"\alpha", ">= 1", "E[q q^T A q q^T] <= alpha tr(Sigma A) Sigma")
beta = _scalar("beta", r"\beta", ">= 0", "E[q q^T A q q^T] - Sigma A Sigma >= beta tr(Sigma A) Sigma", **_NONNEGATIVE)
sbar2 = _scalar("sbar2", r"\bar s^2", ">= 0", "E[(y - q^T v^q)^2 q q^T] <= sbar^2 Sigma", **_NONNEGATIVE)
tau = _scalar("tau", r"\tau", ">= 1", "lambda_max(Sigma^-1/2 diag(Sigma) Sigma^-1/2)")


def tex_names() -> dict[Any, str]:
    """Map every symbol, and the label of every sequence, to its TeX name for ``sympy.latex(expr, symbol_names=...)``."""
    return {getattr(symbol, "label", symbol): tex for symbol, (tex, _, _) in MEANINGS.items()}


# P1: threshold form on quantized inputs without a sketch, its power law and rule, and the baselines
sigma_G2 = _scalar("sigma_G2", r"\sigma_G^2", ">= 0", "noise of the batch gradient at v = v^q, all slots", **_NONNEGATIVE)
alpha_B = _scalar("alpha_B", r"\alpha_B", ">= 1", "fourth-moment constant of a batch, alpha/B + 1 - 1/B")
data_floor = _scalar("data_floor", r"\epsilon_0", ">= 0", "eps_d of additive data, else 0", **_NONNEGATIVE)
data_growth = _scalar("data_growth", r"m_0", ">= 1", "1 + eps_d of multiplicative or elementwise data, else 1")
target_max = _scalar("target_max", r"\max_i \overline{w_i^{*2}}", ">= 0", "largest E w*_i^2", **_NONNEGATIVE)
reference_dimension = _scalar("reference_dimension", "D_0", ">= 0", "effective dimension in full precision", **_NONNEGATIVE)
reference_bias = _scalar("reference_bias", r"\mathrm{bias}_0", ">= 0", "threshold bias in full precision", **_NONNEGATIVE)
reference_h = _scalar("reference_h", "h_0", ">= 0", "threshold h in full precision", **_NONNEGATIVE)
reference_noise = _scalar("reference_noise", "Z_0", ">= 0", "sigma^2 + ad1 h in full precision, one sample", **_NONNEGATIVE)
reference_bound = _scalar("reference_bound", "U_0", ">= 0", "p1-theorem-4.1 in full precision", **_NONNEGATIVE)
mantissa_bits = _scalar("mantissa_bits", "m", ">= 0", "stored mantissa bits of floating point", **_NONNEGATIVE)
integer_bits = _scalar("integer_bits", "b", ">= 0", "bits of an integer format on [-1, 1]", **_NONNEGATIVE)
model_rate = _scalar("model_rate", r"\theta_M", "> 0", "constant hidden in Theta(M^(1-a))")
data_rate = _scalar("data_rate", r"\theta_N", "> 0", "constant hidden in Theta((N gamma)^(1/a-1))")
parameters = _scalar("parameters", "N_p", "> 0", "parameters of a language model")
tokens = _scalar("tokens", "D_t", "> 0", "training tokens of a language model")
bits_weights = _scalar("bits_weights", "P_w", "> 0", "bits of the weights of a language model")
bits_activations = _scalar("bits_activations", "P_a", "> 0", "bits of its activations")
bits_cache = _scalar("bits_cache", r"P_{kv}", "> 0", "bits of its key-value cache")

# Envelopes of a power law (P2): c1 i^-a <= lam_i <= c2 i^-a, lam_i E v*_i^2 <= c3 i^-a, and the effective sizes
c1 = _scalar("c1", "c_1", "> 0", "min_i i^a lam_i")
c2 = _scalar("c2", "c_2", "> 0", "max_i i^a lam_i")
c3 = _scalar("c3", "c_3", ">= 0", "max_i i^a lam_i E v*_i^2", **_NONNEGATIVE)
c3_low = _scalar("c3_low", r"\underline{c}_3", ">= 0", "min_i i^a lam_i E v*_i^2", **_NONNEGATIVE)
eps_bar_1 = _scalar("eps_bar_1", r"\bar\epsilon_1", ">= 0", "1 + eps_bar_1 = (1+eps_d)(1+eps_s)(1+eps_f)", **_NONNEGATIVE)
eps_bar_2 = _scalar(
    "eps_bar_2", r"\bar\epsilon_2", ">= 0", "1 + eps_bar_2 = prod (1+eps) over relative p, a, o slots", **_NONNEGATIVE
)
floor_low = _scalar("floor_low", r"\underline{e}", ">= 0", "smallest feature error, min_i (Sigma - Lam)_ii", **_NONNEGATIVE)
floor_high = _scalar("floor_high", r"\overline{e}", ">= 0", "largest feature error, max_i (Sigma - Lam)_ii", **_NONNEGATIVE)
reach = _scalar("reach", r"K", "> 0", "(c2 gamma N (1+eps_bar_1))^(1/a): directions that N steps can learn")
reach_low = _scalar("reach_low", r"\underline{K}", "> 0", "(c1 gamma N (1+eps_bar_1))^(1/a): directions that N steps do learn")
bias_low = _scalar("bias_low", r"\underline{\mathrm{bias}}", ">= 0", "lower bound of bias", **_NONNEGATIVE)
dimension_low = _scalar("dimension_low", r"\underline{D}", ">= 0", "lower bound of effective_dimension", **_NONNEGATIVE)
shrinkage_low = _scalar("shrinkage_low", r"\underline{s}", ">= 0", "lower bound of shrinkage", **_NONNEGATIVE)
shrinkage_high = _scalar("shrinkage_high", r"\overline{s}", ">= 0", "upper bound of shrinkage", **_NONNEGATIVE)
learnable = _scalar("learnable", r"\underline{M}", "> 0", "min(M, (c1/(4 floor_high))^(1/a)): directions well above the floor")
above_floor = _scalar("above_floor", r"\theta", "(0, 1]", "lower bound of lam_i/mu_i for i <= learnable")
mean_part = _scalar("mean_part", r"\mathrm{mean}", ">= 0", "1/2 ||u - v^q + g v^q||^2, shrinkage, cross and bias", **_NONNEGATIVE)
M_eff = _scalar("M_eff", r"M_{\mathrm{eff}}", "> 0", "effective model size")
N_eff = _scalar("N_eff", r"N_{\mathrm{eff}}", "> 0", "effective data size")
data_constant = _scalar("data_constant", "C", "> 0", "data term C (gamma N_eff)^(1/a-1), in full precision")
data_factor = _scalar("data_factor", "F", "> 0", "data term with quantization over the one without")
bias_share = _scalar("bias_share", r"\pi", "[0, 1]", "share of the bias in the data term", **_NONNEGATIVE)
noise_level = _scalar("noise_level", "V", ">= 0", "noise that drives the variance, feedback included", **_NONNEGATIVE)
noise_level_full = _scalar("noise_level_full", "V_0", ">= 0", "noise_level in full precision", **_NONNEGATIVE)
floor_share_low = _scalar("floor_share_low", r"\underline{z}", "[0, 1]", "floor_share with the smallest floor", **_NONNEGATIVE)
floor_share = _scalar(
    "floor_share", "z", "[0, 1]", "min(1, floor M^a/c): 1 where the floor covers the last direction", **_NONNEGATIVE
)

# True number formats: constants computed from the moments of rounded Gaussian coordinates
FLOORS: dict[str, sp.Symbol] = {
    slot: _scalar(f"floor_{letter}", rf"\phi_{letter}", ">= 0", f"absolute error variance of the {slot} format", **_NONNEGATIVE)
    for slot, letter in (("label", "l"), ("parameter", "p"), ("activation", "a"), ("output", "o"))
}
format_A = _sequence("format_A", "A^Q", ">= 0", "A_i of one sample with a true data format")
format_Alow = _sequence("format_Alow", r"\underline{A}^Q", ">= 0", "lower A_i of one sample with a true data format")
format_label = _sequence("format_label", r"\ell^Q", ">= 0", "E[y^2 q q^T] relative to Sigma with a true data format")
format_ad = _scalar("format_ad", r"a_\delta^Q", ">= 0", "ad of one sample with a true data format", **_NONNEGATIVE)
format_adlow = _scalar("format_adlow", r"\underline{a}_\delta^Q", ">= 0", "lower ad with a true data format", **_NONNEGATIVE)
label_factor = _scalar("label_factor", r"c_y", ">= 3", "E[y^2 q q^T] <= label_factor E y^2 Sigma, true feature format")

# Scaling laws: factors that a law names once
sketch_constant = _scalar("c_a", "c_a", "> 1", "(pi/a)/sin(pi/a)")
growth = _scalar("g", "g", ">= 1", "Sigma = g Lam + e I on a power law")
floor = _scalar("e", "e", "> 0", "Sigma = g Lam + e I on a power law")
floor_reach = _scalar("R", "R", "> 0", "(g c/e)^(1/a): directions above the floor")
learned_time = _scalar("X", "X", "> 0", "N step g c: X^(1/a) directions are learned")
dimension_rate = _scalar("D", "D", "> 0", "sum_i dt_i ~ D X^(1/a)/g while directions are being learned")
feedback = _scalar("feedback", "f", "> 0", "noise per unit of tr(Sigma Cov v)")
load = _scalar("load", r"f \kappa", "(0, 1)", "noise feedback: feedback times kappa")
gradient_noise = _scalar("V", "V", "> 0", "noise of the batch gradient, relative to Sigma")
full_noise = _scalar("V_0", "V_0", "> 0", "V with its feedback, in full precision")
shared_noise = _scalar("U", "U", "> 0", "tr(Sigma Cov v) without feedback, of storage and of the parameter's noise in mu_i")
first_noise = _scalar("omega", r"\omega", ">= 0", "tr(Sigma Cov v) that the first directions have on their own")
