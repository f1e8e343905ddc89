"""The tables that the evaluation counts: one row a linked household, company or organisation."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from attraktiv_eval.records.cleaning import Material
from attraktiv_eval.records.dates import period_bounds
from attraktiv_eval.records.faults import REMEDIES
from attraktiv_eval.records.headings import plain_heading, synonyms
from attraktiv_eval.records.household_linkage import Linked
from attraktiv_eval.records.linkage import OpenPair, smallest
from attraktiv_eval.records.records import REJECTED_COLUMNS, Cleaned, Fault, Records
from attraktiv_eval.records.schemas import (
    TEXT,
    as_text,
    as_text_unless_large,
    codes_of,
    from_codes,
    stacked,
)
from attraktiv_eval.records.workbook import write_csv
from attraktiv_eval.resources import read_input

_RANK = {"day": 0, "week": 1, "month": 2, "year": 3}


def _first(frame: pd.DataFrame, by: str, column: str) -> pd.Series:
    """Return the smallest value of a column in each group: the same for every order of the rows."""
    known = frame.dropna(subset=[by, column])
    return smallest(known[column], known[by].to_numpy(dtype=object))


#: What is told of a contact.
CONTACT_COLUMNS = [
    "contact_id",
    "date",
    "date_precision",
    "household_id",
    "company_id",
    "channel",
    "phase",
    "area",
    "municipality_code",
    "organisation",
]


def contact_table(contacts: pd.DataFrame, kept: np.ndarray) -> pd.DataFrame:
    """Return the contacts that are kept: contact_id, date, household_id, company_id, channel and so on."""
    rows = np.flatnonzero(kept).astype(np.int32)
    keys = [
        codes_of(contacts[name])[rows].view(np.uint32)  # a row without one comes last
        for name in ("contact_id", "company_id", "household_id")
    ]
    rows = rows[np.lexsort([*keys, contacts["date"].to_numpy()[rows]])]
    del keys
    return as_text_unless_large(contacts[CONTACT_COLUMNS].iloc[rows].reset_index(drop=True))


def household_table(
    households: pd.DataFrame | None, contacts: pd.DataFrame | None, start: date | None = None
) -> tuple[pd.DataFrame, int]:
    """Return one row a household, and in how many the rows disagree on the day of the move.

    ``moved`` is yes only where the day, month or year of the move is known; the most precise and then the
    earliest statement of it counts. First contact is the earliest of the contacts and of the list, on or
    after the ``start`` of the project, as far as days are known: ``first_contact_last`` is the last day
    that it can have been, and ``met_before`` tells whether an earlier contact is known.
    ``destination_unread`` tells of a destination that stands there and cannot be read, or is not told in a
    list that names destinations. A row that says that the household has not moved tells no destination: what
    stands there is a wish.
    """
    every = _first_contacts(households, contacts)
    table = pd.DataFrame(index=pd.Index(sorted(every["household_id"].dropna().unique()), name="household_id"))
    rows = households if households is not None else pd.DataFrame(columns=["household_id"])
    for column in ("adults", "children"):
        known = rows.groupby("household_id")[column].max() if column in rows else pd.Series(dtype="Int64")
        table[column] = known.reindex(table.index).astype("Int64")
    table["kind"] = _kinds(table["adults"], table["children"])
    for column in ("origin_code", "origin_country"):
        table[column] = _optional(rows, column, table.index)
    early = every["last"] < pd.Timestamp(start) if start else every["last"].isna() & every["last"].notna()
    within = every[~early].groupby("household_id")[["date", "last"]].min()
    table["first_contact"] = within["date"].reindex(table.index).astype("datetime64[ns]")
    table["first_contact_last"] = within["last"].reindex(table.index).astype("datetime64[ns]")
    table["met_before"] = table.index.isin(every.loc[early, "household_id"])
    moves, disagreeing = _moves(rows)
    table["moved"] = _moved(rows, moves).reindex(table.index).fillna("unknown").astype(TEXT)
    for column in ("moved_in", "moved_in_precision", "destination_code"):
        table[column] = moves[column].reindex(table.index)
    went = rows[rows["moved"] != "no"] if "moved" in rows else rows
    table["destination_code"] = table["destination_code"].fillna(
        _optional(went, "destination_code", table.index)
    )
    unread: Sequence[str] | pd.Series = (
        went.loc[went["_unread"] & went["destination_code"].isna(), "household_id"]
        if "_unread" in went
        else []
    )
    table["destination_unread"] = table.index.isin(unread) & table["destination_code"].isna()
    table["source"] = _optional(rows, "source", table.index)
    for column in ("moved_in_precision", "destination_code", "source"):
        table[column] = table[column].astype(TEXT)
    table["moved_in"] = table["moved_in"].astype("datetime64[ns]")
    return table.reset_index().astype({"household_id": TEXT}), disagreeing


def destination_gaps(
    tables: Sequence[Cleaned], frames: dict[str, pd.DataFrame], households: pd.DataFrame | None
) -> list[Fault]:
    """Return the empty cells of destinations of moves that no other row of the household tells either."""
    if households is None or "households" not in frames:
        return []
    rows = frames["households"]
    unknown = households.loc[households["destination_unread"], "household_id"]
    gaps = rows[rows["_no_destination"] & rows["household_id"].isin(unknown)]
    headings = {(one.file, one.sheet): one.headings for one in tables if one.name == "households"}
    kind = "missing_destination"
    return [
        Fault(file, sheet, int(row), headings[file, sheet].get("destination_code", ""), kind, REMEDIES[kind])
        for file, sheet, row in gaps[["_file", "_sheet", "_row"]].to_numpy()
    ]


def _first_contacts(households: pd.DataFrame | None, contacts: pd.DataFrame | None) -> pd.DataFrame:
    """Return household_id, date and the last day that each can mean, of contacts and of stated first ones."""
    parts = []
    for frame, column in ((households, "first_contact"), (contacts, "date")):
        if frame is not None:
            date_, last = period_bounds(frame[column], frame.get(f"{column}_precision"))
            who = frame["household_id"].astype(TEXT)
            parts.append(pd.DataFrame({"household_id": who, "date": date_, "last": last}))
    none = pd.DataFrame({"household_id": pd.Series(dtype=TEXT), "date": pd.Series(dtype="datetime64[ns]")})
    every = pd.concat(parts, ignore_index=True) if parts else none.assign(last=none["date"])
    return every.dropna(subset=["household_id"])


def _optional(rows: pd.DataFrame, column: str, index: pd.Index) -> pd.Series:
    known = _first(rows, "household_id", column) if column in rows else pd.Series(dtype=TEXT)
    return known.reindex(index).astype(TEXT)


def _kinds(adults: pd.Series, children: pd.Series) -> pd.Series:
    """Return single, couple, family (children), other (three adults or more) or unknown."""
    kind = pd.Series("unknown", index=adults.index, dtype=TEXT)
    grown, young = adults.fillna(-1), children.fillna(0)
    kind[grown == 1] = "single"
    kind[grown == 2] = "couple"
    kind[grown > 2] = "other"
    kind[young > 0] = "family"
    return kind


def _moves(rows: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Return moved_in, its precision and the destination of each household that has moved."""
    columns = ["moved_in", "moved_in_precision", "destination_code"]
    if rows.empty:
        return pd.DataFrame(columns=columns, index=pd.Index([], dtype=TEXT)), 0
    known = rows[rows["moved_in"].notna()].assign(rank=lambda f: f["moved_in_precision"].map(_RANK))
    known = known.sort_values(["household_id", "rank", "moved_in", "destination_code"])
    best = known.groupby("household_id")[columns].first()
    exact = known[known["rank"] == 0].groupby("household_id")["moved_in"]
    disagreeing = int(((exact.max() - exact.min()) > np.timedelta64(31, "D")).sum()) if len(known) else 0
    return best, disagreeing


