"""A folder of lists: which files are read, and what each one is by its content, not its name."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from attraktiv_eval import resources
from attraktiv_eval.errors import RecordError
from attraktiv_eval.records.csv_files import read_csv
from attraktiv_eval.records.dates import ORDERS
from attraktiv_eval.records.headings import (
    GIVEN_NAMES,
    SURNAMES,
    bare_heading,
    find_headings,
    is_value,
    nearest,
    plain_heading,
)
from attraktiv_eval.records.records import LISTS, Column, Sheet
from attraktiv_eval.records.schemas import NOT_LISTS, even, kind_of, schemas
from attraktiv_eval.records.values import UNITS, Reader
from attraktiv_eval.resources import note_input, read_toml

#: Marks a folder whose records are invented.
MARKER = "EXEMPELDATA.txt"
#: Answers to earlier doubts about names.
DECISIONS = "decisions.csv"
#: Which rows were joined, by which rule.
JOINED = "joined_rows.csv"

_EXCEL = {".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"}
_TEXT = {".csv", ".tsv", ".txt"}
_LEFT_OUT = {
    MARKER.casefold(),
    DECISIONS,
    "truth.json",
    "readme.txt",
    "readme.md",
    "rejected_rows.csv",
    JOINED,
}
_OWN = {"lists.toml", "joined_rows.csv", "thumbs.db", "desktop.ini"}
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")


def files_in(directory: Path) -> list[Path]:
    """Return the files of a folder that can hold lists, in order of name; subfolders too.

    Raises
    ------
    RecordError
        If the folder is not there or holds no list.
    """
    if not directory.exists():
        raise RecordError(
            "the folder of records is not there", remedy="correct the path of --records", file=directory
        )
    if not directory.is_dir():
        raise RecordError(
            "a folder of records is needed, not a file",
            remedy="give the folder that the file lies in",
            file=directory,
        )
    found = [
        path
        for path in sorted(directory.rglob("*"), key=lambda path: path.relative_to(directory).as_posix())
        if (path.is_file() or _leads_nowhere(path))
        and path.suffix.casefold() in _EXCEL | _TEXT
        and path.name.casefold() not in _LEFT_OUT
        and not path.name.startswith("~$")
        and not any(part.startswith(".") for part in path.relative_to(directory).parts)
    ]
    reports = [directory / name for name in published_in(directory)]
    found = [path for path in found if not any(report in path.parents for report in reports)]
    if not found:
        raise RecordError(
            f"the folder holds no list{_named(passed_over(directory))}",
            remedy="put CSV or Excel files in it; attraktiv-eval workbook makes an empty one",
            file=directory.name or directory,
        )
    return found


def published_in(directory: Path) -> list[str]:
    """Return the published reports in a folder, by their path there: their tables are no records.

    A report is known by its marker, run.json beside results.json; what a run writes into besides by its
    folder of work in progress.
    """
    reports = [one.parent for one in directory.rglob("run.json") if one.with_name("results.json").is_file()]
    outputs = [one.parent for one in directory.rglob(".work") if one.is_dir()]
    found = {one.relative_to(directory).as_posix() for one in [*reports, *outputs]}
    return sorted(one for one in found if not any(one.startswith(f"{other}/") for other in found))


def _named(files: list[str]) -> str:
    """Return the first files of other kinds, as a part of a sentence."""
    return f", but {', '.join(files[:5])}{' and more' if len(files) > 5 else ''}" if files else ""


def passed_over(directory: Path) -> list[str]:
    """Return what lies in a folder and is not read, by its path there: other kinds of file, closed folders.

    Hidden files, those that the package itself writes, and texts about the folder are no matter.
    """
    found: list[str] = []
    reports = {directory / name for name in published_in(directory)}

    def closed(error: OSError) -> None:
        found.append(Path(error.filename or directory).relative_to(directory).as_posix() + "/")

    for where, folders, files in os.walk(directory, onerror=closed):
        here = Path(where)
        if here in reports:
            folders[:] = []
            continue
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [
            (here / name).relative_to(directory).as_posix() + "/"
            for name in folders
            if (here / name).is_symlink()
        ]
        for name in files:
            other = Path(name).suffix.casefold() not in _EXCEL | _TEXT
            own = name.casefold() in _LEFT_OUT | _OWN or name.startswith((".", "~$"))
            if other and not own:
                found.append((here / name).relative_to(directory).as_posix())
    return sorted(found)


def _leads_nowhere(path: Path) -> bool:
    """Return whether a path is a link to nothing or to itself; the reader says so."""
    return path.is_symlink() and not path.exists()


def fingerprint(path: Path) -> str:
    """Return the SHA-256 of a file, and note it as an input of the run."""
    return note_input(path)


def read_file(path: Path, name: str, encoding: str | None = None) -> list[Sheet]:
    """Read a file as tables of text.

    Raises
    ------
    RecordError
        If the file is locked, empty, cut off, protected, or something else than its name says.
    """
    if _leads_nowhere(path):
        raise RecordError(
            "the link leads nowhere", remedy="remove it, or put the file itself into the folder", file=name
        )
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError:
        raise RecordError(
            "the file cannot be opened",
            remedy="close it in the other program, or ask for the right to read it",
            file=name,
        ) from None
    if not head:
        raise RecordError("the file is empty", remedy="remove it, or save it again with its rows", file=name)
    kind = _content(path, head)
    suffix = path.suffix.casefold()
    expected = "text" if suffix in _TEXT else "ole" if suffix == ".xls" else "zip"
    if kind == "encrypted":
        raise RecordError(
            "the workbook is protected by a password",
            remedy="open it and save a copy without the password",
            file=name,
        )
    if kind != expected:
        raise _wrong_name(kind, suffix, name, head)
    if kind == "text":
        return [read_csv(path, name, encoding)]
    from attraktiv_eval.records.excel_files import read_excel

    return read_excel(path, name)


def _content(path: Path, head: bytes) -> str:
    """Return what a file is: ``zip``, ``ole``, ``encrypted``, ``text`` or ``binary``."""
    if head.startswith(_OLE):
        data = path.read_bytes()  # the directory that names the parts may stand at the end
        sealed = ("EncryptedPackage", "EncryptionInfo")
        return "encrypted" if any(part.encode("utf-16-le") in data for part in sealed) else "ole"
    if head.startswith(b"PK\x03\x04"):
        return "zip"
    if head.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")):
        return "binary"
    return "text"


def _wrong_name(kind: str, suffix: str, name: str, head: bytes) -> RecordError:
    if kind == "zip":
        return RecordError(
            f"the file is named {suffix} but holds a workbook", remedy="rename it to end in .xlsx", file=name
        )
    if kind == "ole":
        return RecordError(
            f"the file is named {suffix} but holds an old Excel workbook",
            remedy="rename it to end in .xls",
            file=name,
        )
    if kind == "binary":
        return RecordError(
            f"the file is named {suffix} but is neither a workbook nor text",
            remedy="save the list as .xlsx or .csv",
            file=name,
        )
    if b"<html" in head.lower() or b"<table" in head.lower():
        return RecordError(
            f"the file is named {suffix} but holds a web page",
            remedy="open it in Excel and save it as .xlsx",
            file=name,
        )
    return RecordError(
        f"the file is named {suffix} but holds no whole workbook",
        remedy="if it is text, rename it to end in .csv; else fetch it again",
        file=name,
    )


# --- What a folder of lists says of itself in lists.toml

#: The file of settings, at the top of a folder of lists.
SETTINGS = "lists.toml"

_KEYS = ("pattern", "list", "preset", "date_order", "encoding", "unit", "scale", "headings")
_SCALES = {"1_surely_anyway": 1, "1_surely_not": -1}
_ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "mac_roman", "cp850")


@dataclass(frozen=True)
class Given:
    """What is stated of one file; what nothing is stated of is None, and told by the file itself.

    ``headings`` maps a heading as compared to its field, or to None where the column is left out on purpose.
    """

    list: str | None = None
    headings: dict[str, str | None] = field(default_factory=dict)
    date_order: str | None = None
    encoding: str | None = None
    factor: float | None = None
    scale: int | None = None


@dataclass(frozen=True)
class Settings:
    """The settings of a folder: entries in their order, each with its pattern; a later one goes before."""

    entries: tuple[tuple[str, Given], ...] = ()
    date_order: str | None = None
    references: tuple[str, ...] = ()

    def of(self, file: str) -> Given:
        """Return what is stated of a file, all entries whose pattern fits taken together."""
        found: dict[str, Any] = {"date_order": self.date_order}
        headings: dict[str, str | None] = {}
        for pattern, given in self.entries:
            if _fits(file, pattern):
                headings.update(given.headings)
                stated = {key: value for key, value in vars(given).items() if key != "headings"}
                found.update({key: value for key, value in stated.items() if value is not None})
        return Given(headings=headings, **found)

    def without_file(self, files: list[str]) -> list[str]:
        """Return the patterns that meet none of the files."""
        patterns = [*(pattern for pattern, _ in self.entries), *self.references]
        return [pattern for pattern in patterns if not any(_fits(file, pattern) for file in files)]


def _fits(file: str, pattern: str) -> bool:
    path, wanted = even(file).casefold(), even(pattern).casefold()
    return fnmatchcase(path, wanted) or fnmatchcase(path.rsplit("/", 1)[-1], wanted)


@cache
def _stated_presets() -> dict[str, Any]:
    path = resources.find("attraktiv_eval/records/presets.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


def presets() -> dict[str, dict[str, str]]:
    """Return preset -> heading -> field; the field is empty where the column is left out."""
    return {name: known for name, known in _stated_presets().items() if name != "marks"}


def export_of(headings: Iterable[str | None]) -> str | None:
    """Return the preset of the system that wrote an export, None where its headings mark none or several.

    A mark is a group of headings that the system writes of itself and nobody's list has by chance. It is not
    enough that an export's other headings (``E-post``, ``Ort``) stand there.
    """
    plain = {plain_heading(text) for text in headings if text}
    marked = [
        name
        for name, groups in _stated_presets()["marks"].items()
        if any(all(plain_heading(text) in plain for text in group) for group in groups)
    ]
    return marked[0] if len(marked) == 1 else None


def preset_headings(name: str) -> dict[str, str | None]:
    """Return heading as compared -> field of a preset; None where the column is left out."""
    return {plain_heading(heading): meant or None for heading, meant in presets()[name].items()}


def read_settings(directory: Path) -> Settings:
    """Read ``lists.toml`` of a folder; settings without a word where there is none.

    Raises
    ------
    RecordError
        If it cannot be read, or says something that is not known.
    """
    path = directory / SETTINGS
    if not path.is_file():
        return Settings()
    try:
        stated = read_toml(path)
    except (OSError, ValueError) as error:
        what = " ".join(str(error).split())
        raise _wrong(
            f"the settings cannot be read ({what})", "correct the line, and save it as UTF-8"
        ) from None
    for key in stated:
        if key not in ("files", "references", "date_order"):
            raise _wrong(f"nothing is known by the key {key}", "use files, references or date_order")
    files, references = stated.get("files", []), stated.get("references", [])
    if not isinstance(files, list) or not all(isinstance(one, dict) for one in files):
        raise _wrong("files is no list of entries", 'begin each entry with [[files]] and pattern = "*.csv"')
    patterns = [
        name
        for one in (references if isinstance(references, list) else [])
        if isinstance(one, dict) and isinstance(one.get("files"), list)
        for name in one["files"]
        if isinstance(name, str)
    ]
    return Settings(tuple(map(_entry, files)), _one_of(stated, "date_order", ORDERS), tuple(patterns))


def _entry(stated: dict[str, Any]) -> tuple[str, Given]:
    for key in stated:
        if key not in _KEYS:
            raise _wrong(f"nothing is known by the key {key} of files", f"use {', '.join(_KEYS)}")
    pattern = stated.get("pattern")
    if not isinstance(pattern, str) or not pattern:
        raise _wrong("an entry of files has no pattern", 'write pattern = "contacts*.csv"')
    name = _one_of(stated, "list", LISTS)
    headings: dict[str, str] = {}
    if preset := _one_of(stated, "preset", tuple(presets())):
        headings.update(presets()[preset])
    own = stated.get("headings", {})
    if not isinstance(own, dict):
        raise _wrong("headings is no table", "write [files.headings] and below it a line for each heading")
    known = {key for one in ([name] if name else LISTS) for key in schemas()[one].columns}
    for heading, meant in own.items():
        if not isinstance(meant, str) or (meant and meant not in known):
            of = f" of {name}" if name else ""
            raise _wrong(
                f"the heading {heading} is said to mean {meant}, which is no field{of}",
                'use a column of the data dictionary, or "" to leave the column out',
            )
    headings.update(own)
    unit, scale = _one_of(stated, "unit", tuple(UNITS)), _one_of(stated, "scale", tuple(_SCALES))
    factor = UNITS[unit] if unit else None
    if unit and factor is None:
        raise _wrong(f"amounts in {unit} cannot be counted", "give the amounts in kronor without VAT")
    return pattern, Given(
        list=name,
        headings={plain_heading(heading): meant or None for heading, meant in headings.items()},
        date_order=_one_of(stated, "date_order", ORDERS),
        encoding=_one_of(stated, "encoding", _ENCODINGS),
        factor=factor,
        scale=_SCALES[scale] if scale else None,
    )


def _one_of(stated: dict[str, Any], key: str, allowed: tuple[str, ...]) -> str | None:
    value = stated.get(key)
    if value is not None and value not in allowed:
        raise _wrong(f"{key} cannot be {value}", f"use one of {', '.join(allowed[:12])}")
    return value


def _wrong(what: str, remedy: str) -> RecordError:
    return RecordError(what, remedy=remedy, file=SETTINGS)


def write_proposal(directory: Path) -> Path:
    """Write settings to complete by hand into a folder of lists, and return the file.

    Raises
    ------
    RecordError
        If there are settings already, or the folder cannot be read or written.
    """
    path = Path(directory) / SETTINGS
    sheets: list[Sheet] = []
    for file in files_in(Path(directory)):
        try:
            sheets += read_file(file, file.relative_to(directory).as_posix())
        except RecordError:
            continue  # check tells of it
    try:
        with path.open("x", encoding="utf-8", newline="\n") as target:
            target.write(propose(sheets))
    except FileExistsError:
        raise _wrong(
            "there are settings already", "change them by hand, or move the file away first"
        ) from None
    except OSError as error:
        raise _wrong(f"the settings cannot be written ({error.strerror})", "choose another folder") from None
    return path


def propose(sheets: list[Sheet]) -> str:
    """Return settings to complete by hand: an entry a file, with each heading that is not known.

    A heading's nearest field stands behind it as a remark only: nothing is taken for known that was not. A
    file of several lists gets no list, and a heading that another of its lists knows is not left out.
    """
    lines = [
        "# Settings of this folder of lists. Complete what is empty, and take away what you do not need.",
        '# A heading that means "" is left out on purpose. date_order: dmy, mdy or ymd.',
        "",
    ]
    by_pattern: dict[str, list[_Table]] = {}
    for sheet in sheets:
        if sheet.name in NOT_LISTS or not sheet.columns:
            continue
        rows = sheet.top()
        bare = [[bare_heading(cell) for cell in row] for row in rows]
        found = find_headings(bare, sheet.name, sheet.file.rsplit("/", 1)[-1])
        pattern = re.sub(r"\d{4,}[-_\d]*", "*", sheet.file.rsplit("/", 1)[-1])
        headings = rows[found.row] if rows else []
        fields = found.fields or [None] * len(headings)
        table = _Table(headings, found.name, fields, [column[found.row + 1 :] for column in sheet.columns])
        by_pattern.setdefault(pattern, []).append(table)
    for pattern, tables in by_pattern.items():
        lines += [*_proposed(pattern, tables), ""]
    return "\n".join(lines)


class _Table(NamedTuple):
    """A table for which settings are proposed: headings, list, what each heading means, cells below."""

    headings: list[str | None]
    name: str | None
    fields: list[str | None]
    cells: list[Column]

    def lacking(self, known: dict[str, str | None]) -> list[str]:
        """Return what the list must have and no heading means, by itself or by a preset."""
        meant = {*self.fields, *(known.get(plain_heading(text)) for text in self.headings if text)}
        columns = schemas()[self.name].columns if self.name else {}
        return [name for name, column in columns.items() if column.required and name not in meant]

    def hint(self, text: str, lacking: list[str]) -> str | None:
        """Return the title of what a heading may mean: what lacks, by its cells, else by its words."""
        if self.name is None:
            return None
        columns, cells = schemas()[self.name].columns, self.cells[self.headings.index(text)]
        for name in lacking:
            if kind_of(columns[name]) in ("date", "scale"):
                read = Reader(kind_of(columns[name]), None, date(1900, 1, 1), date(2100, 1, 1))
                if len(cells.texts) and not any(read(cell).fault for cell in cells.texts):
                    return str(columns[name].title)
        return nearest(text, self.name)


def _proposed(pattern: str, tables: list[_Table]) -> Iterator[str]:
    """Yield the lines of an entry: for the headings and what they were found to mean of each table."""
    lists = {table.name for table in tables if table.name}
    yield "[[files]]"
    yield f"pattern = {_quoted(pattern)}"
    if len(lists) == 1 and all(table.name for table in tables):
        yield f"list = {_quoted(lists.copy().pop())}"
    elif not lists:
        yield f'# list = "{" | ".join(LISTS)}"'
    every = [text for table in tables for text in table.headings if text]
    preset = export_of(every) or _likely(_unexplained(tables))
    if preset:
        yield f"preset = {_quoted(preset)}"
    meant = preset_headings(preset) if preset else {}
    known = set(meant) | {
        plain_heading(text)
        for table in tables
        for text, means in zip(table.headings, table.fields, strict=True)
        if text and means
    }
    plain = {plain_heading(text) for text in every}
    if plain & GIVEN_NAMES and plain & SURNAMES:
        known |= GIVEN_NAMES | SURNAMES  # read together as a name
    unknown = {
        text: table.hint(text, table.lacking(meant))
        for table in reversed(tables)
        for text in table.headings
        if text and plain_heading(text) not in known
    }
    if any(is_value(text) for text in unknown):
        yield "# Unknown headings may be a person's own row and are not shown: give the list headings."
    elif unknown:
        for name in dict.fromkeys(name for table in tables for name in table.lacking(meant)):
            yield f'# The list is refused without {name}: write "{name}" beside the heading that holds it.'
        yield "[files.headings]"
        for text in dict.fromkeys(text for text in every if text in unknown):
            like = unknown[text]
            yield f'{_quoted(text)} = ""{f"  # {like}?" if like else ""}'


def _unexplained(tables: list[_Table]) -> list[str]:
    """Return the headings of the tables that their list does not explain by itself."""
    return [
        text
        for table in tables
        for text, means in zip(table.headings, table.fields, strict=True)
        if text and not means
    ]


def _likely(headings: list[str]) -> str | None:
    """Return the preset that most of the headings belong to, at least three that nothing else explains."""
    plain = {plain_heading(text) for text in headings}
    counts = {
        name: len(plain & {plain_heading(heading) for heading in known}) for name, known in presets().items()
    }
    best = max(counts, key=lambda name: counts[name])
    return best if counts[best] >= 3 and sorted(counts.values())[-2] < counts[best] else None


def _quoted(text: str) -> str:
    """Return text as TOML writes it, on one line."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub(r"[\x00-\x1f\x7f]", lambda sign: f"\\u{ord(sign[0]):04x}", escaped) + '"'
