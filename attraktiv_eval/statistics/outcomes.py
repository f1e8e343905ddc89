"""What can be compared: the outcomes, what each measures, and the rule for the best of them."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from attraktiv_eval.texts import translator

__all__ = [
    "BEST_FIRST",
    "OUTCOMES",
    "SHARE_OF_WINDOW",
    "YEARS_BEFORE",
    "Choice",
    "Outcome",
    "unit_words",
]


@dataclass(frozen=True)
class Outcome:
    """A series by region and year.

    ``goal`` is the promise that it bears on. ``role`` is ``outcome`` or ``negative_control``: a series that
    attraction work should leave alone. ``per_inhabitant`` is False for what is a rate already. ``unit`` is
    what an effect counts; a ``stock`` stands at a point of time, so that its years are averaged, not summed.
    ``over_border`` is True for moves over the county border, which SCB counts in the counties of the time.
    """

    id: str
    goal: str
    role: str = "outcome"
    per_inhabitant: bool = True
    unit: str = "moves"
    stock: bool = False
    over_border: bool = False

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
        "domestic_in_moves_20_64_born_in_sweden": _(
            "Domestic in-moves over the county border, ages 20–64, born in Sweden"
        ),
        "domestic_in_moves_20_64_born_abroad": _(
            "Domestic in-moves over the county border, ages 20–64, born abroad"
        ),
        "out_moves": _("Out-moves from the municipalities, moves inside the county and abroad included"),
        "domestic_out_moves_over_border": _("Domestic out-moves over the county border"),
        "out_moves_over_border": _("Out-moves over the county border, abroad included"),
        "net_migration": _("Net migration, domestic and foreign"),
        "domestic_net_over_border": _("Domestic net migration over the county border"),
        "net_migration_over_border": _("Net migration over the county border, domestic and foreign"),
        "immigration": _("In-moves from abroad"),
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
        Outcome("domestic_in_moves_over_border", "households", over_border=True),
        Outcome("in_moves_over_border", "households", over_border=True),
        Outcome("in_moves", "households"),
        Outcome("domestic_in_moves_over_border_20_64", "households", over_border=True),
        Outcome("domestic_in_moves_20_64_born_in_sweden", "households", over_border=True),
        Outcome("domestic_in_moves_20_64_born_abroad", "households", over_border=True),
        Outcome("domestic_out_moves_over_border", "households", over_border=True),
        Outcome("out_moves_over_border", "households", over_border=True),
        Outcome("out_moves", "households"),
        Outcome("domestic_net_over_border", "households", over_border=True),
        Outcome("net_migration_over_border", "households", over_border=True),
        Outcome("net_migration", "households"),
        Outcome("immigration", "households", role="negative_control", over_border=True),
        Outcome("foreign_net", "households", role="negative_control", over_border=True),
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

#: The share of the window's years, its first among them, that an outcome needs to be the primary one.
SHARE_OF_WINDOW = Fraction(2, 3)


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

    Attributes
    ----------
    goal : str
    id : str or None
    lacking : tuple of str
        The better outcomes that the data do not hold for long enough, in the order of the rule.
    window : (int, int)
        First and last year that the report asks about.
    years : (int, int) or None
        The years of the window that the outcome covers: the comparison is about them.
    beside : str or None
        The next best outcome that covers the whole window, where the primary one does not.
    """

    goal: str
    id: str | None
    lacking: tuple[str, ...]
    window: tuple[int, int]
    years: tuple[int, int] | None = None
    beside: str | None = None

    @property
    def shortened(self) -> bool:
        """Whether the comparison is about fewer years than the report asks about."""
        return self.years is not None and self.years != self.window

    def sentence(self, language: str = "en") -> str:
        """Return the choice, the years compared, the rule and what was lacking, in words of the report."""
        _ = translator(language)
        labels = _labels(language)
        rule = _(
            "The rule takes the first of these that covers every county in at least {years} years before "
            "the project, its first year, and two thirds of the years asked about ({window}): {outcomes}."
        ).format(
            years=YEARS_BEFORE[self.goal],
            window=_span(self.window),
            outcomes="; ".join(labels[id] for id in BEST_FIRST[self.goal]),
        )
        if self.id is None or self.years is None:
            return _("No outcome in the statistics is long enough for this goal.") + " " + rule
        parts = [
            _("Primary outcome: {outcome}, {years}.").format(
                outcome=labels[self.id], years=_span(self.years)
            ),
            rule,
        ]
        if self.lacking:
            parts.append(
                _("Better, but not in the statistics of this run, or too short there: {outcomes}.").format(
                    outcomes="; ".join(labels[id] for id in self.lacking)
                )
            )
        if self.shortened:
            parts.append(
                _("The statistics on it end in {last}; the comparison is about {years} alone.").format(
                    last=self.years[1], years=_span(self.years)
                )
            )
        return " ".join(parts)


def _span(years: tuple[int, int]) -> str:
    return str(years[0]) if years[0] == years[1] else f"{years[0]}–{years[1]}"
