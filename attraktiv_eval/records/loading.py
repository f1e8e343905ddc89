"""From a folder of lists to records: read, clean, close the door, link, account for every row.

A person's decisions on pairs in the grey zone stand in ``decisions.csv`` beside the lists.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from attraktiv_eval.assumptions import Assumptions
from attraktiv_eval.errors import RecordError
from attraktiv_eval.project import Project
from attraktiv_eval.records.cleaning import Material, read_folder
from attraktiv_eval.records.csv_files import encoding_of, separator_of
from attraktiv_eval.records.files import DECISIONS, MARKER, fingerprint
from attraktiv_eval.records.household_linkage import PEOPLE, Linked, link_households, mark_people
from attraktiv_eval.records.linkage import (
    LinkedNames,
    decided_name,
    link_companies,
    link_financiers,
    link_organisations,
)
from attraktiv_eval.records.pseudonyms import Pseudonyms, close_the_door, find_key, scrubbed
from attraktiv_eval.records.records import JOINED_COLUMNS, LISTS, Cleaned, Records, as_of
from attraktiv_eval.records.references import read_scopes
from attraktiv_eval.records.schemas import (
    TEXT,
    as_text,
    as_text_unless_large,
    close_together,
    from_codes,
    numbered,
    packed,
    schemas,
    stacked,
    unpacked,
)
from attraktiv_eval.records.tables import (
    CONTACT_COLUMNS,
    account,
    all_unused,
    company_table,
    contact_table,
    destination_gaps,
    fault_table,
    grey_table,
    household_table,
    linkage_quality,
    linkage_table,
    member_table,
    note_table,
    organisation_table,
    residence_table,
    survey_table,
)
from attraktiv_eval.records.workbook import as_it_was, write_csv
from attraktiv_eval.resources import note_input, read_input

__all__ = [
    "Decisions",
    "Material",
    "assemble",
    "find_decisions",
    "load_records",
    "parted_names",
    "read_decisions",
    "read_folder",
    "write_decisions",
]

_BLOCK = 200_000  # rows that are validated at a time


def load_records(
    directory: Path,
    project: Project,
    *,
    key: bytes | None = None,
    until: date | None = None,
    assumptions: Assumptions | None = None,
) -> Records:
    """Read, clean and link the lists of a folder.

    Parameters
    ----------
    directory : Path
        Folder of CSV and Excel files; subfolders are read too.
    project : Project
    key : bytes, optional
        Key of the pseudonyms. Default: the file that ``ATTRAKTIV_EVAL_KEY_FILE`` names, else a key made for
        this run; for example records the published one.
    until : date, optional
        Show the records as they stood at the end of that day; the accounting is always of the whole files.
    assumptions : Assumptions, optional
        ``linkage_score`` and ``linkage_grey_zone`` are used.

    Raises
    ------
    RecordError
        At the first file that cannot be read or used.

    Examples
    --------
    >>> from attraktiv_eval import resources
    >>> records = load_records(resources.find("data/records_example"), Project.load())
    >>> records.example_data, records.missing
    (True, [])
    """
    directory = Path(directory)
    material = read_folder(directory, project)
    if material.errors:
        raise material.errors[0]
    records = assemble(directory, material, key=key, assumptions=assumptions, empty=True)
    return records if until is None else as_of(records, until)


def assemble(
    directory: Path,
    material: Material,
    *,
    key: bytes | None = None,
    assumptions: Assumptions | None = None,
    empty: bool = False,
) -> Records:
    """Link what was read and make the tables that the evaluation counts.

    Lists without any row are refused, unless ``empty`` says that statistics alone will do; then every list is
    missing. Rows of which none can be used are always refused.
    """
    example = (directory / MARKER).is_file()
    if example:
        note_input(directory / MARKER)  # that it lies there decides what the report says of the records
    secret, origin = find_key(key, example=example)
    least, grey = _limits(assumptions)
    decided = read_decisions(directory)
    frames = _frames(material.tables)
    if not frames and not (empty and not any(table.rejected for table in material.tables)):
        raise RecordError(
            "the lists have no rows that can be used",
            remedy="fill in at least one list; attraktiv-eval check says what is wrong with each row",
            file=directory.name or directory,
        )
    contact_ids = _contact_ids(frames, secret)
    for frame in frames.values():
        close_together(frame)
    mark_people(frames, secret)
    similar = close_the_door(frames, secret)
    _validate(frames)
    for frame in frames.values():
        close_together(frame)
    kept_key = origin != "made"
    names = None if kept_key else {str(one["file"]): str(one["sha256"]) for one in material.inputs}
    linked = link_households(
        frames,
        similar,
        least,
        grey,
        decided.households,
        names,
        headings={(t.name, t.file, t.sheet): t.headings.get("household_id", "") for t in material.tables},
        scopes=read_scopes(directory),
        home=material.home,
    )
    merged = {name: _repeated(name, frame, linked) for name, frame in frames.items()}
    for name in PEOPLE:
        if name in frames:
            found = linked.of(name, len(frames[name]))
            frames[name]["household_id"] = found if name == "contacts" else found.astype(TEXT)
    companies = link_companies(frames, least, grey, decided.companies)
    organisations = link_organisations(frames, least, grey, decided.organisations)
    financiers = link_financiers(frames, material.financiers, grey, decided.organisations)
    if "companies" in frames:
        hired = linked.of("companies", len(frames["companies"]))
        frames["companies"]["hired_household"] = hired.astype(TEXT)
    _let_go(frames, linked)
    merged = _merged(frames, merged)
    households, disagreeing = _households(frames, material.start)
    unapplied = linked.lost + len(companies.lost) + len(organisations.lost & financiers.lost)
    cells = [fault for table in material.tables for fault in table.cells]
    cells += destination_gaps(material.tables, frames, households)
    notes = note_table(material, origin, linked, unapplied, disagreeing, frames, households, cells)
    members = member_table(frames)
    return Records(
        households=households,
        companies=_companies(frames),
        organisations=organisation_table(frames["organisations"]) if "organisations" in frames else None,
        activities=_plain(frames, merged, "activities"),
        survey_households=_survey(frames, "survey_households", "household_id"),
        survey_companies=_survey(frames, "survey_companies", "company_id"),
        funding=_plain(frames, merged, "funding"),
        residence=residence_table(frames.get("households")),
        accounting=account(material.tables, frames, merged, all_unused(frames)),
        rejected=fault_table([fault for table in material.tables for fault in table.rejected]),
        cells=fault_table(cells),
        linkage=linkage_table(linked, companies.counts, organisations.counts, frames, merged),
        grey_zone=grey_table(
            members,
            households=linked.grey,
            companies=companies.grey,
            organisations=[*organisations.grey, *financiers.grey],
        ),
        notes=notes,
        missing=[name for name in LISTS if name not in frames],
        example_data=example,
        inputs=[*material.inputs, *_decisions_read(directory, decided)],
        members=members,
        quality=linkage_quality(members, directory) if example else None,
        decisions=decided.table,
        unapplied=unapplied,
        meetings=linked.meetings,
        joined=_all_joined(
            households=linked, companies=companies, organisations=organisations, financiers=financiers
        ),
        contacts=_contacts(frames, merged, contact_ids),
    )


def _all_joined(**linked: Linked | LinkedNames) -> pd.DataFrame:
    """Return every join of two rows, of households, companies, organisations and financiers (``of``)."""
    parts = [
        one.joined.assign(of=from_codes(np.zeros(len(one.joined), dtype=np.int8), [name]))
        for name, one in linked.items()
        if len(one.joined)
    ]
    if not parts:
        return pd.DataFrame(columns=JOINED_COLUMNS)
    table = as_text_unless_large(stacked(parts))
    return table[["of", *(name for name in table.columns if name != "of")]]


def _decisions_read(directory: Path, decided: Decisions) -> list[dict[str, object]]:
    """Return decisions.csv as an input, where there is one: it can change what is counted."""
    path = find_decisions(directory)
    if decided.table is None or path is None:
        return []
    return [{"file": DECISIONS, "sha256": fingerprint(path), "rows": len(decided.table)}]


def _limits(assumptions: Assumptions | None) -> tuple[float, float]:
    stated = assumptions or Assumptions.load()
    least = float(stated["linkage_score"].value)
    return least, least - float(stated["linkage_grey_zone"].value)


def _frames(tables: list[Cleaned]) -> dict[str, pd.DataFrame]:
    """Return list -> all its rows, in the order of the lists."""
    found: dict[str, pd.DataFrame] = {}
    for name in LISTS:
        parts = [table.frame for table in tables if table.name == name]
        if sum(map(len, parts)):
            found[name] = stacked(parts) if len(parts) > 1 else parts[0]
    for table in tables:
        table.frame = pd.DataFrame()  # from now on held once, and without persons
    return found


def _validate(frames: dict[str, pd.DataFrame]) -> None:
    """Check every list against its schema; from now on all but the contacts hold plain text."""
    for name, frame in frames.items():
        for start in range(0, len(frame), _BLOCK):
            part = frame.iloc[start : start + _BLOCK][list(schemas()[name].columns)]
            schemas()[name].validate(as_text(part))
        frames[name] = frame if name == "contacts" else as_text(frame)


def _repeated(name: str, frame: pd.DataFrame, linked: Linked) -> np.ndarray:
    """Return which rows say exactly what an earlier row says, with the same reference in the same scope.

    Of payments and activities, which nothing names, equal rows of one table are as many as they stand there;
    only what another table says again is a copy.
    """
    columns = [column for column in frame.columns if not column.startswith("_")]
    if name in ("funding", "activities"):
        nth = frame.groupby([*columns, "_file", "_sheet"], dropna=False).cumcount()
        return frame[columns].assign(_nth=nth).duplicated().to_numpy()
    if name in PEOPLE:
        frame = frame.assign(household_id=linked.column("identity", name, len(frame)))
    return _again(frame, columns)


def _again(frame: pd.DataFrame, columns: list[str]) -> np.ndarray:
    """Return which rows hold in some columns what an earlier row holds; column by column, to spare memory."""
    codes = (pd.factorize(frame[column])[0] for column in columns if frame[column].notna().any())
    return pd.Series(numbered(codes)).duplicated().to_numpy()


def _let_go(frames: dict[str, pd.DataFrame], linked: Linked) -> None:
    """Drop what only linking asks for: of the contacts all but what is counted, and the rows' references."""
    linked.rows = linked.rows[["list", "position", "household_id"]]
    if "contacts" in frames:
        kept = [*CONTACT_COLUMNS, "_file", "_sheet", "_row"]
        frames["contacts"] = frames["contacts"][kept]


