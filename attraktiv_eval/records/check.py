"""What a run would accept and reject of a folder of lists, found without running."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from attraktiv_eval.assumptions import Assumptions
from attraktiv_eval.errors import RecordError
from attraktiv_eval.project import Project
from attraktiv_eval.records.cleaning import Material, read_folder
from attraktiv_eval.records.faults import NO_RECORDS, fault_words, note_words
from attraktiv_eval.records.files import DECISIONS, JOINED
from attraktiv_eval.records.loading import assemble, write_decisions
from attraktiv_eval.records.pseudonyms import find_key
from attraktiv_eval.records.records import LISTS, Records
from attraktiv_eval.records.schemas import as_text, list_words
from attraktiv_eval.records.tables import ACCOUNTED, fault_table, rejected_table
from attraktiv_eval.records.traces import traces_in_document
from attraktiv_eval.records.workbook import write_csv
from attraktiv_eval.texts import number, translator

_FIRST = 5  # faults that are told as those to mend first
_MOST_CHANGED = 40  # rows shown of households that changed


@dataclass(frozen=True)
class Check:
    """The outcome of a check; ``errors`` would stop a run, ``records`` is None if nothing could be read."""

    errors: list[RecordError]
    records: Records | None
    #: What was read and cleaned, also where no row of it can be used.
    material: Material | None = None

    @property
    def passed(self) -> bool:
        """Whether a run would read every file and reject no row."""
        return not self.errors and self.records is not None and self.records.rejected.empty

    @property
    def exit_code(self) -> int:
        """2 where a run would stop, 0 elsewhere; rejected rows do not stop a run."""
        return 2 if self.errors or self.records is None else 0

    @property
    def accounting(self) -> pd.DataFrame:
        """A row a file and list: read, kept, merged, rejected."""
        return pd.DataFrame(columns=ACCOUNTED) if self.records is None else self.records.accounting

    def lines(self, language: str = "sv", most: int = 40) -> list[str]:
        """Return the outcome as lines of text; of rejected rows and cells at most ``most`` each."""
        _ = translator(language)
        found = [str(error) for error in self.errors]
        if self.records is None:
            rejected, cells = self._rejected()
            found += self._faults(rejected, _("rejected"), language, most)
            found += self._faults(cells, _("cell left out"), language, most)
            for file, sheet, kind, value in self.material.notes if self.material else []:
                if words := note_words(kind, value, language):
                    found.append(f"{_place({'file': file, 'sheet': sheet})}: {words}")
            return found + self._first(language)
        for row in self.accounting.to_dict("records"):
            counts = {name: number(row[name], language) for name in ("read", "kept", "merged", "rejected")}
            text = _("{read} rows read, {kept} kept, {merged} merged, {rejected} rejected").format(**counts)
            if row["unused"]:
                idle = _("of the kept {unused} not used").format(unused=number(row["unused"], language))
                text = f"{text} ({idle})"
            found.append(f"{_place(row)} ({list_words(row['list'], language)}): {text}")
        found += self._faults(self.records.rejected, _("rejected"), language, most)
        found += self._faults(self.records.cells, _("cell left out"), language, most)
        for note in self.records.notes.to_dict("records"):
            words = note_words(note["kind"], note["value"], language)
            if words:
                found.append(f"{_place(note)}: {words}" if _place(note) else words)
        found += self._meetings(language)
        if self.records.missing:
            lists = ", ".join(list_words(name, language) for name in self.records.missing)
            found.append(_("Lists that are missing: {lists}").format(lists=lists))
        if len(self.records.grey_zone):
            n = number(len(self.records.grey_zone), language)
            found.append(_("{n} pairs may be the same; decide in decisions.csv").format(n=n))
        return found + self._first(language)

    def _rejected(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return the rejected rows and the cells left out, also where no row of the folder can be used."""
        if self.records is not None:
            return self.records.rejected, self.records.cells
        tables = self.material.tables if self.material else []
        return (
            fault_table([fault for table in tables for fault in table.rejected]),
            fault_table([fault for table in tables for fault in table.cells]),
        )

    def _first(self, language: str) -> list[str]:
        """Return the five faults whose mending gains most rows, with how many each gains.

        Files that cannot be read come first, then rows that enter no count, then cells and columns that are
        not used, and last what only clutters the lists: a row of totals gains nothing.
        """
        _ = translator(language)
        rejected, cells = self._rejected()
        last = (
            self.errors[-1:] if self.records is None and len(rejected) else []
        )  # no row of any file is left
        errors = [error for error in self.errors if error not in last]
        lines = [_("the whole file: {error}").format(error=error) for error in errors]
        clutter = rejected["kind"].isin(NO_RECORDS)
        for faults in (
            [*_counted(rejected[~clutter], language), *self._idle(language)],
            [*_counted(cells, language), *self._unused(language)],
            _counted(rejected[clutter], language),
        ):
            for n, text in sorted(faults, key=lambda fault: (-fault[0], fault[1])):
                rows = _("{n} rows").format(n=number(n, language))
                lines.append(f"{rows}: {text}")
        return [_("Do these first:"), *(f"  {line}" for line in lines[:_FIRST])] if len(lines) > 1 else []

    def _unused(self, language: str) -> list[tuple[int, str]]:
        """Return how many rows each column fills whose heading is not known and is like a known one."""
        _ = translator(language)
        text = _("{heading}: no heading that is known; rename it, or say in lists.toml what it means")
        return [
            (n, f"{_place({'file': table.file, 'sheet': table.sheet})}, {text.format(heading=heading)}")
            for table in (self.material.tables if self.material else [])
            for heading, n in table.unknown.items()
            if n and heading.endswith("?") and " → " in heading
        ]

    def _idle(self, language: str) -> list[tuple[int, str]]:
        """Return how many rows no list or no count takes in, and why."""
        if self.records is not None:
            notes = self.records.notes
        else:
            found = self.material.notes if self.material else []
            notes = pd.DataFrame(found, columns=["file", "sheet", "kind", "value"])
        mine = notes[(notes["kind"] == "no_list") | notes["kind"].str.startswith("not_used_")]
        return [
            (int(row["value"] or 0), f"{_place(row)}: {note_words(row['kind'], row['value'], language)}")
            for row in mine.to_dict("records")
        ]

    def write(self, directory: Path) -> list[Path]:
        """Write ``rejected_rows.csv``, ``joined_rows.csv`` and, where pairs are left, ``decisions.csv``.

        ``joined_rows.csv`` tells which rows of households, companies and organisations were joined by which
        rule: a name or place (file, sheet, row) of it in ``decisions.csv`` undoes a join. Decisions that
        stand in the folder are kept. All three belong beside the lists, not in a report: ``decisions.csv``
        names companies and the project's references of households.
        """
        directory = Path(directory)
        if self.records is None and not (self.material and self.material.tables):
            return []
        try:
            directory.mkdir(parents=True, exist_ok=True)
            written = [directory / "rejected_rows.csv"]
            write_csv(rejected_table(*self._rejected()), written[0])
            if self.records is not None and len(self.records.joined):
                written.append(directory / JOINED)
                write_csv(self.records.joined, written[-1])
            if self.records is not None and len(self.records.grey_zone):
                written.append(directory / DECISIONS)
                write_decisions(self.records.grey_zone, written[-1], self.records.decisions)
        except OSError as error:
            raise RecordError(
                f"the folder cannot be written ({error.strerror})",
                remedy="choose another folder",
                file=directory,
            ) from None
        return written

    def _meetings(self, language: str) -> list[str]:
        """Return for each list of households and each of contacts how many references meet."""
        _ = translator(language)
        if self.records is None:
            return []
        text = _("{n} of {m} references of households in {households} meet a contact in {contacts}")
        return [
            text.format(
                n=number(row["meet"], language),
                m=number(row["references"], language),
                households=_place({"file": row["households_file"], "sheet": row["households_sheet"]}),
                contacts=_place({"file": row["contacts_file"], "sheet": row["contacts_sheet"]}),
            )
            for row in self.records.meetings.to_dict("records")
        ]

    def _faults(self, table: pd.DataFrame, what: str, language: str, most: int) -> list[str]:
        _ = translator(language)
        lines = []
        for fault in _once_a_column(table).head(most).to_dict("records"):
            where = [_place(fault), _("row {n}").format(n=fault["row"]), fault["column"]]
            kind, remedy = fault_words(fault["kind"], language)
            lines.append(f"{what}: {', '.join(part for part in where if part)}: {kind}; {remedy}")
        if len(_once_a_column(table)) > most:
            left = number(len(_once_a_column(table)) - most, language)
            lines.append(_("… and {n} more").format(n=left))
        return lines


