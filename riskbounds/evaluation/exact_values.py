"""The exact risk of a setting, with its reason where there is none."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import flint

from riskbounds.evaluation.exact_model import exact_model, missing
from riskbounds.evaluation.values import ExactValue
from riskbounds.exact import data_term, data_term_digits, exact_risk_enclosed
from riskbounds.exact.any_steps import floor
from riskbounds.exact.model import SecondMomentModel
from riskbounds.instance import Instance, instance, resolve
from riskbounds.numerics.digits import Digits
from riskbounds.numerics.enclosures import Enclosures
from riskbounds.numerics.floats import Floats
from riskbounds.numerics.numbers import Numbers
from riskbounds.setting import Setting

_SOURCE = "theory section 3, any N"
# digits of the data term beyond those asked for: the effective size loses one or two
_MORE = 5


@dataclass(frozen=True)
class ExactRisks:
    """E R(vbar_N) - sigma^2/2 of one instance at the N of its setting, in a number system."""

    instance: Instance
    numbers: Numbers

    @cached_property
    def reason(self) -> str | None:
        """Why there is no exact risk, None if there is one."""
        return missing(self.instance)

    @cached_property
    def model(self) -> SecondMomentModel:
        """The second-moment model in float64."""
        return exact_model(self.instance, Floats())

    @cached_property
    def data_terms(self) -> dict[int, float]:
        """Risk minus Approx + s/2 at every N of the setting, float64."""
        steps = self.instance.setting.training.steps
        return dict(zip(steps, map(float, data_term(self.model, steps)), strict=True))

    @property
    def wide(self) -> Enclosures:
        """Balls for the digits asked for."""
        assert isinstance(self.numbers, Digits)
        return Enclosures(bits=round(3.33 * self.numbers.digits) + 128)

    @cached_property
    def _balls(self) -> SecondMomentModel:
        with self.wide.working():
            return exact_model(self.instance, self.wide)

    @cached_property
    def data_term_balls(self) -> dict[int, flint.arb]:
        """Risk minus Approx + s/2 at every N of the setting, to the digits asked for and a few more."""
        assert isinstance(self.numbers, Digits)
        steps, digits = self.instance.setting.training.steps, self.numbers.digits + _MORE
        with self.wide.working():
            return dict(zip(steps, data_term_digits(self._balls, steps, digits), strict=True))

    def at(self, steps: int) -> tuple[ExactValue | None, str | None]:
        """The exact risk at one N, or None and the reason."""
        if self.reason is not None:
            return None, self.reason
        if isinstance(self.numbers, Digits):
            with self.wide.working():
                ball = floor(self._balls) + self.data_term_balls[steps]
            return ExactValue(value=self.numbers.from_ball(ball), rigor=self.numbers.label, source=_SOURCE), None
        if isinstance(self.numbers, Enclosures):
            return self._enclosed(steps, self.numbers)
        value = float(floor(self.model)) + self.data_terms[steps]
        return ExactValue(value=value, rigor="float64", source=_SOURCE), None

    def _enclosed(self, steps: int, numbers: Enclosures) -> tuple[ExactValue | None, str | None]:
        ball, reason = exact_risk_enclosed(exact_model(self.instance, numbers), steps)
        if ball is None:
            return None, reason
        return ExactValue(value=ball, rigor=self.instance.rigor(numbers.label), source=_SOURCE), None


def exact_risk(setting: Setting) -> tuple[ExactValue | None, ...]:
    """E R(vbar_N) - sigma^2/2 in float64, approximation included: one value per model size and N, None where there is none.

    The value is exact for Gaussian data and the quantizers of theory section 3's table; :func:`riskbounds.bound` states the
    reason of a None in the notes of its row.
    """
    values: list[ExactValue | None] = []
    setting, _ = resolve(setting)
    for size in setting.model_sizes:
        risks = ExactRisks(instance(setting, size), Floats())
        values += [risks.at(steps)[0] for steps in setting.training.steps]
    return tuple(values)