def _merged(frames: dict[str, pd.DataFrame], repeated: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return list -> which rows were merged into another row."""
    keys = {
        "households": ["household_id"],
        "companies": ["company_id"],
        "organisations": ["organisation_id"],
        "survey_households": ["household_id"],
        "survey_companies": ["company_id"],
    }
    merged = dict(repeated)
    for name, columns in keys.items():
        if name in frames:
            merged[name] = repeated[name] | frames[name].duplicated(columns).to_numpy()
    if "households" in frames:  # a later row that follows the household up is no repeat of an earlier one
        follows = (
            frames["households"]["still_resident"].isin(["yes", "no"])
            & frames["households"]["checked"].notna()
        )
        merged["households"] = repeated["households"] | (merged["households"] & ~follows.to_numpy())
    if "contacts" in frames:
        contacts = frames["contacts"]
        same = _again(contacts, ["contact_id", "date", "household_id", "company_id", "organisation"])
        merged["contacts"] = repeated["contacts"] | (same & contacts["contact_id"].notna().to_numpy())
    return merged


def _households(frames: dict[str, pd.DataFrame], start: date | None) -> tuple[pd.DataFrame | None, int]:
    if "households" not in frames and "contacts" not in frames:
        return None, 0
    return household_table(frames.get("households"), frames.get("contacts"), start)


def _companies(frames: dict[str, pd.DataFrame]) -> pd.DataFrame | None:
    if "companies" not in frames:
        return None
    return company_table(frames["companies"], frames.get("contacts"))


def _survey(frames: dict[str, pd.DataFrame], name: str, by: str) -> pd.DataFrame | None:
    return survey_table(frames[name], by) if name in frames else None


def _contact_ids(frames: dict[str, pd.DataFrame], key: bytes) -> list[tuple[bytes, np.ndarray]]:
    """Take the texts of the contacts' own ids, hardly two alike, out of the frame until they are shown."""
    if "contacts" not in frames:
        return []
    ids = scrubbed(frames["contacts"]["contact_id"], Pseudonyms(key))
    frames["contacts"]["contact_id"], texts = packed(ids)
    return texts


def _contacts(
    frames: dict[str, pd.DataFrame], merged: dict[str, np.ndarray], ids: list[tuple[bytes, np.ndarray]]
) -> pd.DataFrame | None:
    if "contacts" not in frames:
        return None
    contacts = frames.pop("contacts")
    contacts["contact_id"] = unpacked(contacts["contact_id"], ids)
    return contact_table(contacts, ~merged["contacts"])


def _plain(frames: dict[str, pd.DataFrame], merged: dict[str, np.ndarray], name: str) -> pd.DataFrame | None:
    if name not in frames:
        return None
    frame = frames[name][~merged[name]]
    columns = [column for column in frame.columns if not column.startswith("_")]
    return frame[columns].sort_values(columns, ignore_index=True)


# --- What a person has decided of pairs

_DECIDED = [
    "list",
    "left",
    "right",
    "score",
    "decision",
    "left_rows",
    "right_rows",
    "speaks_for",
    "speaks_against",
]
_NUMBERED = re.compile(r"\s*\(\d{6}-?\d{4}\)\s*$")
_NEEDED = ("list", "left", "right", "decision")
_OF = ("households", "companies", "organisations")
_SAME = {"same", "samma", "ja", "yes"}
_DIFFERENT = {"different", "olika", "nej", "no"}


@dataclass
class Decisions:
    """Pair, smaller first -> same or not; names as they are compared, households by their reference."""

    households: dict[tuple[str, str], bool] = field(default_factory=dict)
    companies: dict[tuple[str, str], bool] = field(default_factory=dict)
    organisations: dict[tuple[str, str], bool] = field(default_factory=dict)
    #: The rows of the file as they stand; None where there is no file.
    table: pd.DataFrame | None = None


def find_decisions(directory: Path) -> Path | None:
    """Return the file of decisions, in any case of letters and any subfolder; None without one.

    Raises
    ------
    RecordError
        If there are several.
    """
    found = sorted(
        path
        for path in directory.rglob("*")
        if path.name.casefold() == DECISIONS
        and path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(directory).parts)
    )
    if len(found) > 1:
        raise RecordError(
            f"there are {len(found)} files of decisions in the folder",
            remedy="put their rows into one",
            file=DECISIONS,
        )
    return found[0] if found else None