def _moved(rows: pd.DataFrame, moves: pd.DataFrame) -> pd.Series:
    """Return yes, no or unknown: yes with a known day; no where no row says yes and one says no."""
    if rows.empty:
        return pd.Series(dtype=TEXT)
    said = pd.crosstab(rows["household_id"], rows["moved"].fillna("unknown"))
    said = said.reindex(columns=["yes", "no", "unknown"], fill_value=0)
    moved = pd.Series("unknown", index=said.index, dtype=TEXT)
    moved[(said["no"] > 0) & (said["yes"] == 0)] = "no"
    moved[moved.index.isin(moves.index)] = "yes"
    return moved


def residence_table(households: pd.DataFrame | None) -> pd.DataFrame:
    """Return the checks: household_id, checked, resident; of two on one day, the one that says no."""
    if households is None:
        return pd.DataFrame(
            {
                "household_id": pd.Series(dtype=TEXT),
                "checked": pd.Series(dtype="datetime64[ns]"),
                "resident": pd.Series(dtype=bool),
            }
        )
    rows = households[households["still_resident"].isin(["yes", "no"]) & households["checked"].notna()]
    rows = rows.assign(resident=rows["still_resident"] == "yes")
    table = rows.groupby(["household_id", "checked"])["resident"].min().reset_index()
    table["household_id"] = table["household_id"].astype(TEXT)
    table["resident"] = table["resident"].astype(bool)
    return table