#: Kinds of faults that are a column's, not a cell's: told once with all the rows.
_OF_A_COLUMN = ("person_as_organisation",)


def _once_a_column(faults: pd.DataFrame) -> pd.DataFrame:
    """Return the faults, those that are a whole column's as one each, with its rows: ``2–9, 12``."""
    mine = faults["kind"].isin(_OF_A_COLUMN)
    if not mine.any():
        return faults
    keys = ["file", "sheet", "column", "kind"]
    rows = faults[mine].groupby(keys, sort=False)["row"].agg(_runs)
    first = faults[mine].drop_duplicates(keys)
    told = first.assign(row=[rows[place] for place in zip(*(first[key] for key in keys), strict=True)])
    return pd.concat([faults[~mine].astype({"row": object}), told]).sort_index(kind="stable")


def _runs(numbers: pd.Series) -> str:
    """Return numbers in words: each run of them as its first and last."""
    ordered = pd.Series(sorted({*numbers}))
    runs = ordered.groupby(ordered.diff().ne(1).cumsum()).agg(["first", "last"]).to_numpy().tolist()
    return ", ".join(str(start) if start == end else f"{start}–{end}" for start, end in runs)


def _counted(faults: pd.DataFrame, language: str) -> list[tuple[int, str]]:
    """Return each kind of fault of a column, with how many rows have it."""
    keys = ["file", "sheet", "column", "kind"]
    rows = faults[[*keys, "row"]].drop_duplicates()
    found = []
    for (file, sheet, column, kind), n in Counter(map(tuple, rows[keys].astype(str).to_numpy())).items():
        what, remedy = fault_words(kind, language)
        where = ", ".join(part for part in (_place({"file": file, "sheet": sheet}), column) if part)
        found.append((n, f"{where}: {what}; {remedy}"))
    return found


