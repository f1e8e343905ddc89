"""The rival explanations in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from attraktiv_eval.counterfactual.events import shipped_events
from attraktiv_eval.texts import number, translator

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes

    from attraktiv_eval.counterfactual.events import Event
    from attraktiv_eval.counterfactual.rivals import Rivals

    Events = Mapping[str, Event]

__all__ = [
    "before_text", "check_name", "event_name", "plot", "reason_text", "result_text", "speaks_text", "summary",
    "told",
]  # fmt: skip


def event_name(event: str, language: str, events: Events | None = None) -> str:
    """Return a rival explanation in words: the project's own, else the shipped ones."""
    found = (events or shipped_events()).get(event)
    return event if found is None else found.words(language)


def check_name(check: str, language: str, event: str = "", events: Events | None = None) -> str:
    """Return what a check did, in words: the event's own, where it has them."""
    _ = translator(language)
    found = (events or shipped_events()).get(event)
    own = None if found is None else found.check_words(check, language)
    names = {
        "placebo_in_time": _("Less what the same method gives for the years just before the project"),
        "municipalities_elsewhere": _("The municipalities concerned against similar ones elsewhere"),
        "rest_of_county": _("The municipalities concerned against the rest of the county"),
        "without_municipalities": _("The county without the municipalities concerned, by municipal moves"),
        "immigration_effect": _("The effect on in-moves from abroad"),
        "out_moves_effect": _("The effect on out-moves by their own primary specification"),
        "foreign_net_effect": _("The effect on net migration from abroad"),
        "survey": _("The project’s survey, level 2"),
        "movers_from_everywhere": _("Less the overstatement if the movers came from the whole country"),
        "movers_from_one_donor": _(
            "Less the overstatement if all came from the county where it matters most"
        ),
        "window_one_year_later": _("The window moved one year later"),
        "without_green_counties": _("Without Norrbotten and Västerbotten as comparison counties"),
        "with_green_counties": _("With Norrbotten and Västerbotten as comparison counties"),
    }
    return own or names.get(check) or event_name(event or check, language, events)


def reason_text(reason: Any, language: str) -> str:
    """Return why a check could not be made; an error's own words are returned as they are."""
    _ = translator(language)
    names = {
        "no_later_year": _("figures for a later year are not in this report"),
        "not_fetched": _("the figures are not fetched"),
        "needs_survey": _("official statistics cannot show it; see level 2"),
        "not_yet": _("it lies after the window of this report"),
        "is_the_outcome": _("it is itself the outcome examined"),
    }
    return "" if reason is None or reason != reason else names.get(str(reason), str(reason))


def result_text(row: Any, language: str) -> str:
    """Return the value of a check and what it is held against, in words."""
    _ = translator(language)
    if not row["checked"]:
        return _("Not checked: {reason}").format(reason=reason_text(row["reason"], language))
    return _("{value} moves a year against {reference}").format(**_ends(row, "value", "reference", language))


def before_text(row: Any, language: str) -> str:
    """Return what the same check gave in the years just before the project, in words; empty where none."""
    if row.get("before") is None or row["before"] != row["before"]:
        return "–"
    _ = translator(language)
    return _("{value} against {reference}").format(**_ends(row, "before", "before_reference", language))


def _ends(row: Any, value: str, reference: str, language: str) -> dict[str, str]:
    return {
        name: number(row[column], language, signed=True)
        for name, column in (("value", value), ("reference", reference))
    }


def speaks_text(row: Any, language: str) -> str:
    """Return whether a check speaks for the rival explanation or against it, in words."""
    _ = translator(language)
    names = {"for": _("speaks for it"), "against": _("speaks against it"), "cannot_tell": _("cannot tell")}
    return names.get(str(row.get("speaks")), names["cannot_tell"])


def told(rivals: Rivals, language: str) -> pd.DataFrame:
    """Return one row an event and check, in words; the columns keep their ids."""
    _ = translator(language)
    signs = {1: _("upwards"), -1: _("downwards"), 0: _("none if the explanation is attraction")}
    rows = []
    for row in rivals.rows.to_dict("records"):
        ends = [str(row[name]) for name in ("first_year", "last_year") if not pd.isna(row[name])]
        years = "–".join(dict.fromkeys(ends))
        rows.append(
            {
                "event": event_name(row["event"], language, rivals.events),
                "years": years,
                "expected_sign": signs[row["expected_sign"]],
                "size": "" if pd.isna(row["size"]) else number(row["size"], language, signed=True),
                "check": check_name(row["check"], language, row["event"], rivals.events),
                "result": result_text(row, language),
                "before": before_text(row, language),
                "speaks": speaks_text(row, language),
            }
        )
    return pd.DataFrame(rows)


def summary(rivals: Rivals, language: str) -> str:
    """Return how many checks were made, how far they moved the estimate, and what could not be checked."""
    _ = translator(language)
    rows = rivals.rows
    moved = rows[rows["checked"] & rows["check"].isin(REESTIMATED) & rows["value"].notna()]
    low, high = moved["value"].min(), moved["value"].max()
    open_ = [
        event_name(event, language, rivals.events) for event in rows.loc[~rows["checked"], "event"].unique()
    ]
    text = _(
        "{checks} checks of rival explanations were made; with one thing changed at a time the estimate of "
        "{estimate} moves a year in {years} becomes {low} to {high}."
    ).format(
        checks=number(int(rows["checked"].sum()), language),
        estimate=number(rivals.estimate, language, signed=True),
        years="–".join(dict.fromkeys(map(str, rivals.window))),
        low=number(low, language, signed=True),
        high=number(high, language, signed=True),
    )
    if open_:
        text += " " + _("Not checked: {events}.").format(events="; ".join(open_))
    return text


REESTIMATED = (
    "without_treated_donors",
    "window_one_year_later",
    "without_green_counties",
    "with_green_counties",
    "without_asylum_years",
)


def plot(rivals: Rivals, ax: Axes | None = None) -> Axes:
    """Draw each check in moves a year, and the estimate as a line."""
    from attraktiv_eval.counterfactual.inference.placebos import OTHERS, TREATED, axes

    ax = axes(ax)
    rows = rivals.rows[rivals.rows["checked"]][::-1]
    ax.plot(rows["value"], rows["check"], "o", color=OTHERS)
    ax.axvline(rivals.estimate, color=TREATED, linewidth=2)
    return ax
