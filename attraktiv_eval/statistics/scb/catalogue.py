"""The catalogue of SCB tables that can be fetched, read from ``data/statistics/catalogue.toml``."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from attraktiv_eval import resources
from attraktiv_eval.errors import SourceError
from attraktiv_eval.resources import read_toml

__all__ = ["Catalogue", "Counted", "Indicator", "Measure", "Search", "Table"]

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]*$")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Measure(_Part):
    """A value of the measure variable: SCB's code where it is known, its Swedish label, its English ones."""

    label: Text
    code: Text | None = None
    english: list[Text] = Field(default_factory=list)


class Search(_Part):
    """How to find a table whose id is not known: words of the query and the folder that it lies in."""

    query: Text
    folder: Text


class Table(_Part):
    """One SCB table and what is asked of it; the keys are told at the top of the catalogue itself."""

    name: Name
    id: Annotated[str, StringConstraints(pattern=r"^TAB\d+$")] | None = None
    old_name: Text | None = None
    search: Search | None = None
    by_hand: bool = False
    url: Text | None = None
    title: Text
    unit: Text
    first_year: int = Field(ge=1900, le=2100)
    last_year: int | None = Field(default=None, ge=1900, le=2100)
    noise: bool = False
    noise_from: int | None = Field(default=None, ge=1900, le=2100)
    core: bool = False
    stock: bool = False
    quarterly: bool = False
    monthly: bool = False
    age_variable: Text | None = None
    region_variable: Text = "Region"
    origin_variable: Text | None = None
    measure_variable: Text = "ContentsCode"
    sum_over: list[Text] = Field(default_factory=list)
    selection: dict[str, list[Text]]
    measures: dict[Name, Measure] = Field(min_length=1)
    note: Text
    not_tried: Text | None = None

    @model_validator(mode="after")
    def _is_consistent(self) -> Table:
        if not (self.id or self.search or self.by_hand):
            raise ValueError("give id, search or by_hand")
        if self.last_year is not None and self.last_year < self.first_year:
            raise ValueError("last_year lies before first_year")
        absent = [name for name in self.sum_over if name not in self.selection]
        if absent:
            raise ValueError(f"sum_over names {absent[0]}, which the selection lacks")
        return self

    @property
    def key(self) -> str:
        """The table's name in the manifest: tidy name and SCB id or old name."""
        return f"{self.name}/{self.id or self.old_name or (self.search and self.search.folder)}"

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that name a row of the tidy table."""
        extra = ("quarter",) if self.quarterly else ("age_group",) if self.age_variable else ()
        extra = ("month",) if self.monthly else extra
        extra = ("origin_code",) if self.origin_variable else extra
        return ("region_code", "region_name", "year", *extra)

    @property
    def first_noisy_year(self) -> int | None:
        """The first year whose cells carry the cell-key method's random error; None where none does."""
        return self.noise_from if self.noise_from is not None else self.first_year if self.noise else None

    def fingerprint(self) -> str:
        """Return the SHA-256 of everything that decides which cells are asked for."""
        parts = self.model_dump(
            exclude={"note", "not_tried", "title", "unit", "core", "url", "noise", "noise_from"}
        )
        if not self.monthly:
            del parts["monthly"]  # what was fetched before there were months stays known
        for measure in parts["measures"].values():
            del measure["english"]  # for files by hand only
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


class Indicator(_Part):
    """One key figure of Kolada; the bounds are what its unit allows."""

    name: Name
    kpi: Annotated[str, StringConstraints(pattern=r"^[NU]\d{5}$")]
    measure: Name
    title: Text
    unit: Text
    first_year: int = Field(ge=1900, le=2100)
    last_year: int | None = Field(default=None, ge=1900, le=2100)
    least: float | None = None
    most: float | None = None
    note: Text
    not_tried: Text | None = None

    @property
    def key(self) -> str:
        """The key figure's name in the manifest: tidy name and id."""
        return f"{self.name}/{self.kpi}"

    def fingerprint(self) -> str:
        """Return the SHA-256 of everything that decides which figures are taken."""
        parts = self.model_dump(include={"kpi", "measure", "first_year", "last_year", "least", "most"})
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Counted:
    """A tidy table that is counted from files in the place of being asked for."""

    name: str
    of: str

    @property
    def key(self) -> str:
        """The table's name in the manifest."""
        return f"{self.name}/{self.of}"


class Catalogue(_Part):
    """All tables of SCB, and Kolada's key figures, in the order of the file."""

    tables: list[Table]
    kolada: list[Indicator] = Field(default_factory=list)

    def indicators(self, names: Sequence[str]) -> list[Indicator]:
        """Return the key figures of the given tidy names.

        Raises
        ------
        SourceError
            If a name is not among them.
        """
        known = {one.name: one for one in self.kolada}
        for name in names:
            if name not in known:
                raise SourceError(
                    f"the catalogue has no key figure {name!r}",
                    remedy=f"choose among {', '.join(known) or 'none: it has no [[kolada]]'}",
                )
        return [known[name] for name in dict.fromkeys(names)]

    def named(self, names: list[str] | None = None) -> list[Table]:
        """Return the tables of the given tidy names, or every table.

        Raises
        ------
        SourceError
            If a name is not in the catalogue.
        """
        if not names:
            return list(self.tables)
        known = list(dict.fromkeys(table.name for table in self.tables))
        for name in names:
            if name not in known:
                raise SourceError(
                    f"the catalogue has no table {name!r}", remedy=f"choose among {', '.join(known)}"
                )
        return [table for table in self.tables if table.name in names]

    @classmethod
    def load(cls, path: Path | None = None) -> Catalogue:
        """Read the catalogue; None reads the shipped ``data/statistics/catalogue.toml``.

        Raises
        ------
        SourceError
            If the file is missing, no TOML, or a table in it is incomplete; names the table and the key.
        """
        file = resources.find("data/statistics/catalogue.toml") if path is None else Path(path)
        try:
            return cls.model_validate(read_toml(file))
        except OSError as error:
            raise SourceError(
                f"the catalogue cannot be read ({error.strerror})", remedy="give its path", file=file
            ) from None
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            key = ".".join(str(part) for part in first["loc"])
            what = first["msg"].removeprefix("Value error, ")
            raise SourceError(
                f"{key}: {what}", remedy="see the words at the top of the catalogue", file=file
            ) from None
        except ValueError as error:
            raise SourceError(f"no valid TOML: {error}", remedy="mend the line", file=file) from None
