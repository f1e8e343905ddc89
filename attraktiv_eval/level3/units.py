"""From effects per 1,000 inhabitants to persons over a window, the interval included."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from attraktiv_eval.errors import ParameterError, guard

if TYPE_CHECKING:
    import pandas as pd

    from attraktiv_eval.counterfactual.estimate import Estimate
    from attraktiv_eval.counterfactual.inference.placebos import Placebos

__all__ = [
    "effect_in_persons",
    "hangs_on",
    "households_from_persons",
    "interval_in_persons",
    "rate_in_persons",
    "told_in_persons",
]


def effect_in_persons(effects: pd.Series, population: pd.Series) -> float:
    """Return persons over the window: the sum of effect_t x population_t / 1000.

    Parameters
    ----------
    effects : Series
        Effect per 1,000 inhabitants, by year.
    population : Series
        Inhabitants on 31 December, by year; years beside the effects' are not used.

    Raises
    ------
    ParameterError
        If the population of a year is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> effects, people = pd.Series({2020: 1.0, 2021: 2.0}), pd.Series({2020: 130_000, 2021: 132_000})
    >>> effect_in_persons(effects, people)
    394.0
    """
    return float((effects * _inhabitants(effects, population)).sum() / 1000)


def rate_in_persons(rate: float, population: pd.Series) -> float:
    """Return persons over the window from one mean rate: the ends of an interval, or a detectable effect."""
    return rate * float(population.sum()) / 1000


def interval_in_persons(
    effects: pd.Series, low: float, high: float, population: pd.Series
) -> tuple[float, float]:
    """Return an interval of the mean effect, in persons over the window, around `effect_in_persons`.

    The distances of the ends from the mean effect are brought to persons by all inhabitants of the
    window. Where the inhabitants change between the years, the centre in persons and the mean rate differ
    by a little; an end closer to zero than that could change its sign and contradict the p-value, whose
    interval is the one in rates. Such an end stops at zero, and zero stays on the side of the interval in
    rates.

    Parameters
    ----------
    effects : Series
        Effect per 1,000 inhabitants, by period of the window.
    low, high : float
        The interval of their mean, per 1,000 inhabitants and period; infinite or NaN where there is none.
    population : Series
        Inhabitants by period; periods beside the effects' are not used.

    Raises
    ------
    ParameterError
        If the population of a period is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> effects, people = pd.Series({2020: 1.0, 2021: 2.0}), pd.Series({2020: 130_000, 2021: 132_000})
    >>> interval_in_persons(effects, 0.5, 2.5, people)
    (132.0, 656.0)
    """
    centre, mean = effect_in_persons(effects, population), float(effects.mean())
    inhabitants = _inhabitants(effects, population)
    ends = (centre + rate_in_persons(end - mean, inhabitants) for end in (low, high))
    first, last = (_same_side(end, rate) for end, rate in zip(ends, (low, high), strict=True))
    return first, last


def told_in_persons(own: Estimate, low: float, high: float, population: pd.Series) -> dict[str, float]:
    """Return an effect with its interval, as rates and as persons over the window."""
    first, last = interval_in_persons(own.effects, low, high, population)
    return {
        "effect": own.effect,
        "effect_low": low,
        "effect_high": high,
        "effect_persons": effect_in_persons(own.effects, population),
        "low": first,
        "high": last,
    }


def hangs_on(
    placebos: Placebos, population: pd.Series, level: float = 0.90, averaged: int = 1
) -> dict[str, Any]:
    """Return what an interval hangs on: the level it really has, and its ends without the unit that sets it.

    Parameters
    ----------
    population : Series
        Inhabitants by period, as in :func:`interval_in_persons`.
    averaged : int
        By how many the sum over the window is divided; the number of periods for a stock.

    Returns
    -------
    dict
        true_level (share; NaN where there are too few placebos for an interval), setting_unit (None there),
        low_without and high_without (persons over the window; infinite where too few placebos are left).
    """
    effects, unit = placebos.estimate.effects, placebos.setting_unit(level)
    low, high = placebos.without_setting_unit(level).interval(level)
    first, last = interval_in_persons(effects, low, high, population)
    return {
        "true_level": placebos.true_level(level),
        "setting_unit": None if unit is None else str(unit),
        "low_without": first / averaged,
        "high_without": last / averaged,
    }


def _same_side(persons: float, rate: float) -> float:
    """Return an end of the interval with the sign that it has in rates, NaN and infinities as they are."""
    if math.isnan(persons) or persons * rate > 0:
        return persons
    return math.copysign(math.ulp(0.0), rate) if rate else 0.0


def _inhabitants(effects: pd.Series, population: pd.Series) -> pd.Series:
    inhabitants = population.reindex(effects.index)
    if inhabitants.isna().any():
        year = inhabitants.index[inhabitants.isna()][0]
        raise ParameterError(f"the population of {year} is missing", remedy="fetch it, or shorten the window")
    return inhabitants


# --- From a rate to persons, and from persons to households: here and nowhere else


@runtime_checkable
class _Range(Protocol):
    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...


def households_from_persons(low: float, high: float, assumption: _Range) -> tuple[float, float]:
    """Return the smallest and largest of the four quotients of the ends and the persons per household.

    ``assumption`` has ``low`` and ``high`` persons per household that moves in. An unbounded end stays so.
    """
    quotients = [persons / size for persons in (low, high) for size in (assumption.low, assumption.high)]
    return min(quotients), max(quotients)


guard(globals())
