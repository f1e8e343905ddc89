"""Puts the three levels of one report together, each with its tables and its verdict."""

from __future__ import annotations

import json
import pickle
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attraktiv_eval.assumptions import Assumptions
from attraktiv_eval.disclosure import Report
from attraktiv_eval.errors import ParameterError
from attraktiv_eval.evaluation.draw import ProjectDraw, project_draw
from attraktiv_eval.evaluation.inputs import SEED, Inputs, kept, load_inputs
from attraktiv_eval.resources import content_hash

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import pandas as pd

    from attraktiv_eval.additionality import Contribution, Contributions
    from attraktiv_eval.assumptions import Assumption
    from attraktiv_eval.evaluation.inputs import ComparisonDesign
    from attraktiv_eval.evaluation.level3 import CompanyFindings, CountyFindings
    from attraktiv_eval.findings import Level3, Verdict
    from attraktiv_eval.level3.comparison import Comparison
    from attraktiv_eval.metrics import GoalCount, HouseholdSize, Reach
    from attraktiv_eval.project import Goal, Project

__all__ = [
    "Compared",
    "Evaluation",
    "Verdicts",
    "compare",
    "compute",
    "evaluate",
    "forget",
    "persons_per_household",
    "protect",
    "remember",
    "verdicts",
]

_EDITIONS = ".editions.pickle"


@dataclass(frozen=True, repr=False)
class Evaluation:
    """One report's findings: no personal rows, nothing later than ``until``.

    Attributes
    ----------
    year : int or None
        The evaluation year; None for the final report.
    tables : dict of str to DataFrame
        Tidy tables with ids as cells and columns, small cells suppressed (NA).
    verdicts : dict of goal to dict of level to Verdict
    document : dict
        What ``results.json`` holds.
    changed : tuple of str
        The parts that a cell has changed after they were read: project, assumptions, panel, records.
    level2_inputs : dict of goal to dict
        What level 2 was drawn from, as it may be shown, where it can be drawn again.
    """

    run_id: str
    year: int | None
    until: date
    project: Project
    assumptions: Assumptions
    example_data: bool
    missing: list[str]
    goals: dict[str, GoalCount]
    contributions: dict[str, Contribution]
    household_size: HouseholdSize
    county: CountyFindings | None
    county_missing: str | None
    verdicts: dict[str, dict[int, Verdict]]
    tables: dict[str, pd.DataFrame] = field(repr=False)
    document: dict[str, Any] = field(repr=False)
    sources: list[dict[str, Any]] = field(repr=False)
    inputs: list[dict[str, Any]] = field(repr=False)
    companies: CompanyFindings | None = None
    changed: tuple[str, ...] = ()
    draw: ProjectDraw | None = None
    level2_inputs: dict[str, dict[str, Any]] = field(default_factory=dict, repr=False)

    @property
    def final(self) -> bool:
        """Whether this is the final report."""
        return self.year is None

    def __repr__(self) -> str:
        """Return id and last day in one line."""
        return f"Evaluation({self.run_id!r}, until {self.until}, {len(self.tables)} tables)"

    def _repr_html_(self) -> str:
        """Return the verdicts and the names of the tables, as a notebook shows them."""
        from attraktiv_eval.texts import as_html, day, own_records, shown_in, translator

        _ = translator(shown_in())
        said = _("Evaluation {id}, until {day}: every small count is protected. Tables: {names}.")
        names = ", ".join(self.tables)
        told = [said.format(id=self.run_id, day=day(self.until, shown_in()), names=names)]
        told += [own_records(invented=True)] if self.example_data else []
        if self.changed:
            said = _("Changed in a cell after it was read: {parts}.")
            told.append(said.format(parts=", ".join(self.changed)))
        return as_html(told, _judged(self.verdicts))

    def save(self, folder: str | Path) -> None:
        """Write ``results.json`` into a folder; nothing where the folder is empty text.

        The ``run.json`` of a run there is told the assumptions that were used, and what a cell has changed.
        """
        from attraktiv_eval.evaluation import results

        if not str(folder):
            return
        Path(folder).mkdir(parents=True, exist_ok=True)
        results.write(Path(folder) / "results.json", self.document)
        run = Path(folder) / "run.json"
        if self.changed and run.is_file():
            known = json.loads(run.read_text(encoding="utf-8"))
            used = {one.id: [one.low, one.value, one.high] for one in self.assumptions.values()}
            known |= {"assumptions": used, "changed": list(self.changed)}
            text = json.dumps(known, ensure_ascii=False, indent=2) + "\n"
            run.write_text(text, encoding="utf-8", newline="\n")


