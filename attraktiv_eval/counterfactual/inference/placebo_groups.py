"""Placebo groups: random ones of the same make-up, and the real counties.

Eight municipalities treated together are one unit, the weighted mean of their rates; its placebos must
be groups too. A group's members leave the donor pool, the treated units are never in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from attraktiv_eval.counterfactual.design import weight_numbers
from attraktiv_eval.counterfactual.inference.fits import kernel_of, map_chunks
from attraktiv_eval.errors import DesignError

CLASSES = 10


def population_classes(sizes: pd.Series, classes: int = CLASSES) -> pd.Series:
    """Return the class of each unit: ``classes`` classes of equal size, 0 the smallest populations.

    Parameters
    ----------
    sizes : Series by unit
        Inhabitants in the last year before the window. Ties keep the order of the codes.
    """
    order = sizes.sort_index().sort_values(kind="stable").index
    classes = min(classes, len(order))
    place = pd.Series(np.arange(len(order)) * classes // len(order), order, name="class")
    return place.loc[sizes.index]


def draw_groups(
    treated: Sequence[str], donors: Sequence[str], classes: pd.Series, draws: int, seed: int
) -> list[list[str]]:
    """Draw groups in which each treated unit is replaced by a donor of its own population class.

    Without replacement inside a group; the same seed gives the same groups. A group that is drawn again
    counts once: from five possible groups a thousand draws make five placebos, and no p-value below 1/6.

    Returns
    -------
    list of list
        The distinct groups, in the order in which they were first drawn.

    Raises
    ------
    DesignError
        If a class has fewer donors than treated units; if there is one treated unit, for which every donor
        is a placebo already.
    """
    if len(treated) < 2:
        raise DesignError(
            "one treated unit has no random groups",
            remedy="leave the groups out: each donor is then a placebo by itself",
        )
    wanted = classes.loc[list(treated)].value_counts().sort_index()
    pool = classes.loc[list(donors)]
    members = {c: [unit for unit in donors if pool[unit] == c] for c in wanted.index}
    for c, count in wanted.items():
        if len(members[c]) < count:
            raise DesignError(
                f"population class {c} has {len(members[c])} donors for {count} treated units",
                remedy="widen the donor pool, or use the real counties as groups",
            )
    generator = np.random.default_rng(seed)
    groups: dict[tuple[str, ...], None] = {}
    for _ in range(draws):
        group: list[str] = []
        for c, count in wanted.items():
            chosen = generator.choice(len(members[c]), size=int(count), replace=False)
            group.extend(members[c][i] for i in chosen)
        groups[tuple(sorted(group, key=str))] = None
    return [list(group) for group in groups]


def group_gaps(
    outcome: pd.DataFrame,
    design: Any,
    prepared: Any,
    method: str,
    *,
    groups: str | Mapping[str, str],
    populations: pd.DataFrame | None,
    draws: int,
    seed: int,
    n_jobs: int,
    options: dict[str, Any],
) -> tuple[np.ndarray, list[str], dict[str, str]]:
    """Return the gaps of placebo groups, their names, and those left out with the reason."""
    donors = list(prepared.donors)
    weights = _weights(outcome, design, populations, prepared)
    left_out = dict(prepared.dropped)
    if groups == "random":
        sizes = weights.loc[: _last_before(prepared)].iloc[-1].loc[[*design.treated, *donors]]
        classes = population_classes(sizes, 1 if np.ptp(sizes) == 0 else CLASSES)  # alike: one class
        drawn = draw_groups(list(design.treated), donors, classes, draws, seed)
        names = ["+".join(map(str, group)) for group in drawn]
    else:
        drawn, names = _real_groups(donors, design.treated, groups)
    if len(drawn) < 2:
        raise DesignError("fewer than two placebo groups", remedy="give the design donors from more groups")
    if max(len(group) for group in drawn) == len(donors):
        raise DesignError(
            "a placebo group of all donors would leave none to compare it with",
            remedy="give the design more donors than it has treated units",
        )
    place = {unit: i for i, unit in enumerate(donors)}
    members = [[place[unit] for unit in group] for group in drawn]
    share = weights.loc[list(prepared.periods), donors].to_numpy(dtype=float)
    arguments = (prepared.X, share, prepared.before, prepared.window, method, prepared.n_treated, options)
    if n_jobs == 1:
        return _gaps(members, *arguments), names, left_out
    return map_chunks(_gaps, members, n_jobs, *arguments, place=0), names, left_out


def _gaps(
    groups: Sequence[Sequence[int]],
    outcome: np.ndarray,
    share: np.ndarray,
    before: np.ndarray,
    window: np.ndarray,
    method: str,
    n_treated: int,
    options: dict[str, Any],
) -> np.ndarray:
    kernel = kernel_of(method)
    gaps = np.empty((outcome.shape[0], len(groups)))
    for place, group in enumerate(groups):
        inside = share[:, group]
        own = (outcome[:, group] * inside).sum(axis=1) / inside.sum(axis=1)
        others = np.delete(outcome, group, axis=1)
        fit = kernel(own, others, before, window, n_treated=n_treated, **options)
        gaps[:, place] = fit.gap
    return gaps


def _last_before(prepared: Any) -> Any:
    return prepared.periods[int(np.flatnonzero(prepared.before)[-1])]


def _weights(
    outcome: pd.DataFrame, design: Any, populations: pd.DataFrame | None, prepared: Any
) -> pd.DataFrame:
    """Return the weight of every unit in every period: populations, the design's weights, or ones."""
    given = design.weights if populations is None else populations
    units = [*design.treated, *[unit for unit in outcome.columns if unit not in set(design.treated)]]
    if isinstance(given, pd.Series):
        given = pd.DataFrame([given] * len(outcome), index=outcome.index)
    if given is None or not set(units) <= set(given.columns):
        if populations is not None:
            missing = [str(unit) for unit in units if unit not in given.columns][:3]
            raise DesignError(
                f"no population for {', '.join(missing)}", remedy="give every unit's population"
            )
        return pd.DataFrame(1.0, index=outcome.index, columns=units)
    values = weight_numbers(given, outcome.index, units, "the populations of the placebo groups")
    weights = pd.DataFrame(values, outcome.index, units)
    asked = weights.loc[
        prepared.periods[prepared.before | prepared.window], [*design.treated, *prepared.donors]
    ]
    lacking = ~(np.isfinite(asked) & (asked > 0)).all()
    if lacking.any():
        raise DesignError(
            f"the population of {lacking.idxmax()} has a gap, or is not above 0",
            remedy="give every unit's population in every period before and in the window",
        )
    return weights


def _real_groups(
    donors: Sequence[str], treated: Sequence[str], groups: str | Mapping[str, str]
) -> tuple[list[list[str]], list[str]]:
    """Return the donors by real group, without the treated units' own group."""
    group_of = {u: str(u)[:2] for u in [*donors, *treated]} if isinstance(groups, str) else dict(groups)
    unknown = [unit for unit in donors if unit not in group_of]
    if unknown:
        raise DesignError(f"no group for {unknown[0]}", remedy="name a group for every donor")
    own = {group_of[unit] for unit in treated if unit in group_of}
    names = sorted({group_of[unit] for unit in donors} - own)
    return [[unit for unit in donors if group_of[unit] == name] for name in names], names


def wider(first: Any, second: Any, level: float = 0.90) -> Any:
    """Return the one of two placebo tests whose interval is wider: where they disagree, it stands."""
    return first if first.half_width(level) >= second.half_width(level) else second
