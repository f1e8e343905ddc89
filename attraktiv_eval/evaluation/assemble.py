"""Puts the three levels of one report together, each with its tables and its verdict."""

from __future__ import annotations

import json
import pickle
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attraktiv_eval.errors import ParameterError
from attraktiv_eval.evaluation.inputs import SEED, Inputs, load_inputs

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import pandas as pd

    from attraktiv_eval.additionality import Contribution
    from attraktiv_eval.assumptions import Assumptions
    from attraktiv_eval.disclosure import Report
    from attraktiv_eval.evaluation.company import CompanyFindings
    from attraktiv_eval.evaluation.level3 import CountyFindings
    from attraktiv_eval.findings import Level3, Verdict
    from attraktiv_eval.metrics import GoalCount, HouseholdSize
    from attraktiv_eval.project import Goal, Project

__all__ = ["Evaluation", "compute", "evaluate", "forget"]

_COMPUTED = ".computed.pickle"


@dataclass(frozen=True)
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

    @property
    def final(self) -> bool:
        """Whether this is the final report."""
        return self.year is None

    def _repr_html_(self) -> str:
        """Return the verdicts and the names of the tables, as a notebook shows them."""
        import pandas as pd

        from attraktiv_eval.findings import verdict_words
        from attraktiv_eval.showing import as_html

        rows = [
            {"goal": goal, "level": level, "verdict": verdict_words(verdict, "en")}
            for goal, levels in self.verdicts.items()
            for level, verdict in levels.items()
        ]
        told = [f"Evaluation {self.run_id}, until {self.until}. Tables: {', '.join(self.tables)}."]
        told += ["The records are invented examples."] if self.example_data else []
        return as_html(told, {"Verdicts": pd.DataFrame(rows)})

    def save(self, folder: str | Path) -> None:
        """Write ``results.json`` into a folder; nothing where the folder is empty text."""
        from attraktiv_eval import results

        if str(folder):
            Path(folder).mkdir(parents=True, exist_ok=True)
            results.write(Path(folder) / "results.json", self.document)


def evaluate(
    year: int | None = None,
    *,
    project: str | Path = "",
    records: str | Path = "",
    statistics: str | Path = "",
    output: str | Path = "",
) -> Evaluation:
    """Evaluate one year, or the whole project.

    Parameters
    ----------
    year : int, optional
        Evaluation year: nothing later is used, from records or statistics. None is the final report, which
        counts to the project's end and shows later statistics without counting them.
    project, records, statistics : str or Path, optional
        Empty means the shipped project, the invented example records, the shipped official figures.
    output : str or Path, optional
        A folder of a run. What the run has computed there already is used; it is computed once for all
        languages.

    Raises
    ------
    EvaluationError
        If an input is missing or wrong, or the year is no year of the project.

    Examples
    --------
    >>> evaluate(2021).verdicts["companies"][3].rule
    'not_tested'
    """
    kept = _recall(output, year)
    if kept is not None:
        return kept
    return compute(load_inputs(_path(project), _path(records), _path(statistics)), year, output)


def compute(
    inputs: Inputs,
    year: int | None,
    output: str | Path = "",
    *,
    published: Sequence[Report] = (),
    running: Collection[str] | None = None,
) -> Evaluation:
    """Evaluate inputs that are read already, and keep the result in a run's folder.

    Parameters
    ----------
    published : sequence of Report
        Every edition that is out, so that a small count cannot be told by what has changed since.
    running : collection of str, optional
        The reports that the run makes: years, and final.
    """
    _check_year(year, inputs.project)
    evaluation = _assemble(inputs, year, inputs.run_id(year), published, running)
    _remember(evaluation, output)
    return evaluation


def _path(value: str | Path) -> Path | None:
    return Path(value) if str(value) else None


def _check_year(year: int | None, project: Project) -> None:
    if year is None:
        return
    if isinstance(year, bool) or not isinstance(year, int):
        raise ParameterError(f"the year {year!r} is no whole number", remedy="write it as 2021")
    if year not in project.years:
        choice = ", ".join(map(str, project.years))
        raise ParameterError(f"{year} is not a year of the project", remedy=f"choose one of {choice}")


