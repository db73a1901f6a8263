"""What a number or a picture was made from: version, digest of the problem, seed of the sketch, rigor."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from riskbounds import __version__
from riskbounds.setting import Setting

_SHORT = 12


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """Version, SHA-256 of each problem, seeds in use, and how rigorous the numbers are."""

    version: str
    digests: tuple[str, ...]
    seeds: tuple[str, ...]
    rigor: tuple[str, ...]

    def line(self) -> str:
        """One short line for the foot of a picture; the digest shows its first 12 digits."""
        several = f" and {len(self.digests) - 1} more" if len(self.digests) > 1 else ""
        digest = f"problem {self.digests[0][:_SHORT]}{several}" if self.digests else "no problem: symbolic"
        return " | ".join([f"riskbounds {self.version}", digest, *self.seeds, *self.rigor])

    def to_dict(self) -> dict[str, object]:
        """The same as JSON values, digests in full."""
        return {
            "version": self.version,
            "digests": list(self.digests),
            "seeds": list(self.seeds),
            "rigor": list(self.rigor),
        }


def provenance(*settings: Setting, rigor: Iterable[str], seeds: Iterable[str] = ()) -> Provenance:
    """The provenance of numbers computed from these settings; ``seeds`` are those besides the sketch's."""
    sketches = (f"sketch seed {each.sketch.seed}" for each in settings if each.sketch is not None)
    return Provenance(
        version=__version__,
        digests=tuple(dict.fromkeys(each.digest() for each in settings)),
        seeds=tuple(dict.fromkeys([*sketches, *seeds])),
        rigor=tuple(dict.fromkeys(rigor)),
    )
