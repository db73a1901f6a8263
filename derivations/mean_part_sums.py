"""Sums of w_i ((1 - (1-x_i)^N)/(N x_i))^2 against their threshold form sum w_i min(1, 1/(N x_i))^2, from above and from below.

The certificates use the bounds of derivations.blocks ("q^m <= 1", "Bernoulli") and of derivations.learning by their names.
"""

from __future__ import annotations

from collections.abc import Callable

from riskbounds.derivations import blocks
from riskbounds.derivations.sgd import i, x

from riskbounds.proofs import Certificate, Lin, Split, Term, Var, direction, over, positive, term, use

head, tail = direction("i", "head"), direction("i", "tail")
Weight = Callable[[Var], Term]


def _share(weight: Weight, steps: Lin, k: Var) -> Term:
    """What multiplies (1 - (1-x_k)^N)^2."""
    return weight(k) / (term(steps) * x[k]) ** 2


def at_most_threshold(weight: Weight, last: Var) -> Split:
    """The sum is at most its threshold form, N = last + 1: 1 - (1-x)^N is at most 1 and at most N x."""
    steps = last + 1

    def unlearned(k: Var) -> Certificate:
        return use("q^m <= 1", {blocks.m: steps, i: k})

    return Split(
        over(
            head,
            _share(weight, steps, head) * (1 - x[head]) ** last * use("x <= 1", {i: head}) * (positive(1) + unlearned(head)),
        )
        + over(
            tail,
            _share(weight, steps, tail)
            * use("Bernoulli", {blocks.m: steps, i: tail})
            * (positive(term(steps) * x[tail]) + unlearned(tail)),
        )
    )


def at_least_threshold(weight: Weight, steps: Lin) -> Split:
    """The sum is at least (1 - 1/e)^2 times its threshold form: 1 - (1-x)^N is at least (1 - 1/e) min(1, N x)."""
    return Split(
        over(
            head,
            _share(weight, steps, head) * use("learned in the head") * (use("learned in the head") + 2 * use("1/e <= 1")),
        )
        + over(
            tail,
            _share(weight, steps, tail)
            * use("learned in the tail")
            * (use("learned in the tail") + 2 * term(steps) * x[tail] * use("1/e <= 1")),
        )
    )
