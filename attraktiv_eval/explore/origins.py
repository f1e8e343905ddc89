"""Who moves where from: households by origin for a part of those reached, small counts suppressed."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from attraktiv_eval.disclosure import THRESHOLD, suppress
from attraktiv_eval.errors import ParameterError
from attraktiv_eval.metrics import classify_households
from attraktiv_eval.metrics.households import SWEDEN

if TYPE_CHECKING:
    from attraktiv_eval.evaluation import Inputs

__all__ = ["MEASURES", "choices", "latest_year", "moves"]

MEASURES = ("reached", "moved_in", "unknown")
ABROAD, UNKNOWN = "abroad", "unknown"
#: Between the origins of a row in which several are merged (see :mod:`attraktiv_eval.disclosure`).
JOINED = "+"


def moves(
    inputs: Inputs,
    *,
    municipality: str | None = None,
    phase: str | None = None,
    year: int | None = None,
    until: date | None = None,
) -> pd.DataFrame:
    """Return households by where they came from, for a part of those reached.

    Parameters
    ----------
    inputs : Inputs
        From :func:`attraktiv_eval.explore.opened`.
    municipality : str, optional
        Only households that moved there, or, where they have not moved, first asked about it.
    phase : str, optional
        Only households with a contact in this phase.
    year : int, optional
        Only households whose first contact was in this year.
    until : date, optional
        The last day whose events are known; the end of the project unless given.

    Returns
    -------
    DataFrame
        One row an origin (county code, ``abroad``, ``unknown``): ``origin, reached, moved_in, unknown``
        (not followed up). Counts from 1 to 4 are ``<NA>``, and so is what would give one away by
        subtraction: inside the table, or from the same table with a filter taken off.

    Raises
    ------
    ParameterError
        If there is no such municipality, phase or year.

    Examples
    --------
    >>> from attraktiv_eval import explore
    >>> list(explore.moves(explore.opened(), year=2021).columns)
    ['origin', 'reached', 'moved_in', 'unknown']
    """
    day = until or inputs.project.end
    wanted = {"municipality": municipality, "phase": phase, "year": year}
    _check(inputs, wanted)
    homes = _households(_Key(inputs), day)
    set_filters = [name for name, value in wanted.items() if value is not None]
    table = _counts(_filtered(homes, wanted, set_filters))
    wider = [
        _counts(_filtered(homes, wanted, list(part)))
        for size in range(len(set_filters))
        for part in combinations(set_filters, size)
    ]
    shown = suppress(table, MEASURES, key="origin")
    return _guarded(shown, table, wider)


def choices(inputs: Inputs) -> dict[str, list[Any]]:
    """Return what each filter of :func:`moves` may take: municipality codes, phase ids, years."""
    return {
        "municipality": list(inputs.project.region.municipalities),
        "phase": [phase.id for phase in inputs.project.phases],
        "year": list(inputs.project.years),
    }


def latest_year(inputs: Inputs) -> int | None:
    """Return the latest year of the project in which a household was first met; None where there is none.

    Examples
    --------
    >>> from attraktiv_eval import explore
    >>> explore.latest_year(explore.opened())
    2022
    """
    met = set(_households(_Key(inputs), inputs.project.end)["year"])
    return max((year for year in inputs.project.years if year in met), default=None)


def _check(inputs: Inputs, wanted: dict[str, Any]) -> None:
    for name, known in choices(inputs).items():
        if wanted[name] is not None and wanted[name] not in known:
            raise ParameterError(
                f"there is no {name} {wanted[name]!r} in this project",
                remedy=f"choose one of {', '.join(map(str, known))}",
            )


class _Key:
    """Inputs as a key of a cache: the same object is the same key."""

    def __init__(self, inputs: Inputs) -> None:
        self.inputs = inputs

    def __hash__(self) -> int:
        return id(self.inputs)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and other.inputs is self.inputs


@lru_cache(maxsize=4)
def _households(key: _Key, until: date) -> pd.DataFrame:
    """Return households reached: origin, municipality, phases, year of first contact, status."""
    records, project = key.inputs.records, key.inputs.project
    homes = classify_households(records, project, until)
    homes = homes[homes["first_contact"].notna()]
    moved = homes["status"] == "moved_in"
    county = homes["origin_code"].astype("object").str[:2]
    abroad = homes["origin_code"].isna() & homes["origin_country"].notna()
    abroad &= homes["origin_country"].astype("object") != SWEDEN
    return pd.DataFrame(
        {
            "origin": county.mask(abroad, ABROAD).fillna(UNKNOWN),
            "municipality": homes["interest"].astype("object").mask(moved, homes["destination_code"]),
            "phase": homes["household_id"].map(_phases(records, until)),
            "year": homes["first_contact"].dt.year,
            "reached": True,
            "moved_in": moved,
            "unknown": homes["status"] == "unknown",
        }
    )


def _phases(records: Any, until: date) -> dict[str, frozenset[str]]:
    if records.contacts is None:
        return {}
    contacts = records.contacts[records.contacts["date"] <= pd.Timestamp(until)]
    known = contacts.dropna(subset=["household_id", "phase"])
    return {str(one): frozenset(part) for one, part in known.groupby("household_id")["phase"]}


def _filtered(homes: pd.DataFrame, wanted: dict[str, Any], names: list[str]) -> pd.DataFrame:
    keep = np.ones(len(homes), dtype=bool)
    for name in names:
        if name == "phase":
            keep &= [isinstance(one, frozenset) and wanted["phase"] in one for one in homes["phase"]]
        else:
            keep &= (homes[name] == wanted[name]).to_numpy(dtype=bool, na_value=False)
    return homes[keep]


def _counts(homes: pd.DataFrame) -> pd.DataFrame:
    counts = homes.groupby("origin", sort=True)[list(MEASURES)].sum().astype("Int64")
    return counts.rename_axis("origin").reset_index()


def _guarded(shown: pd.DataFrame, table: pd.DataFrame, wider: list[pd.DataFrame]) -> pd.DataFrame:
    """Take out a count that lies 1 to 4 under the same count with filters taken off."""
    own = table.set_index("origin")
    row_of = {str(origin): row for row, origin in enumerate(own.index)}
    names = list(MEASURES)
    here = own[names].to_numpy(dtype=int)
    rests = [
        other.set_index("origin").reindex(own.index)[names].to_numpy(dtype=int) - here for other in wider
    ]
    telling = np.zeros((len(shown), len(names)), dtype=bool)
    for place, origin in enumerate(shown["origin"]):
        rows = [row_of[part] for part in str(origin).split(JOINED)]
        for rest in rests:
            grown = rest[rows].sum(axis=0)
            telling[place] |= (grown > 0) & (grown < THRESHOLD)
    result = shown.copy()
    result[names] = shown[names].mask(pd.DataFrame(telling, shown.index, names))
    return result