def company_table(companies: pd.DataFrame | None, contacts: pd.DataFrame | None) -> pd.DataFrame:
    """Return one row a company; the largest stated count, the earliest day, and the cautious answer count."""
    parts = [frame for frame in (companies, contacts) if frame is not None]
    every = pd.concat([as_text(frame.dropna(subset=["company_id"])) for frame in parts], ignore_index=True)
    rows = companies if companies is not None else every.iloc[:0]
    by = rows.groupby("company_id")
    table = pd.DataFrame(index=pd.Index(sorted(every["company_id"].unique()), name="company_id"))
    for column in ("name", "municipality_code", "hired_household"):
        known = _first(rows, "company_id", column) if column in rows else pd.Series(dtype=TEXT)
        table[column] = known.reindex(table.index).astype(TEXT)
    for column in ("vacancies_shared", "candidates_presented", "hires_made"):
        known = by[column].max() if column in rows else pd.Series(dtype="Int64")
        table[column] = known.reindex(table.index).astype("Int64")
    for column, places in (
        ("first_hire", ((rows, "first_hire"),)),
        ("first_support", ((rows, "first_support"), (every, "date"))),
    ):
        first, last = _earliest(places, table.index)
        table[column], table[f"{column}_last"] = first, last
    table["hire_already_local"] = _answer(rows, "hire_already_local", "yes", table.index)
    table["employed_at_12_months"] = _answer(rows, "employed_at_12_months", "no", table.index)
    table = (
        table.rename(columns={"hired_household": "household_id"}).reset_index().astype({"company_id": TEXT})
    )
    order = ["company_id", "name", "municipality_code", "first_support", "vacancies_shared"]
    order += ["candidates_presented", "hires_made", "first_hire", "household_id", "hire_already_local"]
    return table[[*order, "employed_at_12_months", "first_support_last", "first_hire_last"]]


def _earliest(places: Sequence[tuple[pd.DataFrame, str]], index: pd.Index) -> tuple[pd.Series, pd.Series]:
    """Return the earliest day of several columns, and the last day that it can have been."""
    parts = []
    for frame, column in places:
        if column in frame:
            first, last = period_bounds(frame[column], frame.get(f"{column}_precision"))
            parts.append(pd.DataFrame({"company_id": frame["company_id"], "first": first, "last": last}))
    if not parts:
        none = pd.Series(pd.NaT, index=index, dtype="datetime64[ns]")
        return none, none.copy()
    found = pd.concat(parts).groupby("company_id")[["first", "last"]].min().reindex(index)
    return found["first"].astype("datetime64[ns]"), found["last"].astype("datetime64[ns]")


def _answer(rows: pd.DataFrame, column: str, wins: str, index: pd.Index) -> pd.Series:
    """Return yes, no or unknown: ``wins`` where any row says it."""
    if column not in rows:
        return pd.Series("unknown", index=index, dtype=TEXT)
    other = "no" if wins == "yes" else "yes"
    said = {word: set(rows.loc[rows[column] == word, "company_id"]) for word in (wins, other)}
    words = [wins if one in said[wins] else other if one in said[other] else "unknown" for one in index]
    return pd.Series(words, index=index, dtype=TEXT)


