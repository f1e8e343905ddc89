"""The drift before the start: year by year in the event study, against the window in the drift test."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from attraktiv_eval.counterfactual.design import Design, known_design
from attraktiv_eval.counterfactual.estimate import axes, real, whole_number
from attraktiv_eval.counterfactual.inference.placebo_in_space import placebo_in_space
from attraktiv_eval.counterfactual.inference.placebo_in_time import pseudo_design
from attraktiv_eval.counterfactual.inference.placebos import (
    LEVEL,
    TREATED,
    Placebos,
    _periods,
    checked_level,
    snap,
)
from attraktiv_eval.counterfactual.method import method_name
from attraktiv_eval.errors import DesignError
from attraktiv_eval.texts import decimals_for, number, percent, span, translator

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "DriftTest",
    "EventStudy",
    "breakdown_value",
    "draw_factor",
    "drift_sentence",
    "drift_test",
    "event_study",
    "event_study_sentence",
    "plot_event_study",
]


@dataclass(frozen=True)
class EventStudy:
    """Coefficients by period, and the pre-trend ranked among the donors' own.

    Attributes
    ----------
    coefficients : Series by period
        Relative to ``base``, the last period before, where it is 0.
    pre_trend : float
        Root mean square of the leads (the periods before, less the base).
    pre_trends : Series by donor
        The same for each donor against the other donors.
    """

    coefficients: pd.Series
    base: object
    pre_trend: float
    pre_trends: pd.Series
    window: tuple[object, object]

    @property
    def rank(self) -> int:
        """Place of the treated unit's pre-trend among all, the largest first."""
        return 1 + int((snap(self.pre_trends.to_numpy(), self.pre_trend) >= self.pre_trend).sum())

    @property
    def n(self) -> int:
        """The number of donors."""
        return len(self.pre_trends)

    @property
    def p_value(self) -> float:
        """Share of all units with a pre-trend at least as large, the treated unit included."""
        return self.rank / (self.n + 1)

    def table(self) -> pd.DataFrame:
        """Return one row a period: period, coefficient, part (lead, base or lag)."""
        periods = self.coefficients.index
        place = list(periods).index(self.base)
        part = ["lead" if i < place else "base" if i == place else "lag" for i in range(len(periods))]
        return pd.DataFrame(
            {"period": list(periods), "coefficient": self.coefficients.to_numpy(), "part": part}
        )

    def sentence(self, language: str = "sv") -> str:
        """Return the rank of the pre-trend in one sentence."""
        return event_study_sentence(self, language)

    def _repr_html_(self) -> str:
        """Return the sentence and the table, as a notebook shows them."""
        from attraktiv_eval.counterfactual.estimate import shown
        from attraktiv_eval.texts import shown_in, translator

        _ = translator(shown_in())
        return shown(self, _("Year by year"))

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the coefficients by period; return the axes."""
        return plot_event_study(self, ax)


def event_study(outcome: pd.DataFrame, design: Design) -> EventStudy:
    """Return the event-study coefficients of difference in differences and the ranked pre-trend.

    Notes
    -----
    With one treated unit and a panel without gaps, ordinary least squares with unit and time effects
    gives exactly the treated unit less the donors' mean, less the same in the base period; the tests
    hold this against statsmodels. No standard error is given: with one treated unit a clustered one
    rejects far too often, and the joint Wald test of the leads rejects for every county.

    Examples
    --------
    >>> import attraktiv_eval as ae
    >>> rates = ae.Panel.load().rate("net_migration")
    >>> design = ae.Design(["23"], 2020, 2022)
    >>> int(event_study(rates, design).base)
    2019
    """
    design = known_design(design, outcome)
    prepared = design.prepare(outcome)
    shown = np.isfinite(prepared.y) & np.isfinite(prepared.X).all(axis=1)
    base = int(np.flatnonzero(prepared.before)[-1])
    leads = prepared.before.copy()
    leads[base] = False
    own = prepared.y - prepared.X.mean(axis=1)
    own = own - own[base]
    n = prepared.X.shape[1]
    total = prepared.X.sum(axis=1, keepdims=True)
    each = prepared.X - (total - prepared.X) / max(n - 1, 1)
    each = each - each[base]
    places = np.flatnonzero(prepared.window)
    return EventStudy(
        coefficients=pd.Series(own[shown], prepared.periods[shown], name="coefficient"),
        base=prepared.periods[base],
        pre_trend=float(np.sqrt(np.mean(own[leads] ** 2))),
        pre_trends=pd.Series(
            np.sqrt(np.mean(each[leads] ** 2, axis=0)),
            pd.Index(prepared.donors, name="unit"),
            name="pre_trend",
        ),
        window=(prepared.periods[places[0]], prepared.periods[places[-1]]),
    )


# --- The drift test asks whether the deviation in the window is larger than the one just before it


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
                "unit": [changes.estimate.design.name, *map(str, order)],
                "treated": [True] + [False] * self.n,
                "effect": [self.effect, *(after + before)],
                "pseudo_effect": [self.pseudo_effect, *before],
                "change": [self.change, *after],
                "statistic": [changes.statistic, *changes.statistics[order]],
            }
        )

    def sentence(self, language: str = "sv") -> str:
        """Return effect, pseudo-effect, the change's interval and p-value, and the breakdown value."""
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
    design = known_design(design, outcome)
    if placebos is not None and not isinstance(placebos, Placebos):
        raise DesignError(
            f"placebos is of type {type(placebos).__name__}",
            remedy="give what placebo_in_space returned for the same design, or leave it out",
        )
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
    error, n = 1 - checked_level(level), whole_number(n, "n", 1, 10**9)
    others = n + 1 - whole_number(rank, "rank", 1, n + 1)
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
    try:
        past = np.asarray(past, dtype=float)
        usable = past.ndim == 1 and bool(np.isfinite(past).all())
    except (TypeError, ValueError, OverflowError):
        usable = False
    if not usable or math.isnan(real(effect)) or math.isnan(real(half_width)):
        raise DesignError(
            "a gap before, the effect or the half width is missing or no number",
            remedy="give the gaps as one row of numbers, and the effect and half width as numbers",
        )
    windows = len(past) // whole_number(length, "length", 1)
    if windows < 2:
        return math.nan
    spare = abs(effect) - half_width
    if not spare > 0:
        return 0.0
    means = past[len(past) - windows * length :].reshape(windows, length).mean(axis=1)
    worst = float(np.abs(np.diff(means)).max())
    return spare / worst if worst > 0 else math.inf


