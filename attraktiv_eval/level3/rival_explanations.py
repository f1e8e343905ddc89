"""Rival explanations: what else could have made the gap, and what a check of each finds.

A check compares an estimate with the same estimate after one thing is changed: a donor left out, years
taken away, a window moved. It cannot prove that a rival is absent; it can show that the gap does not need it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from attraktiv_eval import regions, resources
from attraktiv_eval.counterfactual.design import Design
from attraktiv_eval.counterfactual.inference.placebos import LEVEL
from attraktiv_eval.errors import DesignError, EvaluationError, guard
from attraktiv_eval.level3.comparison import design_of
from attraktiv_eval.level3.specification_curve import COVID_YEARS
from attraktiv_eval.level3.units import effect_in_persons
from attraktiv_eval.resources import read_toml
from attraktiv_eval.statistics.outcomes import OUTCOMES
from attraktiv_eval.texts import number, translator, worded

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from attraktiv_eval.level3.plan import Plan
    from attraktiv_eval.project import Project
    from attraktiv_eval.statistics.panel import Panel


COLUMNS = [
    "event",
    "first_year",
    "last_year",
    "expected_sign",
    "size",
    "check",
    "value",
    "reference",
    "before",
    "before_reference",
    "speaks",
    "unit",
    "checked",
    "reason",
]
#: Negative controls by check, the best series first: what attraction work should leave alone.
CONTROLS: dict[str, tuple[str, ...]] = {
    check: OUTCOMES.of_check(check) for check in ("immigration_effect", "foreign_net_effect")
}
#: What else is looked at beside the outcome, the best series first: it is no control.
BESIDE: dict[str, tuple[str, ...]] = {"out_moves_effect": OUTCOMES.of_check("out_moves_effect")}
#: Kept by municipality in every panel, moves inside the county included.
MUNICIPAL_OUTCOME = OUTCOMES.municipal

#: Checks whose change is a share of the estimate by construction: they size a rival, and cannot test it.
NEVER_TELLS = ("movers_from",)
#: Checks that add what the others take away, so that the rival's mark is the opposite change.
ADDS = ("with_green_counties",)
ASYLUM_YEARS = (2015, 2016, 2017)
GREEN_COUNTIES = ("24", "25")
BASE_YEARS = 5  # years before the window that groups of municipalities are compared with


@dataclass(frozen=True)
class Finding:
    """What one check found: a value, and the value of the estimate that it is held against.

    ``ordinary`` says of a negative control that its placebos deviate as much: zero lies inside its interval.
    """

    check: str
    value: float | None = None
    reference: float | None = None
    reason: str | None = None
    ordinary: bool = False


@dataclass(frozen=True)
class Rivals:
    """The rival explanations of one estimate, each with its check or the reason why there is none.

    ``window`` are the first and last year compared, ``estimate`` the estimate in moves a year over them.
    """

    rows: pd.DataFrame
    outcome: str
    method: str
    pool: str
    estimate: float
    window: tuple[int, int]
    events: Mapping[str, Event] = field(default_factory=dict, repr=False)

    def table(self) -> pd.DataFrame:
        """Return one row an event and check.

        Columns: event, first_year, last_year, expected_sign (of the bias), size (moves, where known), check,
        value (moves a year), reference (moves a year: what it is held against), before and before_reference
        (the same check on the years of equal number just before the project), speaks (for, against,
        cannot_tell: :func:`speaks`), unit (always moves_a_year), checked, reason (why not).
        """
        return self.rows.copy()

    def sentence(self, language: str = "sv") -> str:
        """Return how many rivals were checked and which could not be."""
        return summary(self, language)

    def words(self, language: str = "sv") -> pd.DataFrame:
        """Return the table in words: event, years, expected direction, known size, check, result."""
        return told(self, language)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw each check that gives moves beside the estimate it is held against."""
        return plot(self, ax)


