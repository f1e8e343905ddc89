"""The parameters of a run, checked before anything starts.

papermill takes any name and any type without a word, so nothing reaches it that has not passed here.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from attraktiv_eval.errors import ParameterError
from attraktiv_eval.texts import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from attraktiv_eval.project import Project

__all__ = [
    "NOTEBOOKS",
    "RunParameters",
    "check_notebook_parameters",
    "checked",
    "literal",
    "without_web_grammar",
]


_GRAMMAR = "rfc3987_syntax"


@contextmanager
def without_web_grammar() -> Iterator[None]:
    """Keep what is imported inside from compiling a grammar of web addresses that nobody asks for.

    Jupyter's notebook format imports jsonschema, which compiles the grammar of RFC 3987 (1.5 seconds of
    computing in every process) where the optional package for it is installed, to check texts said to be
    such addresses. The schema of notebooks says so of none. A module that is ``None`` in ``sys.modules``
    counts as not installed; afterwards it can be imported as before.
    """
    absent = _GRAMMAR not in sys.modules
    if absent:
        sys.modules[_GRAMMAR] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        if absent:
            del sys.modules[_GRAMMAR]


# --- The parameters of a run, checked before anything starts

NOTEBOOKS = {
    "yearly": "notebooks/yearly_evaluation.ipynb",
    "final": "notebooks/final_report.ipynb",
}


class RunParameters(BaseModel):
    """What one run makes: years, final report, languages, and where it reads and writes.

    ``project``, ``records`` and ``statistics`` are None where the shipped ones are used.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    years: tuple[int, ...]
    final: bool
    languages: tuple[str, ...]
    project: Path | None = None
    records: Path | None = None
    statistics: Path | None = None
    assumptions: Path | None = None
    output: Path = Path("outputs")
    pdf: bool = False

    def folders(self) -> list[str]:
        """Return the names of the folders that the run publishes, in order."""
        return [str(year) for year in self.years] + (["final"] if self.final else [])

    def for_notebook(self, folder: str, language: str, staged: Path) -> dict[str, Any]:
        """Return the parameters of one notebook as plain strings and integers.

        A published notebook shows them, and a folder may be called after a person: where the inputs lie is
        not told.
        """
        values: dict[str, Any] = {} if folder == "final" else {"year": int(folder)}
        return values | {
            "language": language,
            "project": "" if self.project is None else "project.toml",
            "records": "" if self.records is None else "records",
            "statistics": "" if self.statistics is None else "statistics",
            "output": as_text(staged),
        }

    def where(self) -> dict[str, str]:
        """Return where the inputs lie, for the notebook that reads them; see :meth:`for_notebook`."""
        paths = {"project": self.project, "records": self.records, "statistics": self.statistics}
        return {name: as_text(path) for name, path in paths.items()}


def as_text(path: Path | None) -> str:
    """Return a path as text with forward slashes, relative to the working folder where it can be."""
    if path is None:
        return ""
    try:
        return Path(os.path.relpath(path)).as_posix()
    except ValueError:  # another drive on Windows
        return path.resolve().as_posix()


def checked(
    project: Project,
    *,
    years: Sequence[int] | None,
    final: bool | None,
    languages: Sequence[str] | None,
    project_file: Path | None,
    records: Path | None,
    statistics: Path | None,
    output: Path,
    pdf: bool = False,
    assumptions: Path | None = None,
) -> RunParameters:
    """Return the parameters of a run, or say in one line what is wrong with them.

    Without years all years of the project that are over are evaluated, and the final report is made where
    the project has ended; with years the final report is made only when asked for.

    Raises
    ------
    ParameterError
        For a year outside the project, a year or project that is not over and was asked for, a project of
        which no year is over, an unknown language or a folder that is not there.
    """
    for year in years or ():
        if year not in project.years:
            raise ParameterError(
                f"{year} is not a year of the project", remedy=f"choose {_choice(project.years)}"
            )
        project.refuse_unfinished(year)
    if final:
        project.refuse_unfinished(None)
    if not (years or project.years_over):
        project.refuse_unfinished(project.years[0])
    for language in languages or ():
        if language not in LANGUAGES:
            raise ParameterError(f"unknown language {language!r}", remedy=f"choose {_choice(LANGUAGES)}")
    for name, folder in (("records", records), ("statistics", statistics)):
        if folder is not None and not folder.is_dir():
            raise ParameterError(
                f"the folder given as --{name} does not exist",
                remedy="give the path of an existing folder",
                file=folder,
            )
    if assumptions is not None and not assumptions.is_file():
        raise ParameterError(
            "the file given as --assumptions does not exist",
            remedy="copy data/assumptions.toml, change a value in it, and give its path",
            file=assumptions,
        )
    return RunParameters(
        years=tuple(sorted(set(years or project.years_over))),
        final=final if final is not None else not years and project.ended,
        languages=tuple(dict.fromkeys(languages or ("sv",))),
        project=project_file,
        records=records,
        statistics=statistics,
        assumptions=assumptions,
        output=output,
        pdf=pdf,
    )


def literal(path: Path) -> str:
    """Return a path as papermill takes it, which reads braces as places for parameters."""
    return str(path).replace("{", "{{").replace("}", "}}")


def check_notebook_parameters(notebook: Path, values: dict[str, Any]) -> None:
    """Check names and types against the notebook's own parameters cell.

    Raises
    ------
    ParameterError
        For a name that the notebook does not know, or a value of another type.
    """
    with without_web_grammar():
        import papermill

    known = papermill.inspect_notebook(literal(notebook))
    types: dict[str, type] = {"int": int, "str": str, "bool": bool, "float": float}
    for name, value in values.items():
        if name not in known:
            raise ParameterError(
                f"unknown parameter {name!r}", remedy=f"use {_choice(sorted(known))}", file=notebook.name
            )
        expected = types.get(known[name]["inferred_type_name"])
        if expected is not None and type(value) is not expected:
            raise ParameterError(
                f"parameter {name!r} is {type(value).__name__}, not {expected.__name__}",
                remedy=f"give a value of type {expected.__name__}",
                file=notebook.name,
            )


def _choice(values: Iterable[object]) -> str:
    words = [str(value) for value in values]
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " or " + words[-1]
