"""What can be compared: the outcomes, what each measures, and the rule for the best of them."""

from __future__ import annotations

from dataclasses import dataclass

from attraktiv_eval.texts import translator

__all__ = ["BEST_FIRST", "OUTCOMES", "Outcome"]


@dataclass(frozen=True)
class Outcome:
    """A series of counts by region and year.

    ``goal`` is the promise that it bears on; ``role`` is ``outcome`` or ``negative_control`` (a series that
    attraction work should leave alone). ``sums`` says whether municipal counts add up to the county's.
    """

    id: str
    goal: str
    role: str = "outcome"
    sums: bool = True

    def label(self, language: str = "en") -> str:
        """Return the words of the report for this outcome."""
        return _labels(language)[self.id]


def _labels(language: str) -> dict[str, str]:
    _ = translator(language)
    return {
        "domestic_in_moves_over_border": _("Domestic in-moves over the county border"),
        "in_moves_over_border": _("In-moves over the county border, from abroad included"),
        "in_moves": _("In-moves to the municipalities, moves inside the county and from abroad included"),
        "out_moves": _("Out-moves from the municipalities, moves inside the county and abroad included"),
        "domestic_out_moves_over_border": _("Domestic out-moves over the county border"),
        "out_moves_over_border": _("Out-moves over the county border, abroad included"),
        "net_migration": _("Net migration, domestic and foreign"),
        "foreign_net": _("Net migration from abroad"),
        "vacancies": _("Vacancies"),
        "employment": _("Employed persons"),
        "workplaces": _("Workplaces"),
        "new_companies": _("New companies"),
        "households_total": _("Households"),
    }


OUTCOMES: dict[str, Outcome] = {
    outcome.id: outcome
    for outcome in (
        Outcome("domestic_in_moves_over_border", "households"),
        Outcome("in_moves_over_border", "households"),
        Outcome("in_moves", "households"),
        Outcome("out_moves", "households", role="negative_control"),
        Outcome("domestic_out_moves_over_border", "households", role="negative_control"),
        Outcome("out_moves_over_border", "households", role="negative_control"),
        Outcome("net_migration", "households"),
        Outcome("foreign_net", "households", role="negative_control"),
        Outcome("households_total", "households"),
        Outcome("vacancies", "companies"),
        Outcome("employment", "companies"),
        Outcome("workplaces", "companies"),
        Outcome("new_companies", "companies"),
    )
}

#: The rule for the primary outcome of each goal: the first that the data hold for long enough. The goals
#: count households that move in and companies that get access to labour.
BEST_FIRST: dict[str, tuple[str, ...]] = {
    "households": ("domestic_in_moves_over_border", "in_moves_over_border", "in_moves"),
    "companies": ("vacancies", "employment", "workplaces"),
}