@dataclass(frozen=True)
class _Case:
    """The estimate under examination and what is needed to make it again."""

    panel: Panel
    region: str
    municipalities: tuple[str, ...]
    window: tuple[int, int]
    until: int | None
    outcome: str
    method: str
    pool: str
    first_year: int
    plan: Plan

    def rates(self, outcome: str | None = None) -> pd.DataFrame:
        table = self.panel.rate(outcome or self.outcome, "county", until=self.until)
        return table.loc[self.first_year :] if outcome is None else table

    def donors(self, pool: str | None = None) -> list[str]:
        held = self.rates().columns
        return [code for code in regions.donor_pool(pool or self.pool, self.region) if code in held]

    def outside(self, counties: Collection[str]) -> list[str]:
        """Return the donors that are none of these counties, nor lie in one."""
        return [code for code in self.donors() if regions.county_of(code) not in counties]

    @property
    def counties(self) -> set[str]:
        """The counties that the region lies in, or is made of."""
        return {regions.county_of(code) for code in regions.codes_of(self.region)}

    def design(self) -> Design:
        return design_of(self.panel, self.region, self.outcome, self.window, self.donors())

    def estimate(self, table: pd.DataFrame | None = None, design: Design | None = None) -> Any:
        from attraktiv_eval.counterfactual.estimators import estimate

        table = self.rates() if table is None else table
        return estimate(table, design or self.design(), self.method)

    def population(self) -> pd.Series:
        return self.panel.base(self.outcome, "county", until=self.until)[self.region]

    def by_municipality(self) -> _Case:
        """Return the case on an outcome that is kept by municipality: its own, else all in-moves."""
        if (self.outcome, "municipality") in self.panel.series:
            return self
        own = MUNICIPAL_OUTCOME if MUNICIPAL_OUTCOME in self.plan.outcomes else self.outcome
        method, pool = self.plan.primary(own)
        first = self.plan.first_year(own)
        return replace(self, outcome=MUNICIPAL_OUTCOME, method=method, pool=pool, first_year=first)

    def moves(self, table: pd.DataFrame | None = None, design: Design | None = None) -> float:
        """Return an estimate in moves a year."""
        effects = self.estimate(table, design).effects
        return effect_in_persons(effects, self.population()) / len(effects)

    def is_ordinary(self, table: pd.DataFrame) -> bool:
        """Whether zero lies inside the 90 % placebo interval of a table's estimate."""
        from attraktiv_eval.counterfactual.inference import placebo_in_space

        return placebo_in_space(table, self.design(), self.method).p_value > 1 - LEVEL

    def before(self) -> _Case:
        """Return the same case for as many years just before the project, with no later figure."""
        first, last = self.window
        starts = {code: year - (last - first + 1) for code, year in self.panel.starts.items()}
        panel = replace(self.panel, starts=starts) if starts else self.panel
        return replace(self, panel=panel, window=(2 * first - last - 1, first - 1), until=first - 1)


def rivals(
    panel: Panel,
    project: Project,
    plan: Plan,
    *,
    window: tuple[int, int] | None = None,
    until: int | None = None,
    outcome: str | None = None,
    events: Mapping[str, Event] | None = None,
) -> Rivals:
    """Check the rival explanations of the primary estimate as far as the data allow.

    Parameters
    ----------
    window : (int, int), optional
        Default: the project's years. An outcome that ends earlier is examined in the years that it covers.
    until : int, optional
        Last year whose figures may be used.
    outcome : str, optional
        Default: the plan's primary outcome; its primary specification is the one examined.
    events : mapping of id to Event, optional
        Default: the shipped ones; those of another county are left out.

    Returns
    -------
    Rivals
    """
    panel = panel.seen_from(project.region.code, project.starts)
    outcome = outcome or plan.primary_outcome
    method, pool = plan.primary(outcome)
    window = window or (project.years[0], project.years[-1])
    case = _Case(
        panel,
        project.region.code,
        tuple(project.region.municipalities),
        panel.years_covered(outcome, window) or window,
        until,
        outcome,
        method,
        pool,
        plan.first_year(outcome),
        plan,
    )
    events = load_events() if events is None else events
    own = {id: event.of(case.counties) for id, event in events.items() if event.region in (None, case.region)}
    rows = [row for event in own.values() for row in _rows(event, case)]
    table = pd.DataFrame(rows, columns=COLUMNS).astype(
        {"first_year": "Int64", "last_year": "Int64", "size": "Int64"}
        | dict.fromkeys(("value", "reference", "before", "before_reference"), float)
    )
    return Rivals(table, outcome, method, pool, case.moves(), case.window, own)


