"""From a rate to persons, and from persons to households: here and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from attraktiv_eval.errors import ParameterError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["effect_in_persons", "households_from_persons", "rate_in_persons"]


class _Range(Protocol):
    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...


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
    inhabitants = population.reindex(effects.index)
    if inhabitants.isna().any():
        year = inhabitants.index[inhabitants.isna()][0]
        raise ParameterError(f"the population of {year} is missing", remedy="fetch it, or shorten the window")
    return float((effects * inhabitants).sum() / 1000)


def rate_in_persons(rate: float, population: pd.Series) -> float:
    """Return persons over the window from one mean rate: the ends of an interval, or a detectable effect."""
    return rate * float(population.sum()) / 1000


def households_from_persons(low: float, high: float, assumption: _Range) -> tuple[float, float]:
    """Return the smallest and largest of the four quotients of the ends and the persons per household.

    ``assumption`` has ``low`` and ``high`` persons per household that moves in. An unbounded end stays so.
    """
    quotients = [persons / size for persons in (low, high) for size in (assumption.low, assumption.high)]
    return min(quotients), max(quotients)
