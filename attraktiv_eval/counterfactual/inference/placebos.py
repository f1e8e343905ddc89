"""The result of a placebo test in space: one test, three uses (p-value, interval, power)."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from attraktiv_eval.counterfactual.estimate import axes, figures, made_later, real
from attraktiv_eval.counterfactual.method import coverage_note, method_name, methods
from attraktiv_eval.errors import DesignError
from attraktiv_eval.texts import decimals_for, number, percent, span, translator

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from attraktiv_eval.counterfactual.estimate import Estimate

__all__ = [
    "LEVEL",
    "OTHERS",
    "TREATED",
    "GapMeasures",
    "Placebos",
    "checked_level",
    "critical_rank",
    "floor_of",
    "measure",
    "nothing",
    "placebo_sentence",
    "plot_gaps",
    "snap",
    "strayed",
]


LEVEL = 0.90  # two-sided, everywhere in the package
BAD_FIT = 5.0  # a placebo fits badly where its pre-period mean squared gap is over 5 times the treated unit's


@made_later("effects", "gaps", "scales", "ratios", "raw_scales")
@dataclass(frozen=True)
class Placebos:
    """What the same method finds where nothing was done.

    Attributes
    ----------
    estimate : Estimate
        The estimate for the treated unit or group.
    effects : Series by placebo
        A_j, the mean gap over the window, in the outcome's unit per period.
    gaps : DataFrame, period x placebo
    scales : Series by placebo
        s*_j, how far the gap strayed before the window, raised to the floor that all units share.
    ratios : Series by placebo
        Root mean square gap in the window over that before.
    own_effect, scale, own_ratio : float
        A, s* and the same ratio for the treated unit.
    rule : {"scaled", "absolute"}
        Whether placebos are ranked by t = |A| / s* or by |A| alone.
    kind : {"units", "random", "counties", "groups"}
        What stands in the treated unit's place.
    reason : str or None
        Why |A| alone is used: "perfect_fit", where the median of the scales is nothing, or "asked".
    left_out : dict
        Placebos that could not be made, with the reason.
    floor : float
        Half the median of the scales of all units; 0 where the median is nothing.
    raw_scale : float
        s of the treated unit before the floor; NaN in a test that was made without it.
    raw_scales : Series by placebo, or None
        s_j before the floor.
    """

    estimate: Estimate
    effects: pd.Series
    gaps: pd.DataFrame
    scales: pd.Series
    ratios: pd.Series
    own_effect: float
    scale: float
    own_ratio: float
    rule: Literal["scaled", "absolute"] = "scaled"
    kind: str = "units"
    reason: str | None = None
    left_out: dict[str, str] = field(default_factory=dict)
    details: dict[str, Any] = field(default_factory=dict)
    floor: float = 0.0
    raw_scale: float = math.nan
    raw_scales: pd.Series | None = None

    @property
    def n(self) -> int:
        """The number of placebos."""
        return len(figures(self, "effects"))

    @property
    def statistic(self) -> float:
        """What is ranked for the treated unit: t, or |A|."""
        if self.rule == "absolute":
            return abs(self.own_effect)
        if self.scale > 0:
            return abs(self.own_effect) / self.scale
        return math.inf if self.own_effect else 0.0

    @cached_property
    def statistics(self) -> pd.Series:
        """What is ranked for each placebo: t_j, or |A_j|."""
        return pd.Series(self._ranked, self.effects.index, name="statistic")

    @cached_property
    def _ranked(self) -> np.ndarray:
        size = np.abs(figures(self, "effects"))
        if self.rule == "scaled":
            with np.errstate(divide="ignore", invalid="ignore"):
                size = np.where(size == 0, 0.0, size / figures(self, "scales"))
        return snap(size, self.statistic)

    @property
    def p_value(self) -> float:
        """(1 + the number of placebos at least as extreme) / (n + 1)."""
        return self.rank / (self.n + 1)

    @property
    def smallest_p(self) -> float:
        """The smallest p-value that this number of placebos can give, 1 / (n + 1)."""
        return 1 / (self.n + 1)

    @property
    def rank(self) -> int:
        """Place of the treated unit among all n + 1, the most extreme first."""
        return 1 + int((self._ranked >= self.statistic).sum())

    @property
    def ratio_rank(self) -> int:
        """Place by the ratio of root mean square gaps, window over before, the largest first."""
        others = snap(figures(self, "ratios"), self.own_ratio)
        return 1 + int((others >= self.own_ratio).sum())

    @cached_property
    def noise(self) -> pd.Series:
        """e_j = s* A_j / s*_j: each placebo's effect brought to the treated unit's scale."""
        if self.rule == "absolute":
            return self.effects.rename("noise")
        with np.errstate(divide="ignore", invalid="ignore"):
            raw = self.scale * self.effects.to_numpy() / self.scales.to_numpy()
        return pd.Series(np.where(self.effects == 0, 0.0, raw), self.effects.index, name="noise")

    def half_width(self, level: float = LEVEL) -> float:
        """Return s* t_(r), the distance at which an effect stops being ordinary; infinite where r > n."""
        rank = critical_rank(checked_level(level), self.n)
        if rank > self.n:
            return math.inf
        critical = float(np.sort(self._ranked)[rank - 1])
        if critical == self.statistic and math.isfinite(critical):
            return abs(self.own_effect)  # a tie: zero lies on the border, exactly
        return critical if self.rule == "absolute" else (self.scale * critical if self.scale else 0.0)

    def interval(self, level: float = LEVEL) -> tuple[float, float]:
        """Return the placebo interval A ± s* t_(r), in the outcome's unit per period.

        Zero lies outside the 90 % interval exactly when the p-value is at most 0.10. With too few
        placebos for the level both ends are infinite.

        Raises
        ------
        DesignError
            If the level is no share between 0 and 1.
        """
        half = self.half_width(level)
        return self.own_effect - half, self.own_effect + half

    def true_level(self, level: float = LEVEL) -> float:
        """Return the level that the interval really has, r / (n + 1): 0.905 for 0.90 with 20 placebos.

        NaN where there are too few placebos for any interval.
        """
        rank = critical_rank(checked_level(level), self.n)
        return rank / (self.n + 1) if rank <= self.n else math.nan

    def setting_unit(self, level: float = LEVEL) -> Any:
        """Return the placebo whose statistic sets the width of the interval; None where there is none."""
        rank = critical_rank(checked_level(level), self.n)
        if rank > self.n:
            return None
        return self.effects.index[int(np.argsort(self._ranked, kind="stable")[rank - 1])]

    def without_setting_unit(self, level: float = LEVEL) -> Placebos:
        """Return the same test without the one placebo that sets the width of the interval.

        The scales and their floor stay as they are. Where no placebo sets it, the test itself.
        """
        unit = self.setting_unit(level)
        return self if unit is None else self.of(self.effects.index[self.effects.index != unit])

    def of(self, units: pd.Index) -> Placebos:
        """Return the same test with some of its placebos, the scales and their floor as they are.

        Raises
        ------
        DesignError
            If one of them is none of the placebos.
        """
        if not isinstance(units, pd.Index) or not units.isin(self.effects.index).all():
            raise DesignError(
                "not all of these are placebos", remedy="give an index of units of effects.index"
            )
        return replace(
            self,
            effects=self.effects[units],
            gaps=self.gaps[units],
            scales=self.scales[units],
            ratios=self.ratios[units],
            raw_scales=None if self.raw_scales is None else self.raw_scales[units],
        )

    def absolute(self) -> Placebos:
        """Return the same test with placebos ranked by |A| alone."""
        return self if self.rule == "absolute" else replace(self, rule="absolute", reason="asked")

    @property
    def _fit(self) -> tuple[float, pd.Series]:
        """The scales before the floor, where they are known."""
        if self.raw_scales is None:
            return self.scale, self.scales
        return self.raw_scale, self.raw_scales

    @property
    def _badly_fitted(self) -> pd.Series:
        own, others = self._fit
        return others**2 > BAD_FIT * own**2

    def well_fitting(self) -> Placebos:
        """Return the same test without the placebos that fitted badly before the window.

        Badly: a mean squared gap before over five times the treated unit's.
        """
        badly = self._badly_fitted
        return self.of(badly.index[~badly])

    def variants(self, level: float = LEVEL) -> pd.DataFrame:
        """Return the test and the versions that belong beside it, one row a version.

        Columns: version, rule, n, p_value, smallest_p, true_level, low, high. ``without_setting_unit`` is
        the test without the one placebo that sets the interval's width; ``rmspe_ratio`` ranks by the ratio
        of root mean square gaps and has no interval.
        """
        rows: list[tuple[Any, ...]] = []
        for name, test in (
            ("main", self),
            ("without_setting_unit", self.without_setting_unit(level)),
            ("absolute", self.absolute()),
            ("well_fitting", self.well_fitting()),
        ):
            told = (test.rule, test.n, test.p_value, test.smallest_p, test.true_level(level))
            rows.append((name, *told, *test.interval(level)))
        share = self.ratio_rank / (self.n + 1)
        rows.append(("rmspe_ratio", "ratio", self.n, share, self.smallest_p, math.nan, math.nan, math.nan))
        names = ["version", "rule", "n", "p_value", "smallest_p", "true_level", "low", "high"]
        return pd.DataFrame(rows, columns=names)

    def table(self) -> pd.DataFrame:
        """Return one row a unit, the treated first, then the placebos from the most extreme down.

        Columns: unit, treated, effect, scale (s*), statistic, rmspe_ratio, bad_fit.
        """
        treated = self.estimate.design.name
        own = pd.DataFrame(
            {
                "unit": [treated],
                "treated": [True],
                "effect": [self.own_effect],
                "scale": [self.scale],
                "statistic": [self.statistic],
                "rmspe_ratio": [self.own_ratio],
                "bad_fit": [False],
            }
        )
        order = self.statistics.sort_values(ascending=False, kind="stable").index
        rest = pd.DataFrame(
            {
                "unit": [str(unit) for unit in order],
                "treated": False,
                "effect": self.effects[order].to_numpy(),
                "scale": self.scales[order].to_numpy(),
                "statistic": self.statistics[order].to_numpy(),
                "rmspe_ratio": self.ratios[order].to_numpy(),
                "bad_fit": self._badly_fitted[order].to_numpy(),
            }
        )
        return pd.concat([own, rest], ignore_index=True)

    def sentence(self, language: str = "sv") -> str:
        """Return one honest sentence: effect, interval, p-value and the smallest p there could be."""
        return placebo_sentence(self, language)

    def __repr__(self) -> str:
        """Return one short line; the gaps and scales have a table."""
        who, own = self.estimate.design.name, self.estimate
        return f"Placebos({who!r}, {own.method!r}, effect={self.own_effect:.6g}, n={self.n})"

    def _repr_html_(self) -> str:
        """Return the sentence, the gaps, the versions of the test and the units, as a notebook shows them."""
        from attraktiv_eval.texts import as_html, drawn_as_svg, shown_in, translator

        _ = translator(shown_in())
        said = self.sentence(shown_in())
        tables = {_("Versions of the test"): self.variants(), _("Units"): self.table()}
        return as_html([said], {}) + drawn_as_svg(self.plot, said) + as_html([], tables)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the treated unit's gap over the placebos' gaps; return the axes."""
        return plot_gaps(self, ax)


