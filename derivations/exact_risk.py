"""The exact risk of averaged SGD where Lam and Sigma commute: the sharp pair's mean part and the variance by the steps' noise.

    risk = Approx + mean part + 1/(2 N^2) sum_i L_ii sum_s ((1 - q_i^(N-1-s))/x_i)^2 S_ii(s),

S_ii(s) being the variance of what step s adds to direction i; F_ii(t) = Var v_i(t) follows F <- q^2 F + S.
"""

from __future__ import annotations

import sympy as sp
from riskbounds.derivations.averages import sums
from riskbounds.derivations.sgd import C, F, L, N, S, e, hypotheses, i, j, n, risk, s_N, t, w, weight, x
from riskbounds.derivations.sharp import COLLAPSE, COMMUTE, commuting_reader, diagonal
from riskbounds.derivations.sharp_storage import conclusion
from riskbounds.derivations.unrolling import covariance, fluctuation, unrolled

from riskbounds.proofs import Algebra, Derivation, Step, eq, le, over, square, term, total, use
from riskbounds.theorems.sharp_pair import sharp

MODEL = ("x <= 1", "start", "update", "noise and past", "noise and v^q", "noise and u")
assert sharp.upper_terms is not None
mean_part = commuting_reader(sharp)(sp.Add(*(value for name, value in sharp.upper_terms.items() if name != "variance")))
variance = total(i, L(i, i) * total(s_N, weight(i, n - s_N) ** 2 * S(s_N)[i, i])) / (2 * term(N) ** 2)

derivation = Derivation(
    name="law-exact-risk",
    theorem="exact recursion",
    title="The exact risk as mean part and variance by the steps' noise",
    steps=(
        *(each for each in hypotheses if each.id in MODEL),
        *(each for each in fluctuation if each.id != "2 - x > 0"),
        *covariance,
        *unrolled,
        *(each for each in sums if each.id == "sum q"),
        *conclusion[:2],
        COMMUTE,
        Step(
            id="diagonal risk",
            claim=eq(risk, mean_part + variance),
            rule=Algebra(
                use("risk")
                + COLLAPSE
                + 1 / (2 * term(N) ** 2) * (diagonal(C(N)[i, j]) + over(i, L(i, i) * use("C unrolled", {j: i})))
            ),
        ),
        Step(
            id="F follows",
            claim=eq(F(t + 1)[i, i], (1 - x[i]) ** 2 * F(t)[i, i] + S(t)[i, i]),
            rule=Algebra(use("F update", {j: i})),
        ),
        Step(id="0 <= F", claim=le(0, F(t)[i, i]), rule=Algebra(over(w, square(e(t)[w, i])) - use("F", {j: i}))),
    ),
    conclusions={"risk": "diagonal risk", "F starts": "F starts", "F follows": "F follows", "0 <= F": "0 <= F"},
)
