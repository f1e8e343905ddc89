"""A file that the operating system really keeps from the reader."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from attraktiv_eval.errors import RecordError
from attraktiv_eval.project import Project
from attraktiv_eval.records import load_records

PROJECT = Project.load()
TEXT = "Datum;Hushålls-id\n2021-03-01;H1\n"
NOBODY = 65534


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Lock a file: by another program's lock on Windows, by the right to read elsewhere."""
    if sys.platform == "win32":
        import msvcrt

        with path.open("r+b") as file:
            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 10)
            yield
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 10)
        return
    path.chmod(0)
    root = os.geteuid() == 0  # nothing is locked for root: read as somebody else
    if root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)
        path.chmod(0o600)


@pytest.mark.parametrize("name", ["kontakter.csv", "kontakter.xlsx", "kontakter.xls"])
def test_a_locked_file_gets_one_line(name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        path = Path(folder, name)
        path.write_text(TEXT, encoding="utf-8")
        with pytest.raises(RecordError) as caught, locked(path):
            load_records(Path(folder), PROJECT)
    assert str(caught.value).startswith(f"{name}: the file cannot be opened; remedy: close it")
    assert "\n" not in str(caught.value)


def test_nothing_of_a_cut_off_old_workbook_reaches_the_terminal(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    from .old_books import old_book

    whole = old_book({"Kontakter": [line.split(";") for line in TEXT.splitlines()]})
    kinds = set()
    for n in range(600, len(whole), 400):
        (tmp_path / "kontakter.xls").write_bytes(whole[:n])
        try:
            kinds.add(len(load_records(tmp_path, PROJECT).contacts))
        except RecordError as error:
            kinds.add(str(error))
    assert kinds <= {
        1,
        "kontakter.xls: the workbook is damaged or cut off; "
        "remedy: open it in Excel and save it again, or fetch it again",
    }
    assert len(kinds) == 2
    assert capfd.readouterr() == ("", "")
