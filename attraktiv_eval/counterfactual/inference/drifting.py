"""The drift test asks whether the deviation in the window is larger than the one just before it.

A, the mean gap in the window, less the pseudo-effect of the window of equal length just before, ranked
among the same difference of every donor. A county that was drifting away already has a large A and a
large pseudo-effect; their difference is then ordinary.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from attraktiv_eval.counterfactual.inference.fitting import treated_name
from attraktiv_eval.counterfactual.inference.in_time import pseudo_design
from attraktiv_eval.counterfactual.inference.placebos import LEVEL, Placebos
from attraktiv_eval.counterfactual.inference.space import placebo_in_space
from attraktiv_eval.errors import DesignError

if TYPE_CHECKING:
    from attraktiv_eval.counterfactual.design import Design

__all__ = ["DriftTest", "breakdown_value", "draw_factor", "drift_test"]


@dataclass(frozen=True)
class DriftTest:
    """The change of the deviation from just before the project into its window, among the donors' own.

    Attributes
    ----------
    changes : Placebos
        The placebo test with D in the place of A, by the same scale and the same rule.
    effect, pseudo_effect : float
        A, and the same method's effect in the window of equal length just before; D is their difference.
    pseudo_effects : Series by donor
    pseudo_window : (first, last)
        The window just before.
    breakdown : float
        How many times the worst drift before the project the drift after may be before zero lies inside the
        90 % interval of A; 0 where it does already, NaN where two windows before do not exist.
    """

    changes: Placebos
    effect: float
    pseudo_effect: float
    pseudo_effects: pd.Series = field(repr=False)
    pseudo_window: tuple[Any, Any]
    breakdown: float

    @property
    def change(self) -> float:
        """D, the effect less the pseudo-effect, in the outcome's unit per period."""
        return self.changes.own_effect

    @property
    def n(self) -> int:
        """The number of donors."""
        return self.changes.n

    @property
    def rank(self) -> int:
        """Place of the treated unit among all n + 1, the largest change first."""
        return self.changes.rank

    @property
    def p_value(self) -> float:
        """Share of all units that changed at least as much, the treated unit included."""
        return self.changes.p_value

    @property
    def smallest_p(self) -> float:
        """The smallest p-value that this number of donors can give."""
        return self.changes.smallest_p

    def interval(self, level: float = LEVEL) -> tuple[float, float]:
        """Return the placebo interval of D, in the outcome's unit per period."""
        return self.changes.interval(level)

    def table(self) -> pd.DataFrame:
        """Return unit, treated, effect, pseudo_effect, change and statistic; the treated unit first."""
        changes = self.changes
        order = changes.statistics.sort_values(ascending=False, kind="stable").index
        before = self.pseudo_effects[order].to_numpy()
        after = changes.effects[order].to_numpy()
        return pd.DataFrame(
            {
                "unit": [treated_name(changes.estimate.design), *map(str, order)],
                "treated": [True] + [False] * self.n,
                "effect": [self.effect, *(after + before)],
                "pseudo_effect": [self.pseudo_effect, *before],
                "change": [self.change, *after],
                "statistic": [changes.statistic, *changes.statistics[order]],
            }
        )

    def sentence(self, language: str = "sv") -> str:
        """Return effect, pseudo-effect, the change's interval and p-value, and the breakdown value."""
        from attraktiv_eval.counterfactual.inference.sentences import drift_sentence

        return drift_sentence(self, language)

    def _repr_html_(self) -> str:
        """Return the sentence and the units, as a notebook shows them."""
        from attraktiv_eval.counterfactual.estimate import shown
        from attraktiv_eval.texts import shown_in, translator

        _ = translator(shown_in())
        return shown(self, _("Units"))


