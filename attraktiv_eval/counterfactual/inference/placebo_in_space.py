"""Placebo in space: every comparison region in the treated region's place."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from attraktiv_eval.counterfactual.design import Design, known_design
from attraktiv_eval.counterfactual.estimate import figures, later, processes, whole_number
from attraktiv_eval.counterfactual.inference.fits import unit_gaps
from attraktiv_eval.counterfactual.inference.placebo_groups import group_gaps
from attraktiv_eval.counterfactual.inference.placebos import Placebos, floor_of, measure, nothing
from attraktiv_eval.counterfactual.method import method_of
from attraktiv_eval.errors import DesignError

__all__ = ["collect", "placebo_in_space"]

SEED = 20200101
DRAWS = 1000


def placebo_in_space(
    outcome: pd.DataFrame,
    design: Design,
    method: str = "synthetic_control",
    *,
    groups: str | Mapping[str, str] | None = None,
    populations: pd.DataFrame | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
    n_jobs: int = 1,
    gaps: pd.DataFrame | None = None,
    **options: Any,
) -> Placebos:
    """Estimate the same effect where nothing was done, and rank the treated unit among these placebos.

    Parameters
    ----------
    outcome : DataFrame, period x unit
    design : Design
        Its donors take the treated unit's place in turn, each out of its own pool; the treated unit
        is never a donor.
    method : str
        A name in ``METHODS``.
    groups : {None, "random", "counties"} or mapping of unit to group
        None: each donor singly, for one treated unit. "random": as many donors as there are treated
        units, each from the population class of one of them. "counties": the real counties, told by
        the first two digits of the codes. A mapping names other real groups. Several treated units with
        None mean "random".
    populations : DataFrame, period x unit, optional
        Weights within placebo groups, and the classes; default the design's own weights.
    draws, seed : int
        Of the random groups. Of a design with starts of its own the groups are as many donors as there are
        treated units, each with the start and weight of one of them, at most
        :data:`~attraktiv_eval.counterfactual.staggered.GROUPS`.
    n_jobs : int
        Processes; results do not depend on it.
    gaps : DataFrame, period x donor, optional
        The placebos' gaps from an earlier call with the same outcome, window, donors and method, such as
        another municipality's: the treated unit is in nobody's pool, so they are the same.
    **options
        Passed to the method.

    Returns
    -------
    Placebos
        Ranked by t = |A| / s*, where s* is never less than half the median of s over the treated unit and
        its placebos; by |A| alone where that median is nothing. What a method tunes (``tuned_once``) is
        chosen once, for the treated unit, and serves its placebos.

    Raises
    ------
    DesignError
        If fewer than two donors remain, the groups cannot be formed, or an argument is none.

    Notes
    -----
    Abadie, Diamond & Hainmueller (2010), section 3.4, with the studentised statistic of Conley & Taber
    (2011) turned into an interval. On Proposition 99 ``synthetic_control`` has a ratio of root mean
    square gaps of 12.440, third of 39.

    Examples
    --------
    >>> import attraktiv_eval as ae
    >>> rates = ae.Panel.load().rate("in_moves")
    >>> found = placebo_in_space(rates, ae.Design(["23"], 2020, 2022), "demeaned_synthetic_control")
    >>> found.n, round(found.p_value, 3), round(found.smallest_p, 3)
    (20, 0.619, 0.048)
    """
    design = known_design(design, outcome)
    n_jobs, draws, seed = processes(n_jobs), whole_number(draws, "draws", 1), whole_number(seed, "seed")
    for name, table in (("gaps", gaps), ("populations", populations)):
        _refuse_other_than_a_table(name, table)
    chosen = method_of(method)
    chosen.check_options(options)
    prepared = design.prepare(outcome)
    own = chosen(outcome if design.stacked else prepared, design, **options)
    prepared.check_placebos()
    kind = _kind(groups, prepared.n_treated)
    timing, tuned = chosen.timing(prepared.clock), chosen.tuned_once
    if tuned is not None and own.tuned is not None:  # the same method is asked of every unit
        options = {**options, tuned: own.tuned}
    left_out: dict[Any, str] = dict(prepared.dropped)
    if design.stacked:
        from attraktiv_eval.counterfactual.staggered import stacked_gaps

        found, names = stacked_gaps(design, prepared, method, own, draws, seed, n_jobs, {**timing, **options})
        return collect(own, prepared, found, names, "random", left_out)
    if _serves(gaps, prepared) and kind == "units":
        assert gaps is not None
        found, names = gaps.to_numpy(), list(prepared.donors)
    elif kind == "units":
        names = list(prepared.donors)
        found = unit_gaps(
            prepared.X,
            range(len(prepared.donors)),
            prepared.before,
            prepared.window,
            method,
            n_treated=prepared.n_treated,
            n_jobs=n_jobs,
            **timing,
            **options,
        )
    else:
        found, names, left_out = group_gaps(
            outcome,
            design,
            prepared,
            method,
            groups=groups if isinstance(groups, Mapping) else kind,
            populations=populations,
            draws=draws,
            seed=seed,
            n_jobs=n_jobs,
            options={**timing, **options},
        )
    return collect(own, prepared, found, names, kind, left_out)


def _refuse_other_than_a_table(name: str, table: Any) -> None:
    if table is not None and not isinstance(table, pd.DataFrame):
        raise DesignError(
            f"{name} is of type {type(table).__name__}",
            remedy="give a DataFrame of period x unit, or leave it out",
        )


def _serves(gaps: pd.DataFrame | None, prepared: Any) -> bool:
    """Return whether gaps made earlier are of the same donors and periods."""
    if gaps is None:
        return False
    return list(gaps.columns) == list(prepared.donors) and gaps.index.equals(prepared.periods)


def _kind(groups: str | Mapping[str, str] | None, treated: int) -> str:
    if groups is None:
        return "units" if treated == 1 else "random"
    if isinstance(groups, Mapping):
        return "groups"
    if not isinstance(groups, str) or groups not in ("random", "counties"):
        raise DesignError(f"unknown placebo groups {groups!r}", remedy="choose random, counties or a mapping")
    return groups


def collect(
    own: Any, prepared: Any, gaps: np.ndarray, names: list[Any], kind: str, left_out: dict[Any, str]
) -> Placebos:
    """Measure every gap series, the treated unit's last, and rank them on one scale."""
    every = np.concatenate([gaps, figures(own, "gap")[:, None]], axis=1)
    perfect, rounding = nothing(prepared.y, prepared.X, prepared.before)
    found = measure(every, prepared.before, prepared.window, own.method, rounding)
    floor = floor_of(found.scale, perfect)
    effects = np.where(np.abs(found.effect) <= rounding, 0.0, found.effect)
    scales = np.maximum(found.scale, floor)
    units = _Units(names, prepared.periods)
    return Placebos(
        estimate=own,
        effects=later(units.series, effects[:-1], "effect"),
        gaps=later(units.table, gaps),
        scales=later(units.series, scales[:-1], "scale"),
        ratios=later(units.series, found.ratio[:-1], "rmspe_ratio"),
        own_effect=float(effects[-1]),
        scale=float(scales[-1]),
        own_ratio=float(found.ratio[-1]),
        rule="scaled" if floor > 0 else "absolute",
        kind=kind,
        reason=None if floor > 0 else "perfect_fit",
        left_out=left_out,
        floor=floor,
        raw_scale=float(found.scale[-1]),
        raw_scales=later(units.series, found.scale[:-1], "raw_scale"),
    )


class _Units:
    """The placebos' names: of all tables over them the first makes the index."""

    def __init__(self, names: list[Any], periods: pd.Index) -> None:
        self.names, self.periods = names, periods

    @cached_property
    def index(self) -> pd.Index:
        return pd.Index(self.names, tupleize_cols=False, name="unit")

    def series(self, values: np.ndarray, name: str) -> pd.Series:
        return pd.Series(values, self.index, name=name)

    def table(self, gaps: np.ndarray) -> pd.DataFrame:
        return pd.DataFrame(gaps, self.periods, self.index)
