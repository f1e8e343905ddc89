"""The words for the ids that stand in the tables: goals, methods, outcomes, headings, titles and captions."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from attraktiv_eval.counterfactual.method import method_name, methods
from attraktiv_eval.findings import Verdict, verdict_short
from attraktiv_eval.regions import MUNICIPAL_POOLS, POOLS, pool_name
from attraktiv_eval.statistics.outcomes import OUTCOMES
from attraktiv_eval.table_specifications import COLUMNS, TABLES, Column, checked
from attraktiv_eval.texts import day, number, percent, translator

if TYPE_CHECKING:
    import pandas as pd


def _(message: str) -> str:
    """Mark a message for the catalogue; it is translated when used."""
    return message


WORDS: dict[str, dict[str, str]] = {
    "goal": {
        "households": _("Households"),
        "companies": _("Companies"),
        "organisations": _("Organisations"),
        "persons": _("Persons"),
        "participations": _("Participations"),
    },
    "goal_each": {
        "households": _("a household"),
        "companies": _("a company"),
        "organisations": _("an organisation"),
        "persons": _("a person"),
        "participations": _("a participation"),
    },
    "level": {
        "1": _("1 Moved in / hired"),
        "2": _("2 Contributed to"),
        "3": _("3 Counterfactual comparison"),
    },
    "method": {
        "common_weights": _("One common set of weights for in, out and net"),
    },
    "kind": {
        "single": _("One adult"),
        "couple": _("Two adults without children"),
        "family": _("Family with children"),
        "other": _("Other household"),
        "grant": _("Grant"),
        "own": _("Own funds"),
        "cash": _("Cash"),
        "in_kind": _("In kind"),
    },
    "type": {
        "region": _("Region"),
        "municipality": _("Municipality"),
        "public_agency": _("Public agency"),
        "university": _("University"),
        "company": _("Company"),
        "business_organisation": _("Business organisation"),
    },
    "role": {"owner": _("Owner"), "partner": _("Partner"), "financier": _("Financier")},
    "reason": {
        "before_first_contact": _("Moved in before the first contact"),
        "inside_county": _("Moved inside the county"),
        "elsewhere": _("Moved somewhere else"),
        "out_again": _("Moved out again within three months"),
        "no_known_contact": _("No contact with the project is known"),
        "before_project": _("Moved in or met before the project began"),
    },
    "draw_effect": {
        "offered": _("Offered the help"),
        "offered_bounds": _("Offered, every unknown against and for"),
        "took_up": _("Took it up"),
        "took_up_bounds": _("Took it up, every unknown against and for"),
    },
    "arm": {"served": _("Served first"), "waiting": _("Waiting")},
    "origin": {"other_county": _("Another Swedish county"), "abroad": _("Abroad")},
    "filter": {
        "deadweight": _("Would have come or hired anyway"),
        "other_projects": _("Other projects’ part"),
        "non_response": _("Those who did not answer"),
        "retention": _("Left again within twelve months"),
        "retention_of_hires": _("No longer employed after twelve months"),
        "displacement": _("Already lived and worked in the county"),
    },
    "basis": {
        "survey": _("survey"),
        "records": _("records"),
        "assumption": _("assumption"),
        "no_data": _("no data"),
        "border_rule": _("done by the border rule"),
        "not_followed_up": _("nobody was followed up: both ends"),
    },
    "case": {
        "unanswered_none": _("Nobody who did not answer counts"),
        "unanswered_every": _("Everybody who did not answer counts"),
        "not_followed_left": _("All who were not followed up have left"),
        "not_followed_stayed": _("All who were not followed up have stayed"),
        "every_unknown_counted": _("Every unknown counts for the project"),
    },
    "assumption": {
        "would_not_have_moved": _("How the survey’s answers about moving are read"),
        "would_not_have_hired": _("How the survey’s answers about hiring are read"),
        "still_resident": _("Share that stays from the third to the twelfth month"),
        "employed_at_12_months": _("Share still employed after twelve months"),
        "hire_already_local": _("Share of hires who already lived and worked in the county"),
    },
    "rule": {
        "same_reference": _("Same reference"),
        "same_personal_number": _("Same person, by pseudonym"),
        "same_email": _("Same e-mail address"),
        "same_phone": _("Same telephone number"),
        "same_name_and_place": _("Same name and place"),
        "same_address": _("Same address"),
        "partner_email": _("E-mail address given as the partner’s"),
        "similar_address": _("Address with one slip"),
        "similar_email": _("E-mail address with one slip"),
        "decided_by_a_person": _("Decided by a person"),
        "same_number": _("Same organisation number"),
        "same_name": _("Same name"),
        "similar_name": _("Similar name"),
        "same_row": _("Same row twice"),
    },
    "fault": {
        "missing_value": _("Value missing"),
        "unreadable_date": _("Date that cannot be read"),
        "date_out_of_range": _("Date far outside the project’s time"),
        "future_date": _("Day that has not come yet"),
        "no_number": _("Not a number"),
        "person_as_number": _("Somebody's number in place of a count"),
        "ambiguous_number": _("Number that can be read in two ways"),
        "no_whole_number": _("Not a whole number"),
        "negative_number": _("Negative number"),
        "unknown_word": _("Word that is not in the dictionary"),
        "unknown_municipality": _("Municipality that does not exist"),
        "missing_destination": _("Destination of a move not stated"),
        "ambiguous_date": _("Date that can mean two days"),
        "contradicting_scale": _("Digit and words of the scale contradict each other"),
        "scale_direction": _("Scale whose direction is not known"),
        "town_abroad": _("Town abroad where the country is Sweden"),
        "unknown_country": _("Country that is not known"),
        "footnote": _("Footnote"),
        "wrong_check_digit": _("Organisation number with a wrong check digit"),
        "no_personal_number": _("Not a personal identity number"),
        "no_email": _("Not an e-mail address"),
        "no_phone": _("Not a telephone number"),
        "no_address": _("Not an address"),
        "spreadsheet_error": _("Error in the spreadsheet"),
        "no_identity": _("Nothing that says who it is"),
        "contradiction": _("The row contradicts itself"),
        "repeated_heading": _("Heading in the middle of the list"),
        "total_row": _("Row of totals"),
        "marked_as_example": _("Row marked as an example"),
        "above_headings": _("Row above the headings"),
        "too_many_cells": _("More cells than headings"),
    },
    "list": {
        "contacts": _("Contacts"),
        "households": _("Households"),
        "companies": _("Companies"),
        "organisations": _("Organisations"),
        "activities": _("Activities"),
        "survey_households": _("Survey of households"),
        "survey_companies": _("Survey of companies"),
        "funding": _("Funding"),
    },
    "yes_no": {"True": _("yes"), "False": _("no")},
}

UNKNOWN = _("Not known")

UNITS: dict[str, str] = {
    "households": _("households"),
    "companies": _("companies"),
    "organisations": _("organisations"),
    "persons": _("persons"),
    "participations": _("participations"),
}


def word(vocabulary: str, key: object, language: str) -> str:
    """Return the word for an id, or the id itself with spaces where no word is kept."""
    if vocabulary == "outcome" and str(key) in OUTCOMES:
        return OUTCOMES[str(key)].short(language)
    if vocabulary == "method" and key in methods():
        return method_name(str(key), language)
    known = WORDS.get(vocabulary, {}).get(str(key)) or (UNKNOWN if key == "unknown" else None)
    return translator(language)(known) if known else str(key).replace("_", " ")


def heading(column: str, language: str) -> str:
    """Return the heading of a column, as it is wherever it stands."""
    return COLUMNS.get(column, Column(column)).title(language)


def unit(goal: str, language: str) -> str:
    """Return what a goal counts, as it stands after a number."""
    return translator(language)(UNITS[goal]) if goal in UNITS else goal


# --- The titles of the reports


def project_title(project: Any, language: str) -> str:
    """Return the name of a project; of one that was never there, that its county is shown as if it were."""
    translate = translator(language)
    if not getattr(project, "as_if", False):
        return str(project.name)
    return translate(_("{region} as if it had had {name}")).format(
        region=project.region.name, name=project.name
    )


def report_title(project: str, year: int | None, language: str) -> str:
    """Return the title of a report: the project, the kind of report, the year."""
    translate = translator(language)
    if year is None:
        return translate(_("{name}: final report")).format(name=project)
    return translate(_("{name}: yearly evaluation {year}")).format(name=project, year=year)


# --- Cells and the tables of the validation in words


def validation_word(column: str, value: str, language: str) -> str:
    """Return the word for an id in a cell."""
    _ = translator(language)
    own = {
        "effect": _("Effect"),
        "effect_at_least_error": _("Effect, by the penalty of least error"),
        "pre_rmse": _("Root mean square gap before"),
        "ridge": _("Penalty"),
        "rmspe_ratio": _("Gap in the window over gap before"),
        "rmspe_rank": _("Rank of 39"),
        "pseudo_start_1980": _("Pretended start 1980"),
        "pseudo_start_1985": _("Pretended start 1985"),
        "leave_one_out_low": _("Leave one out, lowest"),
        "leave_one_out_high": _("Leave one out, highest"),
        "placebo_sd": _("Standard deviation of the placebos"),
        "equal_noise": _("Equal noise"),
        "own_noise": _("Each county’s own noise"),
        "regional_shock": _("A regional shock in the window"),
        "fifteen_donors": _("Fifteen comparison regions"),
        "seventeen_donors": _("Seventeen comparison regions"),
        "after_dip": _("Begun after a dip"),
        "calmest": _("The calmest county treated"),
        "noisiest": _("The noisiest county treated"),
        "in_sample": _("The gap in the fit before"),
        "out_of_sample": _("Misses of pretended windows before"),
        "placebo": _("Placebo"),
        "absolute": _("Placebo, by size alone"),
        "conformal": _("Conformal"),
        "forecast": _("Its own forecast"),
    }
    if column == "rule":
        return verdict_short(Verdict(3, "households", value), language)
    if column == "pool" and value in (*POOLS, *MUNICIPAL_POOLS):
        return pool_name(str(value), language)
    if column == "panel" and own.get(value) is None:
        column = "outcome"
    if column == "method":
        return method_name(value, language)
    return own.get(value) or word(column, value, language)


def cell(column: Column, value: Any, language: str, word: Callable[[str, Any], str]) -> str:
    """Return a cell as the language writes it; ``word`` gives the word for an id of a vocabulary."""
    import pandas as pd

    _ = translator(language)
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value):
        return "–"
    if column.format == "flag" or isinstance(value, bool):
        return _("yes") if bool(value) else _("no")
    if column.format == "word":
        return word(column.words, value)
    if column.format == "integer":
        return str(int(value))
    if hasattr(value, "strftime"):
        return day(value, language)
    if not isinstance(value, (int, float)) and not hasattr(value, "dtype"):
        return str(value)
    return _number(column, float(value), language)


def _number(column: Column, value: float, language: str) -> str:
    if column.format in ("share", "steps"):
        return percent(value, language, 1 if column.format == "share" else 0)
    if column.format == "residual":
        return "< 10⁻⁹" if abs(value) < 1e-9 else f"{value:.0e}"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    return number(value, language, column.decimals, signed=column.signed)


def written(id: str, rows: pd.DataFrame, language: str) -> pd.DataFrame:
    """Return a table of the validation in words, headings included.

    Raises
    ------
    PublicationError
        If the table, or a column of it, is not specified.
    """
    import pandas as pd

    of = TABLES[f"validation_{id}"]
    checked(of.name, rows)
    cells = {
        _validation_heading(one, language): [
            cell(one, value, language, partial(validation_word, language=language))
            for value in rows[one.id].tolist()
        ]
        for one in of.page or of.columns
        if one.id in rows
    }
    return pd.DataFrame(cells)


def _validation_heading(column: Column, language: str) -> str:
    if column.id.startswith("printed_"):
        added = number(int(column.id.removeprefix("printed_")), language)
        return translator(language)(_("{n} households added")).format(n=added)
    return column.title(language)