def organisation_table(organisations: pd.DataFrame) -> pd.DataFrame:
    """Return one row an organisation: the largest stated amounts, the earliest day of joining.

    It has left on the latest day that its rows state, or not at all where a row that is later than it says
    that it joined.
    """
    by = organisations.groupby("organisation_id")
    table = pd.DataFrame(
        index=pd.Index(sorted(organisations["organisation_id"].unique()), name="organisation_id")
    )
    for column in ("name", "organisation_number", "type", "role"):
        table[column] = _first(organisations, "organisation_id", column).reindex(table.index).astype(TEXT)
    table["joined"] = by["joined"].min().astype("datetime64[ns]")
    left = by["left"].max() if "left" in organisations else pd.Series(pd.NaT, index=table.index)
    back = by["joined"].max()
    table["left"] = left.where(~(back > left)).astype("datetime64[ns]")
    for column in ("cash_sek", "in_kind_sek"):
        table[column] = by[column].max()
    return table.reset_index().astype({"organisation_id": TEXT})


def survey_table(answers: pd.DataFrame, by: str) -> pd.DataFrame:
    """Return one answer a household or company: the latest; of two on one day, the more cautious."""
    rows = answers.dropna(subset=[by]).copy()
    rows["other_projects_named"] = pd.to_numeric(rows["other_projects"]).astype("Int64")
    rows = rows.sort_values(
        [by, "date", "answer", "other_projects_named"], ascending=[True, False, True, False]
    )
    rows = rows.drop_duplicates(by)
    rows["other_projects"] = (rows["other_projects_named"] > 0).astype("boolean")
    return rows[[by, "answer", "other_projects", "other_projects_named", "date"]].reset_index(drop=True)


# --- The tables that tell how the records came about

_ROWS_SHOWN = 3


def linkage_table(
    linked: Linked,
    companies: dict[str, int],
    organisations: dict[str, int],
    frames: dict[str, pd.DataFrame],
    merged: dict[str, np.ndarray],
) -> pd.DataFrame:
    """Return how many rows each rule of linkage merged: rule, list, merged."""
    rows = [(rule, "households", n) for rule, n in linked.counts.items()]
    rows += [(rule, "companies", n) for rule, n in companies.items()]
    rows += [(rule, "organisations", n) for rule, n in organisations.items()]
    for name in ("contacts", "activities", "funding"):
        if name in frames:
            rows.append(("same_row", name, int(merged[name].sum())))
    return pd.DataFrame(rows, columns=["rule", "list", "merged"])


def note_table(
    material: Material,
    origin: str,
    linked: Linked,
    unapplied: int,
    disagreeing: int,
    frames: dict[str, pd.DataFrame],
    households: pd.DataFrame | None,
    cells: Sequence[Fault],
) -> pd.DataFrame:
    """Return what was noted while the lists were read and linked: file, sheet, kind, value."""
    rows = list(material.notes)
    rows.append(("", "", f"key_{origin}", ""))
    if unapplied:
        rows.append(
            ("", "", f"decisions_not_applied_{'made' if origin == 'made' else 'kept'}", str(unapplied))
        )
    if linked.shared:
        rows.append(("", "", "shared_by_many", str(linked.shared)))
    rows += [(file, sheet, "reference_is_a_day", str(n)) for (file, sheet), n in sorted(linked.days.items())]
    if disagreeing:
        rows.append(("", "", "moves_disagree", str(disagreeing)))
    rows += [
        ("", "", f"{name}_before_project", str(n)) for name, n in _too_early(frames, material.start) if n
    ]
    rows += [(*place, f"not_used_{why}", str(n)) for place, why, n in _not_used(frames)]
    if "funding" in frames:
        money = frames["funding"]
        half = money[money["paid_sek"].notna() & money["date"].isna() & money["decided_sek"].notna()]
        places = Counter(map(tuple, half[["_file", "_sheet"]].astype(str).to_numpy()))
        rows += [(file, sheet, "paid_without_day", str(n)) for (file, sheet), n in sorted(places.items())]
    if "households" in frames:
        frame = frames["households"]
        said = set(frame.loc[frame["moved"] == "yes", "household_id"])
        dated = set(frame.loc[frame["moved_in"].notna(), "household_id"])
        if said - dated:
            rows.append(("", "", "moved_without_date", str(len(said - dated))))
    if households is not None and "survey_households" in frames:
        strangers = set(frames["survey_households"]["household_id"].dropna()) - set(
            households["household_id"]
        )
        if strangers:
            rows.append(("", "", "answers_of_strangers", str(len(strangers))))
    counts = Counter((fault.file, fault.sheet, fault.kind) for fault in cells)
    rows += [(file, sheet, f"cells_{kind}", str(n)) for (file, sheet, kind), n in sorted(counts.items())]
    return pd.DataFrame(rows, columns=["file", "sheet", "kind", "value"])