def _place(row: dict) -> str:
    return " · ".join(part for part in (row["file"], row["sheet"]) if part)


def check(
    directory: Path, project: Project, *, key: bytes | None = None, assumptions: Assumptions | None = None
) -> Check:
    """Read and link a folder of lists as a run would, and tell what it would accept and reject.

    Parameters
    ----------
    directory : Path
    project : Project
    key : bytes, optional
        Key of the pseudonyms, as for :func:`load_records`.
    assumptions : Assumptions, optional

    Returns
    -------
    Check
        Every file that cannot be read is among the errors, not only the first.
    """
    directory = Path(directory)
    try:
        material = read_folder(directory, project)
        material.errors += _personal_texts(project)
    except RecordError as error:
        return Check([error], None)
    if not material.tables:
        return Check(material.errors, None, material)
    try:
        records = assemble(directory, material, key=key, assumptions=assumptions)
    except RecordError as error:
        return Check([*material.errors, error], None, material)
    told = replace(records, missing=project.asked_for(records.missing))
    return Check(material.errors, told, material)


def compare(before: Path, after: Path, project: Project, language: str = "sv") -> list[str]:
    """Read two deliveries under one key, and return what came, went and changed as lines of text."""
    key, _origin = find_key(None, example=False)
    sides = [check(folder, project, key=key) for folder in (before, after)]
    broken = [str(error) for error in sides[0].errors]
    return [*broken, *changes(sides[0], sides[1], language)]


def changes(before: Check, after: Check, language: str = "sv") -> list[str]:
    """Return what came, went and changed between two deliveries, as lines of text.

    Files by name and content, rows by list, households by reference or pseudonym: how many are new, gone, or
    said to have moved otherwise than before. Both must be read under one key. No value of a row is shown, and
    of a household only the file and row that tell of it.
    """
    _ = translator(language)
    lines = []
    files = [{str(one["file"]): one["sha256"] for one in _inputs(side)} for side in (before, after)]
    new, gone, changed = _("the file is new"), _("the file is gone"), _("the file has changed")
    for name in sorted({*files[0], *files[1]}):
        if files[0].get(name) != files[1].get(name):
            words = new if name not in files[0] else gone if name not in files[1] else changed
            lines.append(f"{name}: {words}")
    if before.records is None or after.records is None:
        return lines
    kept = [side.accounting.groupby("list")["kept"].sum() for side in (before, after)]
    for name in LISTS:
        counts = [int(one.get(name, 0)) for one in kept]
        if counts[0] != counts[1]:
            told = _("{before} rows before, {after} now").format(
                before=number(counts[0], language), after=number(counts[1], language)
            )
            lines.append(f"{list_words(name, language)}: {told}")
    return lines + _changed_households(before.records, after.records, language)


def _inputs(side: Check) -> list[dict[str, object]]:
    return side.material.inputs if side.material else []


def _changed_households(before: Records, after: Records, language: str) -> list[str]:
    _ = translator(language)
    if before.households is None or after.households is None:
        return []
    moved = [
        side.households.set_index("household_id")[["moved", "moved_in", "destination_code"]]
        .astype(object)
        .fillna("")
        for side in (before, after)
        if side.households is not None
    ]
    both = moved[0].index.intersection(moved[1].index)
    differ = set(both[(moved[0].loc[both] != moved[1].loc[both]).any(axis=1)])
    told = _("households: {new} new, {gone} gone, {changed} moved otherwise than before").format(
        new=number(len(moved[1].index.difference(moved[0].index)), language),
        gone=number(len(moved[0].index.difference(moved[1].index)), language),
        changed=number(len(differ), language),
    )
    members = after.members
    rows = as_text(members[(members["list"] == "households") & members["household_id"].isin(differ)])
    lines = [told]
    for row in rows.sort_values(["file", "sheet", "row"]).head(_MOST_CHANGED).to_dict("records"):
        where = _("row {n}").format(n=row["row"])
        lines.append(f"  {_place(row)}, {where}")
    return lines


def _personal_texts(project: Project) -> list[RecordError]:
    """Return what in the project's own texts a run would refuse to publish."""
    return [
        RecordError(
            f"{key} looks personal ({kind}) and would be published",
            remedy="take it out of the text; a contact is given as contact",
            file="project.toml",
        )
        for key, kind in traces_in_document(project.model_dump(mode="json"))
    ]
