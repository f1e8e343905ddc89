"""The texts of the reports: a few short paragraphs a section, the answer first, each number from the run."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from attraktiv_eval.errors import ParameterError, one_of

if TYPE_CHECKING:
    from attraktiv_eval.reporting.view import View

#: The key of each text, and the module that writes it in a function of that name.
SECTIONS: dict[str, str] = {
    key: module
    for module, keys in {
        "body": ("promised", "theory", "who_came", "cost", "statistics", "why", "scale", "to_know"),
        "levels": (
            "level1", "level2", "level3", "level3_companies", "region_effects", "draw", "before_after",
            "rivals", "method",
        ),
        "results": (
            "project", "development", "phases", "money", "municipalities", "unforeseen", "limits", "records",
            "assumptions", "provenance",
        ),
    }.items()
    for key in keys
}  # fmt: skip


def _(message: str) -> str:
    """Mark a message for the catalogue; it is translated when used."""
    return message


#: The heading of each section, and its rank: sections under another's chapter have rank 3.
HEADINGS: dict[str, tuple[int, str]] = {
    "promised": (2, _("What was promised and done")),
    "theory": (2, _("How the work was meant to give results")),
    "who_came": (2, _("Who came")),
    "cost": (2, _("What it cost")),
    "statistics": (2, _("What the statistics can say")),
    "why": (2, _("Why it went as it did")),
    "limits": (2, _("Unforeseen effects, and what the data cannot say")),
    "scale": (2, _("Other projects, for scale")),
    "to_know": (2, _("What it would have taken to know")),
    "project": (2, _("The project")),
    "development": (2, _("Development against plan, year by year")),
    "level1": (2, _("Level 1: What do the project’s own records show?")),
    "records": (3, _("How the count came about")),
    "level2": (2, _("Level 2: How many did the project contribute to?")),
    "assumptions": (3, _("The assumptions")),
    "level3": (2, _("Level 3: Did the county depart from comparable counties?")),
    "level3_companies": (3, _("Companies’ access to labour")),
    "before_after": (3, _("Why before and after is not enough")),
    "every_way": (3, _("Every way of computing it")),
    "rivals": (2, _("Rival explanations")),
    "phases": (2, _("The four phases")),
    "money": (2, _("The money")),
    "municipalities": (2, _("The municipalities")),
    "method": (2, _("Method")),
}
#: The sections of the body, in their order; those after them are the appendix.
BODY = ("promised", "theory", "who_came", "cost", "statistics", "why", "limits", "scale", "to_know")
#: The sections of a report in their order, and what stands in each: the kind of part, and its id.
PARTS: dict[str, tuple[tuple[str, str], ...]] = {
    "promised": (("text", "promised"),),
    "theory": (("text", "theory"), ("figure", "funnel")),
    "who_came": (("text", "who_came"),),
    "cost": (("text", "cost"),),
    "statistics": (("text", "statistics"), ("figure", "county_comparison")),
    "why": (("text", "why"),),
    "limits": (("text", "unforeseen"), ("text", "limits")),
    "scale": (("text", "scale"),),
    "to_know": (("text", "to_know"),),
    "project": (("text", "project"), ("table", "organisations"), ("table", "organisations_by_type")),
    "development": (("text", "development"), ("table", "paths")),
    "level1": (
        ("text", "level1"),
        ("table", "households_by_year"),
        ("table", "companies_by_year"),
        ("table", "households_by_kind"),
        ("table", "households_by_origin"),
        ("table", "counted_apart"),
        ("table", "time_to_move"),
        ("figure", "retention"),
    ),
    "records": (("text", "records"), ("table", "accounting"), ("table", "linkage")),
    "level2": (
        ("text", "level2"),
        ("figure", "tornado"),
        ("table", "filters"),
        ("table", "bounds"),
        ("what_if", "level2"),
    ),
    "assumptions": (("text", "assumptions"), ("table", "assumptions")),
    "level3": (
        ("text", "level3"),
        ("text", "region_effects"),
        ("figure", "region_effects"),
        ("figure", "gaps"),
        ("table", "estimates"),
        ("table", "flows"),
        ("table", "controls"),
        ("table", "other_estimates"),
        ("table", "weights"),
    ),
    "level3_companies": (
        ("text", "level3_companies"),
        ("table", "company_estimates"),
        ("table", "labour_shortage"),
        ("text", "draw"),
        ("figure", "draw"),
        ("table", "draw_arms"),
    ),
    "before_after": (("text", "before_after"), ("table", "base_periods"), ("table", "moves_by_month")),
    "every_way": (("figure", "specification_curve"),),
    "rivals": (("text", "rivals"), ("table", "rivals")),
    "phases": (
        ("text", "phases"),
        ("table", "households_by_area"),
        ("table", "companies_by_phase"),
        ("table", "activities_by_phase"),
    ),
    "money": (("text", "money"), ("table", "funding"), ("table", "cost_per_result")),
    "municipalities": (
        ("text", "municipalities"),
        ("figure", "municipality_map"),
        ("table", "municipality_effects"),
        ("table", "municipality_effects_by_birth"),
        ("table", "companies_by_municipality"),
    ),
    "method": (("text", "method"),),
}


#: Tables that a section leaves out where the run has none: they are there for statistics of one's own, and
#: where a reader might look for one, the section's text says that it is missing.
WHERE_HELD = (
    "other_estimates", "labour_shortage", "moves_by_month", "municipality_effects_by_birth", "region_effects",
    "draw", "draw_arms",
)  # fmt: skip


def parts_of(key: str) -> tuple[tuple[str, str], ...]:
    """Return the parts of a section: text, figure or table, each with its id.

    Raises
    ------
    ParameterError
        If there is no such section.
    """
    if key not in PARTS:
        raise ParameterError(f"there is no section {key!r}", remedy=one_of(PARTS, key))
    return PARTS[key]


def section(key: str) -> Callable[[View], list[str]]:
    """Return the function that writes a section's paragraphs as HTML.

    Raises
    ------
    ParameterError
        If there is no such text.
    """
    if key not in SECTIONS:
        raise ParameterError(f"there is no text {key!r}", remedy=one_of(["title", *sorted(SECTIONS)], key))
    return getattr(import_module(f"attraktiv_eval.reporting.sections.{SECTIONS[key]}"), key)