def _assemble(
    inputs: Inputs,
    year: int | None,
    run_id: str,
    published: Sequence[Report] = (),
    running: Collection[str] | None = None,
) -> Evaluation:
    from attraktiv_eval.additionality import contribute
    from attraktiv_eval.disclosure import Report
    from attraktiv_eval.evaluation.company import company_findings
    from attraktiv_eval.evaluation.county import Window
    from attraktiv_eval.evaluation.document import document
    from attraktiv_eval.evaluation.level3 import county_findings
    from attraktiv_eval.evaluation.tables import protected_tables
    from attraktiv_eval.findings import verdicts
    from attraktiv_eval.metrics import reach

    project, assumptions, records = inputs.project, inputs.assumptions, inputs.records
    until = project.end if year is None else min(date(year, 12, 31), project.end)
    reached = reach(records, project, until)
    contributions = {
        goal: contribute(records, project, assumptions, goal, until, seed=SEED) for goal in reached.goals
    }
    size = _household_size(inputs, reached.households)
    county, why_not = county_findings(inputs, year, until, size)
    companies = None
    if any(goal.counts == "companies" for goal in project.goals.values()):
        companies = company_findings(inputs, Window(project.start.year, until.year, year))
    level3 = {goal.id: _level3(goal, project, county, companies) for goal in project.goals.values()}
    found = verdicts(
        reached.goals,
        contributions,
        level3,
        invented=records.example_data,
        ongoing=until < project.end,
    )
    earlier = _earlier(inputs, year, until, published, running)
    own = Report(str(year or "final"), {}, until, run_id)
    tables = protected_tables(
        inputs, reached, contributions, county, level3, found, size, earlier, companies, published, own
    )
    return Evaluation(
        run_id=run_id,
        year=year,
        until=until,
        project=project,
        assumptions=assumptions,
        example_data=records.example_data,
        missing=list(records.missing),
        goals=reached.goals,
        contributions={goal: _without_rows(one) for goal, one in contributions.items()},
        household_size=size,
        county=county,
        county_missing=why_not,
        verdicts=found,
        tables=tables,
        document=document(
            run_id,
            year,
            until,
            inputs,
            reached.goals,
            contributions,
            county,
            found,
            size,
            tables,
            companies,
        ),
        sources=inputs.published_sources(),
        inputs=inputs.files(),
        companies=companies,
    )


def _earlier(
    inputs: Inputs,
    year: int | None,
    until: date,
    published: Sequence[Report],
    running: Collection[str] | None,
) -> list[Report]:
    """Return the yearly reports that go out before this one, oldest first.

    In a run those of the run; a year that is out already stands as it was published. Without a run it is
    taken that all are or will be out.
    """
    from attraktiv_eval.disclosure import Report
    from attraktiv_eval.metrics import reach

    out = {one.name for one in published}
    found = []
    for before in inputs.project.years:
        end, name = min(date(before, 12, 31), inputs.project.end), str(before)
        goes_out = name in running if running is not None and name in out else True
        if goes_out and (end < until or (year is None and end <= until)):
            tables = reach(inputs.records, inputs.project, end).tables
            found.append(Report(name, tables, end, inputs.run_id(before)))
    return found


def _level3(
    goal: Goal, project: Project, county: CountyFindings | None, companies: CompanyFindings | None
) -> Level3 | None:
    """Return the comparison of a goal, held against its even pace at the last year compared."""
    from dataclasses import replace

    from attraktiv_eval.metrics.goals import even_pace

    if goal.counts == "companies":
        primary, found = (None, None) if companies is None else (companies.primary, companies.level3)
    else:
        primary, found = (None, None) if county is None else (county.primary, county.for_goal(goal))
    if primary is None or found is None:
        return None
    return replace(found, pace=even_pace(project, goal.id, primary.years[1]))


def _household_size(inputs: Inputs, households: pd.DataFrame) -> HouseholdSize:
    """Return persons per household; invented records never turn real statistics into households."""
    from attraktiv_eval.metrics import household_size

    assumption = inputs.assumptions["persons_per_moving_household"]
    return household_size(households.head(0) if inputs.records.example_data else households, assumption)


def _without_rows(contribution: Contribution) -> Contribution:
    """Return the contribution without the households and companies it was computed from."""
    from dataclasses import replace

    return replace(contribution, observed=None)


def _recall(output: str | Path, year: int | None) -> Evaluation | None:
    """Return what the run that writes into this folder has computed, or None.

    The folder belongs to one run, whose id stands in its run.json; anything else is computed anew.
    """
    computed, run = Path(output) / _COMPUTED, Path(output) / "run.json"
    if not str(output) or not computed.is_file() or not run.is_file():
        return None
    with computed.open("rb") as stream:
        kept: Evaluation = pickle.load(stream)
    same = json.loads(run.read_text(encoding="utf-8"))["run_id"] == kept.run_id
    return kept if same and kept.year == year else None


def _remember(evaluation: Evaluation, output: str | Path) -> None:
    if str(output):
        Path(output).mkdir(parents=True, exist_ok=True)
        with (Path(output) / _COMPUTED).open("wb") as stream:
            pickle.dump(evaluation, stream)


def forget(output: str | Path) -> None:
    """Remove what was kept between languages; called before a folder is published."""
    (Path(output) / _COMPUTED).unlink(missing_ok=True)
