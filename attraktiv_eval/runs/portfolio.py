"""Many projects, years and languages: one report a job, each published as soon as it is done.

A job's worker sends back the finished folder; this process alone publishes. So a worker needs to share no
disk with it, what is published is always whole, and the same command goes on after a break.
"""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, Literal

from attraktiv_eval.errors import EvaluationError, ProjectError, PublicationError
from attraktiv_eval.project import Project
from attraktiv_eval.regions import COUNTIES
from attraktiv_eval.runs.as_if import describe_elsewhere, described_at
from attraktiv_eval.runs.identity import Identity
from attraktiv_eval.runs.portfolio_file import AS_IF, Portfolio
from attraktiv_eval.runs.publication import Outputs
from attraktiv_eval.runs.scheduling import done_in_any_order, given_up

__all__ = ["Job", "Outcome", "PortfolioTeller", "jobs_of", "run_portfolio", "work"]

State = Literal["made", "unchanged", "failed"]


@dataclass(frozen=True)
class Job:
    """One report of one project, in all languages.

    ``as_if`` says that the project was never there, but in another county. ``before`` holds run.json and
    results.json of the published report that it may replace; ``refused`` says why it may not be made: its
    folder holds reports of another project, or the project to be shown as if cannot be read.
    """

    project_id: str
    report: str
    languages: tuple[str, ...]
    pages: bool
    project: str
    records: str
    statistics: str
    as_if: bool = False
    before: dict[str, str] = field(default_factory=dict, repr=False)
    refused: str = ""

    @property
    def id(self) -> str:
        """What tells the job from the others, and where its report is published."""
        return f"{self.project_id}/{self.report}"


@dataclass(frozen=True)
class Outcome:
    """What became of a job; ``packed`` is the finished folder as a zip file."""

    id: str
    state: State
    run_id: str = ""
    seconds: float = 0.0
    error: str = ""
    packed: bytes = field(default=b"", repr=False)


class PortfolioTeller:
    """What a portfolio tells while it works; the command line draws a progress bar from it."""

    def begin(self, total: int) -> None:
        """Say how many reports there are in all."""

    def done(self, outcome: Outcome) -> None:
        """Say what became of a report."""


def run_portfolio(
    portfolio: Portfolio,
    output: Path,
    *,
    workers: int = 1,
    scheduler: str | None = None,
    teller: PortfolioTeller | None = None,
) -> list[Outcome]:
    """Make and publish every report of a portfolio; one failure does not stop the rest.

    Parameters
    ----------
    output : Path
        Each project is published in a folder of its own here, ``portfolio.json`` says what became of each
        report, ``index.html`` leads to them and shows the counties side by side.
    workers, scheduler
        As in :func:`attraktiv_eval.runs.scheduling.done_in_any_order`.

    Returns
    -------
    list of Outcome
        In the order of the portfolio, without the packed folders.

    Raises
    ------
    EvaluationError
        If the portfolio itself, the output folder or the scheduler is at fault. What was published stands.
    """
    teller = teller or PortfolioTeller()
    with _held(output):
        jobs = jobs_of(portfolio, output)
        outcomes: dict[str, Outcome] = {}
        teller.begin(len(jobs))
        try:
            for job, found in done_in_any_order(work, jobs, workers=workers, scheduler=scheduler):
                told = _failed(job, "its worker process died every time") if given_up(found) else found
                outcomes[job.id] = _with_short_paths(portfolio, _published(told, job, output))
                _note(output, jobs, outcomes)
                teller.done(outcomes[job.id])
        finally:
            _write_pages(portfolio, output, jobs, outcomes)
    return [outcomes[job.id] for job in jobs]


def jobs_of(portfolio: Portfolio, output: Path) -> list[Job]:
    """Return a job for each report, project by project; the counties as if are described on the way."""
    members = [
        (
            one.id,
            portfolio.path(one.project),
            portfolio.path(one.records),
            portfolio.path(one.statistics),
            False,
        )
        for one in portfolio.projects
    ]
    unmade = ""
    if portfolio.counties is not None:
        told, statistics = portfolio.counties, portfolio.path(portfolio.counties.statistics)
        place = output.resolve() / ".work" / "counties"
        codes = list(COUNTIES) if told.codes is None else told.codes
        try:
            describe_elsewhere(codes, portfolio.path(told.project), statistics, place)
        except EvaluationError as error:
            unmade = error.one_line()
        members += [(f"{AS_IF}{code}", *described_at(place, code), statistics, True) for code in codes]
    return [
        Job(
            id,
            report,
            tuple(portfolio.languages),
            portfolio.pages,
            _text(project),
            _text(records),
            _text(statistics),
            as_if=as_if,
            before=_before(output / id / report),
            refused=(as_if and unmade) or _refused(output / id, project),
        )
        for id, project, records, statistics, as_if in members
        for report in portfolio.reports
    ]