def read_decisions(directory: Path) -> Decisions:
    """Read the decisions of a folder; none if it has no ``decisions.csv``. A row left blank decides nothing.

    Raises
    ------
    RecordError
        If the file cannot be read, a column is missing, or a decision is neither same nor different.
    """
    decisions = Decisions()
    path = find_decisions(directory)
    if path is None:
        return decisions
    headings, numbered = _read_rows(path)
    missing = [name for name in _NEEDED if name not in headings]
    if missing:
        raise RecordError(
            f"the column {missing[0]} is missing",
            remedy="keep the columns that the run wrote",
            file=DECISIONS,
        )
    rows = {
        n: {name: as_it_was(row.get(name, "").strip()) for name in _DECIDED} for n, row in numbered.items()
    }
    decisions.table = pd.DataFrame(list(rows.values()), columns=_DECIDED, dtype=str)
    for number, row in rows.items():
        word = row["decision"].casefold()
        if not word:
            continue
        if word not in _SAME | _DIFFERENT:
            raise RecordError(
                "a decision is neither same nor different",
                remedy="write same, different, or nothing",
                file=DECISIONS,
                row=number,
                column="decision",
            )
        _add_decision(decisions, row, word in _SAME, number)
    for name in _OF:
        _refuse_contradictions(getattr(decisions, name))
    return decisions