def speaks(
    sign: int, value: float, reference: float, before: float | None, before_reference: float | None
) -> str:
    """Return whether a check speaks for a rival explanation, against it, or cannot tell.

    The rule: what the check changes is held against what the same check changes in the years just before the
    project, when there was nothing to explain. No more than that, or nothing to hold it against: cannot tell.
    More, and in the direction that the rival would have: for. More, in the other direction: against. A
    negative control (``sign`` 0) speaks for something else being at work where it deviates more than before,
    else it cannot tell; one whose own placebo interval holds zero is not asked.

    Parameters
    ----------
    sign : int
        Expected direction of the bias.
    value, reference : float
        The check's result and what it is held against, moves a year.
    before, before_reference : float, optional
        The same in the years before.
    """
    if before is None or before_reference is None:
        return "cannot_tell"
    if sign == 0:
        return "for" if abs(value) > abs(before) else "cannot_tell"
    change, usual = reference - value, before_reference - before
    if abs(change) <= abs(usual):
        return "cannot_tell"
    return "for" if change * sign > 0 else "against"


def _silent(event: Event, found: Finding) -> bool:
    """Whether a check can say nothing: by its kind, or as a negative control that deviates as chance does."""
    return event.check in NEVER_TELLS or (event.sign == 0 and found.ordinary)


def _rows(event: Event, case: _Case) -> Iterator[tuple[Any, ...]]:
    first, last = _years(event, case)
    then = {one.check: one for one in _found(event, case.before()) if one.value is not None}
    for one in _found(event, case, first):
        checked = one.value is not None
        old = then.get(one.check) if checked else None
        before, against = (None, None) if old is None else (old.value, old.reference)
        told = "cannot_tell"
        if one.value is not None and one.reference is not None and not _silent(event, one):
            sign = -event.sign if one.check in ADDS else event.sign
            told = speaks(sign, one.value, one.reference, before, against)
        yield (
            event.id,
            first,
            last,
            event.sign,
            event.size,
            one.check,
            one.value,
            one.reference,
            before,
            against,
            told,
            "moves_a_year",
            checked,
            None if checked else one.reason,
        )


def _found(event: Event, case: _Case, first: int | None = None) -> list[Finding]:
    """Return what a check finds, or the reason why it cannot be made."""
    if first is not None and first > case.window[1]:
        return [Finding(event.check, reason="not_yet")]
    try:
        return list(_CHECKS[event.check](case, event))
    except EvaluationError as error:
        return [Finding(event.check, reason=error.message)]


def _years(event: Event, case: _Case) -> tuple[int | None, int | None]:
    """Return the years of an event; those of the checks in time follow from the project's window."""
    first, last = case.window
    if event.check == "placebo_in_time":
        return first - (last - first + 1), first - 1
    if event.check == "window_one_year_later":
        return first + 1, last + 1
    return event.first_year, event.last_year


def _rise_before(case: _Case, _event: Event) -> Iterator[Finding]:
    from attraktiv_eval.counterfactual.inference.placebo_in_time import placebo_in_time

    pseudo = placebo_in_time(case.rates(), case.design(), case.method).effects
    before, own = effect_in_persons(pseudo, case.population()) / len(pseudo), case.moves()
    yield Finding("placebo_in_time", own - before, own)


def _covid(case: _Case, _event: Event) -> Iterator[Finding]:
    first, last = case.window
    if last <= COVID_YEARS[-1]:
        yield Finding("without_covid_years", reason="no_later_year")
        return
    table = case.rates()
    years = [year for year in COVID_YEARS if year in table.index]
    rest = table.drop(index=years)
    design = replace(case.design(), first_treated=max(first, COVID_YEARS[-1] + 1))
    yield Finding("without_covid_years", case.moves(rest, design), case.moves())


