"""What the terminal shows of a run: a bar over cells while it works, the verdicts when it is done."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from attraktiv_eval.runs.pipeline import Teller
from attraktiv_eval.runs.portfolio import Outcome, PortfolioTeller
from attraktiv_eval.texts import translator

if TYPE_CHECKING:
    from rich.table import Table

    from attraktiv_eval.project import Project

__all__ = ["Bar", "PartsBar", "ReportBar", "console", "verdict_table"]

console = Console(highlight=False)


def _progress(*more: ProgressColumn) -> Progress:
    """Return a bar on standard error: what is done, how much of it, and what else is asked for."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), *more)
    return Progress(*columns, console=Console(stderr=True))


class _Shown:
    """Starts a bar at the door and stops it on the way out."""

    _progress: Progress

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()


class Bar(_Shown, Teller):
    """A progress bar over the cells of all notebooks."""

    def __init__(self) -> None:
        self._progress = _progress(TextColumn("cells"), TimeElapsedColumn())
        self._task = self._progress.add_task("reading the inputs", total=None)

    def phase(self, words: str) -> None:
        """Name what is being done before there are cells to count."""
        self._progress.update(self._task, description=words)

    def begin(self, total: int) -> None:
        """Set the number of cells."""
        self._progress.update(self._task, total=total)

    def step(self, folder: str, language: str) -> None:
        """Name the report that is being made."""
        self._progress.update(self._task, description=f"{folder} ({language})")

    def cell(self) -> None:
        """Move one cell on."""
        self._progress.advance(self._task)


class PartsBar(_Shown):
    """A progress bar for each part: the tables that are fetched, or the outcomes of a plan."""

    def __init__(self) -> None:
        self._progress = _progress(TimeElapsedColumn())
        self._tasks: dict[str, TaskID] = {}

    def advance(self, name: str, done: int, total: int | None) -> None:
        """Show how much of a part is done; ``total`` is None where that is not known yet."""
        if name not in self._tasks:
            self._tasks[name] = self._progress.add_task(name, total=total)
        self._progress.update(self._tasks[name], completed=done, total=total)


class ReportBar(_Shown, PortfolioTeller):
    """A progress bar over the reports of a portfolio."""

    def __init__(self) -> None:
        self._progress = _progress(TextColumn("reports"), TimeElapsedColumn())
        self._task = self._progress.add_task("reading the inputs", total=None)

    def begin(self, total: int) -> None:
        """Set the number of reports."""
        self._progress.update(self._task, total=total, description="at work")

    def done(self, outcome: Outcome) -> None:
        """Move one report on, and name it."""
        self._progress.update(self._task, advance=1, description=f"{outcome.id} {outcome.state}")


def verdict_table(results: dict[str, Any], folder: str, language: str, project: Project) -> Table:
    """Return the verdicts of one report as a table: goals down, the three levels across."""
    from rich import box
    from rich.table import Table

    from attraktiv_eval.findings import Verdict, verdict_words
    from attraktiv_eval.reporting.labels import word

    _ = translator(language)
    title = _("Final report") if folder == "final" else _("Yearly evaluation {year}").format(year=folder)
    if results["example_data"]:
        title += " · " + _("example data: the households and companies are invented")
    table = Table(title=title, box=box.SIMPLE_HEAD, show_lines=True, title_justify="left")
    for heading in (_("Goal"), _("1 Reached"), _("2 Contributed to"), _("3 Counterfactual comparison")):
        table.add_column(heading, overflow="fold")
    for goal, of in project.goals.items():
        own = getattr(of, f"name_{language}") or (goal != of.counts and getattr(of, f"label_{language}"))
        name = own or word("goal", goal, language)
        by_level = {entry["level"]: entry for entry in results["verdicts"] if entry["goal"] == goal}
        words = [
            verdict_words(Verdict(**by_level[level]), language) if level in by_level else "–"
            for level in (1, 2, 3)
        ]
        target = next(f["value"] for f in results["figures"] if f["id"] == f"{goal}.goal")
        table.add_row(f"{name} ({target})", *words)
    return table
