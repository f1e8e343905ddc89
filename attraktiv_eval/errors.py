"""The package's own errors: each says what is wrong, where, and what to do about it.

At the command line an :class:`EvaluationError` prints as one line and ends with exit code 2; in a notebook it
is that line too, without the calls that led to it. At the command line what the system refuses is one line as
well, such as a path too long or a full disk. Any other exception is a bug and keeps its traceback.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

__all__ = [
    "AssumptionError",
    "DesignError",
    "EvaluationError",
    "ParameterError",
    "ProjectError",
    "PublicationError",
    "RecordError",
    "SourceError",
]

_ALIKE = 60  # per cent of likeness from which a known name is told beside an unknown one
_TOLD = 40  # names that one line tells


def one_of(known: Iterable[object], given: object = None) -> str:
    """Return the remedy for a name that is not known: the one most like it, where one is, and all of them.

    Examples
    --------
    >>> one_of(["level2", "level3"], "levl3")
    "write 'level3', or choose one of level2, level3"
    """
    from rapidfuzz import fuzz, process

    names = [str(name) for name in known]
    more = f" and {len(names) - _TOLD} more" if len(names) > _TOLD else ""
    every = (
        f"choose one of {', '.join(names[:_TOLD])}{more}"
        if names
        else "leave it out: there is none to choose"
    )
    plain = [name.casefold().replace(" ", "_") for name in names]
    wanted = str(given).casefold().replace(" ", "_")
    found = process.extractOne(wanted, plain, scorer=fuzz.ratio, score_cutoff=_ALIKE)
    return every if found is None else f"write {names[found[2]]!r}, or {every}"


class EvaluationError(Exception):
    """Something the evaluator can mend.

    Parameters
    ----------
    message : str
        What is wrong, without a final full stop.
    remedy : str
        What to do about it, as an imperative without a final full stop.
    file : str or Path, optional
        The file at fault.
    row : int, optional
        Row of the file as a spreadsheet shows it (the heading is row 1).
    column : str, optional
        Heading of the column at fault.

    Examples
    --------
    >>> print(EvaluationError("no such year", remedy="choose 2020, 2021 or 2022"))
    no such year; remedy: choose 2020, 2021 or 2022
    """

    def __init__(
        self,
        message: str,
        *,
        remedy: str,
        file: str | Path | None = None,
        row: int | None = None,
        column: str | None = None,
    ) -> None:
        self.message = message
        self.remedy = remedy
        self.file = None if file is None else str(file)
        self.row = row
        self.column = column
        super().__init__(self.one_line())

    def one_line(self) -> str:
        """Return file, row, column, message and remedy on one line."""
        place = [
            part
            for part in (
                self.file,
                None if self.row is None else f"row {self.row}",
                None if self.column is None else f"column {self.column}",
            )
            if part
        ]
        head = f"{', '.join(place)}: " if place else ""
        line = f"{head}{self.message}; remedy: {self.remedy}"
        return " ".join(line.split())

    def _render_traceback_(self) -> list[str]:
        """Return what a notebook shows: the line alone, since what is to be mended lies in no cell's call."""
        return [f"{type(self).__name__}: {self.one_line()}"]

    def __reduce__(self) -> tuple[Any, ...]:
        """Keep every part when the error crosses a process border."""
        state = (self.message, self.remedy, self.file, self.row, self.column)
        return _rebuild, (type(self), *state)


def _rebuild(
    kind: type[EvaluationError],
    message: str,
    remedy: str,
    file: str | None,
    row: int | None,
    column: str | None,
) -> EvaluationError:
    return kind(message, remedy=remedy, file=file, row=row, column=column)


class ProjectError(EvaluationError):
    """The description of the evaluated project is wrong or incomplete."""


class AssumptionError(EvaluationError):
    """A stated assumption is missing, out of order or without a reference."""


class RecordError(EvaluationError):
    """A file of the project's own records cannot be read or used."""


class SourceError(EvaluationError):
    """Official statistics are missing, malformed or fail a check."""


class DesignError(EvaluationError):
    """A counterfactual comparison is asked for that the data cannot carry."""


class ParameterError(EvaluationError):
    """A parameter of a run is unknown, of the wrong type or out of range."""


class PublicationError(EvaluationError):
    """The output folder cannot be written or exchanged."""