@dataclass(frozen=True, repr=False)
class Compared:
    """Level 3 of a report: the county and its companies against comparable counties.

    Attributes
    ----------
    county : CountyFindings or None
        None where the statistics do not carry them; ``county_missing`` then says why.
    companies : CompanyFindings or None
        None where the project has no goal on companies.
    persons : HouseholdSize
        Persons per household, which turn moves into households.
    """

    design: ComparisonDesign = field(repr=False)
    persons: HouseholdSize
    county: CountyFindings | None
    county_missing: str | None
    companies: CompanyFindings | None
    #: The hash of what was compared: what no longer has it was changed by hand.
    made: str = field(default="", repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "made", self.made or self.held)

    @property
    def held(self) -> str:
        """The hash of what was compared, whatever the design and persons per household that it rests on."""
        return content_hash([self.county, self.county_missing, self.companies])

    def __repr__(self) -> str:
        """Return outcome and number of comparisons in one line."""
        if self.county is None:
            return f"Compared({self.county_missing!r})"
        return f"Compared({self.county.outcome!r}, {len(self.county.shown)} comparisons)"

    def _repr_html_(self) -> str:
        """Return the primary comparison, and the companies' where there is one, as a notebook shows them."""
        from attraktiv_eval.texts import as_html, shown_in, translator

        _ = translator(shown_in())
        if self.county is None:
            said = _("Level 3 is not tested: {why}.")
            return as_html([said.format(why=self.county_missing)], {})
        beside = _("{n} comparisons are as good, and {all} are shown in all.")
        values = {"n": len(self.county.equals), "all": len(self.county.shown)}
        parts = [as_html([_("Level 3, the primary comparison."), beside.format(**values)], {})]
        parts.append(self.county.primary._repr_html_())
        if self.companies is not None and self.companies.primary is not None:
            parts.append(self.companies.primary._repr_html_())
        return "\n".join(parts)

    def of_goal(self, goal: Goal) -> Level3 | None:
        """Return the comparison of a goal, held against its even pace at the last year compared."""
        from attraktiv_eval.metrics.level1 import even_pace

        primary: Comparison | None
        if goal.counts == "companies":
            of = self.companies
            primary, found = (None, None) if of is None else (of.primary, of.level3)
        else:
            county = self.county
            primary, found = (None, None) if county is None else (county.primary, county.for_goal(goal))
        if primary is None or found is None:
            return None
        return replace(found, pace=even_pace(self.design.project, goal.id, primary.years[1]))


class Verdicts(dict[str, dict[int, "Verdict"]]):
    """The verdict of every goal on every level, and the results that they rest on."""

    def __init__(
        self,
        found: Mapping[str, dict[int, Verdict]],
        reached: Reach,
        contributed: Contributions,
        compared: Compared,
    ) -> None:
        super().__init__(found)
        self.reached, self.contributed, self.compared = reached, contributed, compared

    def __repr__(self) -> str:
        """Return the rule of each verdict in one line."""
        rules = (f"{goal} {level}: {one.rule}" for goal, of in self.items() for level, one in of.items())
        return f"Verdicts({', '.join(rules)})"

    def _repr_html_(self) -> str:
        """Return the verdicts in words, as a notebook shows them."""
        from attraktiv_eval.texts import as_html, own_records

        return as_html([own_records(self.reached.records.example_data)], _judged(self))


def _judged(found: Mapping[str, Mapping[int, Verdict]]) -> dict[str, pd.DataFrame]:
    """Return the verdicts in words as a table under its caption."""
    import pandas as pd

    from attraktiv_eval.findings import verdict_words
    from attraktiv_eval.texts import shown_in, translator

    _ = translator(shown_in())
    rows = [
        (goal, level, verdict_words(verdict, shown_in()))
        for goal, levels in found.items()
        for level, verdict in levels.items()
    ]
    return {_("Verdicts"): pd.DataFrame(rows, columns=[_("Goal"), _("Level"), _("Verdict")])}


