"""The words for the ids that stand in the tables: goals, methods, outcomes, headings and the like."""

from __future__ import annotations

from attraktiv_eval.texts import translator

__all__ = ["WORDS", "heading", "unit", "word"]


def _(message: str) -> str:
    """Mark a message for the catalogue; it is translated when used."""
    return message


WORDS: dict[str, dict[str, str]] = {
    "goal": {
        "households": _("Households"),
        "companies": _("Companies"),
        "organisations": _("Organisations"),
    },
    "goal_counted": {
        "households": _("households"),
        "companies": _("companies"),
        "organisations": _("organisations"),
    },
    "level": {
        "1": _("1 Reached"),
        "2": _("2 Contributed to"),
        "3": _("3 Counterfactual comparison"),
    },
    "outcome": {
        "in_moves": _("In-moves"),
        "out_moves": _("Out-moves"),
        "net_migration": _("Net migration"),
    },
    "method": {
        "difference_in_differences": _("Difference in differences"),
        "synthetic_control": _("Synthetic control"),
        "demeaned_synthetic_control": _("Demeaned synthetic control"),
        "augmented_synthetic_control": _("Augmented synthetic control"),
        "synthetic_did": _("Synthetic difference in differences"),
        "matrix_completion": _("Matrix completion"),
        "structural_time_series": _("Structural time series"),
    },
    "kind": {
        "single": _("One adult"),
        "couple": _("Two adults without children"),
        "family": _("Family with children"),
        "other": _("Other household"),
        "unknown": _("Not known"),
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
        "before_contact": _("Moved in before the first contact"),
        "inside_county": _("Moved inside the county"),
        "out_within_three_months": _("Moved out again within three months"),
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
    "channel": {},
}

HEADINGS: dict[str, str] = {
    "goal": _("Goal"),
    "target": _("Goal"),
    "level": _("Level"),
    "known": _("Known"),
    "unknown": _("Not followed up"),
    "l2_low": _("Contributed to, low"),
    "l2_median": _("Contributed to, middle"),
    "l2_high": _("Contributed to, high"),
    "l3_effect": _("Deviation of the county"),
    "l3_low": _("Deviation, low"),
    "l3_high": _("Deviation, high"),
    "mde": _("Smallest detectable effect"),
    "year": _("Year"),
    "count": _("In the year"),
    "cumulated": _("Cumulated"),
    "pace": _("Even pace"),
    "name": _("Name"),
    "type": _("Kind"),
    "role": _("Role"),
    "kind": _("Kind"),
    "reached": _("Reached"),
    "moved_in": _("Moved in"),
    "municipality_code": _("Municipality"),
    "phase": _("Phase"),
    "area": _("Activity area"),
    "reason": _("Reason"),
    "households": _("Households"),
    "share": _("Share"),
    "low": _("Low"),
    "high": _("High"),
    "months": _("Months after the move"),
    "at_risk": _("Followed"),
    "financier": _("Financier"),
    "decided_sek": _("Decided, SEK"),
    "paid_sek": _("Paid, SEK"),
    "cost_low": _("Cost, low"),
    "cost_high": _("Cost, high"),
    "results_low": _("Results, low"),
    "results_high": _("Results, high"),
    "ratio_low": _("SEK a result, low"),
    "ratio_high": _("SEK a result, high"),
    "file": _("File"),
    "sheet": _("Sheet"),
    "list": _("List"),
    "read": _("Read"),
    "kept": _("Kept"),
    "merged": _("Merged"),
    "rejected": _("Rejected"),
    "rows": _("Rows"),
    "rule": _("Rule"),
    "filter": _("Filter"),
    "assumption": _("Assumption"),
    "base": _("Base"),
    "bound": _("Bound"),
    "value": _("Value"),
    "id": _("Id"),
    "unit": _("Unit"),
    "valid_from": _("Valid from"),
    "reference": _("Reference"),
    "outcome": _("Outcome"),
    "method": _("Method"),
    "actual": _("Actual"),
    "counterfactual": _("Comparison"),
    "gap": _("Gap"),
    "in_window": _("Project year"),
    "region_code": _("Region"),
    "region_name": _("Region"),
    "weight": _("Weight"),
    "effect_persons": _("Persons"),
    "p_value": _("p-value"),
    "smallest_p": _("Smallest possible p"),
    "rank": _("Rank"),
    "n": _("Regions"),
    "mde_persons": _("Smallest detectable, persons"),
    "mde_households": _("Smallest detectable, households"),
    "pseudo_effect_persons": _("Same method before the project, persons"),
    "pre_rmse": _("Fit before"),
    "primary": _("Primary"),
    "equivalent": _("Equally good"),
    "pool": _("Comparison regions"),
    "first_year": _("First year"),
    "last_year": _("Last year"),
    "without_covid": _("Without 2020–21"),
    "base_mean": _("Mean of the base period"),
    "window_mean": _("Mean of the project years"),
    "change": _("Change"),
    "rival": _("Rival explanation"),
    "expected_sign": _("Expected sign"),
    "size": _("Size, persons"),
    "check": _("Check"),
    "event": _("Event"),
    "years": _("Years"),
    "verdict": _("Verdict"),
    "specifications": _("Specifications"),
    "smallest_effect": _("Smallest, persons"),
    "middle_effect": _("Middle, persons"),
    "largest_effect": _("Largest, persons"),
    "interval_holds_zero": _("Interval holds zero"),
    "supported": _("Supported"),
    "with_hire": _("With a hire"),
    "companies": _("Companies"),
}

UNITS: dict[str, str] = {
    "households": _("households"),
    "companies": _("companies"),
    "organisations": _("organisations"),
}


def word(vocabulary: str, key: object, language: str) -> str:
    """Return the word for an id, or the id itself with spaces where no word is kept."""
    known = WORDS.get(vocabulary, {}).get(str(key))
    return translator(language)(known) if known else str(key).replace("_", " ")


def heading(column: str, language: str) -> str:
    """Return the heading of a column."""
    known = HEADINGS.get(column)
    return translator(language)(known) if known else column.replace("_", " ").capitalize()


def unit(goal: str, language: str) -> str:
    """Return what a goal counts, as it stands after a number."""
    return translator(language)(UNITS[goal]) if goal in UNITS else goal
