"""The titles of the reports and the captions of the tables."""

from __future__ import annotations

from attraktiv_eval.texts import translator

__all__ = ["TITLES", "report_title"]


def _(message: str) -> str:
    """Mark a message for the catalogue; it is translated when used."""
    return message


TITLES: dict[str, str] = {
    "verdicts": _("The verdicts"),
    "goals": _("The goals and the three levels of evidence"),
    "paths": _("The path to each goal, year by year"),
    "organisations": _("Participating organisations"),
    "households_by_year": _("Households by year"),
    "households_by_municipality": _("Households by municipality, the most moved in first"),
    "households_by_phase": _("Households by phase"),
    "households_by_area": _("Households by activity area"),
    "households_by_kind": _("Households by kind"),
    "companies_by_year": _("Companies by year"),
    "companies_by_municipality": _("Companies by municipality"),
    "companies_by_phase": _("Companies by phase"),
    "companies_by_area": _("Companies by activity area"),
    "organisations_by_type": _("Participating organisations by type"),
    "activities_by_phase": _("Activities by phase"),
    "activities_by_area": _("Activities by activity area"),
    "funnel": _("Households reached and moved in, by phase"),
    "counted_apart": _("Households counted apart"),
    "retention": _("How many stay"),
    "funding": _("Money decided and paid"),
    "cost_per_result": _("Cost per result, as ranges"),
    "households_by_origin": _("Households that moved in, by where they came from"),
    "time_to_move": _("Months from the first contact to the move"),
    "notes": _("What was noted when the records were read"),
    "accounting": _("Every row accounted for: read = kept + merged + rejected"),
    "rejected_kinds": _("Rejected rows by kind of fault"),
    "linkage": _("Joins by rule: how often a row, or rows already joined, met another"),
    "linkage_quality": _("How well the linkage finds the invented households"),
    "filters": _("The filters from gross to net, once each"),
    "tornado": _("What each assumption does to the answer"),
    "assumptions": _("The assumptions"),
    "identification": _("What the comparison with other regions assumes"),
    "bounds": _("Bounds: those who did not answer or were not followed up, at either end"),
    "gaps": _("The county, its comparison and the gap"),
    "placebo_gaps": _("The gaps of the comparison regions"),
    "estimates": _("The estimates by outcome and method"),
    "flows": _("In, out and net by one common set of weights, in persons over the years compared"),
    "municipality_effects": _(
        "Each municipality among those outside the county, in moves over the years compared"
    ),
    "municipality_effects_by_birth": _(
        "Each municipality: domestic in-moves over the county border at ages 20–64, by country of birth"
    ),
    "moves_by_month": _("In-moves from other counties by month, beside the same months before the project"),
    "company_estimates": _("The estimates on companies, by outcome and method"),
    "company_gaps": _("Companies: the county, its comparison and the gap"),
    "controls": _("Negative controls: what attraction work should leave alone"),
    "weights": _("The comparison regions and their weights"),
    "base_periods": _("Before and after: the answer turns with the base period"),
    "specifications": _("All specifications"),
    "rivals": _("Rival explanations and how they were checked"),
    "county_comparison": _("The county and its comparison, the last ten years, moves per 1,000 inhabitants"),
    "gap_summary": _("The primary estimates, in persons over the years compared"),
    "specification_summary": _(
        "The specifications by outcome and method, in persons over the years compared"
    ),
}


def report_title(project: str, year: int | None, language: str) -> str:
    """Return the title of a report: the project, the kind of report, the year."""
    translate = translator(language)
    if year is None:
        return translate(_("{name}: final report")).format(name=project)
    return translate(_("{name}: yearly evaluation {year}")).format(name=project, year=year)