def parted_names(decisions: pd.DataFrame | None) -> set[frozenset[str]]:
    """Return the pairs of names, as they are compared, of organisations that a person has parted."""
    if decisions is None:
        return set()
    said = decisions[
        (decisions["list"] == "organisations") & decisions["decision"].str.casefold().isin(_DIFFERENT)
    ]
    return {
        frozenset((decided_name(a), decided_name(b)))
        for a, b in zip(said["left"], said["right"], strict=True)
    }


def _refuse_contradictions(pairs: dict[tuple[str, str], bool]) -> None:
    """Refuse decisions by which two are different and, through others, the same."""
    part: dict[str, str] = {}

    def root(name: str) -> str:
        while part.setdefault(name, name) != name:
            name = part[name]
        return name

    for (a, b), same in pairs.items():
        if same:
            part[root(a)] = root(b)
    if any(root(a) == root(b) for (a, b), same in pairs.items() if not same and a != b):
        raise RecordError(
            "two are decided to be different and, through others, the same",
            remedy="change one of the decisions: if A is B and B is C, A cannot differ from C",
            file=DECISIONS,
        )


def _read_rows(path: Path) -> tuple[list[str], dict[int, dict[str, str]]]:
    """Return the headings, and row of the file -> cells; saved by the run or again by a spreadsheet."""
    data = read_input(path)
    try:
        text = data.decode(encoding_of(data))
    except UnicodeDecodeError:
        raise RecordError(
            "the file is cut off or its encoding is mixed",
            remedy="save it again as CSV (UTF-8)",
            file=DECISIONS,
        ) from None
    separator, stated = separator_of(text)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error:
        raise RecordError(
            "a cell is far too long, as where a quotation mark is never closed",
            remedy='close it with ", or shorten the cell',
            file=DECISIONS,
        ) from None
    filled = {n: line for n, line in enumerate(lines, 1) if n > stated and any(map(str.strip, line))}
    headings = next(iter(filled.values()), [])
    rows = {n: dict(zip(headings, line, strict=False)) for n, line in list(filled.items())[1:]}
    return headings, rows


