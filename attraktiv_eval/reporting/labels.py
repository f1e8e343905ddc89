"""The words for the ids that stand in the tables: goals, methods, outcomes, headings, titles and captions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attraktiv_eval.counterfactual.method import method_name, methods
from attraktiv_eval.findings import Verdict, verdict_short
from attraktiv_eval.regions import MUNICIPAL_POOLS, POOLS, pool_name
from attraktiv_eval.statistics.outcomes import OUTCOMES
from attraktiv_eval.table_specifications import COLUMNS, Column
from attraktiv_eval.texts import number, percent, translator

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "WORDS",
    "caption",
    "cell",
    "heading",
    "report_title",
    "unit",
    "validation_heading",
    "word",
    "written",
]


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
        "ambiguous_number": _("Number that can be read in two ways"),
        "no_whole_number": _("Not a whole number"),
        "negative_number": _("Negative number"),
        "unknown_word": _("Word that is not in the dictionary"),
        "unknown_municipality": _("Municipality that does not exist"),
        "missing_destination": _("Destination of a move not stated"),
        "ambiguous_date": _("Date that can mean two days"),
        "contradicting_scale": _("Digit and words of the scale contradict each other"),
        "scale_direction": _("Scale whose direction is not known"),
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


# --- The tables of the validation in words: cells, headings and captions

SHARES = {"coverage", "rejection", "standard_error", "power", "power_at_pace", "share", "wins", "true_level"}
WORTH = {"wrong", "goal", "changed"}
DECIMALS = {
    "published": 3,
    "ours": 3,
    "difference": 3,
    "tolerance": 4,
    "weight_sum": 6,
    "half_width": 2,
    "mean_half_width": 2,
    "detectable": 2,
    "exaggeration": 1,
    "smallest_exaggeration": 1,
    "exaggeration_at_pace": 1,
    "smallest_p": 3,
    "p_value": 3,
    "confidence_set": 3,
    "error": 3,
    "excess": 3,
}
SIGNED = {"effect_persons", "pseudo_persons", "a_year", "without", "difference"}
AS_IT_IS = {"region_name", "event", "check", "result", "years", "size", "expected_sign"}
SHOWN: dict[str, list[str]] = {
    "power": ["outcome", "households", "power", "exaggeration"],
    "sight": [
        "outcome",
        "years",
        "method",
        "pool",
        "n",
        "detectable_persons",
        "detectable_households",
        "pace",
        "power_at_pace",
        "exaggeration_at_pace",
    ],
    "pseudo": ["outcome", "years", "method", "pool", "effect_persons", "pseudo_persons", "primary"],
    "municipalities": ["region_name", "effect_persons", "low", "high", "true_level", "p_value", "told_apart"],
    "coverage": ["setting", "method", "interval", "draws", "coverage", "rejection", "half_width"],
}


def caption(id: str, language: str) -> str:
    """Return the caption of a table."""
    _ = translator(language)
    return {
        "published": _("California’s Proposition 99: published numbers beside ours"),
        "optimality": _("Optimality residual of every convex solve for the county"),
        "coverage": _("How often the 90 per cent intervals held the truth on simulated panels"),
        "scales": _(
            "Two scales raced: intervals and what they can see, on simulated panels and real counties"
        ),
        "power": _("Share of comparison regions in which an effect of so many households would be found"),
        "sight": _("What the primary specification of each outcome can see"),
        "pseudo": _("The estimate, and what the same method finds in the years before the project"),
        "covid": _("The estimate a year, with and without 2020–2021"),
        "plan": _("The equivalence set: specifications as good as the primary one"),
        "municipalities": _("The municipalities one by one"),
        "rivals": _("Rival explanations and their checks"),
        "verdicts": _("How often each sentence of level 3 is printed on real cases without a project"),
    }[id]


def validation_heading(column: str, language: str) -> str:
    """Return the heading of a column; those of the reports where there is none of its own."""
    _ = translator(language)
    if column.startswith("printed_"):
        return _("{n} households added").format(n=number(int(column.removeprefix("printed_")), language))
    own = {
        "rule": _("Sentence"),
        "wrong": _("Wrong at most"),
        "goal": _("May be wrong"),
        "changed": _("Changes between neighbouring years"),
        "what": _("Figure"),
        "published": _("Published"),
        "ours": _("Ours"),
        "difference": _("Difference"),
        "tolerance": _("Tolerance"),
        "residual": _("Optimality residual"),
        "donors": _("Comparison regions"),
        "weighted": _("With weight"),
        "weight_sum": _("Sum of weights"),
        "setting": _("Setting"),
        "interval": _("Interval"),
        "draws": _("Draws"),
        "coverage": _("Truth inside"),
        "rejection": _("Rejects no effect"),
        "half_width": _("Half width"),
        "panel": _("Panels"),
        "scale": _("Scale"),
        "cases": _("Cases"),
        "mean_half_width": _("Mean half width"),
        "detectable": _("Smallest detectable, per 1,000 a year"),
        "own_detectable": _("The county’s own, persons"),
        "households": _("Households"),
        "power": _("Found"),
        "exaggeration": _("Overstated by a factor"),
        "detectable_persons": _("Smallest detectable, persons"),
        "detectable_households": _("Smallest detectable, households"),
        "pace": _("The goal’s pace, households"),
        "power_at_pace": _("Finds the pace"),
        "exaggeration_at_pace": _("Overstates the pace by a factor"),
        "pseudo_persons": _("Before the project, persons"),
        "share": _("Share"),
        "a_year": _("A year, persons"),
        "without": _("Without 2020–2021, persons a year"),
        "error": _("Error, per 1,000 a year"),
        "excess": _("Excess mean squared error"),
        "standard_error": _("Standard error"),
        "low": _("Low"),
        "high": _("High"),
        "told_apart": _("Told apart from noise"),
        "region_name": _("Municipality"),
        "event": _("Rival explanation"),
        "result": _("Result"),
        "before": _("The same check before the project"),
        "confidence_set": _("p-value of the model confidence set"),
        "wins": _("Best in draws of the counties"),
    }
    return own.get(column) or heading(column, language)


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


def cell(column: str, value: Any, language: str) -> str:
    """Return a cell as the language writes it."""
    _ = translator(language)
    if isinstance(value, str):
        return value if column in AS_IT_IS else validation_word(column, value, language)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if value is None or value != value:
        return "–"
    if column == "residual":
        return "< 10⁻⁹" if abs(value) < 1e-9 else f"{value:.0e}"
    if column in WORTH or column.startswith("printed_"):
        return percent(value, language, 1)
    if column in SHARES and column != "standard_error":
        return percent(value, language, 1 if column in ("coverage", "rejection", "true_level") else 0)
    decimals = DECIMALS.get(column, 3 if column == "standard_error" else 0)
    return number(float(value), language, decimals, signed=column in SIGNED)


def written(id: str, rows: pd.DataFrame, language: str) -> pd.DataFrame:
    """Return a table in words, headings included."""
    import pandas as pd

    rows = rows[SHOWN[id]] if id in SHOWN else rows
    cells = {
        validation_heading(column, language): [
            cell(column, value, language) for value in rows[column].tolist()
        ]
        for column in rows.columns
    }
    return pd.DataFrame(cells)
