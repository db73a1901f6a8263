"""Noise constants of the feature quantizers: the data rows of theory section 4 and its generic row.

Which row applies (:mod:`riskbounds.theorems.feature_row` says what a row states) follows from the structures, noises and levels;
the row itself is an expression in the symbols.
"""

from __future__ import annotations

import sympy as sp

from riskbounds import symbols as s
from riskbounds.errors import ProblemError, UnsupportedError
from riskbounds.model import scale_moments
from riskbounds.quantization.formats import Format
from riskbounds.quantization.slots import SLOTS, Quantization
from riskbounds.quantization.structures import Additive, Elementwise, Multiplicative, Structure
from riskbounds.theorems.feature_row import Condition, FeatureRow

FEATURE_SLOTS = ("data", "sketch", "feature")
Moments = tuple[sp.Expr, sp.Expr, sp.Expr]
SYMBOLIC: Moments = (s.m2, s.m3, s.m4)


def structure_of(slot: str, level: object) -> Structure:
    """The level of a slot as one of the three structures; raises UnsupportedError for a number format."""
    if isinstance(level, Additive | Multiplicative | Elementwise):
        return level
    raise UnsupportedError(
        f"quantization.{slot}: the noise constants cover additive, multiplicative and elementwise errors; "
        "give the format model = 'nominal' or use the theorem moment"
    )


def feature_layers(quantization: Quantization, *, sketched: bool) -> dict[str, Structure]:
    """The active layers that make q from x, in the order in which they act.

    Raises ProblemError for a sketch quantizer without a sketch, UnsupportedError for a number format.
    """
    active = quantization.levels()
    if "sketch" in active and not sketched:
        raise ProblemError("quantization.sketch needs a sketch: add [sketch] or remove quantization.sketch")
    return {slot: structure_of(slot, active[slot]) for slot in FEATURE_SLOTS if slot in active}


def composed_moments(layers: dict[str, Structure]) -> Moments:
    """m2, m3, m4 of the product of the independent feature scales, in the eps symbols (theory section 2)."""
    moments = scale_moments({slot: level.noise for slot, level in layers.items() if not isinstance(level, Additive)})
    return moments[s.m2], moments[s.m3], moments[s.m4]


def _at_levels(layers: dict[str, Structure]) -> Moments:
    """The same moments as rational numbers, to choose a row."""
    levels = {s.EPS[slot]: sp.Rational(level.eps.numerator, level.eps.denominator) for slot, level in layers.items()}
    second, third, fourth = (moment.subs(levels) for moment in composed_moments(layers))
    return second, third, fourth


def feature_row(quantization: Quantization, *, sketched: bool, in_levels: bool = False) -> FeatureRow:
    """The row of theory section 4 that covers the data, sketch and feature quantizers (Gaussian x).

    Additive layers only: the additive row.  Multiplicative layers only, or elementwise layers only without a sketch:
    their rows, with the moments of the composed scale.  Everything else: the generic row.
    """
    if any(isinstance(quantization.get(slot), Format) for slot in FEATURE_SLOTS):
        return format_row(quantization, sketched=sketched)
    layers = feature_layers(quantization, sketched=sketched)
    kinds = {type(level) for level in layers.values()}
    moments = composed_moments(layers) if in_levels else SYMBOLIC
    if kinds <= {Additive} and not entrywise(layers):
        return additive_row(layers, sketched=sketched)
    if kinds == {Multiplicative}:
        return multiplicative_row(layers, moments)
    if kinds == {Elementwise} and not sketched:
        return elementwise_row(layers, moments)
    return generic_row(layers, sketched=sketched)


