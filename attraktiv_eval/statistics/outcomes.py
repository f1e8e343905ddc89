"""What can be compared: the outcomes, what each measures, and the rule for the best of them."""

from __future__ import annotations

from dataclasses import dataclass

from attraktiv_eval.texts import translator

__all__ = ["BEST_FIRST", "OUTCOMES", "YEARS_BEFORE", "Choice", "Outcome", "unit_words"]


@dataclass(frozen=True)
class Outcome:
    """A series by region and year.

    ``goal`` is the promise that it bears on. ``role`` is ``outcome`` or ``negative_control``: a series that
    attraction work should leave alone. ``per_inhabitant`` is False for what is a rate already. ``unit`` is
    what an effect counts; a ``stock`` stands at a point of time, so that its years are averaged, not summed.
    """

    id: str
    goal: str
    role: str = "outcome"
    per_inhabitant: bool = True
    unit: str = "moves"
    stock: bool = False

    def label(self, language: str = "en") -> str:
        """Return the words of the report for this outcome."""
        return _labels(language)[self.id]


def _labels(language: str) -> dict[str, str]:
    _ = translator(language)
    return {
        "domestic_in_moves_over_border": _("Domestic in-moves over the county border"),
        "in_moves_over_border": _("In-moves over the county border, from abroad included"),
        "in_moves": _("In-moves to the municipalities, moves inside the county and from abroad included"),
        "domestic_in_moves_over_border_20_64": _("Domestic in-moves over the county border, ages 20–64"),
        "out_moves": _("Out-moves from the municipalities, moves inside the county and abroad included"),
        "domestic_out_moves_over_border": _("Domestic out-moves over the county border"),
        "out_moves_over_border": _("Out-moves over the county border, abroad included"),
        "net_migration": _("Net migration, domestic and foreign"),
        "foreign_net": _("Net migration from abroad"),
        "households_total": _("Households"),
        "vacancies": _("Vacancies, mean of the year’s quarters"),
        "employment_rate": _("Employed, per cent of inhabitants aged 20–64 (BAS)"),
        "employment_rate_rams": _("Employed, per cent of inhabitants aged 20–64 (RAMS)"),
        "workplaces": _("Workplaces"),
        "new_companies": _("New companies"),
    }


OUTCOMES: dict[str, Outcome] = {
    outcome.id: outcome
    for outcome in (
        Outcome("domestic_in_moves_over_border", "households"),
        Outcome("in_moves_over_border", "households"),
        Outcome("in_moves", "households"),
        Outcome("domestic_in_moves_over_border_20_64", "households"),
        Outcome("out_moves", "households", role="negative_control"),
        Outcome("domestic_out_moves_over_border", "households", role="negative_control"),
        Outcome("out_moves_over_border", "households", role="negative_control"),
        Outcome("net_migration", "households"),
        Outcome("foreign_net", "households", role="negative_control"),
        Outcome("households_total", "households", unit="households", stock=True),
        Outcome("vacancies", "companies", unit="vacancies", stock=True),
        Outcome("employment_rate", "companies", per_inhabitant=False, unit="employed", stock=True),
        Outcome("employment_rate_rams", "companies", per_inhabitant=False, unit="employed", stock=True),
        Outcome("workplaces", "companies", unit="workplaces", stock=True),
        Outcome("new_companies", "companies", unit="new_companies"),
    )
}

#: The rule for the primary outcome of each goal: the first that the data hold for long enough. The goals
#: count households that move in and companies that get access to labour.
BEST_FIRST: dict[str, tuple[str, ...]] = {
    "households": ("domestic_in_moves_over_border", "in_moves_over_border", "in_moves"),
    "companies": ("vacancies", "employment_rate", "workplaces"),
}

#: Years before the project that an outcome of a goal needs to be the primary one. The statistics on
#: companies begin later than those on moves; their candidates race on what there is.
YEARS_BEFORE: dict[str, int] = {"households": 12, "companies": 8}


def unit_words(unit: str, language: str) -> str:
    """Return what an effect counts, as it stands after a number."""
    _ = translator(language)
    return {
        "moves": _("moves"),
        "households": _("households"),
        "vacancies": _("vacancies"),
        "employed": _("employed persons"),
        "workplaces": _("workplaces"),
        "new_companies": _("new companies"),
    }.get(unit, unit)


@dataclass(frozen=True)
class Choice:
    """The primary outcome of a goal and why: ``id`` is None where the data hold none.

    ``lacking`` are the better outcomes that the data do not hold, in the order of the rule.
    """

    goal: str
    id: str | None
    lacking: tuple[str, ...]

    def sentence(self, language: str = "en") -> str:
        """Return the choice, the rule and what was lacking, in the words of the report."""
        _ = translator(language)
        labels = _labels(language)
        years = YEARS_BEFORE[self.goal]
        if self.id is None:
            rule = _(
                "The rule takes the first of these that covers every county in at least {years} years before "
                "the project: {outcomes}."
            ).format(years=years, outcomes="; ".join(labels[id] for id in BEST_FIRST[self.goal]))
            return _("No outcome in the statistics is long enough for this goal.") + " " + rule
        chosen = _("Primary outcome: {outcome}.").format(outcome=labels[self.id])
        rule = _(
            "The rule takes the best outcome that covers every county in at least {years} years before the "
            "project."
        ).format(years=years)
        if not self.lacking:
            return f"{chosen} {rule}"
        lacking = _("Better, but not in the statistics of this run: {outcomes}.").format(
            outcomes="; ".join(labels[id] for id in self.lacking)
        )
        return f"{chosen} {rule} {lacking}"
