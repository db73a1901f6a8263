"""The exceptions of riskbounds: every message is one line that names what to change."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence


class RiskboundsError(Exception):
    """Base of every error raised on purpose; the command line prints it on one line and exits with 2."""


class ProblemError(RiskboundsError):
    """A problem file, an option or an argument is not valid; the message names the key and what would be valid."""


class HypothesisError(RiskboundsError):
    """A hypothesis of a theorem fails; the message says which, by how much, and what would satisfy it."""


class UnsupportedError(RiskboundsError):
    """The request is outside what the theory covers; the message says why."""


class ProofError(RiskboundsError):
    """A derivation is not well formed: a rule or a substitution that does not apply to the claim at hand."""


class MissingExtraError(RiskboundsError):
    """An optional package is not installed; the message says what it is for and the pip command."""

    def __init__(self, purpose: str, extra: str) -> None:
        """Build the message from what the package is for and the name of the extra that installs it."""
        super().__init__(f"{purpose} needs an optional package: pip install 'riskbounds[{extra}]'")


def did_you_mean(word: str, valid: Iterable[str]) -> str:
    """Return "did you mean ...?" with the nearest valid word, or with all that are equally near; empty when none is near."""
    choices = list(valid)
    near = _nearest(word, choices)
    if not near:
        lowered = {choice.lower().replace("_", "-"): choice for choice in choices}
        near = [lowered[key] for key in _nearest(word.lower().replace("_", "-"), list(lowered))]
    return f"did you mean {' or '.join(filter(None, [', '.join(near[:-1]), near[-1]]))}?" if near else ""


def _nearest(word: str, choices: Sequence[str]) -> list[str]:
    """The choices that are most like the word, as far as any is like it; of equally near ones all, in their order."""
    near = difflib.get_close_matches(word, choices, n=max(len(choices), 1))
    likeness = [difflib.SequenceMatcher(None, choice, word).ratio() for choice in near]
    best = {choice for choice, ratio in zip(near, likeness, strict=True) if ratio == max(likeness)}
    return [choice for choice in choices if choice in best]
