"""Several outcomes by one common set of weights, so that what adds up in the statistics adds up here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from attraktiv_eval.counterfactual.design import Design, Prepared, known_design, table_of_numbers
from attraktiv_eval.counterfactual.estimate import Estimate
from attraktiv_eval.counterfactual.inference.placebo_in_space import collect
from attraktiv_eval.counterfactual.inference.placebo_in_time import pseudo_design
from attraktiv_eval.counterfactual.inference.placebos import Placebos
from attraktiv_eval.counterfactual.solvers.simplex import Solution, convex_weights
from attraktiv_eval.errors import DesignError

NAME = "common_weights"


def common_weights(outcomes: Mapping[str, pd.DataFrame], design: Design) -> dict[str, Placebos]:
    """Estimate several outcomes by the same donors with the same weights, each with its placebos.

    Parameters
    ----------
    outcomes : mapping of id to DataFrame, period x unit
        Over the same periods. Where one is a sum or difference of others, so are their effects.
    design : Design
        A donor that lacks a figure of one outcome is left out of all.

    Returns
    -------
    dict of id to Placebos
        Every donor stands in the treated unit's place once, with one set of weights for all its outcomes.

    Raises
    ------
    DesignError
        If there is no outcome, their periods differ, or fewer than two donors remain.

    Notes
    -----
    Sun, Ben-Michael & Feller (2023): every series less its own mean before treatment, every outcome over the
    root mean square of these over the treated unit and its donors, the outcomes stacked; convex weights. The
    gap is linear in the outcome once the weights are given, so in-moves less out-moves is the net, exactly.
    """
    prepared, dropped = _prepared(outcomes, design)
    y, X = (np.array([getattr(one, name) for one in prepared.values()]) for name in ("y", "X"))
    first = next(iter(prepared.values()))
    before, window = first.before, first.window
    own, solved = _fit(y, X, before, window)
    places = range(len(first.donors))
    others = [_fit(X[:, :, j], np.delete(X, j, axis=2), before, window)[0] for j in places]
    found = {}
    for k, (id, one) in enumerate(prepared.items()):
        gaps = np.column_stack([gap[k] for gap in others])
        estimate = _estimate(own[k], solved, one, outcomes[id], replace(design, donors=list(one.donors)))
        found[id] = collect(estimate, one, gaps, list(one.donors), "units", dropped)
    return found


def common_weights_before(outcomes: Mapping[str, pd.DataFrame], design: Design) -> dict[str, Estimate]:
    """Ask the same of the window of equal length just before the project; later figures are not used.

    Raises
    ------
    DesignError
        If there are too few years before it.
    """
    _, dropped = _prepared(outcomes, design)
    kept = _without(design, outcomes, dropped)
    pretended = {id: pseudo_design(outcome, kept) for id, outcome in outcomes.items()}
    earlier = next(iter(pretended.values()))[1]
    placebos = common_weights({id: table for id, (table, _) in pretended.items()}, earlier)
    return {id: one.estimate for id, one in placebos.items()}


def _without(design: Design, outcomes: Mapping[str, pd.DataFrame], dropped: Mapping[str, str]) -> Design:
    first = next(iter(outcomes.values()))
    donors = (
        design.donors
        if design.donors is not None
        else [unit for unit in first.columns if unit not in design.treated]
    )
    return replace(design, donors=[unit for unit in donors if unit not in dropped])


def _prepared(
    outcomes: Mapping[str, pd.DataFrame], design: Design
) -> tuple[dict[str, Prepared], dict[str, str]]:
    """Return each outcome as the design takes it, with the donors that all of them have."""
    if not isinstance(outcomes, Mapping) or not outcomes:
        raise DesignError("there is no outcome", remedy="give at least one, by a name of your own")
    for outcome in outcomes.values():
        table_of_numbers(outcome)
    first = next(iter(outcomes.values()))
    design = known_design(design, first)
    if any(not outcome.index.equals(first.index) for outcome in outcomes.values()):
        raise DesignError("the outcomes are of different periods", remedy="cut them to the same periods")
    alone = {id: design.prepare(outcome) for id, outcome in outcomes.items()}
    dropped = {unit: why for one in alone.values() for unit, why in one.dropped.items()}
    kept = _without(design, outcomes, dropped)
    prepared = {id: kept.prepare(outcome) for id, outcome in outcomes.items()}
    periods = [one.periods for one in prepared.values()]
    if any(not own.equals(periods[0]) for own in periods):
        raise DesignError("the outcomes have holes in different years", remedy="cut them to the same years")
    next(iter(prepared.values())).check_placebos()
    return prepared, dropped


def _fit(y: np.ndarray, X: np.ndarray, before: np.ndarray, window: np.ndarray) -> tuple[np.ndarray, Solution]:
    """Return the gaps of one unit, shape (outcomes, periods), and the solution for its weights.

    Parameters
    ----------
    y : array, shape (outcomes, periods)
    X : array, shape (outcomes, periods, donors)
    before, window : bool array, shape (periods,)
    """
    y = y - y[:, before].mean(axis=1, keepdims=True)
    X = X - X[:, before].mean(axis=1, keepdims=True)
    past = np.concatenate([y[:, before, None], X[:, before]], axis=2)
    size = np.sqrt((past**2).mean(axis=(1, 2)))
    scale = np.where(size > 0, size, 1.0)
    donors = X.shape[2]
    stacked = X / scale[:, None, None]
    target = (y[:, before] / scale[:, None]).ravel()
    solved = convex_weights(
        target, stacked[:, before].reshape(-1, donors), stacked[:, window].reshape(-1, donors)
    )
    return y - X @ solved.weights, solved


def _estimate(
    gap: np.ndarray, solved: Solution, prepared: Prepared, outcome: pd.DataFrame, design: Design
) -> Estimate:
    periods = prepared.periods
    series = pd.Series(gap, periods, name="gap")
    actual = pd.Series(prepared.y, periods, name="actual")
    effects = series[prepared.window].rename("effect")
    return Estimate(
        effect=float(effects.mean()),
        effects=effects,
        counterfactual=(actual - series).rename("counterfactual"),
        actual=actual,
        gap=series,
        weights=pd.Series(solved.weights, pd.Index(prepared.donors, name="unit"), name="weight"),
        pre_rmse=float(np.sqrt((gap[prepared.before] ** 2).mean())),
        residual=solved.residual,
        method=NAME,
        design=design,
        details=dict(solved.details),
    )