# --- What gap series say: their mean in the window, and how far they strayed before

FLOOR = 0.5  # of the median scale
PERFECT = 1e-3  # of what the plain mean of the others leaves: a median scale below it counts as zero
ROUNDING = 1e-10  # of the largest outcome: what is smaller is rounding
TIE = 1e-9  # relative; below it two statistics count as equal


@dataclass(frozen=True)
class GapMeasures:
    """The measures of some gap series, in the outcome's own unit, each of shape (series,).

    ``effect`` is A, ``scale`` is s (before the floor), and ``ratio`` the root mean square of the gap in the
    window over that before (after its own baseline, where the method has one).
    """

    effect: np.ndarray
    scale: np.ndarray
    ratio: np.ndarray


def strayed(past: np.ndarray, method: str) -> np.ndarray:
    """Return the scale s of gaps before the window, shape (series,) for gaps of shape (periods, series).

    The standard deviation (ddof 0) about the plain mean of the gaps before, so that a method with a level of
    its own is not charged for it; the root mean square for a method without one.
    """
    known = methods().get(method)
    if known is None or known.gap_from_mean:
        past = past - past.mean(axis=0)
    return np.asarray(np.sqrt(np.einsum("ts,ts->s", past, past) / len(past)))


def measure(
    gaps: np.ndarray, before: np.ndarray, window: np.ndarray, method: str, rounding: float = 0.0
) -> GapMeasures:
    """Return A, s and the ratio of the root mean squares of gap series.

    Parameters
    ----------
    gaps : array, shape (periods, series)
        The mean of each over the window is its effect.
    before, window : array of bool, shape (periods,)
    method : str
        Name of the method, which decides the scale.
    rounding : float
        Below it a gap is nothing: a ratio of two such numbers says nothing either.
    """
    inside = gaps[window]
    scale = strayed(gaps[before], method)
    after = np.sqrt(np.einsum("ts,ts->s", inside, inside) / len(inside))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(after > rounding, after / np.where(scale > rounding, scale, 0.0), 0.0)
    return GapMeasures(inside.mean(axis=0), scale, ratio)