def persons_per_household(reached: Reach, assumptions: Mapping[str, Assumption]) -> HouseholdSize:
    """Return persons per household that moves in, from the records where enough are known.

    Invented records never turn real statistics into households: the assumption does.

    Examples
    --------
    >>> import attraktiv_eval as ae
    >>> reached = ae.reach(ae.load_records(), ae.load_project())
    >>> persons_per_household(reached, ae.load_assumptions()).source
    'assumption'
    """
    from attraktiv_eval.metrics import household_size

    homes = reached.households.head(0) if reached.records.example_data else reached.households
    return household_size(homes, assumptions["persons_per_moving_household"])


def compare(design: ComparisonDesign, persons: HouseholdSize) -> Compared:
    """Compare the county with comparable counties, by the plan and in every way shown beside it.

    Where the statistics do not carry a comparison the result has none, and says why.

    Parameters
    ----------
    design : ComparisonDesign
        Which years are compared, on which statistics, by which plan.
    persons : HouseholdSize
        Persons per household.

    Examples
    --------
    >>> import attraktiv_eval as ae
    >>> from attraktiv_eval.errors import DesignError
    >>> from attraktiv_eval.metrics import HouseholdSize
    >>> design = ae.comparison_design(ae.load_project(), ae.load_statistics(), 2021)
    >>> without_plan = replace(design, written=DesignError("no plan", remedy="write one"))
    >>> compare(without_plan, HouseholdSize(1.6, 1.3, 2.0, "assumption", 0)).county_missing
    'no plan'
    """
    from attraktiv_eval.evaluation.level3 import company_findings, county_findings

    def made() -> tuple[CountyFindings | None, str | None, CompanyFindings | None]:
        county: CountyFindings | None
        why_not: str | None
        companies, county, why_not = None, None, "no goal of the project counts those who move in"
        if design.project.counts_movers:
            county, why_not = county_findings(design, persons)
        if any(goal.counts == "companies" for goal in design.project.goals.values()):
            companies = company_findings(design, design.window)
        return county, why_not, companies

    return Compared(design, persons, *kept("compared", (design.rests_on(), persons), made))


def verdicts(reached: Reach, contributed: Contributions, compared: Compared) -> Verdicts:
    """Hold the three levels against the goals, each by its own rule; they are never combined.

    Examples
    --------
    >>> import attraktiv_eval as ae
    >>> from attraktiv_eval.errors import DesignError
    >>> project, assumptions = ae.load_project(), ae.load_assumptions()
    >>> reached = ae.reach(ae.load_records(), project)
    >>> contributed = ae.contribute(reached.records, project, assumptions)
    >>> design = ae.comparison_design(project, ae.load_statistics())
    >>> design = replace(design, written=DesignError("no plan", remedy="write one"))
    >>> compared = compare(design, persons_per_household(reached, assumptions))
    >>> found = verdicts(reached, contributed, compared)
    >>> found["households"][3].rule
    'not_tested'
    """
    from attraktiv_eval import findings
    from attraktiv_eval.disclosure.suppression import in_steps

    level3 = {goal.id: compared.of_goal(goal) for goal in reached.project.goals.values()}
    invented = reached.records.example_data
    ongoing = reached.until < reached.project.end
    printed = contributed.as_printed(in_steps)
    found = findings.verdicts(reached.goals, printed, level3, invented=invented, ongoing=ongoing)
    return Verdicts(found, reached, contributed, compared)


