"""Every judgement of the evaluation as data: value, range, unit, date and reference."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError, model_validator

from attraktiv_eval import resources
from attraktiv_eval.errors import AssumptionError, one_of
from attraktiv_eval.resources import Origin, read_toml

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["REQUIRED", "Assumption", "Assumptions", "Identifying"]

STEPS = range(1, 6)
SCALES = ("would_not_have_moved", "would_not_have_hired")

#: The assumptions that a run cannot do without.
REQUIRED: tuple[str, ...] = (
    "persons_per_moving_household",
    "deadweight_households",
    "deadweight_companies",
    "displacement_companies",
    *(f"would_not_have_moved_{step}" for step in STEPS),
    *(f"would_not_have_hired_{step}" for step in STEPS),
    "unanswered_share_of_answered",
    "other_project_credit",
    "departure_position",
    "linkage_score",
    "linkage_grey_zone",
)

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class Assumption(BaseModel):
    """A judgement: ``low <= value <= high``, all in ``unit``, valid from a day on, with its reference."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    id: Text
    value: float
    low: float
    high: float
    unit: Text
    valid_from: date
    reference: Text
    reference_sv: Text | None = None
    sv: Text
    en: Text

    @model_validator(mode="after")
    def _is_ordered(self) -> Assumption:
        if not self.low <= self.value <= self.high:
            raise ValueError(f"low {self.low}, value {self.value}, high {self.high} are not in this order")
        if self.unit in ("share", "probability") and not (self.low >= 0 and self.high <= 1):
            raise ValueError(f"a {self.unit} lies between 0 and 1")
        return self


def as_number(key: str, typed: float | str) -> float:
    """Return a value as it was typed: a number, ``"0,6"`` or ``"60 %"``."""
    text = str(typed).strip()
    share = text.removesuffix("%").removesuffix("per cent").removesuffix("procent").rstrip()
    try:
        value = float(share.replace(",", ".").replace("−", "-"))
    except ValueError:
        value = math.nan
    if isinstance(typed, bool) or not math.isfinite(value):
        raise AssumptionError(f"{key}: {typed!r} is no number", remedy='write it as 0.6, "0,6" or "60 %"')
    return value / 100 if share != text else value


