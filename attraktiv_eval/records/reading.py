"""A folder of lists: which files are read, and what each one is by its content, not its name."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

from attraktiv_eval.errors import RecordError
from attraktiv_eval.records.csv_files import read_csv
from attraktiv_eval.records.model import Sheet
from attraktiv_eval.resources import note_input

__all__ = ["DECISIONS", "JOINED", "MARKER", "files_in", "fingerprint", "passed_over", "read_file"]

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
    if not found:
        raise RecordError(
            f"the folder holds no list{_named(passed_over(directory))}",
            remedy="put CSV or Excel files in it; attraktiv-eval workbook makes an empty one",
            file=directory.name or directory,
        )
    return found


def _named(files: list[str]) -> str:
    """Return the first files of other kinds, as a part of a sentence."""
    return f", but {', '.join(files[:5])}{' and more' if len(files) > 5 else ''}" if files else ""


def passed_over(directory: Path) -> list[str]:
    """Return what lies in a folder and is not read, by its path there: other kinds of file, closed folders.

    Hidden files, those that the package itself writes, and texts about the folder are no matter.
    """
    found: list[str] = []

    def closed(error: OSError) -> None:
        found.append(Path(error.filename or directory).relative_to(directory).as_posix() + "/")

    for where, folders, files in os.walk(directory, onerror=closed):
        here = Path(where)
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


def is_archive(path: Path) -> bool:
    """Return whether a file is a whole ZIP archive."""
    return zipfile.is_zipfile(path)