def _too_early(frames: dict[str, pd.DataFrame], start: date | None) -> list[tuple[str, int]]:
    """Return how many contacts, moves and hires are known to be older than the project."""
    found = []
    for name, frame, column in (
        ("contacts", "contacts", "date"),
        ("moves", "households", "moved_in"),
        ("hires", "companies", "first_hire"),
    ):
        if frame in frames and start is not None:
            _, last = period_bounds(frames[frame][column], frames[frame][f"{column}_precision"])
            found.append((name, int((last < pd.Timestamp(start)).sum())))
    return found


def unused_rows(frames: dict[str, pd.DataFrame]) -> dict[str, dict[str, np.ndarray]]:
    """Return list -> why -> which of its rows are kept and yet enter no count.

    An answer without its day is in no year's evaluation, a payment without its day or kind in no sum, a
    check without its day says nothing of when.
    """
    found: dict[str, dict[str, np.ndarray]] = {}
    for name, frame in frames.items():
        why: dict[str, np.ndarray] = {}
        if name in ("survey_households", "survey_companies"):
            who = "household_id" if name == "survey_households" else "company_id"
            why["no_day"] = frame["date"].isna().to_numpy()
            if who in frame:
                why["nobody"] = frame[who].isna().to_numpy() & ~why["no_day"]
        elif name == "funding":
            why["no_kind"] = frame["kind"].isna().to_numpy()
            paid = frame["paid_sek"].notna()
            why["no_day"] = (paid & frame["date"].isna() & frame["decided_sek"].isna()).to_numpy() & ~why[
                "no_kind"
            ]
            why["no_amount"] = (~paid & frame["decided_sek"].isna()).to_numpy() & ~why["no_kind"]
        found[name] = {reason: rows for reason, rows in why.items() if rows.any()}
    return found


def all_unused(frames: dict[str, pd.DataFrame]) -> dict[str, np.ndarray]:
    """Return list -> which of its rows are kept and enter no count, for whatever reason."""
    return {
        name: np.logical_or.reduce(list(why.values())) for name, why in unused_rows(frames).items() if why
    }


def _not_used(frames: dict[str, pd.DataFrame]) -> list[tuple[tuple[str, str], str, int]]:
    """Return (file, sheet) and why how many rows are kept and not used."""
    told = []
    for name, reasons in unused_rows(frames).items():
        for reason, rows in reasons.items():
            places = frames[name].loc[rows, ["_file", "_sheet"]].astype(str)
            counts = Counter(zip(places["_file"], places["_sheet"], strict=True))
            told += [(place, reason, n) for place, n in sorted(counts.items())]
    return told


