"""Placebo in time: the same method asked about a start before the real one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from attraktiv_eval.counterfactual.design import Design
from attraktiv_eval.counterfactual.inference.fitting import treated_name, unit_gaps
from attraktiv_eval.errors import DesignError

__all__ = ["placebo_in_time", "pseudo_design", "pseudo_effects"]


def pseudo_design(
    outcome: pd.DataFrame, design: Design, first_treated: Any = None
) -> tuple[pd.DataFrame, Design]:
    """Return the outcome without any period from the real start on, and a design that pretends.

    Parameters
    ----------
    first_treated : period, optional
        The pretended start. Default: the last window of the real window's length before the real start.
        With another start the pretended window runs to the last period before the real start.

    Raises
    ------
    DesignError
        If the pretended start is not before the real one, or is no period of the outcome.
    """
    periods = list(outcome.index)
    start, end = _window_places(outcome, design)
    begin = start - (end - start + 1) if first_treated is None else _place(periods, first_treated)
    if not 0 < begin < start:
        raise DesignError(
            "a pretended start must lie before the real one, with periods before it",
            remedy=f"choose a start before {design.first_treated}",
        )
    pretended = replace(design, first_treated=periods[begin], last_treated=periods[start - 1])
    return outcome.iloc[:start], pretended


def _window_places(outcome: pd.DataFrame, design: Design) -> tuple[int, int]:
    """Return first and last place of the real window."""
    places = np.flatnonzero(design.prepare(outcome).window)
    return int(places[0]), int(places[-1])


def _place(periods: list[Any], period: Any) -> int:
    if period not in periods:
        raise DesignError(f"{period} is not a period of the outcome", remedy="choose one of its periods")
    return periods.index(period)


def placebo_in_time(
    outcome: pd.DataFrame,
    design: Design,
    method: str = "synthetic_control",
    first_treated: Any = None,
    *,
    n_jobs: int = 1,
    **options: Any,
) -> Any:
    """Estimate the effect of a start that did not happen, from no data of the real start or later.

    Parameters
    ----------
    first_treated : period, optional
        See :func:`pseudo_design`. The default is the window that the report prints beside every
        estimate: 2017–2019 for a project of 2020–2022.
    n_jobs : int
        Taken for likeness with the other tests; there is one fit to make.

    Returns
    -------
    Estimate
        For the treated region; its effect should be nothing.

    Notes
    -----
    Abadie, Diamond & Hainmueller (2015), section 4. On Proposition 99 ``synthetic_control`` gives −3.373
    with the start at 1980 and −6.129 with the start at 1985.

    Examples
    --------
    >>> import attraktiv_eval as ae
    >>> rates = ae.Panel.load().rate("net_migration")
    >>> before = placebo_in_time(rates, ae.Design(["23"], 2020, 2022), "synthetic_did")
    >>> list(before.effects.index)
    [2017, 2018, 2019]
    """
    from attraktiv_eval.counterfactual.estimate import estimate

    past, pretended = pseudo_design(outcome, design, first_treated)
    return estimate(past, pretended, method, **options)


def pseudo_effects(
    outcome: pd.DataFrame,
    design: Design,
    method: str = "synthetic_control",
    *,
    first_treated: Iterable[Any] | None = None,
    min_before: int = 4,
    n_jobs: int = 1,
    **options: Any,
) -> pd.DataFrame:
    """Return the pseudo-effects of the treated unit and of every donor, for every possible start.

    Every window has the real window's length and lies wholly before the real start; each is fitted
    without later data.

    Returns
    -------
    DataFrame, one row a start and unit
        first_treated, last_treated, unit, treated (bool), effect (outcome's unit per period).
    """
    periods = list(outcome.index)
    start, end = _window_places(outcome, design)
    length = end - start + 1
    wanted = periods[min_before : start - length + 1] if first_treated is None else list(first_treated)
    tables = []
    for first in wanted:
        begin = _place(periods, first)
        past = outcome.iloc[: begin + length]
        pretended = replace(design, first_treated=first, last_treated=periods[begin + length - 1])
        if begin + length > start:
            raise DesignError(f"a window from {first} reaches the project", remedy="choose an earlier start")
        tables.append(_one_start(past, pretended, method, n_jobs, options))
    return pd.concat(tables, ignore_index=True)


def _one_start(
    past: pd.DataFrame, design: Design, method: str, n_jobs: int, options: dict[str, Any]
) -> pd.DataFrame:
    from attraktiv_eval.counterfactual.estimate import estimate

    own = estimate(past, design, method, **options)
    prepared = design.prepare(past)
    gaps = unit_gaps(
        prepared.X,
        range(len(prepared.donors)),
        prepared.before,
        prepared.window,
        method,
        n_treated=prepared.n_treated,
        n_jobs=n_jobs,
        **options,
    )
    effects = np.concatenate([[own.effect], gaps[prepared.window].mean(axis=0)])
    return pd.DataFrame(
        {
            "first_treated": design.first_treated,
            "last_treated": design.last_treated,
            "unit": [treated_name(design), *prepared.donors],
            "treated": [True] + [False] * len(prepared.donors),
            "effect": effects,
        }
    )