def protect(
    reached: Reach,
    contributed: Contributions,
    compared: Compared,
    found: Verdicts,
    *,
    output: str | Path = "",
    published: Sequence[Report] | None = None,
    running: Collection[str] | None = None,
) -> Evaluation:
    """Gather the three levels of a report, with every small count protected.

    What it returns holds no row about a person or a firm, and may be shown and published.

    Parameters
    ----------
    reached, contributed, compared, found
        What :func:`reach`, :func:`contribute`, :func:`compare` and :func:`verdicts` return.
    output : str or Path, optional
        The folder of a run: the editions that are out stand in it, and the id of the run.
    published : sequence of Report, optional
        Every edition that is out, so that a small count cannot be told by what has changed since.
    running : collection of str, optional
        The reports that the run makes: years, and final.

    Raises
    ------
    ParameterError
        If the results do not belong together, as when a cell was run again and those below it were not.

    Examples
    --------
    >>> import attraktiv_eval as ae
    >>> from attraktiv_eval.errors import DesignError
    >>> project, assumptions = ae.load_project(), ae.load_assumptions()
    >>> reached = ae.reach(ae.load_records(), project)
    >>> contributed = ae.contribute(reached.records, project, assumptions)
    >>> design = ae.comparison_design(project, ae.load_statistics())
    >>> design = replace(design, written=DesignError("no plan", remedy="write one"))
    >>> compared = compare(design, persons_per_household(reached, assumptions))
    >>> found = verdicts(reached, contributed, compared)
    >>> protect(reached, contributed, compared, found).county_missing
    'no plan'
    """
    from attraktiv_eval.disclosure.suppression import in_steps
    from attraktiv_eval.evaluation.results import evaluation_document
    from attraktiv_eval.evaluation.tables import protected_tables

    _check_together(reached, contributed, compared, found)
    given, contributed = contributed, contributed.as_printed(in_steps)
    design, project, records = compared.design, reached.project, reached.records
    year, until, assumptions = design.year, reached.until, Assumptions.of(contributed.assumptions)
    inputs = Inputs.of(project, assumptions, design.panel, records, design.beside)
    if published is None:
        published, running = _editions(output)
    level3 = {goal.id: compared.of_goal(goal) for goal in project.goals.values()}
    size, county, companies = compared.persons, compared.county, compared.companies
    changed = inputs.changed()
    if size != persons_per_household(reached, assumptions):  # a cell's own
        changed["assumptions"] = f"{changed.get('assumptions', '')} {size!r}"
    changed |= changed_by_hand(reached, given, compared, found)
    run_id = _run_id(output) or inputs.run_id(year, changed)
    draw = project_draw(project, until, final=year is None)
    tables = protected_tables(
        inputs,
        reached,
        contributed,
        county,
        level3,
        found,
        size,
        _earlier(inputs, year, until, published, running),
        companies,
        published,
        Report(str(year or "final"), {}, until, run_id),
        draw,
    )
    return Evaluation(
        run_id=run_id,
        year=year,
        until=until,
        project=project,
        assumptions=assumptions,
        example_data=records.example_data,
        missing=project.asked_for(records.missing),
        goals=reached.goals,
        contributions={goal: _without_rows(one, tables.get("filters")) for goal, one in contributed.items()},
        household_size=size,
        county=county,
        county_missing=compared.county_missing,
        verdicts=dict(found),
        tables=tables,
        document=evaluation_document(
            run_id,
            year,
            until,
            inputs,
            reached.goals,
            contributed,
            county,
            found,
            size,
            tables,
            companies,
            draw,
        ),
        draw=draw,
        sources=inputs.published_sources(),
        inputs=inputs.files(),
        companies=companies,
        changed=tuple(changed),
        level2_inputs={goal: told for goal, one in contributed.items() if (told := one.inputs_as_printed())},
    )


def changed_by_hand(
    reached: Reach, contributed: Contributions, compared: Compared, found: Verdicts
) -> dict[str, str]:
    """Return result -> the hash of what it holds, of those that hold something else than the verb gave."""
    parts: dict[str, Any] = {"reached": reached, "design": compared.design}
    held: dict[str, Any] = {name: (content_hash(one), one.made) for name, one in parts.items()}
    held |= {"contributed": (contributed.held, contributed.made), "compared": (compared.held, compared.made)}
    changed = {name: content_hash(now) for name, (now, made) in held.items() if now != made}
    if verdicts(reached, contributed, compared) != found:
        changed["verdicts"] = content_hash(found)
    return changed


def _check_together(reached: Reach, contributed: Contributions, compared: Compared, found: Verdicts) -> None:
    """Stop where a result rests on other ones than those given: a page never mixes two computations."""
    together = {
        "contributed": contributed.records is reached.records and contributed.until == reached.until,
        "compared": compared.design.until == reached.until,
        "found": found.reached is reached and found.contributed is contributed and found.compared is compared,
    }
    for name, project in (("contributed", contributed.project), ("compared", compared.design.project)):
        together[name] = together[name] and project is reached.project
    stale = next((name for name, fits in together.items() if not fits), None)
    if stale is not None:
        raise ParameterError(
            f"{stale} was computed from something else than the results beside it",
            remedy="run the cells again, from the one that was changed",
        )