def member_table(frames: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the household of each row: list, file, sheet, row, household_id."""
    columns = ["list", "file", "sheet", "row", "household_id"]
    parts = []
    for name in ("contacts", "households", "survey_households"):
        if name in frames:
            part = frames[name][["_file", "_sheet", "_row", "household_id"]].set_axis(columns[1:], axis=1)
            parts.append(part.assign(list=from_codes(np.zeros(len(part), dtype=np.int8), [name], part.index)))
    return as_text_unless_large(stacked(parts)[columns]) if parts else pd.DataFrame(columns=columns)


def grey_table(members: pd.DataFrame, **pairs: list[OpenPair]) -> pd.DataFrame:
    """Return the pairs that a person should decide on.

    list, left, right, score, left_rows, right_rows, speaks_for, speaks_against.

    A household is named by its reference, and where it has none by a name that says nothing; the rows that
    it stands on tell the person which it is.
    """
    rows = [
        (name, one.left, one.right, one.score, one.speaks_for, one.speaks_against)
        for name, several in pairs.items()
        for one in several
    ]
    table = pd.DataFrame(rows, columns=["list", "left", "right", "score", "speaks_for", "speaks_against"])
    asked = set(table.loc[table["list"] == "households", ["left", "right"]].to_numpy().ravel())
    mine = as_text(members[members["household_id"].isin(asked)]).sort_values(["file", "sheet", "row"])
    shown = mine.groupby("household_id").head(_ROWS_SHOWN)
    places: dict[str, list[str]] = defaultdict(list)
    for household, *stand in shown[["household_id", "file", "sheet", "row"]].to_numpy():
        places[household].append(" ".join(str(part) for part in stand if part))
    for side in ("left", "right"):
        table[f"{side}_rows"] = [
            "; ".join(places[one]) if name == "households" else ""
            for name, one in zip(table["list"], table[side], strict=True)
        ]
    columns = ["list", "left", "right", "score", "left_rows", "right_rows"]
    return table[[*columns, "speaks_for", "speaks_against"]]


# --- Every row accounted for: read = kept + merged + rejected, file by file

#: Of every table of the lists; ``unused`` is a part of ``kept``.
ACCOUNTED = ["file", "sheet", "list", "read", "kept", "merged", "rejected", "unused"]


def account(
    tables: Sequence[Cleaned],
    frames: dict[str, pd.DataFrame],
    merged: dict[str, np.ndarray],
    unused: dict[str, np.ndarray] | None = None,
) -> pd.DataFrame:
    """Return a row a table: file, sheet, list, read, kept, merged, rejected, and of the kept the unused."""
    idle = {
        name: frames[name].loc[rows & ~merged[name], ["_file", "_sheet"]].value_counts().to_dict()
        for name, rows in (unused or {}).items()
    }
    joined = {
        name: frame.loc[merged[name], ["_file", "_sheet"]].value_counts().to_dict()
        for name, frame in frames.items()
    }
    rows = []
    for table in tables:
        n = int(joined.get(table.name, {}).get((table.file, table.sheet), 0))
        rejected = len({fault.row for fault in table.rejected})
        without = int(idle.get(table.name, {}).get((table.file, table.sheet), 0))
        counts = (table.read, table.read - rejected - n, n, rejected, without)
        rows.append((table.file, table.sheet, table.name, *counts))
    return pd.DataFrame(rows, columns=ACCOUNTED)


def fault_table(faults: Sequence[Fault]) -> pd.DataFrame:
    """Return faults as a table, in the order of files and rows; a row may have several."""
    rows = sorted((f.file, f.sheet, f.row, f.column, f.kind, f.remedy) for f in faults)
    return pd.DataFrame(rows, columns=REJECTED_COLUMNS)


def by_list(records: Records) -> dict[str, pd.DataFrame]:
    """Return accounting, kinds of fault and notes by list, as they may be published.

    Returns
    -------
    dict of str to DataFrame
        ``accounting`` (list, files, read, kept, merged, rejected, unused), ``rejected_kinds`` (list, kind,
        rows) and ``notes`` (list, kind, value). Nothing of them stood outside a cell, or in one: no name of a
        file or sheet, no heading. The value of a note is a number: of what was noted, or of the times.
    """
    table, lists = records.accounting, _lists(records)
    order = dict.fromkeys(table["list"])
    sums = table.groupby("list", sort=False)[ACCOUNTED[3:]].sum()
    sums.insert(0, "files", table.groupby("list", sort=False).size())
    faults = pd.Series(
        [
            lists.get((file, sheet), "")
            for file, sheet in zip(records.rejected["file"], records.rejected["sheet"], strict=True)
        ],
        dtype=object,
    )
    kinds = records.rejected.assign(list=faults).groupby(["list", "kind"]).size().rename("rows").reset_index()
    return {
        "accounting": sums.loc[list(order)].reset_index(),
        "rejected_kinds": kinds,
        "notes": _notes_by_list(records.notes, lists),
    }


def _lists(records: Records) -> dict[tuple[str, str], str]:
    """Return file and sheet -> list."""
    table = records.accounting
    return dict(zip(zip(table["file"], table["sheet"], strict=True), table["list"], strict=True))


def _notes_by_list(notes: pd.DataFrame, lists: dict[tuple[str, str], str]) -> pd.DataFrame:
    counted: dict[tuple[str, str], int] = {}
    encodings: dict[tuple[str, str], set[str]] = {}
    for row in notes.fillna("").to_dict("records"):
        key = lists.get((row["file"], row["sheet"]), ""), str(row["kind"])
        value = str(row["value"])
        counted[key] = counted.get(key, 0) + (int(value) if value.isascii() and value.isdigit() else 1)
        if row["kind"] == "encoding":
            encodings.setdefault(key, set()).add(value)
    rows = [
        (name, kind, ", ".join(sorted(encodings[name, kind])) if kind == "encoding" else str(n))
        for (name, kind), n in sorted(counted.items())
    ]
    return pd.DataFrame(rows, columns=["list", "kind", "value"])


def published_faults(records: Records) -> pd.DataFrame:
    """Return every rejected row and cell as a report may carry it: by list, its table's number and row.

    Tables of a list are numbered in the order of their files. A column is named by its field in the data
    dictionary, and left blank where its heading is not known: it may be anything.
    """
    table = _faults(records)
    lists = _lists(records)
    number = {
        place: n
        for name in set(lists.values())
        for n, place in enumerate((p for p, of in lists.items() if of == name), 1)
    }
    places = list(zip(table["file"], table["sheet"], strict=True))
    names = [lists.get(place, "") for place in places]
    fields = [
        synonyms(name).get(plain_heading(column), "") if name else ""
        for name, column in zip(names, table["column"], strict=True)
    ]
    shown = table[["left_out", "row", "kind", "remedy"]].copy()
    shown.insert(1, "list", names)
    shown.insert(2, "table", [number.get(place, "") for place in places])
    shown.insert(4, "column", fields)
    return shown


def _faults(records: Records) -> pd.DataFrame:
    return rejected_table(records.rejected, records.cells)


def rejected_table(rejected: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """Return rejected rows and cells left out as one table, ``left_out`` telling which is which."""
    rows = rejected.assign(left_out="row")
    cells = cells.assign(left_out="cell")
    return pd.concat([rows, cells], ignore_index=True)[["left_out", *REJECTED_COLUMNS]]


def write_rejected(records: Records, path: Path, *, published: bool = False) -> None:
    """Write ``rejected_rows.csv``: every rejected row, and every cell left out of a row that was kept.

    Each line names file, sheet, row, column, kind of fault and remedy; never the value itself. In a
    ``published`` report it names list and number of table in place of file and sheet, and where the records
    are invented a last column ``example_data`` says so.
    """
    faults = published_faults(records) if published else _faults(records)
    write_csv(faults.assign(example_data="true") if published and records.example_data else faults, path)


# --- How well the linkage finds the true households, where the truth is known


def linkage_quality(members: pd.DataFrame, directory: Path) -> pd.DataFrame | None:
    """Return precision and recall of the linkage over pairs of rows: list, pairs, precision, recall.

    Precision is the share of joined pairs of rows that truly belong to one household, recall the share of
    pairs that belong together and were joined; ``pairs`` is the number of pairs that belong together.

    Parameters
    ----------
    members : DataFrame
        list, file, sheet, row, household_id, as in :class:`Records`.
    directory : Path
        Folder of the records; None is returned where it has no ``truth.json`` that fits the files.
    """
    path = directory / "truth.json"
    if not path.is_file():
        return None
    truth = json.loads(read_input(path)).get("members", {})
    rows = members.dropna(subset=["household_id"])
    known = [_true(truth, row) for row in rows[["file", "sheet", "row"]].itertuples(index=False)]
    if any(number is None for number in known):
        return None
    rows = rows.assign(true=pd.Series(known, index=rows.index, dtype="Int64"))
    both = _pairs(rows, ["true", "household_id"])
    together, joined = _pairs(rows, ["true"]), _pairs(rows, ["household_id"])
    quality = {"list": "households", "pairs": together, "precision": both / joined, "recall": both / together}
    return pd.DataFrame([quality])


def _true(truth: dict, row: tuple) -> int | None:
    """Return the true household of a row of a file, None where the truth does not know the row."""
    file, sheet, number = row
    part = truth.get(f"{file}|{sheet}" if sheet else file)
    if part is None or not 0 <= number - part["first_row"] < len(part["households"]):
        return None
    return int(part["households"][number - part["first_row"]])


def _pairs(rows: pd.DataFrame, by: list[str]) -> int:
    sizes = rows.groupby(by).size()
    return int((sizes * (sizes - 1) // 2).sum())