def _refused(folder: Path, project: Path | None) -> str:
    """Return why a project may not be published in a folder; a description at fault is told by its work."""
    try:
        Outputs(folder).refuse_other_project(Identity.of(Project.load(project)))
    except PublicationError as error:
        return error.one_line()
    except ProjectError:
        return ""
    return ""


def _text(path: Path | None) -> str:
    return "" if path is None else path.as_posix()


def _before(folder: Path) -> dict[str, str]:
    names = ("run.json", "results.json")
    found = {name: folder / name for name in names if (folder / name).is_file()}
    return {name: file.read_text(encoding="utf-8") for name, file in found.items()} if len(found) == 2 else {}


# On the worker --------------------------------------------------------------------------------------------


def work(job: Job) -> Outcome:
    """Make one report in a folder of its own and return it packed; a failure is returned, not raised."""
    begun = perf_counter()
    if job.refused:
        return _failed(job, job.refused)
    try:
        found = _made(job)
    except EvaluationError as error:
        return _failed(job, error.one_line(), begun)
    except Exception as error:  # a fault of the program: the others go on, and this one says what it was
        return _failed(job, f"{type(error).__name__}: {_last_line(error)}", begun)
    state, run_id, packed = found
    return Outcome(job.id, state, run_id, round(perf_counter() - begun, 2), packed=packed)


def _last_line(error: Exception) -> str:
    """Return the last line of what an error says; the notebooks' errors end with what went wrong."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1][:500] if lines else "no message"


def _failed(job: Job, error: str, begun: float | None = None) -> Outcome:
    seconds = 0.0 if begun is None else round(perf_counter() - begun, 2)
    return Outcome(job.id, "failed", seconds=seconds, error=error)


def _made(job: Job) -> tuple[State, str, bytes]:
    from attraktiv_eval.evaluation import load_inputs
    from attraktiv_eval.runs.parameters import checked
    from attraktiv_eval.runs.pipeline import run, year_of

    project, records, statistics = (Path(path) if path else None for path in _paths(job))
    described = Project.load(project)
    year = year_of(job.report)
    parameters = checked(
        described,
        years=None if year is None else [year],
        final=year is None,
        languages=job.languages,
        project_file=project,
        records=records,
        statistics=statistics,
        output=Path(),
    )
    inputs = load_inputs(project, records, statistics)
    run_id = inputs.run_id(year)
    if _is_there(job, run_id):
        return "unchanged", run_id, b""
    with TemporaryDirectory(prefix="attraktiv-eval-", ignore_cleanup_errors=True) as root:
        folder = Path(root) / job.report
        folder.mkdir()
        for name, text in job.before.items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
        if job.pages:
            years = () if year is None else (year,)
            run(parameters.model_copy(update={"output": Path(root), "years": years}), described)
        else:
            _figures_only(job, inputs, run_id, folder)
        return "made", run_id, _packed(folder)


def _paths(job: Job) -> tuple[str, str, str]:
    return job.project, job.records, job.statistics


def _is_there(job: Job, run_id: str) -> bool:
    """Return whether the published report is this one: same id, all languages, and pages where asked."""
    if not job.before:
        return False
    published = json.loads(job.before["run.json"])
    same = published["run_id"] == run_id and set(job.languages) <= set(published["languages"])
    return same and (published.get("pages", True) or not job.pages)


def _figures_only(job: Job, inputs: Any, run_id: str, folder: Path) -> None:
    """Write results.json and run.json, without executing a notebook."""
    from attraktiv_eval.evaluation import compute, results
    from attraktiv_eval.runs import provenance
    from attraktiv_eval.runs.pipeline import year_of

    version, replaces = Outputs(folder.parent).version(job.report, run_id)
    record = {
        "run_id": run_id,
        "version": version,
        "replaces": replaces,
        "report": job.report,
        "region": inputs.project.region.code,
        "started": provenance.now(),
        "languages": list(job.languages),
        "pages": False,
        "seeds": inputs.seeds(),
        "assumptions": {one.id: [one.low, one.value, one.high] for one in inputs.assumptions.values()},
        "software": provenance.software(),
        "git": provenance.git_state(),
        "inputs": inputs.files(),
        "plan": inputs.plan_record(),
    }
    inputs.write_plan(folder)
    results.write(folder / "results.json", compute(inputs, year_of(job.report)).document)
    provenance.write_run(folder, record | {"ended": provenance.now()})


def _packed(folder: Path) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            archive.write(file, file.relative_to(folder).as_posix())
    return held.getvalue()


# In the process that publishes ----------------------------------------------------------------------------


@contextmanager
def _held(output: Path) -> Iterator[None]:
    """Hold the output folder for one portfolio at a time."""
    from filelock import FileLock, Timeout

    try:
        (output / ".work").mkdir(parents=True, exist_ok=True)
        lock = FileLock(output / ".work" / "lock")
        lock.acquire(timeout=0)
    except Timeout as busy:
        raise PublicationError(
            "another run is writing here", remedy="wait until it has ended", file=output
        ) from busy
    except OSError as denied:
        raise PublicationError(
            f"the output folder cannot be written ({denied.strerror or denied})",
            remedy="choose another folder with --output",
            file=output,
        ) from denied
    try:
        yield
    finally:
        lock.release()


def _published(outcome: Outcome, job: Job, output: Path) -> Outcome:
    """Unpack and publish a made report; return the outcome without its packed folder."""
    if outcome.state != "made":
        return outcome
    told = {name: value for name, value in vars(outcome).items() if name != "packed"}
    outputs = Outputs(output / job.project_id)
    try:
        with outputs.opened(), zipfile.ZipFile(io.BytesIO(outcome.packed)) as archive:
            staged = outputs.staging(job.report)
            archive.extractall(staged)
            outputs.publish(job.report, staged)
            if job.pages:
                from attraktiv_eval.runs.pipeline import _write_index

                _write_index(outputs, Project.load(Path(job.project) if job.project else None), job.languages)
    except EvaluationError as error:
        return Outcome(**told | {"state": "failed", "error": error.one_line()})
    return Outcome(**told)


def _with_short_paths(portfolio: Portfolio, outcome: Outcome) -> Outcome:
    """Return the outcome with files named from the portfolio's folder: its page is for other machines too."""
    error = outcome.error
    for path in sorted(portfolio.paths(), key=lambda path: len(path.parts), reverse=True):
        # On Windows there is no way from one drive to another: such a path stays whole.
        with suppress(ValueError):
            error = error.replace(str(path), os.path.relpath(path, portfolio.folder))
    return replace(outcome, error=error.replace(f"{portfolio.folder}{os.sep}", ""))


