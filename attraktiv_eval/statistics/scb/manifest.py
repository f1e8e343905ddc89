"""What has been fetched: raw answers on disk and the manifest that vouches for them."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from attraktiv_eval.errors import SourceError

__all__ = ["NAME", "Manifest", "sha256", "write_whole"]

NAME = "manifest.json"
FORMAT = 1


def sha256(content: bytes) -> str:
    """Return the SHA-256 of bytes as hexadecimal text."""
    return hashlib.sha256(content).hexdigest()


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all: beside it, to the disk, then in its place.

    Raises
    ------
    SourceError
        If the disk is full or the folder cannot be written; an earlier file stands as it was.
    """
    beside = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)  # noqa: PTH105
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        raise SourceError(
            f"cannot be written ({error.strerror})",
            remedy="make room on the disk, or choose another folder with --to, and run the command again",
            file=path,
        ) from None


@dataclass
class Manifest:
    """The account of a folder: of every table its update, and each part's address, time and hash.

    ``tables`` maps a catalogue key such as ``moves/TAB1212`` to ``id``, ``label``, ``updated``, ``asked``
    (the fingerprint of what was asked for), ``complete`` and ``parts``; ``tidy`` maps a file to its
    ``sha256`` and the tables in it.
    """

    folder: Path
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    tidy: dict[str, dict[str, Any]] = field(default_factory=dict)
    licence: str = "CC0 1.0"

    @classmethod
    def load(cls, folder: Path) -> Manifest:
        """Read the manifest of a folder; a folder without one has an empty account.

        Raises
        ------
        SourceError
            If the manifest is damaged or of another version.
        """
        file = folder / NAME
        if not file.is_file():
            return cls(folder)
        try:
            held = json.loads(file.read_text(encoding="utf-8"))
            if held["format"] != FORMAT:
                raise ValueError(f"format {held['format']}")
            return cls(folder, held["tables"], held["tidy"], held.get("licence", "CC0 1.0"))
        except (ValueError, KeyError, TypeError, OSError) as error:
            raise SourceError(
                f"the manifest is damaged ({error})",
                remedy="remove it and run fetch again; answers on disk that are whole are used",
                file=file,
            ) from None

    def save(self) -> None:
        """Write the manifest whole."""
        held = {"format": FORMAT, "licence": self.licence, "tables": self.tables, "tidy": self.tidy}
        text = json.dumps(held, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        write_whole(self.folder / NAME, text.encode("utf-8"))

    def is_whole(self, part: dict[str, Any]) -> bool:
        """Say whether the raw answer of a part lies on disk as it was received."""
        file = self.folder / part["file"]
        return file.is_file() and sha256(file.read_bytes()) == part["sha256"]

    def is_current(self, key: str, updated: str, asked: str) -> bool:
        """Say whether a table is complete on disk, for the same question and the same update of SCB's."""
        held = self.tables.get(key)
        if not held or not held.get("complete"):
            return False
        return (
            held["updated"] == updated and held["asked"] == asked and all(map(self.is_whole, held["parts"]))
        )

    def documents(self, key: str) -> Iterator[tuple[dict[str, Any], Any]]:
        """Yield each part of a table with its document, read from disk."""
        for part in self.tables[key]["parts"]:
            yield part, json.loads((self.folder / part["file"]).read_bytes())
