"""Placebo in time: the same method asked about a start before the real one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from attraktiv_eval.counterfactual.design import FEWEST_PERIODS_BEFORE, Clock, Design, Prepared, known_design
from attraktiv_eval.counterfactual.estimate import processes, unit_gaps, whole_number
from attraktiv_eval.counterfactual.method import method_of
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
    design = known_design(design, outcome)
    prepared = design.prepare(outcome)
    clock, positions = _clock(prepared)
    start, length = _window(prepared)
    begin = start - length if first_treated is None else _place(clock, first_treated)
    if not positions[0] < begin < start:
        raise DesignError(
            "a pretended start must lie before the real one, with periods before it",
            remedy=f"choose a start before {design.first_treated}",
        )
    return _pretended(outcome, design, begin, start - begin)


def _pretended(outcome: pd.DataFrame, design: Design, begin: int, length: int) -> tuple[pd.DataFrame, Design]:
    """Return the outcome up to the end of a pretended window, and the design that pretends it."""
    prepared = design.prepare(outcome)
    clock, positions = _clock(prepared)
    lacking = [clock.name(place) for place in range(begin, begin + length) if place not in positions]
    if lacking:
        raise DesignError(
            f"the pretended window from {clock.name(begin)} to {clock.name(begin + length - 1)} lacks "
            f"{', '.join(lacking)}",
            remedy="choose a start whose window has every period",
        )
    periods = dict(zip(positions.tolist(), prepared.periods, strict=True))
    first, last = periods[begin], periods[begin + length - 1]
    past = outcome.loc[prepared.periods[positions < begin + length]]
    pretended = replace(design, first_treated=first, last_treated=last)
    if design.starts is not None:
        earlier = design.first_treated - first
        pretended = replace(pretended, starts={unit: at - earlier for unit, at in design.starts.items()})
    return past, pretended


def _clock(prepared: Prepared) -> tuple[Clock, np.ndarray]:
    clock = prepared.clock
    if clock is None:
        raise DesignError("the periods have no clock", remedy="make the arrays by Design.prepare")
    return clock, clock.positions


def _window(prepared: Prepared) -> tuple[int, int]:
    """Return the position at which the real window begins, and its length in periods of the clock."""
    places = _clock(prepared)[1][prepared.window]
    return int(places[0]), int(places[-1] - places[0]) + 1


def _place(clock: Clock, period: Any) -> int:
    try:
        place = clock.first(period)
    except (TypeError, ValueError) as error:
        raise DesignError(
            f"{period} is not a period of the outcome", remedy="choose one of its periods"
        ) from error
    if place not in clock.positions:
        raise DesignError(f"{period} is not a period of the outcome", remedy="choose one of its periods")
    return place


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
    design = known_design(design, outcome)
    from attraktiv_eval.counterfactual.estimators import estimate

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
    min_before = whole_number(min_before, "min_before", FEWEST_PERIODS_BEFORE)
    design = known_design(design, outcome)
    prepared = design.prepare(outcome)
    clock, positions = _clock(prepared)
    start, length = _window(prepared)
    there = set(positions.tolist())
    if first_treated is None:
        begins = [
            begin
            for begin in positions[min_before:].tolist()
            if begin + length <= start and there.issuperset(range(begin, begin + length))
        ]
    else:
        begins = [_place(clock, first) for first in first_treated]
    tables = []
    for begin in begins:
        if begin + length > start:
            raise DesignError(
                f"a window from {clock.name(begin)} reaches the project", remedy="choose an earlier start"
            )
        past, pretended = _pretended(outcome, design, begin, length)
        tables.append(_one_start(past, pretended, method, n_jobs, options))
    if not tables:
        raise DesignError(
            f"no window of {length} periods lies before the project with {min_before} periods before it",
            remedy="begin the outcome earlier",
        )
    return pd.concat(tables, ignore_index=True)


def _one_start(
    past: pd.DataFrame, design: Design, method: str, n_jobs: int, options: dict[str, Any]
) -> pd.DataFrame:
    from attraktiv_eval.counterfactual.estimators import estimate

    own = estimate(past, design, method, **options)
    prepared = design.prepare(past)
    prepared.check_placebos()
    gaps = unit_gaps(
        prepared.X,
        range(len(prepared.donors)),
        prepared.before,
        prepared.window,
        method,
        n_treated=prepared.n_treated,
        n_jobs=processes(n_jobs),
        **method_of(method).timing(prepared.clock),
        **options,
    )
    effects = np.concatenate([[own.effect], gaps[prepared.window].mean(axis=0)])
    return pd.DataFrame(
        {
            "first_treated": design.first_treated,
            "last_treated": design.last_treated,
            "unit": [design.name, *prepared.donors],
            "treated": [True] + [False] * len(prepared.donors),
            "effect": effects,
        }
    )