def _note(output: Path, jobs: list[Job], outcomes: dict[str, Outcome]) -> None:
    """Write ``portfolio.json``: what became of each report so far, in the order of the portfolio."""
    listed = [asdict(outcomes[job.id]) for job in jobs if job.id in outcomes]
    kept = [{name: value for name, value in one.items() if name != "packed"} for one in listed]
    file = output / "portfolio.json"
    beside = file.with_name(file.name + ".new")
    text = json.dumps({"jobs": len(jobs), "reports": kept}, ensure_ascii=False, indent=1) + "\n"
    beside.write_text(text, encoding="utf-8", newline="\n")
    beside.replace(file)


def _described(job: Job) -> Project | None:
    """Return the project of a job, or None where its description cannot be read: the job has failed then."""
    try:
        return Project.load(Path(job.project) if job.project else None)
    except ProjectError:
        return None


def _write_pages(portfolio: Portfolio, output: Path, jobs: list[Job], outcomes: dict[str, Outcome]) -> None:
    """Write the index page of every language from what is published now."""
    from attraktiv_eval.reporting.portfolio import Entry, write_portfolio

    entries = []
    for job in jobs:
        outcome = outcomes.get(job.id)
        published = _before(output / job.project_id / job.report)
        entries.append(
            Entry(
                id=job.id,
                project=_described(job),
                report=job.report,
                results=json.loads(published["results.json"]) if published else None,
                run=json.loads(published["run.json"]) if published else None,
                error=outcome.error if outcome is not None else "",
                as_if=job.as_if,
            )
        )
    own = _own_county(portfolio)
    for language in portfolio.languages:
        write_portfolio(output, portfolio.name, entries, language, portfolio.languages, own_county=own)


def _own_county(portfolio: Portfolio) -> str | None:
    """Return the county that the project of the counties as if was really in, where it can be read."""
    if portfolio.counties is None:
        return None
    try:
        return Project.load(portfolio.path(portfolio.counties.project)).region.code
    except ProjectError:
        return None