def nothing(y: np.ndarray, X: np.ndarray, before: np.ndarray) -> tuple[float, float]:
    """Return below which scale a fit counts as perfect, and below which effect there is only rounding.

    A fit is perfect where it leaves less than a thousandth of what the plain mean of the other donors
    leaves of a donor, at the median. That mean takes every common movement away, so that a common trend
    changes nothing here.

    Parameters
    ----------
    y : array, shape (periods,)
    X : array, shape (periods, donors)
    before : bool array, shape (periods,)
    """
    past = X[before]
    rest = past - past.mean(axis=1, keepdims=True)
    rest = rest - rest.mean(axis=0)
    left = math.sqrt(_median(np.einsum("td,td->d", rest, rest)) / len(past))
    size = max(float(np.abs(past).max()), float(np.abs(y[before]).max()))
    return max(PERFECT * left, ROUNDING * size), ROUNDING * size


def floor_of(scales: np.ndarray, perfect: float = 0.0) -> float:
    """Return half the median of scales; 0 where the median is at most ``perfect``.

    Parameters
    ----------
    scales : array, shape (placebos + 1,)
        Of the treated unit and of all its placebos.
    """
    median = _median(scales)
    return FLOOR * median if median > perfect else 0.0


def _median(values: np.ndarray) -> float:
    """Return what ``np.median`` does, without its care for axes and masks; NaN where one is."""
    ordered = np.sort(values)
    middle = len(ordered) // 2
    if math.isnan(ordered[-1]):
        return math.nan
    return float(ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2.0)


