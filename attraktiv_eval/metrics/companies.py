"""Companies: which got access to labour, in the year of their first hire through the project."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from attraktiv_eval.metrics.households import counted_by
from attraktiv_eval.records.dates import as_dates

if TYPE_CHECKING:
    from attraktiv_eval.project import Project
    from attraktiv_eval.records import Records


def classify_companies(records: Records, until: date, project: Project | None = None) -> pd.DataFrame:
    """Return every company supported by a day, with whether it hired through the project.

    Returns
    -------
    DataFrame
        One row a company: ``company_id, municipality_code, first_support, first_hire`` (datetime), ``year``
        (of the first hire), ``met`` (True where it met a candidate or hired one) and ``status``: ``hired``,
        ``not_hired``, ``unknown``, ``before_support`` or ``before_project``.

    Notes
    -----
    *Unknown* are companies whose hires are not recorded, that hired but on no known day, or whose first hire
    and first support cannot be told apart in time, the day of the support not being known or either known
    only to the month or year. A first hire after ``until`` has not happened yet. A first hire before the
    first support, or before the project began, is not the project's and is counted apart.
    """
    columns = [
        "company_id",
        "municipality_code",
        "first_support",
        "first_support_last",
        "candidates_presented",
        "hires_made",
        "first_hire",
        "first_hire_last",
    ]
    listed = pd.DataFrame(columns=columns) if records.companies is None else records.companies
    table = listed.reindex(columns=columns).drop_duplicates("company_id").copy()
    day = pd.Timestamp(until)
    table["first_hire"] = as_dates(table["first_hire"])
    table["first_support"] = as_dates(table["first_support"])
    start = table["first_support"].fillna(table["first_hire"])
    table = table[~(start > day)].copy()
    hires = pd.to_numeric(table["hires_made"], errors="coerce")
    hired = (hires > 0) | (hires.isna() & table["first_hire"].notna())
    hired_last = as_dates(table["first_hire_last"]).fillna(table["first_hire"])
    supported_last = as_dates(table["first_support_last"]).fillna(table["first_support"])
    status = pd.Series("hired", index=table.index, dtype=object)
    status = status.mask(~(table["first_hire"] >= supported_last), "unknown")
    status = status.mask(hired_last < table["first_support"], "before_support")
    if project is not None:
        status = status.mask(hired_last < pd.Timestamp(project.start), "before_project")
    status = status.mask(table["first_hire"].isna(), "unknown")
    status = status.mask(~hired & (hires == 0) | (table["first_hire"] > day), "not_hired")
    table["status"] = status.mask(~hired & hires.isna(), "unknown")
    presented = pd.to_numeric(table["candidates_presented"], errors="coerce").fillna(0) > 0
    table["met"] = presented | (table["status"] == "hired")
    table["year"] = table["first_hire"].dt.year.astype("Int64")
    keep = ["company_id", "municipality_code", "first_support", "first_hire", "year", "met", "status"]
    return table[keep].sort_values("company_id", ignore_index=True)


def companies_by_year(classified: pd.DataFrame, years: list[int]) -> pd.DataFrame:
    """Return ``year, supported, met, hired``: by year of first support, and of the first hire.

    ``met`` counts companies that met a candidate, in the year of their first support (the records hold no
    day of the meeting); a company with no day of support counts in the year of its first hire.
    """
    start = classified["first_support"].fillna(classified["first_hire"]).dt.year
    supported = start.value_counts()
    met = start[classified["met"]].value_counts()
    hired = classified.loc[classified["status"] == "hired", "year"].value_counts()
    every = sorted({*years, *map(int, supported.index), *map(int, hired.index)})
    columns = {"supported": supported, "met": met, "hired": hired}
    return pd.DataFrame(
        {"year": every, **{key: [int(counts.get(y, 0)) for y in every] for key, counts in columns.items()}}
    )


def companies_by_municipality(classified: pd.DataFrame, municipalities: list[str]) -> pd.DataFrame:
    """Return ``municipality_code, supported, met, hired``; other and missing municipalities follow."""
    key = classified["municipality_code"]
    groups = {"supported": key, "met": key[classified["met"]], "hired": key[classified["status"] == "hired"]}
    return counted_by("municipality_code", municipalities, groups)


# --- The national indicator

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