class Identifying(BaseModel):
    """What a comparison assumes: why it is credible, what speaks against it, and which check."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    id: Text
    sv: Text
    en: Text
    credible_sv: Text
    credible_en: Text
    against_sv: Text
    against_en: Text
    check_sv: Text
    check_en: Text
    reference: Text


class Assumptions(Mapping[str, Assumption]):
    """The assumptions by id, in the order of the file.

    Examples
    --------
    >>> stated = Assumptions.load()
    >>> stated["persons_per_moving_household"].low, stated["persons_per_moving_household"].high
    (1.3, 2.0)
    """

    def __init__(self, items: Mapping[str, Assumption], identifying: Iterable[Identifying] = ()) -> None:
        self._items = dict(items)
        self.identifying = tuple(identifying)
        #: The file that they were read from.
        self.origin = Origin()

    def __getitem__(self, key: str) -> Assumption:
        try:
            return self._items[key]
        except KeyError:
            raise AssumptionError(
                f"there is no assumption {key}",
                remedy=f"add it to data/assumptions.toml, or {one_of(self._items, key)}",
            ) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __contains__(self, key: object) -> bool:
        return key in self._items

    def __len__(self) -> int:
        return len(self._items)

    def __repr__(self) -> str:
        """Return how many there are."""
        return f"Assumptions({len(self)})"

    def _repr_html_(self) -> str:
        """Return ids, values and ranges, as a notebook shows them."""
        from attraktiv_eval.texts import as_html, headed, shown_in, translator

        _ = translator(shown_in())
        told = _("{n} assumptions; table() has their references too.").format(n=len(self))
        names = {
            "id": "id",
            "value": _("Value"),
            "low": _("Low"),
            "high": _("High"),
            "unit": _("Unit"),
            shown_in(): _("In words"),
        }
        return as_html([told], {_("Assumptions"): headed(self.table(), names)})

    def changed(self, **values: float | str) -> Assumptions:
        """Return the same assumptions with other most plausible values; a range widens where it must.

        Parameters
        ----------
        **values : float or str
            New value by id, in the assumption's own unit, or as it is typed: ``"60 %"``, ``"0,6"``.

        Raises
        ------
        AssumptionError
            If there is no such assumption, a value is no number, a share leaves 0 to 1, or the five steps of
            an answer scale no longer rise.

        Examples
        --------
        >>> changed = Assumptions.load().changed(deadweight_households="50 %")
        >>> changed["deadweight_households"].value
        0.5
        """
        items = dict(self._items)
        for key, typed in values.items():
            old, value = self[key], as_number(key, typed)
            ends = {"value": value, "low": min(old.low, value), "high": max(old.high, value)}
            items[key] = _assumption(key, {**old.model_dump(exclude={"id"}), **ends}, None)
        for scale in SCALES:
            _check_rising([items[f"{scale}_{step}"] for step in STEPS], None)
        return Assumptions(items, self.identifying).came_from(self.origin)

    @classmethod
    def of(cls, given: Mapping[str, Assumption]) -> Assumptions:
        """Return assumptions as they are, or those of a mapping made by hand."""
        return given if isinstance(given, Assumptions) else cls(given)

    def came_from(self, origin: Origin) -> Assumptions:
        """Return the same assumptions with the file that they were read from."""
        known = Assumptions(self._items, self.identifying)
        known.origin = origin
        return known

    def identification(self) -> pd.DataFrame:
        """Return one row an identifying assumption of level 3, with its words in both languages."""
        import pandas as pd

        return pd.DataFrame(
            [item.model_dump() for item in self.identifying], columns=[*Identifying.model_fields]
        )

    def table(self) -> pd.DataFrame:
        """Return one row an assumption: id, value, low, high, unit, valid_from, reference, sv, en."""
        import pandas as pd

        return pd.DataFrame([item.model_dump() for item in self._items.values()])

    @classmethod
    def load(cls, path: Path | None = None) -> Assumptions:
        """Read assumptions from TOML; None reads the shipped ``data/assumptions.toml``.

        Raises
        ------
        AssumptionError
            If the file is missing or no TOML, or an assumption is missing, out of order, without a
            reference, or the five steps of an answer scale do not rise.
        """
        file = resources.find("data/assumptions.toml") if path is None else Path(path)
        tables = _tables(file)
        identifying = _identifying(tables.pop("identifying", None), file)
        items = {key: _assumption(key, values, file) for key, values in tables.items()}
        missing = [key for key in REQUIRED if key not in items]
        if missing:
            raise AssumptionError(
                f"assumption {missing[0]} is missing",
                remedy="add it; the shipped data/assumptions.toml shows every assumption",
                file=file,
            )
        for scale in SCALES:
            _check_rising([items[f"{scale}_{step}"] for step in STEPS], file)
        return cls(items, identifying)


def _identifying(listed: object, file: Path) -> list[Identifying]:
    """Return the identifying assumptions of a file; one that lists none has the shipped ones."""
    if listed is None:
        shipped = resources.find("data/assumptions.toml")
        listed = [] if shipped == file else _tables(shipped).get("identifying", [])
    try:
        if not isinstance(listed, list):
            raise ValueError("identifying is no list of tables")
        return [Identifying.model_validate(one) for one in listed]
    except ValueError as error:
        first = error.errors(include_url=False)[0] if isinstance(error, ValidationError) else None
        told = f"identifying.{'.'.join(map(str, first['loc']))}: {first['msg']}" if first else str(error)
        raise AssumptionError(
            told, remedy="write [[identifying]] as in the shipped data/assumptions.toml", file=file
        ) from None


def _tables(file: Path) -> dict[str, object]:
    try:
        return read_toml(file)
    except OSError as error:
        raise AssumptionError(
            f"the assumptions cannot be read ({error.strerror or 'no such file'})",
            remedy="give the path of an assumptions.toml; data/assumptions.toml is an example",
            file=file,
        ) from None
    except ValueError as error:
        raise AssumptionError(
            f"the file is no valid TOML: {error}", remedy="mend the line; UTF-8 is needed", file=file
        ) from None


def _assumption(key: str, values: object, file: Path | None) -> Assumption:
    if not isinstance(values, dict):
        raise AssumptionError(
            f"{key} stands outside every assumption", remedy=f"write it as a table, [{key}]", file=file
        )
    try:
        return Assumption.model_validate({"id": key, **values})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join([key, *(str(part) for part in first["loc"])])
        raise AssumptionError(
            f"{field}: {first['msg'].removeprefix('Value error, ')}",
            remedy="give value, low, high, unit, valid_from, reference, sv and en",
            file=file,
        ) from None


def _check_rising(scale: list[Assumption], file: Path | None) -> None:
    """Raise if a later step of the answer scale has a lower low, value or high than the step before it."""
    for before, after in pairwise(scale):
        for end in ("low", "value", "high"):
            lower, higher = getattr(before, end), getattr(after, end)
            if higher < lower:
                raise AssumptionError(
                    f"{after.id}.{end} {higher} is below {before.id}.{end} {lower}",
                    remedy="let the five steps rise from surely anyway to surely not",
                    file=file,
                )
