"""The lists as pandera schemas, built from ``fields.toml``: one column a field.

A column's title is its Swedish heading, its description the meaning; its metadata holds ``kind`` (how its
text is read), ``also`` (further headings), ``example``, ``choice`` (the vocabulary) and ``essential``
(a fault in it rejects the row, not just the cell).
"""

from __future__ import annotations

import tomllib
from functools import cache
from typing import Any

import pandas as pd
import pandera.pandas as pa

from attraktiv_eval import resources
from attraktiv_eval.records.vocabulary import CHOICES

__all__ = ["IDENTITY", "LIST_WORDS", "NOT_LISTS", "PERSONAL", "kind_of", "schemas"]

_TEXT = pd.StringDtype(na_value=float("nan"))

#: Kinds of columns whose text is replaced by a pseudonym.
PERSONAL: tuple[str, ...] = ("personal_number", "email", "phone", "person_name", "address")

#: Names that a sheet or file may have, list by list; the first is the Swedish sheet name.
LIST_WORDS: dict[str, tuple[str, ...]] = {
    "contacts": ("kontakter", "contacts", "kontakt", "kontaktlista"),
    "households": ("hushåll", "households", "hushall", "inflyttare", "boende", "uppföljning"),
    "companies": ("företag", "companies", "foretag", "arbetsgivare"),
    "organisations": ("organisationer", "organisations", "deltagande organisationer", "parter"),
    "activities": ("aktiviteter", "activities", "insatser"),
    "survey_households": ("enkät hushåll", "survey households", "enkat hushall", "hushållsenkät"),
    "survey_companies": ("enkät företag", "survey companies", "enkat foretag", "företagsenkät"),
    "funding": ("finansiering", "funding", "medel"),
}

#: Sheets of the empty workbook that explain and hold no rows.
NOT_LISTS: tuple[str, ...] = ("Om arbetsboken", "Ord att välja")

#: At least one of these must be filled in, or the row belongs to nobody.
IDENTITY: dict[str, tuple[str, ...]] = {
    "contacts": (
        "household_id",
        "personal_number",
        "email",
        "phone",
        "person_name",
        "address",
        "company_number",
        "company_name",
    ),
    "households": ("household_id", "personal_number", "email", "phone", "person_name", "address"),
    "companies": ("organisation_number", "name"),
    "organisations": ("organisation_number", "name"),
    "survey_households": ("household_id", "email", "phone", "personal_number"),
    "survey_companies": ("organisation_number", "name"),
}

_DTYPES: dict[str, Any] = {
    "date": "datetime64[ns]",
    "whole": "Int64",
    "scale": "Int64",
    "amount": "float64",
}


def _column(field: dict[str, Any]) -> pa.Column:
    kind, choice = field["kind"], field.get("choice")
    checks: list[pa.Check] = []
    if choice and kind != "scale":
        checks.append(pa.Check.isin(list(CHOICES[choice])))
    if kind in ("whole", "amount"):
        checks.append(pa.Check.ge(0))
    if kind == "scale":
        checks.append(pa.Check.in_range(1, 5))
    if kind == "municipality":
        checks.append(pa.Check.str_matches(r"^\d{4}$"))
    required = field.get("required", False)
    return pa.Column(
        _DTYPES.get(kind, _TEXT),
        checks,
        nullable=True,
        required=required,
        title=field["sv"],
        description=field["meaning"],
        metadata={
            "kind": kind,
            "also": tuple(field.get("also", ())),
            "example": field.get("example", ""),
            "choice": choice,
            "essential": required or field.get("essential", False),
        },
    )


@cache
def schemas() -> dict[str, pa.DataFrameSchema]:
    """Return the schema of each list; a required column must be in the file."""
    path = resources.find("attraktiv_eval/records/fields.toml")
    lists: dict[str, dict[str, dict[str, Any]]] = tomllib.loads(path.read_text(encoding="utf-8"))
    found = {}
    for name, fields in lists.items():
        whole = {
            key: lists[field["like"]][key] if "like" in field else field for key, field in fields.items()
        }
        columns = {key: _column(field) for key, field in whole.items()}
        found[name] = pa.DataFrameSchema(columns, name=name, strict=True)
    return found


def kind_of(column: pa.Column) -> str:
    """Return how a column's text is read."""
    return str(column.metadata["kind"])
