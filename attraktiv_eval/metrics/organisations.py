"""The national indicator: participating organisations, each named and counted once."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from attraktiv_eval.metrics.dates import as_dates

if TYPE_CHECKING:
    from attraktiv_eval.project import Project
    from attraktiv_eval.records import Records

__all__ = ["COLUMNS", "by_type", "participating_organisations"]

COLUMNS = ["name", "organisation_number", "type", "role", "joined"]


def participating_organisations(records: Records, project: Project, until: date) -> pd.DataFrame:
    """Return the participating organisations on a day, one row each, sorted by name.

    Parameters
    ----------
    records : Records
        Where its list of organisations is missing, those named in public (``project.organisations``) stand.
    project : Project
    until : date
        Organisations that joined later, or left on the day or before, are not there; one without days is.

    Returns
    -------
    DataFrame
        ``name, organisation_number, type, role, joined``. Counted once by organisation number, and where
        that is missing by name, spelt as in ``project.organisations`` where it stands there. A row without a
        name does not count: the indicator asks for names.
    """
    if records.organisations is None:
        table = pd.DataFrame(
            [(one.name, one.organisation_number, one.kind, one.role, None) for one in project.organisations],
            columns=COLUMNS,
        )
    else:
        table = records.organisations.reindex(columns=[*COLUMNS, "left", "organisation_id"])
        if table["organisation_id"].isna().any():
            table = table.drop(columns="organisation_id")
        table = table[~(as_dates(table["left"]) <= pd.Timestamp(until))].drop(columns="left")
    table = table.assign(joined=as_dates(table["joined"])).dropna(subset=["name"])
    public = {one.name.casefold(): one.name for one in project.organisations}
    table["name"] = [public.get(str(name).strip().casefold(), name) for name in table["name"]]
    table = table.sort_values(["joined", "name"], na_position="first")
    table = table[~(table["joined"] > pd.Timestamp(until))]
    key = table["organisation_number"].astype("object")
    key = key.where(key.notna(), table["name"].astype(str).str.strip().str.casefold())
    if "organisation_id" in table:  # two that a person has parted under one number are two
        key = key.where(table["organisation_number"].isna(), table["organisation_id"])
    table = table[~key.duplicated()][COLUMNS]
    return table.sort_values("name", ignore_index=True)


def by_type(named: pd.DataFrame) -> pd.DataFrame:
    """Return ``type, organisations``: the participating organisations by type, the most numerous first."""
    types = named["type"].astype("object").fillna("unknown").value_counts()
    rows = sorted(types.items(), key=lambda one: (-one[1], str(one[0])))
    return pd.DataFrame(rows, columns=["type", "organisations"])
