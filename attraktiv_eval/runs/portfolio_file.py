"""The file that describes a portfolio: which projects, years and languages, and counties as if."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from attraktiv_eval.errors import ProjectError
from attraktiv_eval.regions import COUNTIES
from attraktiv_eval.resources import read_toml

__all__ = ["AS_IF", "AsIf", "Member", "Portfolio"]

#: How the id of a county that is shown as if begins; its code follows.
AS_IF = "county-"

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Member(_Part):
    """One project of the portfolio; paths are relative to the portfolio's file."""

    id: Id
    project: str = ""
    records: str = ""
    statistics: str = ""


class AsIf(_Part):
    """Every county as if it had had this project: the placebo distribution, as reports.

    ``project`` is the described project, empty for the shipped one. ``codes`` are the counties; all where
    it is left out. No records are read: what is compared are the official statistics.
    """

    project: str = ""
    codes: list[str] | None = Field(default=None, min_length=1)
    statistics: str = ""

    @model_validator(mode="after")
    def _holds_counties(self) -> AsIf:
        unknown = next((code for code in self.codes or [] if code not in COUNTIES), None)
        if unknown is not None:
            raise ValueError(f"{unknown!r} is no county of Sweden; the codes are {', '.join(COUNTIES)}")
        if len(set(self.codes or [])) < len(self.codes or []):
            raise ValueError("a county is given twice")
        return self


class Portfolio(_Part):
    """Many projects, years and languages.

    ``years`` empty and ``final`` true make final reports only; ``pages`` false makes figures without pages.
    """

    name: Annotated[str, StringConstraints(min_length=1)]
    languages: list[Literal["sv", "en"]] = Field(default=["sv"], min_length=1)
    years: list[int] = Field(default_factory=list)
    final: bool = True
    pages: bool = True
    projects: list[Member] = Field(default_factory=list, alias="project")
    counties: AsIf | None = None
    folder: Path = Field(default=Path(), exclude=True)

    @model_validator(mode="after")
    def _holds_something(self) -> Portfolio:
        ids = [one.id for one in self.projects]
        twice = sorted({id for id in ids if ids.count(id) > 1})
        if twice:
            raise ValueError(f"project {twice[0]} is given twice")
        taken = next((id for id in ids if id.lower().startswith(AS_IF)), None)
        if taken is not None:
            raise ValueError(f"project {taken} needs another id: {AS_IF}... are the counties shown as if")
        if not self.projects and self.counties is None:
            raise ValueError("the portfolio holds no project; give [[project]] or [counties]")
        if not self.years and not self.final:
            raise ValueError("the portfolio asks for no report; give years, or final = true")
        return self

    @property
    def reports(self) -> list[str]:
        """The names of the reports of each project, in order."""
        return [str(year) for year in sorted(set(self.years))] + (["final"] if self.final else [])

    def path(self, text: str) -> Path | None:
        """Return a path of the file as an absolute one; None where it is empty."""
        return (self.folder / text).resolve() if text else None

    def paths(self) -> list[Path]:
        """Return every file and folder that the portfolio names, as absolute paths."""
        told = [text for one in self.projects for text in (one.project, one.records, one.statistics)]
        told += [] if self.counties is None else [self.counties.project, self.counties.statistics]
        return [path for path in map(self.path, told) if path is not None]

    @classmethod
    def load(cls, file: Path) -> Portfolio:
        """Read a portfolio from TOML.

        Raises
        ------
        ProjectError
            If the file is missing, is no TOML, or a key is missing, unknown or of the wrong kind.
        """
        file = Path(file)
        try:
            return cls.model_validate(read_toml(file)).model_copy(update={"folder": file.resolve().parent})
        except OSError as error:
            raise ProjectError(
                f"the portfolio cannot be read ({error.strerror or 'no such file'})",
                remedy="give the path of a portfolio's TOML file",
                file=file,
            ) from None
        except ValidationError as error:
            fault = error.errors(include_url=False)[0]
            key = ".".join(map(str, fault["loc"]))
            what = fault["msg"].removeprefix("Value error, ")
            raise ProjectError(
                f"key {key}: {what}" if key else what,
                remedy="write it as docs/how-to/portfolio.md shows",
                file=file,
            ) from None
        except ValueError as error:
            raise ProjectError(
                f"the file is no valid TOML: {error}", remedy="mend the line; UTF-8 is needed", file=file
            ) from None