def plot_event_study(result: EventStudy, ax: Axes | None = None) -> Axes:
    """Draw the coefficients by period, with the window shaded."""
    ax = axes(ax)
    ax.plot(_periods(result.coefficients.index), result.coefficients, "o-", color=TREATED)
    ax.axhline(0, color="black", linewidth=0.6)
    inside = _periods(result.coefficients.loc[result.window[0] : result.window[1]].index)
    ax.axvspan(inside[0], inside[-1], color=TREATED, alpha=0.08, linewidth=0)
    return ax


def event_study_sentence(result: EventStudy, language: str) -> str:
    """Return how large the drift before the start is among all units."""
    _ = translator(language)
    return _(
        "Before the start the treated region drifted {drift} from its comparison regions (root mean square), "
        "number {rank} of {all} with the largest first."
    ).format(
        drift=number(result.pre_trend, language, decimals_for(result.pre_trend)),
        rank=number(result.rank, language),
        all=number(result.n + 1, language),
    )


def drift_sentence(result: DriftTest, language: str, level: float = 0.90) -> str:
    """Return the change of the deviation with its interval, and how much drift it would bear."""
    _ = translator(language)
    low, high = result.interval(level)
    shown = decimals_for(result.effect, result.pseudo_effect, low, high)
    first, last = result.pseudo_window
    values = {
        "method": method_name(result.changes.estimate.method, language),
        "effect": number(result.effect, language, shown, signed=True),
        "pseudo": number(result.pseudo_effect, language, shown, signed=True),
        "window": f"{first}–{last}" if first != last else f"{first}",
        "change": number(result.change, language, shown, signed=True),
        "level": percent(level, language),
        "interval": span(low, high, language, shown),
        "p": number(result.p_value, language, 3),
        "smallest": number(result.smallest_p, language, 3),
    }
    said = _(
        "{method}: effect {effect} a period, {pseudo} already in {window}; the change is {change}, {level} "
        "placebo interval {interval}, p = {p} (smallest possible {smallest})."
    ).format(**values)
    if not math.isfinite(result.breakdown) or result.breakdown == 0:
        return said
    more = _("Zero would lie inside if the drift after were {times} times the worst drift before.")
    return f"{said} {more.format(times=number(result.breakdown, language, 1))}"
