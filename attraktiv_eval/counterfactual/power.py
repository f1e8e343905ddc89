"""What the design could have seen: power, smallest detectable effect, exaggeration.

All three read the placebo test that also gives the p-value and the interval: the donors' own gaps,
brought to the treated unit's scale (e_j = s A_j / s_j), are what chance usually gives, and an effect is
detected where it carries such a gap over the critical value s t_(r).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from attraktiv_eval.counterfactual.estimate import real
from attraktiv_eval.counterfactual.inference.placebos import LEVEL, Placebos, checked_level
from attraktiv_eval.errors import DesignError

__all__ = [
    "DetectableEffect",
    "detectable_effect",
    "exaggeration",
    "minimum_detectable_effect",
    "power",
    "power_from_placebos",
]

POWER = 0.80
NORMAL_FACTOR = 2.49  # 1.645 + 0.842: two-sided 10 % and power 80 % under a normal law
METHOD = "synthetic_control"


@dataclass(frozen=True)
class DetectableEffect:
    """The smallest detectable effect in the outcome's unit per period, and the normal rule of thumb.

    ``value`` is read off the placebos; ``normal`` is 2.49 times their root mean square, beside it.
    """

    value: float
    normal: float
    level: float
    power: float
    n: int


def minimum_detectable_effect(
    outcome: pd.DataFrame | Placebos,
    design: object = None,
    method: str = METHOD,
    *,
    level: float = LEVEL,
    power: float = POWER,
    **options: Any,
) -> float:
    """Return the smallest effect >= 0 that reaches significance for the stated share of placebos.

    Parameters
    ----------
    outcome : DataFrame, period x unit, or Placebos
        With a table, the design and the method say which placebo test to make; one that is made already
        is taken as it is, without a design.
    design : Design, optional
    method : str
        A name in ``METHODS``.
    level : float
        Of the interval, between 0 and 1; 0.90 is a two-sided test at 0.10.
    power : float
        Share of the placebos in which the effect must be found, between 0 and 1.
    **options
        Passed to :func:`placebo_in_space`.

    Returns
    -------
    float
        In the outcome's unit per period; infinite where there are too few placebos for the level.

    Raises
    ------
    DesignError
        If a share is none, the method is unknown, the design is missing, or the data do not carry it.

    Notes
    -----
    The smallest delta >= 0 with |e_j + delta| > s t_(r) for at least ``power`` of the donors j. An
    effect exactly on the border is not found, so the value is the infimum of those that are.

    Examples
    --------
    >>> import attraktiv_eval as ae
    >>> rates, design = ae.Panel.load().rate("in_moves"), ae.Design(["23"], 2020, 2022)
    >>> placebos = ae.placebo_in_space(rates, design, "difference_in_differences")
    >>> smallest = minimum_detectable_effect(placebos)
    >>> smallest == minimum_detectable_effect(rates, design, "difference_in_differences")
    True
    """
    checked_level(level)
    checked_level(power, "power")
    placebos = _placebos(outcome, design, method, options)
    border = placebos.half_width(level)
    noise = placebos.noise.to_numpy(dtype=float)
    if not math.isfinite(border) or not len(noise):
        return math.inf
    wanted = math.ceil(power * len(noise) - 1e-9)
    for delta in np.unique(np.concatenate([[0.0], border - noise, -border - noise])):
        if 0 <= delta < math.inf and _found_just_above(noise, delta, border) >= wanted:
            return float(delta)
    return math.inf


def _placebos(outcome: Any, design: Any = None, method: str = METHOD, options: Any = None) -> Placebos:
    """Return the placebo test that is given, or make the one that is asked for."""
    if isinstance(outcome, Placebos):
        if design is not None or options:
            raise DesignError(
                "a placebo test that is made already takes neither a design nor options",
                remedy="pass the placebo test alone, or the table of outcomes with the design",
            )
        return outcome
    from attraktiv_eval.counterfactual.design import Design
    from attraktiv_eval.counterfactual.inference.placebo_in_space import placebo_in_space

    if not isinstance(design, Design):
        raise DesignError(
            "the design is missing" if design is None else f"{design!r:.60} is no design",
            remedy="say who was treated and when: Design(['23'], 2020, 2022)",
        )
    return placebo_in_space(outcome, design, method, **(options or {}))


def _effects(effects: Any) -> list[float]:
    """Return true effects as numbers; one number is a list of one."""
    try:
        told = [effects] if np.ndim(effects) == 0 and not isinstance(effects, Iterable) else list(effects)
        found = [real(one) for one in told]
    except (TypeError, ValueError):
        found = [math.nan]
    if not all(math.isfinite(one) for one in found):
        raise DesignError(
            "an effect is missing or no finite number",
            remedy="give each effect in the outcome's unit per period, a fall with a minus",
        )
    return found


def _found_just_above(noise: np.ndarray, delta: float, border: float) -> int:
    """Count the placebos whose gap passes the border at an effect a hair above ``delta``."""
    reach = noise + delta
    slack = 1e-12 * (border + abs(delta))
    return int(np.sum((reach >= border - slack) | (reach < -border - slack)))


def detectable_effect(placebos: Placebos, level: float = LEVEL, power: float = POWER) -> DetectableEffect:
    """Return the smallest detectable effect with the normal rule of thumb beside it."""
    placebos = _placebos(placebos)
    size = placebos.effects.to_numpy(dtype=float)
    normal = NORMAL_FACTOR * float(np.sqrt(np.mean(size**2)))
    value = minimum_detectable_effect(placebos, level=level, power=power)
    return DetectableEffect(value, normal, level, power, placebos.n)


def power_from_placebos(
    placebos: Placebos, effects: Iterable[float] | float, level: float = LEVEL
) -> pd.DataFrame:
    """Return what a test at this level would make of each true effect.

    Parameters
    ----------
    effects : iterable of float, or one float
        True effects in the outcome's unit per period, a fall with a minus.

    Returns
    -------
    DataFrame, one row an effect
        effect; power, the share of placebos in which it is found; wrong_sign, the share in which it is
        found with the opposite sign; exaggeration, the mean size of the estimates that are found over
        the true effect (missing where none is found); smallest_exaggeration, the critical value over
        the true effect, below which no found estimate can fall.

    Raises
    ------
    DesignError
        If the level is no share between 0 and 1, or an effect no finite number.

    Notes
    -----
    Gelman & Carlin (2014), type M and type S errors, with the placebo distribution for the normal one.
    """
    placebos = _placebos(placebos)
    border = placebos.half_width(level)
    noise = placebos.noise.to_numpy(dtype=float)
    rows = []
    for effect in _effects(effects):
        reach = noise + effect
        found = np.abs(reach) > border
        wrong = found & (np.sign(reach) != np.sign(effect))
        mean = float(np.abs(reach[found]).mean()) if found.any() else math.nan
        over = mean / abs(effect) if effect else math.nan
        least = max(border / abs(effect), 1.0) if effect else math.nan
        rows.append((float(effect), float(found.mean()), float(wrong.mean()), over, least))
    return pd.DataFrame(
        rows, columns=["effect", "power", "wrong_sign", "exaggeration", "smallest_exaggeration"]
    )


def power(
    outcome: pd.DataFrame | Placebos,
    design: object = None,
    method: str = METHOD,
    effects: Iterable[float] | float = (),
    *,
    level: float = LEVEL,
    n_jobs: int = 1,
    **options: Any,
) -> pd.DataFrame:
    """Return the power of a design at each true effect; see :func:`power_from_placebos`.

    An effect added to a donor in the window moves its gap by exactly as much in every method whose
    weights do not see the window, so one placebo test serves all effects.

    Parameters
    ----------
    outcome : DataFrame, period x unit, or Placebos
        As in :func:`minimum_detectable_effect`.
    design : Design, optional
    method : str
    effects : iterable of float, or one float
    level : float
    n_jobs : int

    Raises
    ------
    DesignError
        As :func:`power_from_placebos` and :func:`minimum_detectable_effect` do.
    """
    checked_level(level)
    wanted = _effects(effects)
    if not isinstance(outcome, Placebos):
        options = {**options, "n_jobs": n_jobs}
    return power_from_placebos(_placebos(outcome, design, method, options), wanted, level)


def exaggeration(placebos: Placebos, effect: float, level: float = LEVEL) -> float:
    """Return how much an estimate that reaches significance overstates a true effect of this size.

    Returns
    -------
    float
        Mean size of the found estimates over the true effect, 1.0 where nothing is overstated. Where no
        placebo carries the effect over the border, the critical value over the effect: any estimate
        that did reach significance would be at least that much too large.

    Raises
    ------
    DesignError
        If the effect is nothing, which no estimate can overstate by a factor; else as :func:`power` does.
    """
    if real(effect) == 0:
        raise DesignError("an effect of 0 has no exaggeration", remedy="give the effect that you expect")
    row = power_from_placebos(placebos, [effect], level).iloc[0]
    value = row["smallest_exaggeration"] if math.isnan(row["exaggeration"]) else row["exaggeration"]
    return float(value)