def _municipalities(case: _Case, event: Event) -> Iterator[Finding]:
    """Compare the municipalities concerned with like ones elsewhere, and with the rest of the county.

    Both in moves a year of the municipalities concerned: their change, and what is left of it when the
    others' change per inhabitant is taken away.
    """
    case = case.by_municipality()
    counts = case.panel.counts(case.outcome, "municipality", until=case.until)
    population = case.panel.population("municipality", until=case.until)
    own = _change(counts, population, tuple(event.municipalities), case.window)
    first, last = case.window
    people = float(population[list(event.municipalities)].sum(axis=1).loc[first:last].mean()) / 1000
    rest = tuple(code for code in case.municipalities if code not in event.municipalities)
    for check, codes in ((event.check, tuple(event.elsewhere)), ("rest_of_county", rest)):
        if codes:
            left = own - _change(counts, population, codes, case.window)
            yield Finding(check, left * people, own * people)


def _change(
    counts: pd.DataFrame, population: pd.DataFrame, codes: tuple[str, ...], window: tuple[int, int]
) -> float:
    """Return the mean rate of a group in the window less that of the years before."""
    rate = 1000 * counts[list(codes)].sum(axis=1) / population[list(codes)].sum(axis=1)
    before = rate.loc[window[0] - BASE_YEARS : window[0] - 1].mean()
    return float(rate.loc[window[0] : window[1]].mean() - before)


def controls_held(panel: Panel) -> list[str]:
    """Return the negative controls that a panel holds by county, one of each kind, the best series."""
    best = [next((id for id in ids if (id, "county") in panel.series), None) for ids in CONTROLS.values()]
    return [id for id in best if id]


def control_specification(plan: Plan, control: str, outcome: str) -> tuple[str, str]:
    """Return method and pool for a control: its own in the plan, else those of the outcome examined."""
    return plan.primary(control if control in plan.outcomes else outcome)


def _other(name: str) -> Any:
    ids = (CONTROLS | BESIDE)[name]

    def check(case: _Case, _event: Event) -> Iterator[Finding]:
        if case.outcome in ids:
            yield Finding(name, reason="is_the_outcome")
            return
        held = [id for id in ids if (id, "county") in case.panel.series]
        if not held:
            yield Finding(name, reason="not_fetched")
            return
        years = case.panel.years_covered(held[0], case.window)
        if years is None:
            yield Finding(name, reason="not_fetched")
            return
        method, pool = control_specification(case.plan, held[0], case.outcome)
        same_years = replace(case, window=years)
        other = replace(same_years, method=method, pool=pool)
        table = case.rates(held[0])
        yield Finding(name, other.moves(table), same_years.moves(), ordinary=other.is_ordinary(table))

    return check


def _without_municipalities(case: _Case, event: Event) -> Iterator[Finding]:
    """Estimate the county without the municipalities that something happened in."""
    without = [code for code in case.municipalities if code not in event.municipalities]
    if not without:
        raise DesignError("no municipality is left", remedy="name fewer municipalities in rivals.toml")
    case = case.by_municipality()
    counts = case.panel.counts(case.outcome, "municipality", until=case.until)[without].sum(axis=1)
    population = case.panel.population("municipality", until=case.until)[without].sum(axis=1)
    table = case.rates()
    table = table.assign(**{case.region: (1000 * counts / population).reindex(table.index)})
    smaller = case.estimate(table)
    people = case.population()
    a_year = effect_in_persons(smaller.effects, people) / len(smaller.effects)
    yield Finding(event.check, a_year, case.moves())


def _other_work(case: _Case, event: Event) -> Iterator[Finding]:
    donors = case.outside(event.counties)
    yield Finding(
        "without_treated_donors", case.moves(None, replace(case.design(), donors=donors)), case.moves()
    )


def _selection(case: _Case, _event: Event) -> Iterator[Finding]:
    yield Finding("survey", reason="needs_survey")


def _others_losses(case: _Case, _event: Event) -> Iterator[Finding]:
    """Yield the estimate less its overstatement if every mover was taken from the donors.

    A move lowers the donor's rate by 1,000 over its population and raises the region's by 1,000 over its
    own, so movers taken with shares q_j overstate the gap by (population of the region) x sum of w_j q_j /
    (population of j). From everywhere in proportion to population, or all from the donor where it is most.
    """
    own = case.estimate()
    people = case.panel.population("county", until=case.until).loc[case.window[0] : case.window[1]].mean()
    weights = own.weights
    if weights is None:
        raise DesignError("the method has no weights", remedy="use another method")
    leverage = weights * people[case.region] / people.reindex(weights.index)
    inside = {case.region, *regions.codes_of(case.region)}
    everywhere = float(weights.sum() * people[case.region] / people.drop(list(inside)).sum())
    moves = case.moves()
    yield Finding("movers_from_everywhere", moves / (1 + everywhere), moves)
    yield Finding("movers_from_one_donor", moves / (1 + float(leverage.max())), moves)