def evaluate(
    year: int | str | None = None,
    *,
    project: str | Path = "",
    records: str | Path = "",
    statistics: str | Path = "",
    output: str | Path = "",
) -> Evaluation:
    """Evaluate one year, or the whole project: the short way through the cells of a report's notebook.

    Parameters
    ----------
    year : int, optional
        Evaluation year: nothing later is used, from records or statistics. None is the final report, which
        counts to the project's end and shows later statistics without counting them.
    project, records, statistics : str or Path, optional
        Empty means the shipped project, the invented example records, the shipped official figures.
    output : str or Path, optional
        A folder of a run, see :func:`protect`.

    Raises
    ------
    EvaluationError
        If an input is missing or wrong, or the year is no year of the project or is not over.

    Examples
    --------
    >>> evaluate(2021).verdicts["companies"][3].rule
    'not_tested'
    """
    inputs = load_inputs(*(Path(one) if str(one) else None for one in (project, records, statistics)))
    return compute(inputs, inputs.project.year_of(year), output)


def compute(
    inputs: Inputs,
    year: int | None,
    output: str | Path = "",
    *,
    published: Sequence[Report] | None = None,
    running: Collection[str] | None = None,
) -> Evaluation:
    """Evaluate inputs that are read already; the parameters are those of :func:`protect`."""
    from attraktiv_eval.additionality import contribute
    from attraktiv_eval.metrics import reach

    records, project, assumptions = inputs.records, inputs.project, inputs.assumptions
    project.refuse_unfinished(year)
    reached = reach(records, project, year)
    contributed = contribute(records, project, assumptions, until=year, seed=SEED)
    compared = compare(inputs.design(year), persons_per_household(reached, assumptions))
    found = verdicts(reached, contributed, compared)
    given = {"output": output, "published": published, "running": running}
    return protect(reached, contributed, compared, found, **given)  # type: ignore[arg-type]


def _earlier(
    inputs: Inputs,
    year: int | None,
    until: date,
    published: Sequence[Report],
    running: Collection[str] | None,
) -> list[Report]:
    """Return the yearly reports that go out before this one as they will be printed, oldest first.

    In a run those of the run; a year that is out already stands as it was published. Without a run it is
    taken that all are or will be out.
    """
    out = {one.name for one in published}
    found: list[Report] = []
    for before in inputs.project.years:
        end, name = min(date(before, 12, 31), inputs.project.end), str(before)
        goes_out = name in running if running is not None and name in out else True
        if goes_out and (end < until or (year is None and end <= until)):
            report = Report(name, {}, end, inputs.run_id(before))
            names = [(one.name, one.until, one.run_id) for one in (*found, report)]
            printed = partial(_printed, inputs, report, tuple(found), published)
            found.append(kept("printed", [inputs.held, names, published], printed))
    return found


def _printed(inputs: Inputs, report: Report, before: Sequence[Report], published: Sequence[Report]) -> Report:
    """Return a report that goes out before another one with the tables that it will print."""
    from attraktiv_eval.disclosure import protect_next
    from attraktiv_eval.metrics import reach

    counted = replace(report, tables=reach(inputs.records, inputs.project, report.until).tables)
    return replace(report, tables=protect_next(counted, before, published).tables)


def _without_rows(contribution: Contribution, filters: pd.DataFrame | None) -> Contribution:
    """Return the contribution without what it was computed from, its filters as the report prints them."""
    if filters is None or not contribution.applies:
        return replace(contribution, observed=None)
    own = filters[filters["goal"] == contribution.goal].reset_index(drop=True)
    return replace(contribution, observed=None, filters=own)


def _editions(output: str | Path) -> tuple[Sequence[Report], Collection[str] | None]:
    """Return the editions that are out, and the reports that the run makes, as the run wrote them down."""
    file = Path(output) / _EDITIONS
    if not str(output) or not file.is_file():
        return (), None
    with file.open("rb") as stream:
        published, running = pickle.load(stream)
    return published, running


def _run_id(output: str | Path) -> str | None:
    """Return the id of the run that writes into a folder, which covers the notebook's own cells."""
    file = Path(output) / "run.json"
    if not str(output) or not file.is_file():
        return None
    found: str = json.loads(file.read_text(encoding="utf-8"))["run_id"]
    return found


def remember(published: Sequence[Report], running: Collection[str], output: Path) -> None:
    """Write down what a run knows of other reports, for the notebook that writes into its folder."""
    with (output / _EDITIONS).open("wb") as stream:
        pickle.dump((tuple(published), tuple(running)), stream)


def forget(output: str | Path) -> None:
    """Remove what the run wrote down for the notebook; called before a folder is published."""
    (Path(output) / _EDITIONS).unlink(missing_ok=True)