def format_row(quantization: Quantization, *, sketched: bool) -> FeatureRow:
    """A true number format on the features: constants computed from the moments of rounded Gaussian coordinates.

    Without a sketch: one format on data or feature, Gaussian dither after it at most; proofs in quantization/constants.py
    (data_constants).  Behind a sketch: a data format alone (sketched_data_constants, Loewner order), or a feature format on
    Gaussian S x, with additive Gaussian errors before it at most; the latter takes the generic row with C = alpha
    (feature_alpha).  Raises UnsupportedError elsewhere.
    """
    formats = [slot for slot in FEATURE_SLOTS if isinstance(quantization.get(slot), Format)]
    others = {slot: level for slot, level in quantization.levels().items() if slot in FEATURE_SLOTS and slot not in formats}
    gaussian = all(isinstance(level, Additive) and level.noise in ("gaussian", "reference") for level in others.values())
    alone = formats in (["data"], ["feature"]) and not others
    allowed = alone or (formats == ["feature"] if sketched else formats == ["data"])
    if not (allowed and gaussian):
        raise UnsupportedError(
            f"quantization.{formats[0]}: a true format is covered on data or feature, with additive Gaussian errors after "
            "data without a sketch and before feature behind one; use model = 'nominal'"
        )
    shared: dict[str, sp.Expr] = {"av1": sp.Integer(0), "c4": s.alpha, "spread": s.alpha * s.trace, "spread_low": sp.Integer(0)}
    if sketched and formats == ["feature"]:
        return FeatureRow(
            structure="format", source="theory section 4, generic row, C = alpha of the format",
            A1=s.sigma_M2 + s.alpha * s.excess, ad1=s.alpha, A1low=s.sigma_M2, adlow1=sp.Integer(0),
            label=s.label_factor * s.label_second_moment, label_low=sp.Integer(0), **shared,
        )  # fmt: skip
    return FeatureRow(
        structure="format", source="theory section 2, moments of the true format",
        A1=s.format_A[s.i], ad1=s.format_ad, A1low=s.format_Alow[s.i], adlow1=s.format_adlow,
        label=s.format_label[s.i], label_low=sp.Integer(0), **shared,
    )  # fmt: skip


def entrywise(layers: dict[str, Structure]) -> bool:
    """Whether the sketch's error is drawn entry by entry."""
    return any(isinstance(level, Additive) and level.noise == "entrywise" for level in layers.values())


def _dithered(layers: dict[str, Structure]) -> set[str]:
    """Slots with an additive error that is not Gaussian."""
    return {slot for slot, level in layers.items() if level.noise in ("uniform", "triangular")}


def _two_point_range(layers: dict[str, Structure]) -> tuple[Condition, ...]:
    return tuple(
        Condition(name=f"two-point scale stays positive: eps_{SLOTS[slot]} < 1", lhs=s.EPS[slot], rhs=sp.Integer(1), strict=True)
        for slot, level in layers.items()
        if level.noise == "two-point"
    )


def additive_row(layers: dict[str, Structure], *, sketched: bool) -> FeatureRow:
    """Additive errors: q, y jointly Gaussian, so r = y - q^T v^q is independent of q and the upper row is an identity

    Cov(q (r - q^T delta)) = (sigma_q^2 + ||delta||^2) Sigma + Sigma delta delta^T Sigma.

    Uniform or triangular dither: X = y - q^T v and W = q^T w are linear in independent symmetric variables of excess
    kurtosis k4 in [-2, 0], so E X^2 W^2 = E X^2 E W^2 + 2 (E X W)^2 + sum k4 var^2 a^2 b^2 is at most the Gaussian
    value: the upper row stays.  Below, noise that is independent of q leaves sigma_M^2.  E |q|^2 q q^T >= tr Sigma
    Sigma survives where the dither acts on q's own coordinates (2 Sigma^2 >= -k4 eps^2 I), but fails for dither on
    the data behind a sketch (at eps_d = 0.3 uniform, S = [[0.28, -0.29], [-3, 3]], Sigma nearly S S^T: 0.40): 0
    there.
    """
    dithered = _dithered(layers)
    mixed = sketched and "data" in dithered
    return FeatureRow(
        structure="additive" if layers else "exact",
        source="theory section 4, data, additive" + (", with the lower row of bounded dither" if dithered else ""),
        A1=s.sigma_q2,
        ad1=sp.Integer(2),
        av1=sp.Integer(0),
        A1low=s.sigma_M2 if dithered else s.sigma_q2,
        adlow1=sp.Integer(0 if dithered else 1),
        c4=sp.Integer(3),
        spread=s.trace + 2 * s.mu[s.i],
        spread_low=sp.Integer(0) if mixed else s.trace,
        label=3 * s.label_second_moment,
        label_low=s.label_second_moment,
    )