def checked_level(level: Any, name: str = "level") -> float:
    """Return a level between 0 and 1, both excluded.

    Raises
    ------
    DesignError
        If it is anything else; a percentage is told as the share that it means.
    """
    value = real(level)
    if 0 < value < 1:
        return value
    meant = f"{value / 100:g}" if 1 < value < 100 else "0.9"
    raise DesignError(
        f"the {name} is {level!r}, not a share between 0 and 1",
        remedy=f"give a share, such as {meant} for {100 * float(meant):g} %",
    )


def critical_rank(level: float, n: int) -> int:
    """Return r = ceil(level (n + 1)): which of n ordered placebo statistics bounds the interval."""
    return math.ceil(level * (n + 1) - 1e-9)


def snap(statistics: np.ndarray, own: float) -> np.ndarray:
    """Make statistics that differ from the treated unit's by rounding alone equal to it.

    Without this a donor that duplicates the treated unit would count as larger on one machine and as
    smaller on another, and the interval and the p-value could disagree.
    """
    with np.errstate(invalid="ignore"):
        near = np.abs(statistics - own) <= TIE * abs(own)
    return np.where(near, own, statistics)


def placebo_sentence(placebos: Placebos, language: str, level: float = 0.90) -> str:
    """Return effect, interval, p-value, what follows, what the interval hangs on, and a known fault."""
    told = _placebo_sentence(placebos, language, level)
    interval = "absolute" if placebos.rule == "absolute" else "placebo"
    note = coverage_note(placebos.estimate.method, interval, language) if placebos.kind == "units" else ""
    parts = (told, _hangs_on(placebos, language, level), _perfect(placebos, language), note)
    return " ".join(part for part in parts if part)


