"""The records as they stood at the end of a day: nothing later is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd

from attraktiv_eval.records.model import Records

__all__ = ["as_of"]


def as_of(records: Records, until: date) -> Records:
    """Return the records without what happened after a day.

    Contacts, activities, payments, answers and checks after it are left out, as are households and companies
    first met after it; a later move has not happened yet (``no``), nor has a later hire. The accounting still
    tells of the whole files.
    """
    day = pd.Timestamp(until)
    return replace(
        records,
        contacts=_before(records.contacts, "date", day),
        households=_households(records.households, day),
        companies=_companies(records.companies, day),
        organisations=_organisations(records.organisations, day),
        activities=_before(records.activities, "date", day),
        survey_households=_before(records.survey_households, "date", day),
        survey_companies=_before(records.survey_companies, "date", day),
        funding=_before(records.funding, "date", day),
        residence=records.residence[records.residence["checked"] <= day].reset_index(drop=True),
    )


def _before(table: pd.DataFrame | None, column: str, day: pd.Timestamp) -> pd.DataFrame | None:
    """Return the rows up to a day; a row without a day stays."""
    return None if table is None else table[~(table[column] > day)].reset_index(drop=True)


def _organisations(table: pd.DataFrame | None, day: pd.Timestamp) -> pd.DataFrame | None:
    """Return the organisations that had joined; one that left later has not left yet."""
    met = _before(table, "joined", day)
    if met is not None and "left" in met:
        met.loc[met["left"] > day, "left"] = pd.NaT
    return met


def _households(table: pd.DataFrame | None, day: pd.Timestamp) -> pd.DataFrame | None:
    if table is None:
        return None
    met = table[~(table["first_contact"] > day) | (table["moved_in"] <= day)].reset_index(drop=True)
    later = met["moved_in"] > day
    met.loc[later, "moved"] = "no"
    met.loc[later, ["moved_in", "moved_in_precision", "destination_code"]] = None
    return met


def _companies(table: pd.DataFrame | None, day: pd.Timestamp) -> pd.DataFrame | None:
    if table is None:
        return None
    met = table[~(table["first_support"] > day)].reset_index(drop=True)
    later = met["first_hire"] > day
    met.loc[later, "hires_made"] = 0
    met.loc[later, ["hire_already_local", "employed_at_12_months"]] = "unknown"
    met.loc[later, ["first_hire", "first_hire_last", "household_id"]] = None
    return met
