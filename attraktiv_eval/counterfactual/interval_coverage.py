"""How often the intervals hold the truth, on simulated panels in which the truth is nothing.

An effect added to the treated unit in the window moves estimate and interval by as much, by every method
here, so an interval covers any constant effect as often as it covers zero; and it fails to cover zero as
often as the test rejects.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from attraktiv_eval import resources
from attraktiv_eval.counterfactual.method import method_name
from attraktiv_eval.errors import SourceError

if TYPE_CHECKING:
    pass


#: equal_noise: every unit has the same noise, the treated one is drawn. own_noise: each county has its own,
#: the project's county is treated. regional_shock: the same, with a shock to the treated county and, half as
#: large, to its neighbours in every year of the window.
SETTINGS = ("equal_noise", "own_noise", "regional_shock")
#: What else is asked, each with the counties' own noise: 15 or 17 donors, drawn, in the place of 20; a
#: project that begins after a dip (the treated unit's own noise in the last year before is among its lowest
#: fifth); the calmest and the noisiest unit treated.
FURTHER_SETTINGS = ("fifteen_donors", "seventeen_donors", "after_dip", "calmest", "noisiest")


# --- How often the intervals hold the truth

FILE = "data/validation/coverage.csv"
GOAL = (0.87, 0.93)  # for an interval of 90 %, in the first two settings
LEVEL = 0.90


@cache
def _held(method: str, interval: str) -> tuple[float, ...]:
    """Return the recorded coverage in the first two settings; empty where it was not tried in both."""
    try:
        table = recorded_coverage()
    except SourceError:
        return ()
    own = table[(table["method"] == method) & (table["interval"] == interval)]
    held = own.loc[own["setting"].isin(SETTINGS[:2]), "coverage"]
    return tuple(held) if len(held) == 2 else ()


def coverage_is_known(method: str, interval: str) -> bool:
    """Return whether a method's interval has been tried on simulated panels, in both first settings."""
    return bool(_held(method, interval))


def missed_coverage(method: str, interval: str) -> tuple[float, float] | None:
    """Return the lowest and highest recorded coverage where the goal is missed, else None.

    The goal, 87–93 % for an interval of 90 %, is set for the first two settings. None also where nothing is
    recorded: see :func:`coverage_is_known`.
    """
    held = _held(method, interval)
    if all(GOAL[0] <= one <= GOAL[1] for one in held):
        return None
    return float(min(held)), float(max(held))


def recorded_coverage(path: Path | None = None) -> pd.DataFrame:
    """Return the coverage that was found with the full number of draws; None reads the shipped file."""
    file = resources.find(FILE) if path is None else Path(path)
    return pd.read_csv(file, encoding="utf-8")


def coverage_note(method: str, interval: str, language: str = "sv") -> str:
    """Return a sentence that a method's interval misses its goal on simulated panels; empty if it does not.

    The goal, 87–93 % for an interval of 90 %, is set for the first two settings.

    It says so too where nothing is known: a method that was never tried on simulated panels.

    Parameters
    ----------
    interval : str
        A kind of :func:`intervals`.
    """
    from attraktiv_eval.texts import percent, translator

    _ = translator(language)
    if not coverage_is_known(method, interval):
        return _(
            "{method}: how often its {level} interval holds the truth is not known; it has not been tried on "
            "simulated panels."
        ).format(method=method_name(method, language), level=percent(LEVEL, language))
    missed = missed_coverage(method, interval)
    if missed is None:
        return ""
    return _(
        "{method}: on simulated panels its {level} interval held the truth in {low} to {high} of the draws."
    ).format(
        method=method_name(method, language),
        level=percent(LEVEL, language),
        low=percent(missed[0], language, 1),
        high=percent(missed[1], language, 1),
    )


RACE_FILE = "data/validation/scale_race.csv"


def recorded_scale_race(path: Path | None = None) -> pd.DataFrame:
    """Return the race that was run with the full number of draws; None reads the shipped file."""
    return pd.read_csv(resources.find(RACE_FILE) if path is None else Path(path), encoding="utf-8")