def _add_decision(decisions: Decisions, row: dict[str, str], same: bool, number: int) -> None:
    table = getattr(decisions, row["list"], None) if row["list"] in _OF else None
    if table is None:
        raise RecordError(
            "a decision is on an unknown list",
            remedy="write households, companies or organisations",
            file=DECISIONS,
            row=number,
            column="list",
        )
    left, right = row["left"], row["right"]
    if row["list"] != "households":
        numbered = decided_name(left) == decided_name(right)  # two names under one number
        left, right = (decided_name(_NUMBERED.sub("", one) if numbered else one) for one in (left, right))
    pair = min(left, right), max(left, right)
    if table.get(pair, same) != same:
        raise RecordError(
            "a pair is decided to be the same and to be different",
            remedy="keep one of the two rows",
            file=DECISIONS,
            row=number,
            column="decision",
        )
    table[pair] = same


def write_decisions(grey_zone: pd.DataFrame, path: Path, known: pd.DataFrame | None = None) -> int:
    """Write the grey zone for a person to decide on, and return how many pairs are new.

    Parameters
    ----------
    grey_zone : DataFrame
        The pairs that are left to decide.
    path : Path
        A file that is there keeps its rows and decisions; new pairs are added below.
    known : DataFrame, optional
        Rows of an earlier ``decisions.csv``, which come first: the file that is written can take its place in
        the folder of records without anything being decided twice.
    """
    parts = [] if known is None else [known]
    if path.is_file():
        there = read_decisions(path.parent).table
        parts = [there, *parts] if there is not None else parts
    before = len(_each_pair_once(parts))
    new = grey_zone.assign(decision="").reindex(columns=_DECIDED).astype(object).fillna("").astype(str)
    table = _each_pair_once([*parts, new])
    write_csv(table, path)
    return len(table) - before


def _each_pair_once(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Return the rows of the parts, of a pair the one that is decided, else the first."""
    if not parts:
        return pd.DataFrame(columns=_DECIDED, dtype=str)
    table = pd.concat(parts, ignore_index=True)
    pairs = table[["list", "left", "right"]].agg("|".join, axis=1) if len(table) else table["list"]
    decided = table["decision"].ne("")
    order = decided.groupby(pairs).cumsum().where(decided, 2)
    best = order.eq(1) | (~pairs.duplicated() & ~decided.groupby(pairs).transform("any"))
    return table[best].reset_index(drop=True)