def _lag(case: _Case, _event: Event) -> Iterator[Finding]:
    last = case.window[1] + 1
    if last not in case.rates().index:
        yield Finding("window_one_year_later", reason="no_later_year")
        return
    table = case.rates().drop(index=case.window[0])
    design = replace(case.design(), first_treated=case.window[0] + 1, last_treated=last)
    yield Finding("window_one_year_later", case.moves(table, design), case.moves())


def _green(case: _Case, _event: Event) -> Iterator[Finding]:
    if case.counties & set(GREEN_COUNTIES):
        yield Finding("green_counties", reason="own_county")
        return
    if regions.is_municipality(case.region):
        design = replace(case.design(), donors=case.outside(GREEN_COUNTIES))
        yield Finding("without_green_counties", case.moves(None, design), case.moves())
        return
    wanted = "no_metropolitan_no_green" if case.pool != "no_metropolitan_no_green" else "no_metropolitan"
    check = "without_green_counties" if wanted.endswith("green") else "with_green_counties"
    yield Finding(check, case.moves(None, replace(case.design(), donors=case.donors(wanted))), case.moves())


def _asylum(case: _Case, _event: Event) -> Iterator[Finding]:
    first, last = case.window
    if set(ASYLUM_YEARS) & set(range(first, last + 1)):
        yield Finding("without_asylum_years", reason="own_years")
        return
    table = case.rates().drop(index=list(ASYLUM_YEARS), errors="ignore")
    yield Finding("without_asylum_years", case.moves(table), case.moves())


_CHECKS: dict[str, Any] = {
    "placebo_in_time": _rise_before,
    "without_covid_years": _covid,
    "municipalities_elsewhere": _municipalities,
    "immigration_effect": _other("immigration_effect"),
    "out_moves_effect": _other("out_moves_effect"),
    "foreign_net_effect": _other("foreign_net_effect"),
    "without_municipalities": _without_municipalities,
    "without_treated_donors": _other_work,
    "survey": _selection,
    "movers_from": _others_losses,
    "window_one_year_later": _lag,
    "green_counties": _green,
    "without_asylum_years": _asylum,
}


# --- What else could have moved the outcome, as data

County = Annotated[str, StringConstraints(pattern=r"^\d{2}$")]
Municipality = Annotated[str, StringConstraints(pattern=r"^\d{4}$")]
if TYPE_CHECKING:
    Check: TypeAlias = str
else:
    Check = Literal[*_CHECKS]


