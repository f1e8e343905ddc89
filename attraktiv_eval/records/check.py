"""What a run would accept and reject of a folder of lists, found without running."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from attraktiv_eval.assumptions import Assumptions
from attraktiv_eval.errors import RecordError
from attraktiv_eval.project import Project
from attraktiv_eval.records.accounting import ACCOUNTED, write_rejected
from attraktiv_eval.records.decisions import write_decisions
from attraktiv_eval.records.loading import assemble
from attraktiv_eval.records.material import read_folder
from attraktiv_eval.records.model import Records
from attraktiv_eval.records.reading import DECISIONS
from attraktiv_eval.records.traces import traces_in_document
from attraktiv_eval.records.words import fault_words, note_words
from attraktiv_eval.texts import number, translator

__all__ = ["Check", "check"]


@dataclass(frozen=True)
class Check:
    """The outcome of a check; ``errors`` would stop a run, ``records`` is None if nothing could be read."""

    errors: list[RecordError]
    records: Records | None

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
            return found
        for row in self.accounting.to_dict("records"):
            counts = {name: number(row[name], language) for name in ("read", "kept", "merged", "rejected")}
            text = _("{read} rows read, {kept} kept, {merged} merged, {rejected} rejected").format(**counts)
            if row["unused"]:
                idle = _("of the kept {unused} not used").format(unused=number(row["unused"], language))
                text = f"{text} ({idle})"
            found.append(f"{_place(row)} ({row['list']}): {text}")
        found += self._faults(self.records.rejected, _("rejected"), language, most)
        found += self._faults(self.records.cells, _("cell left out"), language, most)
        for note in self.records.notes.to_dict("records"):
            words = note_words(note["kind"], note["value"], language)
            if words:
                found.append(f"{_place(note)}: {words}" if _place(note) else words)
        if self.records.missing:
            found.append(_("Lists that are missing: {lists}").format(lists=", ".join(self.records.missing)))
        if len(self.records.grey_zone):
            n = number(len(self.records.grey_zone), language)
            found.append(_("{n} pairs may be the same; decide in decisions.csv").format(n=n))
        return found

    def write(self, directory: Path) -> list[Path]:
        """Write ``rejected_rows.csv`` and, where pairs are left to decide, ``decisions.csv`` into a folder.

        Decisions that stand in the folder are kept. Both files belong beside the lists, not in a report:
        ``decisions.csv`` names companies and the project's references of households.
        """
        directory = Path(directory)
        if self.records is None:
            return []
        try:
            directory.mkdir(parents=True, exist_ok=True)
            written = [directory / "rejected_rows.csv"]
            write_rejected(self.records, written[0])
            if len(self.records.grey_zone):
                written.append(directory / DECISIONS)
                write_decisions(self.records.grey_zone, written[1], self.records.decisions)
        except OSError as error:
            raise RecordError(
                f"the folder cannot be written ({error.strerror})",
                remedy="choose another folder",
                file=directory,
            ) from None
        return written

    def _faults(self, table: pd.DataFrame, what: str, language: str, most: int) -> list[str]:
        _ = translator(language)
        lines = []
        for fault in table.head(most).to_dict("records"):
            where = [_place(fault), _("row {n}").format(n=fault["row"]), fault["column"]]
            kind, remedy = fault_words(fault["kind"], language)
            lines.append(f"{what}: {', '.join(part for part in where if part)}: {kind}; {remedy}")
        if len(table) > most:
            lines.append(_("… and {n} more").format(n=number(len(table) - most, language)))
        return lines


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
        if not material.tables:
            return Check(material.errors, None)
        records = assemble(directory, material, key=key, assumptions=assumptions)
    except RecordError as error:
        return Check([error], None)
    return Check(material.errors, records)


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