def multiplicative_row(layers: dict[str, Structure], moments: Moments = SYMBOLIC) -> FeatureRow:
    """One common scale, q = s z: with Q = E s^2 (v* - s v)(v* - s v)^T and v* = m2 v^q, Sigma = m2 Lam,

    Cov = sigma_M^2 Sigma + tr(Lam Q) Lam + 2 Lam Q Lam - Sigma delta delta^T Sigma,
    Q = m2^3 delta delta^T + (m2^3 - 2 m2 m3 + m4) v v^T + m2 (m3 - m2^2)(v delta^T + delta v^T);
    the cross term is split by |2 v delta| <= v^2 + delta^2.  Below, Jensen gives Q >= m2^2 delta delta^T, hence
    Cov >= (sigma_M^2 + ||delta||^2) Sigma: adlow1 = 1, where theory's table has 0.
    """
    m2, m3, m4 = moments
    cross = 3 * sp.Abs(sp.expand(m3 - m2**2)) / m2
    return FeatureRow(
        structure="multiplicative",
        source="theory section 4, data, multiplicative",
        A1=s.sigma_M2,
        ad1=3 * m2 - 1 + cross,
        av1=3 * sp.expand(m2**3 - 2 * m2 * m3 + m4) / m2**2 + cross,
        A1low=s.sigma_M2,
        adlow1=sp.Integer(1),
        c4=3 * m4 / m2**2,
        spread=3 * m4 / m2**2 * s.trace,
        spread_low=m4 / m2**2 * s.trace,
        label=3 * s.label_second_moment,
        label_low=s.label_second_moment,
        valid=_two_point_range(layers),
    )


def _elementwise_terms(moments: Moments) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
    """m2, beta (coefficient of v_i delta_i) and the coefficient of v_i^2 on the diagonal of the covariance."""
    m2, m3, m4 = moments
    beta = 6 * sp.expand(m3 - m2**2) / m2 + 2 * sp.expand(m2 - 1)
    return m2, beta, 3 * sp.expand(m2**3 - 2 * m2 * m3 + m4) / m2**2 - sp.expand(m2 - 1)


def elementwise_row(layers: dict[str, Structure], moments: Moments = SYMBOLIC) -> FeatureRow:
    """Independent scales per coordinate, no sketch: with u = Sigma^{1/2} delta and w = Sigma^{1/2} v,

    Sigma^{-1/2} Cov Sigma^{-1/2} = sigma_q^2 I + u u^T + diag(|u|^2 + 2 (m2-1) u_i^2 + beta u_i w_i + square w_i^2).

    Lower: sigma_M^2 always (the label noise is independent of q).  sigma_q^2 if beta^2 <= 8 m2 square: then the
    diagonal is at least |u|^2 - t u_i^2 with t <= 2, and diag(|u|^2 - t u_i^2) + u u^T >= 0.  (At most one entry is
    negative, say p = u_1^2 with |u| = 1; the matrix is PSD iff 1 + sum u_j^2/(1 - t u_j^2) <= 0; the sum over j > 1
    is convex, largest with all mass on one j, where the condition reads (2 - t)(1 - t p (1 - p)) >= 0.)  One
    two-point layer: eps <= (7 - sqrt 45)/2 = 0.1459.  Below eps about 1/6 also: completing the square in w_i leaves at least
    |u|^2 - t u_i^2 with t = beta^2/(4 square) - 2 (m2 - 1), so adlow1 = 1 - max(0, t) where t <= 1 (theory's table has
    0).  Large Gaussian scales have t < 0, which helps only the coordinates with u_i != 0.
    """
    m2, beta, square = _elementwise_terms(moments)
    values = _elementwise_terms(_at_levels(layers))
    sharp = bool(values[2] > 0) and bool(values[1] ** 2 <= 8 * values[0] * values[2])
    loss = sp.cancel(beta**2 / (4 * square)) - 2 * sp.expand(m2 - 1)
    follows = sharp and bool(values[1] ** 2 / (4 * values[2]) - 2 * (values[0] - 1) <= 1)
    small = Condition(
        name="elementwise level small enough for adlow = 1 - t below", lhs=loss, rhs=sp.Integer(1), sides=("lower",)
    )
    clause = Condition(
        name="elementwise level small enough for sigma_q^2 below", lhs=beta**2, rhs=8 * m2 * square, sides=("lower",)
    )
    fourth = moments[2] / m2**2
    return FeatureRow(
        structure="elementwise",
        source="theory section 4, data, elementwise",
        A1=s.sigma_q2,
        ad1=2 * m2 + sp.Abs(beta) / 2,
        av1=sp.Max(0, square) + sp.Abs(beta) / 2,
        A1low=s.sigma_q2 if sharp else s.sigma_M2,
        adlow1=1 - sp.Max(0, loss) if follows else sp.Integer(0),
        c4=3 * fourth,
        spread=3 * fourth * s.trace,
        spread_low=s.trace,
        label=3 * s.label_second_moment,
        label_low=s.label_second_moment,
        valid=_two_point_range(layers) + ((clause,) if sharp else ()) + ((small,) if follows else ()),
    )