def drift_test(
    outcome: pd.DataFrame,
    design: Design,
    method: str = "synthetic_control",
    *,
    placebos: Placebos | None = None,
    n_jobs: int = 1,
    **options: Any,
) -> DriftTest:
    """Ask whether the treated unit's deviation changed more than the donors' did.

    Parameters
    ----------
    outcome : DataFrame, period x unit
    design : Design
        One treated unit, or a group with real groups to compare with (``groups=`` among the options).
    method : str
        A name in ``METHODS``.
    placebos : Placebos, optional
        The placebo test of the same outcome, design and method, where it is made already.
    n_jobs : int
    **options
        Passed to :func:`placebo_in_space`.

    Returns
    -------
    DriftTest
        D = A − the pseudo-effect of the last window of equal length before the project, fitted without
        later data, for the treated unit and for every donor alike; D_j is ranked by |D_j| over the scale
        of the placebo test in space.

    Raises
    ------
    DesignError
        If too few periods lie before the window just before, or the placebos of the two windows differ.

    Notes
    -----
    D of a donor is made as that of the treated unit is, so its rank is as exact as the placebo test's. A
    trend that all units share changes nothing where weights sum to one. A deviation that began before the
    pretended window and stays gives D near zero, not zero: the later fit has it partly in its baseline.

    Examples
    --------
    >>> import attraktiv_eval as ae
    >>> rates, design = ae.Panel.load().rate("net_migration"), ae.Design(["23"], 2020, 2022)
    >>> found = drift_test(rates, design, "synthetic_did")
    >>> [int(year) for year in found.pseudo_window], found.n
    ([2017, 2019], 20)
    >>> abs(found.change) < abs(found.effect)  # the rise was under way before
    True
    """
    in_window = placebos or placebo_in_space(outcome, design, method, n_jobs=n_jobs, **options)
    past, pretended = pseudo_design(outcome, design)
    before = placebo_in_space(past, pretended, method, n_jobs=n_jobs, **options)
    common = [unit for unit in in_window.effects.index if unit in before.effects.index]
    if len(common) < 2:
        raise DesignError(
            "the placebos of the window and of the window just before it are not the same",
            remedy="use donors, or real groups, with figures in both windows",
        )
    earlier = before.effects[common]
    changes = replace(
        in_window.of(pd.Index(common)),
        effects=in_window.effects[common] - earlier,
        own_effect=in_window.own_effect - before.own_effect,
    )
    window = before.estimate.effects.index
    return DriftTest(
        changes=changes,
        effect=in_window.own_effect,
        pseudo_effect=before.own_effect,
        pseudo_effects=earlier,
        pseudo_window=(window[0], window[-1]),
        breakdown=_breakdown(outcome, design, in_window),
    )


def _breakdown(outcome: pd.DataFrame, design: Design, placebos: Placebos) -> float:
    prepared = design.prepare(outcome)
    gap = placebos.estimate.gap.to_numpy(dtype=float)
    length = int(prepared.window.sum())
    return breakdown_value(gap[prepared.before], length, placebos.own_effect, placebos.half_width())


def draw_factor(rank: int, n: int, level: float = LEVEL) -> float:
    """Return how unlike the draw of the treated unit may have been before the test's answer changes.

    Parameters
    ----------
    rank : int
        Place of the treated unit among all n + 1, the most extreme first.
    n : int
        The number of donors.

    Returns
    -------
    float
        exp(phi) >= 1: how many times likelier to be drawn the units at least as extreme must have been for
        a significant result to be lost, or the units less extreme for one to be won; infinite where no
        unit is less extreme.

    Notes
    -----
    Firpo & Possebom (2018), section 3: p(phi) weighs each unit by exp(phi v) with v in {0, 1}, chosen
    against the answer. phi = 0 is the equal draw of the placebo test.

    Examples
    --------
    >>> round(draw_factor(1, 20), 2), round(draw_factor(7, 20), 2)
    (2.22, 4.5)
    """
    error, others = 1 - level, n + 1 - rank
    if not others:
        return math.inf
    odds = rank * (1 - error) / (error * others)
    return odds if odds >= 1 else 1 / odds


def breakdown_value(past: np.ndarray, length: int, effect: float, half_width: float) -> float:
    """Return how many times the worst drift before the drift after may be before zero lies inside.

    Parameters
    ----------
    past : array, shape (periods before,)
        The gap before the window.
    length : int
        Periods of the window; the past is cut into windows of this length, counted back from its end.
    effect, half_width : float
        A, and the half width of its interval.

    Returns
    -------
    float
        0 where zero lies inside already; NaN where fewer than two whole windows lie before; infinite
        where nothing drifted before.

    Notes
    -----
    Rambachan & Roth (2023), restriction on relative magnitudes, with windows in the place of periods:
    the drift from the last window before into the project's is at most M times the largest change between
    two neighbouring windows before, so the interval widens by M times that change on either side.

    Examples
    --------
    >>> import numpy as np
    >>> breakdown_value(np.array([0.0, 0.0, 1.0, 1.0, 0.5, 0.5]), 2, 4.0, 1.0)
    3.0
    """
    windows = len(past) // length
    if windows < 2:
        return math.nan
    spare = abs(effect) - half_width
    if not spare > 0:
        return 0.0
    means = past[len(past) - windows * length :].reshape(windows, length).mean(axis=1)
    worst = float(np.abs(np.diff(means)).max())
    return spare / worst if worst > 0 else math.inf