class Event(BaseModel):
    """Something besides the project that could move the outcome.

    ``sign`` is the sign of the bias it would give the estimate; ``size`` its known size, in moves. ``region``
    is the county that it is about, None for any. ``municipalities`` are those that it happened in,
    ``elsewhere`` those that they are compared with, ``counties`` the donors that it touches.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
    sv: str
    en: str
    sign: Literal[-1, 0, 1]
    check: Check
    first_year: int | None = None
    last_year: int | None = None
    size: int | None = None
    region: County | Municipality | None = None
    municipalities: list[Municipality] = Field(default_factory=list)
    elsewhere: list[Municipality] = Field(default_factory=list)
    counties: list[County] = Field(default_factory=list)
    check_sv: str | None = None
    check_en: str | None = None
    rest_sv: str | None = None
    rest_en: str | None = None

    def of(self, own: Collection[str]) -> Event:
        """Return the event as a rival in the report of counties of the project: none is a donor to itself.

        Where the counties are left out in words of the event's own, those would still name the county; the
        names are then made from what is left.
        """
        touched = self.counties or (list(GREEN_COUNTIES) if self.check == "green_counties" else [])
        if not set(own) & set(touched):
            return self
        rest = [code for code in touched if code not in own]
        changed: dict[str, Any] = {"counties": rest, "check_sv": None, "check_en": None}
        if self.check == "green_counties":  # what happened in the county itself is no bias of its donors
            changed["sign"] = 1
        return self.model_copy(update=changed)

    def words(self, language: str) -> str:
        """Return the event in words."""
        return worded(str(getattr(self, language)), language)

    def check_words(self, check: str, language: str) -> str | None:
        """Return what a check of the event does, where the event says it in its own words."""
        found = getattr(self, f"{'rest' if check == 'rest_of_county' else 'check'}_{language}")
        fits = check in (self.check, "rest_of_county")
        return worded(found, language) if found and fits else None


@cache
def shipped_events() -> dict[str, Event]:
    """Return the events of ``data/rivals.toml`` by id."""
    return _read(resources.find("data/rivals.toml"))


def load_events(own: Path | None = None) -> dict[str, Event]:
    """Return the shipped events by id, with those of a project's own file added or in their place.

    Raises
    ------
    DesignError
        If the file is no TOML, or a key is missing, unknown or of the wrong kind.
    """
    return _read(resources.find("data/rivals.toml")) | ({} if own is None else _read(own))


def _read(file: Path) -> dict[str, Event]:
    try:
        listed = read_toml(file).get("event", [])
        if not isinstance(listed, list):
            raise ValueError("event is no list of tables; write [[event]] above each")
        events = [Event.model_validate(one) for one in listed]
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        key = ".".join(map(str, fault["loc"]))
        raise DesignError(
            f"key {key}: {fault['msg']}", remedy="write it as in data/rivals.toml", file=file
        ) from None
    except (OSError, ValueError) as error:
        raise DesignError(
            f"the rival explanations cannot be read: {error}", remedy="mend the file", file=file
        ) from None
    return {event.id: event for event in events}


# --- The rival explanations in words

Events = Mapping[str, Event]


def event_name(event: str, language: str, events: Events | None = None) -> str:
    """Return a rival explanation in words: the project's own, else the shipped ones."""
    found = (events or shipped_events()).get(str(event))
    return str(event) if found is None else found.words(language)


def check_name(check: str, language: str, event: str = "", events: Events | None = None) -> str:
    """Return what a check did, in words: the event's own, where it has them."""
    _, check = translator(language), str(check)
    found = (events or shipped_events()).get(str(event))
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
    if check == "without_treated_donors" and own is None and found is not None and found.counties:
        return _("Without {counties} as comparison counties").format(
            counties=_listed([regions.COUNTIES[code] for code in found.counties], language)
        )
    return own or names.get(check) or event_name(event or check, language, events)


def _listed(words: list[str], language: str) -> str:
    """Return words as a list in a sentence."""
    _ = translator(language)
    last = _("and")
    return f"{', '.join(words[:-1])} {last} {words[-1]}" if len(words) > 1 else words[0]


def reason_text(reason: Any, language: str) -> str:
    """Return why a check could not be made; an error's own words are returned as they are."""
    _ = translator(language)
    names = {
        "no_later_year": _("figures for a later year are not in this report"),
        "not_fetched": _("the figures are not fetched"),
        "needs_survey": _("official statistics cannot show it; see level 2"),
        "not_yet": _("it lies after the window of this report"),
        "is_the_outcome": _("it is itself the outcome examined"),
        "own_county": _("it happened in the county itself"),
        "own_years": _("it fell in the years compared"),
    }
    return "" if reason is None or reason != reason else names.get(str(reason), str(reason))


def result_text(row: Any, language: str) -> str:
    """Return the value of a check and what it is held against, in words."""
    _ = translator(language)
    if not row["checked"]:
        return _("Not checked: {reason}").format(reason=reason_text(row["reason"], language))
    return _("{value} persons a year against {reference}").format(
        **_ends(row, "value", "reference", language)
    )


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
        "{estimate} persons a year in {years} becomes {low} to {high}."
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
    from attraktiv_eval.counterfactual.estimate import axes
    from attraktiv_eval.counterfactual.inference.placebos import OTHERS, TREATED

    ax = axes(ax)
    rows = rivals.rows[rivals.rows["checked"]][::-1]
    ax.plot(rows["value"], rows["check"], "o", color=OTHERS)
    ax.axvline(rivals.estimate, color=TREATED, linewidth=2)
    return ax


guard(globals())