def layer_factor(level: Structure) -> int:
    """Largest E||a + sum r_k b_k||^4 / (E||a + sum r_k b_k||^2)^2 in a Hilbert space, r_k the layer's independent
    errors.

    With T = |a|^2 + sum |b_k|^2 and kurtosis <= 3 the fourth moment is at most T^2 + 4 |a|^2 sum |b_k|^2 + 2 (sum
    |b_k|^2)^2 <= 3 T^2.  One common two-point error (kurtosis 1): T^2 + 4 <a, b>^2 <= 2 T^2.  Additive errors join
    the Gaussian x in one linear form and cost nothing.
    """
    if isinstance(level, Additive):
        return 3 if level.noise == "entrywise" else 1
    return 2 if isinstance(level, Multiplicative) and level.noise == "two-point" else 3


def generic_row(layers: dict[str, Structure], *, sketched: bool) -> FeatureRow:
    """Any structures: C = 3 times the product of the layers' factors (theory section 4 has 3 for every layer).

    y - q^T v less the noise sigma_0^2 that is independent of q, and q^T w, are affine in x and in each layer's errors, so
    their kurtosis is at most C, one layer after the other with values in L^2 of the rest; Cauchy-Schwarz gives the row.
    E[y^2 q q^T] <= 3 E y^2 Sigma: given x, E[(q^T w)^2 | x] is a nonnegative quadratic form plus a constant.
    sigma_0^2 = sigma_M^2 if q depends on x through S x alone, else sigma^2 (differences written without cancellation).
    """
    C = sp.Integer(3)
    for level in layers.values():
        C *= layer_factor(level)
    through_sketch = not sketched or not (
        isinstance(layers.get("data"), Elementwise) or isinstance(layers.get("sketch"), Elementwise) or entrywise(layers)
    )
    floor, gap = (s.sigma_M2, s.excess) if through_sketch else (s.noise_variance, 2 * s.model_error + s.excess)
    correlated, range_of_eps = _squares_correlate(layers, sketched=sketched)
    return FeatureRow(
        structure="mixed" if len({type(level) for level in layers.values()}) > 1 else next(iter(layers.values())).structure,
        source=f"theory section 4, generic row, C = {C}",
        A1=floor + C * gap,
        ad1=C,
        av1=sp.Integer(0),
        A1low=floor,
        adlow1=sp.Integer(0),
        c4=C,
        spread=C * s.trace,
        spread_low=s.trace if correlated else sp.Integer(0),
        label=3 * s.label_second_moment,
        label_low=s.label_second_moment,
        valid=_two_point_range(layers) + range_of_eps,
    )


def _squares_correlate(layers: dict[str, Structure], *, sketched: bool) -> tuple[bool, tuple[Condition, ...]]:
    """Whether E |q|^2 q q^T >= tr Sigma Sigma is proved, and the condition on the levels that the proof uses.

    Given the scales, q is Gaussian (or (S+E)u with Gaussian E), where squares correlate; then tr Sigma_s and w^T Sigma_s w
    are increasing in the squared scales (Harris), for common scales and for elementwise data.

    Elementwise features, z Gaussian with Lam = D + O: the excess 2 m2 Lam^2 + 12 eps sym(D Lam) + 2 m2 eps diag(Lam^2)
    + k D^2 (k = 0, or 6 eps^2 for Gaussian scales) is at least 2 m2 (O + t D)^2, t = 1 + 3 eps/m2, if 0 <= 1 - 7 eps + eps^2
    (always for Gaussian scales); O = 0 without a sketch.

    Not proved for dither mixed with scales, nor for entrywise then elementwise.  False for an elementwise sketch: 0.66
    tr Sigma at eps_s = 0.5 for one column of S with one large and seven small entries (0.97 at eps_s = 0.1, M = 12).
    """
    feature = layers.get("feature")
    if _dithered(layers) or isinstance(layers.get("sketch"), Elementwise):
        return False, ()
    if not sketched or not isinstance(feature, Elementwise):
        return True, ()
    if entrywise(layers):
        return False, ()
    if feature.noise == "gaussian":
        return True, ()
    small = feature.eps < 1 and 1 - 7 * feature.eps + feature.eps**2 >= 0
    bound = Condition(
        name="feature level small enough for the additive parameter's lower row",
        lhs=7 * s.eps_f,
        rhs=1 + s.eps_f**2,
        sides=("lower",),
    )
    return small, (bound,) if small else ()