def _hangs_on(placebos: Placebos, language: str, level: float) -> str:
    """Return the level that the interval really has, and what it is without the placebo that sets it."""
    unit = placebos.setting_unit(level)
    if unit is None:
        return ""
    _ = translator(language)
    low, high = placebos.without_setting_unit(level).interval(level)
    values = {
        "true": percent(placebos.true_level(level), language, 1),
        "unit": str(unit),
        "interval": span(low, high, language, decimals_for(placebos.own_effect, low, high)),
    }
    if not math.isfinite(low):
        return _(
            "The true level of the interval is {true}; without {unit}, which sets its width, too few "
            "placebos are left for one."
        ).format(**values)
    return _(
        "The true level of the interval is {true}; without {unit}, which sets its width, it is {interval}."
    ).format(**values)


def _perfect(placebos: Placebos, language: str) -> str:
    if placebos.reason != "perfect_fit":
        return ""
    _ = translator(language)
    return _(
        "More than half of the units are fitted all but perfectly before, so that the effects are ranked by "
        "their size alone."
    )


def _placebo_sentence(placebos: Placebos, language: str, level: float) -> str:
    _ = translator(language)
    low, high = placebos.interval(level)
    shown = decimals_for(placebos.own_effect, low, high)
    values = {
        "method": method_name(placebos.estimate.method, language),
        "effect": number(placebos.own_effect, language, shown, signed=True),
        "level": percent(level, language),
        "p": number(placebos.p_value, language, 3),
        "smallest": number(placebos.smallest_p, language, 3),
        "n": number(placebos.n, language),
    }
    if not math.isfinite(low):
        return _(
            "{method}: effect {effect} a period. {n} placebos are too few for an interval at {level}; "
            "no effect could have a p-value below {smallest}."
        ).format(**values)
    values["interval"] = span(low, high, language, shown)
    if placebos.p_value <= 1 - level + 1e-12:
        return _(
            "{method}: effect {effect} a period, {level} placebo interval {interval}, p = {p} (smallest "
            "possible {smallest}, {n} placebos). The gap is larger than chance usually gives."
        ).format(**values)
    return _(
        "{method}: effect {effect} a period, {level} placebo interval {interval}, p = {p} (smallest "
        "possible {smallest}, {n} placebos). The gap cannot be told apart from chance."
    ).format(**values)


TREATED = "#1f5a7a"
OTHERS = "#b9bcc0"
MOST_LINES = 300  # more grey lines than this carry no further information


def _periods(index: pd.Index) -> Any:
    """Return something that matplotlib can place on an axis."""
    return index.to_timestamp() if hasattr(index, "to_timestamp") else index


def plot_gaps(placebos: Placebos, ax: Axes | None = None) -> Axes:
    """Draw the treated unit's gap over those of the placebos, with the window shaded."""
    ax = axes(ax)
    own = placebos.estimate.gap
    at = _periods(own.index)
    ax.plot(at, placebos.gaps.iloc[:, :MOST_LINES], color=OTHERS, linewidth=0.7)
    ax.plot(at, own, color=TREATED, linewidth=2)
    inside = _periods(placebos.estimate.effects.index)
    ax.axvspan(inside[0], inside[-1], color=TREATED, alpha=0.08, linewidth=0)
    ax.axhline(0, color="black", linewidth=0.6)
    return ax
