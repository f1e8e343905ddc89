"""What lies in a folder of lists: each file read and cleaned, before anything is linked."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from attraktiv_eval.errors import RecordError
from attraktiv_eval.project import Project
from attraktiv_eval.records.cleaning import clean_sheet
from attraktiv_eval.records.model import Cleaned
from attraktiv_eval.records.reading import files_in, fingerprint, passed_over, read_file
from attraktiv_eval.records.schemas import NOT_LISTS
from attraktiv_eval.records.settings import SETTINGS, Given, read_settings

__all__ = ["Material", "read_folder"]

_YEARS_AROUND = 5


@dataclass
class Material:
    """What was read from a folder: cleaned tables in the order of the files, and what was not a list."""

    tables: list[Cleaned] = field(default_factory=list)
    notes: list[tuple[str, str, str, str]] = field(default_factory=list)
    inputs: list[dict[str, object]] = field(default_factory=list)
    errors: list[RecordError] = field(default_factory=list)
    start: date | None = None
    #: Codes of the project's municipalities.
    home: frozenset[str] = frozenset()
    #: Financier and kind of money, as the project's own description names them.
    financiers: list[tuple[str, str]] = field(default_factory=list)


def read_folder(directory: Path, project: Project) -> Material:
    """Read and clean every file of a folder; files that cannot be read are kept as errors."""
    earliest = date(project.start.year - _YEARS_AROUND, 1, 1)
    latest = date(project.end.year + _YEARS_AROUND, 12, 31)
    material = Material(start=project.start, home=frozenset(project.region.municipalities))
    material.financiers = [(one.financier, one.kind) for one in project.funding]
    files = files_in(directory)
    names = [path.relative_to(directory).as_posix() for path in files]
    settings = read_settings(directory)
    if (directory / SETTINGS).is_file():
        stated = len(settings.entries)
        material.inputs.append(
            {"file": SETTINGS, "sha256": fingerprint(directory / SETTINGS), "rows": stated}
        )
    for pattern in settings.without_file(names):
        material.notes.append((SETTINGS, "", "pattern_without_file", pattern))
    material.notes += [(name, "", "passed_over", "") for name in passed_over(directory)]
    for path, name in zip(files, names, strict=True):
        try:
            _read_one(path, name, material, (earliest, latest), settings.of(name))
        except RecordError as error:
            material.errors.append(error)
    if not material.tables and not material.errors:
        raise RecordError(
            "no file in the folder is a list that is known",
            remedy="use the headings of the data dictionary; attraktiv-eval workbook makes an empty workbook",
            file=directory.name or directory,
        )
    return material


def _read_one(path: Path, name: str, material: Material, span: tuple[date, date], given: Given) -> None:
    sheets = read_file(path, name, given.encoding)
    rows = 0
    for sheet in sheets:
        if not sheet.columns:
            continue
        cleaned = clean_sheet(sheet, *span, given)
        if cleaned is None:
            if sheet.name in NOT_LISTS:
                continue
            material.notes.append((name, sheet.name, "no_list", str(len(sheet.rows))))
            continue
        rows += cleaned.read
        if cleaned.read == 0:
            material.notes.append((name, sheet.name, "empty_list", cleaned.name))
        material.tables.append(cleaned)
        material.notes.extend((name, sheet.name, kind, value) for kind, value in cleaned.notes)
    material.inputs.append({"file": name, "sha256": fingerprint(path), "rows": rows})
