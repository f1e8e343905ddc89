"""What else could have moved the outcome, as data: ``data/rivals.toml``, and a project's own."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from attraktiv_eval import resources
from attraktiv_eval.errors import DesignError
from attraktiv_eval.resources import read_toml

__all__ = ["Event", "load_events", "shipped_events"]

County = Annotated[str, StringConstraints(pattern=r"^\d{2}$")]
Municipality = Annotated[str, StringConstraints(pattern=r"^\d{4}$")]
Check = Literal[
    "placebo_in_time",
    "without_covid_years",
    "municipalities_elsewhere",
    "immigration_effect",
    "out_moves_effect",
    "foreign_net_effect",
    "without_municipalities",
    "without_treated_donors",
    "survey",
    "movers_from",
    "window_one_year_later",
    "green_counties",
    "without_asylum_years",
]


class Event(BaseModel):
    """Something besides the project that could move the outcome.

    ``sign`` is the sign of the bias it would give the estimate; ``size`` its known size, in moves. ``region``
    is the county that it is about, None for any. ``municipalities`` are those that it happened in,
    ``elsewhere`` those that they are compared with, ``counties`` the donors that it touches.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
    sv: str
    en: str
    sign: Literal[-1, 0, 1]
    check: Check
    first_year: int | None = None
    last_year: int | None = None
    size: int | None = None
    region: County | None = None
    municipalities: list[Municipality] = Field(default_factory=list)
    elsewhere: list[Municipality] = Field(default_factory=list)
    counties: list[County] = Field(default_factory=list)
    check_sv: str | None = None
    check_en: str | None = None
    rest_sv: str | None = None
    rest_en: str | None = None

    def words(self, language: str) -> str:
        """Return the event in words."""
        return str(getattr(self, language))

    def check_words(self, check: str, language: str) -> str | None:
        """Return what a check of the event does, where the event says it in its own words."""
        found = getattr(self, f"{'rest' if check == 'rest_of_county' else 'check'}_{language}")
        return found if check in (self.check, "rest_of_county") else None


@cache
def shipped_events() -> dict[str, Event]:
    """Return the events of ``data/rivals.toml`` by id."""
    return _read(resources.find("data/rivals.toml"))


def load_events(own: Path | None = None) -> dict[str, Event]:
    """Return the shipped events by id, with those of a project's own file added or in their place.

    Raises
    ------
    DesignError
        If the file is no TOML, or a key is missing, unknown or of the wrong kind.
    """
    return _read(resources.find("data/rivals.toml")) | ({} if own is None else _read(own))


def _read(file: Path) -> dict[str, Event]:
    try:
        listed = read_toml(file).get("event", [])
        if not isinstance(listed, list):
            raise ValueError("event is no list of tables; write [[event]] above each")
        events = [Event.model_validate(one) for one in listed]
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        key = ".".join(map(str, fault["loc"]))
        raise DesignError(
            f"key {key}: {fault['msg']}", remedy="write it as in data/rivals.toml", file=file
        ) from None
    except (OSError, ValueError) as error:
        raise DesignError(
            f"the rival explanations cannot be read: {error}", remedy="mend the file", file=file
        ) from None
    return {event.id: event for event in events}
