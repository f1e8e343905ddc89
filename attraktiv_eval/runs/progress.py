"""What the terminal shows of a run: a bar over cells while it works, the verdicts when it is done."""

from __future__ import annotations

from datetime import datetime
from io import StringIO
from pathlib import Path
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

from attraktiv_eval.errors import EvaluationError
from attraktiv_eval.runs.pipeline import Teller
from attraktiv_eval.runs.portfolio import Outcome, PortfolioTeller
from attraktiv_eval.texts import translator

if TYPE_CHECKING:
    from rich.table import Table

    from attraktiv_eval.project import Project


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


class Quiet(Teller, PortfolioTeller):
    """Says nothing while a run works."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *given: object) -> None:
        pass


class LogFile(Teller, PortfolioTeller):
    """Writes what a run tells to the end of a file, each line with the time, and hands it on.

    A run that fails writes its error as its last line; what the command line says is written too.

    Parameters
    ----------
    file : Path or None
        None writes nothing. Folders above it are made.

    Attributes
    ----------
    shown : Teller
        What the terminal shows; told all that is written.
    """

    def __init__(self, file: Path | None) -> None:
        self.shown: Any = Quiet()
        self._file, self._last = file, ""

    def __enter__(self) -> Self:
        if self._file is not None:
            self._file.parent.mkdir(parents=True, exist_ok=True)
        self.line("begun")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, EvaluationError):
            self.line(f"failed: {error.one_line()}")
        elif kind is not None:
            self.line(f"failed: {kind.__name__}")
        else:
            self.line("done")

    def line(self, words: str) -> None:
        """Write a line with the time."""
        if self._file is None:
            return
        now = datetime.now().astimezone().isoformat(timespec="seconds")
        with self._file.open("a", encoding="utf-8", newline="\n") as stream:
            stream.writelines(f"{now} {one}\n" for one in words.splitlines() if one.strip())

    def phase(self, words: str) -> None:
        """Write what is being done."""
        self.line(words)
        self.shown.phase(words)

    def begin(self, total: int) -> None:
        """Write how many cells, or reports, there are."""
        self.line(f"{total} to make")
        self.shown.begin(total)

    def step(self, folder: str, language: str) -> None:
        """Write the report that is being made, once."""
        if (words := f"{folder} ({language})") != self._last:
            self._last = words
            self.line(words)
        self.shown.step(folder, language)

    def cell(self) -> None:
        """Hand a cell on."""
        self.shown.cell()

    def done(self, outcome: Outcome) -> None:
        """Write what became of a report."""
        self.line(f"{outcome.id} {outcome.state}")
        self.shown.done(outcome)


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
    """Return the verdicts of one report as a table: a goal, and below it each level with its verdict."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from attraktiv_eval.findings import Verdict, verdict_words
    from attraktiv_eval.reporting.labels import word
    from attraktiv_eval.texts import about

    _ = translator(language)
    with about(project.region.kind, project.counted):
        levels = {int(level): word("level", level, language) for level in "123"}
    title = _("Final report") if folder == "final" else _("Yearly evaluation {year}").format(year=folder)
    if results["example_data"]:
        title += " · " + _("example data: the households and companies are invented")
    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left")
    table.add_column(_("Level"), no_wrap=True)
    table.add_column(_("Verdict"), overflow="fold")
    for goal, of in project.goals.items():
        own = getattr(of, f"name_{language}") or (goal != of.counts and getattr(of, f"label_{language}"))
        name = own or word("goal", goal, language)
        by_level = {entry["level"]: entry for entry in results["verdicts"] if entry["goal"] == goal}
        target = next(f["value"] for f in results["figures"] if f["id"] == f"{goal}.goal")
        table.add_row(Text(f"{name} ({target})", style="bold"))
        for level, label in levels.items():
            words = verdict_words(Verdict(**by_level[level]), language) if level in by_level else "–"
            table.add_row(f"  {label}", Text(words), end_section=level == max(levels))
    return table


def as_text(table: Table) -> str:
    """Return a table as plain lines, as wide as the terminal; 80 characters where there is none.

    Nothing is drawn in colour, so that the same lines can be read in a log.
    """
    console = Console(highlight=False, color_system=None, file=StringIO(), width=Console().width)
    console.print(table)
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    return "\n".join(line.rstrip() for line in text.splitlines()).strip("\n")
