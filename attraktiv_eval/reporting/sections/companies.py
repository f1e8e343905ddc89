"""Level 3 on companies: vacancies, employment or workplaces against comparison regions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attraktiv_eval.reporting.view import escape, verdict_text

if TYPE_CHECKING:
    from attraktiv_eval.reporting.view import View

__all__ = ["level3_companies"]


def level3_companies(view: View) -> list[str]:
    """Tell whether companies' access to labour departs from comparable counties, or what lacks."""
    _ = view._
    goal = next((id for id in view.evaluation.project.goals if view.counts(id) == "companies"), None)
    if goal is None:
        return [_("The project has no goal on companies.")]
    found = getattr(view.evaluation, "companies", None)
    row = view.row("company_estimates", primary=True)
    if found is None or row is None:
        return _not_tested(view, found)
    answer = _(
        "{outcome}: the county deviated by {n} {unit} in {years} from comparable regions, as a mean of the "
        "years; the 90 per cent interval is {range}."
    ).format(
        outcome=view.word("outcome", row["outcome"]),
        n=view.n(row["effect_units"], signed=True),
        unit=_unit(view, row),
        years=view.years(row),
        range=view.span(row["low"], row["high"]),
    )
    return [
        f"{answer} {verdict_text(view, goal, 3)}".strip(),
        escape(found.choice.sentence(view.language)),
        _how(view, row),
        _meaning(view, row),
    ]


def _unit(view: View, row: Any) -> str:
    from attraktiv_eval.statistics.outcomes import unit_words

    return escape(unit_words(row["unit"], view.language))


def _not_tested(view: View, found: Any) -> list[str]:
    """Say that it is not tested, why, and what to fetch."""
    _ = view._
    reasons = {
        "too_few_years": _(
            "Not tested: the statistics on companies in this run begin too late, end too early, or have gaps."
        ),
        "design_refused": _(
            "Not tested: the statistics on companies do not carry the comparison ({detail})."
        ),
    }
    text = reasons.get(
        getattr(found, "reason", None) or "",
        _("Not tested: vacancies, employment and workplaces are not in the statistics of this run."),
    ).format(detail=escape(getattr(found, "detail", "")))
    fetch = _("They can be fetched from SCB, or read from files downloaded by hand.")
    held = getattr(found, "reason", None) in reasons
    return [f"{text} {fetch}", escape(found.choice.sentence(view.language)) if held else ""]


def _how(view: View, row: Any) -> str:
    _ = view._
    return _(
        "The primary method is {method}, chosen by the rule of the analysis plan on figures from before the "
        "project; the series are shorter than those on moves."
    ).format(method=escape(view.word("method", row["method"]).lower()))


def _meaning(view: View, row: Any) -> str:
    """Say how the count bears on the goal, which counts companies."""
    _ = view._
    text = _(
        "The statistics count {unit}, not companies. If each company of the goal filled one position, the "
        "count could change by as many at most, so an effect cannot be ruled out this way, only found."
    ).format(unit=_unit(view, row))
    if row["unit"] == "vacancies":
        text += " " + _(
            "Fewer vacancies may mean that positions were filled, more that companies recruit: the direction "
            "says nothing by itself. Vacancies come from a sample survey with a margin of error of its own."
        )
    return text
