"""Which class of profiles a term in tau belongs to."""

from __future__ import annotations

from riskbounds.terms.contents import factors_of
from riskbounds.terms.exponentials import exponentials
from riskbounds.terms.polynomial import Term
from riskbounds.terms.profiles import Profile
from riskbounds.terms.rationals import ONE_MORE, rationals


def profile(body: Term) -> Profile:
    """The profile of a term in tau, of the class that its factors show; raises ProofError outside both."""
    return rationals(body) if ONE_MORE in factors_of(body) else exponentials(body)
