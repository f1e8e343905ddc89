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


def _check_accounts(held: Any) -> None:
    """Raise ValueError or KeyError unless the accounts have the shape that the fetch reads."""
    for kind in ("tables", "tidy"):
        if not isinstance(held[kind], dict) or not all(isinstance(one, dict) for one in held[kind].values()):
            raise ValueError(f"{kind} is no account of tables")
    for key, account in held["tables"].items():
        lacking = {"id", "updated", "asked", "complete", "selection", "parts"} - set(account)
        parts = account.get("parts")
        if lacking or not isinstance(account.get("selection"), dict) or not isinstance(parts, list):
            raise ValueError(f"{key} lacks {', '.join(sorted(lacking)) or 'its parts'}")
        for part in parts:
            if not {"file", "selection", "sha256", "cells", "read"} <= set(part):
                raise ValueError(f"a part of {key} is no account of an answer")
            if Path(part["file"]).is_absolute() or ".." in Path(part["file"]).parts:
                raise ValueError(f"{key} names a file outside the folder")


@dataclass
class Manifest:
    """The account of a folder: of every table its update, and each part's address, time and hash.

    ``tables`` maps a catalogue key such as ``moves/TAB1212`` to ``id``, ``label``, ``updated``, ``asked``
    (the fingerprint of what was asked for), ``complete``, ``notes`` (those that SCB marks as mandatory) and
    ``parts``; ``tidy`` maps a file to its ``sha256``, the tables in it, ``made_of`` (the hash of the answers
    that it was made of) and ``remarks`` (what the checks found odd in years with noise).
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
            _check_accounts(held)
            return cls(folder, held["tables"], held["tidy"], held.get("licence", "CC0 1.0"))
        except (ValueError, KeyError, TypeError, AttributeError, OSError) as error:
            raise SourceError(
                f"the manifest is damaged ({error or 'empty'})",
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

    def made_of(self, keys: list[str]) -> str:
        """Return one hash over the answers of some tables: a tidy file is current only if made of these."""
        parts = [[key, *sorted(part["sha256"] for part in self.tables[key]["parts"])] for key in sorted(keys)]
        return sha256(json.dumps(parts).encode())

    def is_made(self, name: str, keys: list[str]) -> bool:
        """Say whether a tidy file and its list of missing cells lie there as made of the answers held."""
        for file in (f"{name}.csv", f"missing/{name}.csv"):
            held, path = self.tidy.get(file, {}), self.folder / file
            if held.get("made_of") != self.made_of(keys) or not path.is_file():
                return False
            if sha256(path.read_bytes()) != held.get("sha256"):
                return False
        return True

    def refuse(self, keys: list[str]) -> None:
        """Count tables as not fetched, for their figures failed a check; keep the answers under another name.

        The next fetch asks for them again.
        """
        for key in keys:
            account = self.tables.get(key)
            if account is None:
                continue
            for part in account["parts"]:
                file = self.folder / part["file"]
                if file.is_file():
                    os.replace(file, file.with_name(file.name + ".refused"))  # noqa: PTH105
            account["complete"], account["parts"], account["stamp"] = False, [], None

    def documents(self, key: str) -> Iterator[tuple[dict[str, Any], Any]]:
        """Yield each part of a table with its document, read from disk."""
        for part in self.tables[key]["parts"]:
            yield part, json.loads((self.folder / part["file"]).read_bytes())
