"""Many projects, years and languages: one report a job, each published as soon as it is done.

A job's worker sends back the finished folder; this process alone publishes. So a worker needs to share no
disk with it, what is published is always whole, and the same command goes on after a break.
"""

from __future__ import annotations

import io
import json
import os
import queue
import re
import threading
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from attraktiv_eval import resources
from attraktiv_eval.errors import EvaluationError, ParameterError, ProjectError, PublicationError
from attraktiv_eval.level3.plan import Plan, make_plan, text_of
from attraktiv_eval.project import Project
from attraktiv_eval.regions import COUNTIES
from attraktiv_eval.resources import installing, read_toml, toml_text, writing
from attraktiv_eval.runs.publication import Identity, Outputs, private_folder
from attraktiv_eval.statistics.panel import Panel

#: How the id of a county that is shown as if begins; its code follows.
AS_IF = "as-if-"

#: What no file or folder can be called on Windows.
_OF_WINDOWS = re.compile(r"con|prn|aux|nul|(?:com|lpt)\d")

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Member(_Part):
    """One project of the portfolio; paths are relative to the portfolio's file."""

    id: Id
    project: str = ""
    records: str = ""
    statistics: str = ""


class AsIf(_Part):
    """Every county as if it had had this project: the placebo distribution, as reports.

    ``project`` is the described project, empty for the shipped one. ``codes`` are the counties; all where
    it is left out. No records are read: what is compared are the official statistics.
    """

    project: str = ""
    codes: list[str] | None = Field(default=None, min_length=1)
    statistics: str = ""

    @model_validator(mode="after")
    def _holds_counties(self) -> AsIf:
        unknown = next((code for code in self.codes or [] if code not in COUNTIES), None)
        if unknown is not None:
            raise ValueError(f"{unknown!r} is no county of Sweden; the codes are {', '.join(COUNTIES)}")
        if len(set(self.codes or [])) < len(self.codes or []):
            raise ValueError("a county is given twice")
        return self


class Portfolio(_Part):
    """Many projects, years and languages.

    ``years`` empty and ``final`` true make final reports only; ``pages`` false makes figures without pages.
    """

    name: Annotated[str, StringConstraints(min_length=1)]
    languages: list[Literal["sv", "en"]] = Field(default=["sv"], min_length=1)
    years: list[int] = Field(default_factory=list)
    final: bool = True
    pages: bool = True
    projects: list[Member] = Field(default_factory=list, alias="project")
    counties: AsIf | None = None
    folder: Path = Field(default=Path(), exclude=True)

    @model_validator(mode="after")
    def _holds_something(self) -> Portfolio:
        ids = [one.id.lower() for one in self.projects]  # a folder each; Windows knows no case
        twice = sorted({id for id in ids if ids.count(id) > 1})
        if twice:
            raise ValueError(f"project {twice[0]} is given twice")
        device = next(filter(_OF_WINDOWS.fullmatch, ids), None)
        if device is not None:
            raise ValueError(f"project {device} needs another id: Windows knows a device of that name")
        taken = next((id for id in ids if id.startswith(AS_IF)), None)
        if taken is not None:
            raise ValueError(f"project {taken} needs another id: {AS_IF}... are the counties shown as if")
        if not self.projects and self.counties is None:
            raise ValueError("the portfolio holds no project; give [[project]] or [counties]")
        if not self.years and not self.final:
            raise ValueError("the portfolio asks for no report; give years, or final = true")
        return self

    @property
    def reports(self) -> list[str]:
        """The names of the reports of each project, in order."""
        return [str(year) for year in sorted(set(self.years))] + (["final"] if self.final else [])

    def path(self, text: str) -> Path | None:
        """Return a path of the file as an absolute one; None where it is empty."""
        return (self.folder / text).resolve() if text else None

    def paths(self) -> list[Path]:
        """Return every file and folder that the portfolio names, as absolute paths."""
        told = [text for one in self.projects for text in (one.project, one.records, one.statistics)]
        told += [] if self.counties is None else [self.counties.project, self.counties.statistics]
        return [path for path in map(self.path, told) if path is not None]

    @classmethod
    def load(cls, file: Path) -> Portfolio:
        """Read a portfolio from TOML.

        Raises
        ------
        ProjectError
            If the file is missing, is no TOML, or a key is missing, unknown or of the wrong kind.
        """
        file = Path(file)
        try:
            return cls.model_validate(read_toml(file)).model_copy(update={"folder": file.resolve().parent})
        except OSError as error:
            raise ProjectError(
                f"the portfolio cannot be read ({error.strerror or 'no such file'})",
                remedy="give the path of a portfolio's TOML file",
                file=file,
            ) from None
        except ValidationError as error:
            fault = error.errors(include_url=False)[0]
            key = ".".join(map(str, fault["loc"]))
            what = fault["msg"].removeprefix("Value error, ")
            raise ProjectError(
                f"key {key}: {what}" if key else what,
                remedy="write it as docs/how-to/portfolio.md shows",
                file=file,
            ) from None
        except ValueError as error:
            raise ProjectError(
                f"the file is no valid TOML: {error}", remedy="mend the line; UTF-8 is needed", file=file
            ) from None


# --- A county as if it had had a project

#: A list must hold a row to be read; this one says that nothing was paid, which is all there is to say.
NO_RECORDS = "financier;kind;decided_sek;paid_sek;date\nno project;own;0;0;{day}\n"


def describe_elsewhere(
    codes: list[str], base: Path | None, statistics: Path | None, folder: Path
) -> dict[str, tuple[Path, Path]]:
    """Write a project file, a plan and an empty folder of records for each county.

    Parameters
    ----------
    codes : list of str
        County codes.
    base : Path, optional
        The project that each is given; None for the shipped one.
    folder : Path
        Where a folder for each county is written; a file that says the same already is left alone.

    Returns
    -------
    dict of code to (project file, folder of records)

    Raises
    ------
    EvaluationError
        If the project, its plan or the statistics cannot be read.

    Notes
    -----
    Each county gets the base project's own analysis plan, that is the same method and comparison counties
    less itself: what differs between them is chance and history, not the specification. That makes the
    estimates of the others the placebos of the one.
    """
    panel = Panel.load(statistics)
    project = Project.load(base)
    plan = _plan_of(base, panel, project)
    table = panel.table
    latest = table[table["year"] == table["year"].max()]
    names = dict(zip(latest["region_code"].astype(str), latest["region_name"].astype(str), strict=True))
    made = {}
    for code in codes:
        place = folder / code
        municipalities = {one: name for one, name in sorted(names.items()) if one.startswith(code)}
        _write(place / "project.toml", _project_text(project, code, municipalities))
        _write(place / "analysis_plan.toml", text_of(Plan(plan.content | {"region": code})))
        _write(place / "records" / "funding.csv", NO_RECORDS.format(day=project.start))
        assumptions = (base or resources.find("data/project.toml")).with_name("assumptions.toml")
        if assumptions.is_file():
            _write(place / "assumptions.toml", assumptions.read_text(encoding="utf-8"))
        made[code] = described_at(folder, code)
    return made


def described_at(folder: Path, code: str) -> tuple[Path, Path]:
    """Return where a county's project file and its folder of records are written."""
    return folder / code / "project.toml", folder / code / "records"


def _plan_of(base: Path | None, panel: Panel, project: Project) -> Plan:
    file = (base or resources.find("data/project.toml")).with_name("analysis_plan.toml")
    return Plan.load(file) if file.is_file() else make_plan(panel, project)


def _project_text(project: Project, code: str, municipalities: dict[str, str]) -> str:
    """Return the project's own description with another region; nobody took part, nothing was paid."""
    told = project.model_dump(mode="python", exclude_none=True)
    told["region"] = {
        "code": code,
        "name": COUNTIES[code],
        "kind": "county",
        "source": "SCB, county and municipality codes",
        "municipalities": municipalities,
    }
    told |= {"as_if": True}
    told |= {"funding": [], "organisations": [], "unforeseen": [], "goals": list(told["goals"].values())}
    told |= {"causes": [], "lessons": [], "next": [], "horizontal": []}  # said of the real project alone
    head = f"# {COUNTIES[code]} as if it had had {project.name}. Made by attraktiv-eval portfolio.\n\n"
    return head + toml_text(told)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8", newline="\n")


# --- Many projects, years and languages

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
        As in :func:`attraktiv_eval.runs.portfolio.done_in_any_order`.

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
    if scheduler is None:
        resources.refuse_without_loopback()
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
    from attraktiv_eval.runs.execution import checked
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
    with private_folder() as root:
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
    from attraktiv_eval.runs import publication
    from attraktiv_eval.runs.pipeline import year_of

    version, replaces = Outputs(folder.parent).version(job.report, run_id)
    record = {
        "run_id": run_id,
        "version": version,
        "replaces": replaces,
        "report": job.report,
        "region": inputs.project.region.code,
        "started": publication.now(),
        "languages": list(job.languages),
        "pages": False,
        **publication.rests_on(inputs),
    }
    inputs.write_plan(folder)
    results.write(folder / "results.json", compute(inputs, year_of(job.report)).document)
    publication.write_run(folder, record | {"ended": publication.now()})


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

    with writing("the output folder", output, "choose another folder with --output"):
        (output / ".work").mkdir(parents=True, exist_ok=True)
        lock = FileLock(output / ".work" / "lock")
        try:
            lock.acquire(timeout=0)
        except Timeout as busy:
            raise PublicationError(
                "another run is writing here", remedy="wait until it has ended", file=output
            ) from busy
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


# --- Jobs sent to one or many workers, on this machine or on a Dask cluster
# Each is yielded as it is done. Everything goes through joblib. A worker that dies takes its job with it; the
# jobs that are left are sent again, and one that kills its worker every time is given up, so that it does not
# stop the rest.


ATTEMPTS = 3  # how often a job is sent when workers die
_LISTEN = 0.5  # seconds between looks at the cluster
_REACH = 10  # seconds until a scheduler that does not answer is given up


class SchedulerLostError(EvaluationError):
    """The Dask scheduler cannot be reached, or went away while jobs were out."""


def done_in_any_order(
    work: Callable[[Any], Any],
    jobs: Sequence[Any],
    *,
    workers: int = 1,
    scheduler: str | None = None,
) -> Iterator[tuple[Any, Any]]:
    """Yield each job with its result as soon as it is done.

    Parameters
    ----------
    work : callable
        A function of a module, so that a worker can import it. It should return its failures, not raise.
    jobs : sequence
        Each with an ``id`` of its own.
    workers : int
        Processes on this machine; 1 works in this process. Without meaning where a scheduler is given.
    scheduler : str, optional
        Address of a Dask scheduler, such as ``tcp://127.0.0.1:8786``; its workers need this package and
        the same files under the same paths.

    Yields
    ------
    (job, result)
        ``result`` is :func:`given_up` for a job whose workers died every time.

    Raises
    ------
    ParameterError
        If the number of workers is none, or a scheduler is given and Dask is not installed.
    SchedulerLostError
        If the scheduler cannot be reached or goes away. What was yielded stands.
    """
    if workers < 1:
        raise ParameterError(f"{workers} workers can do no work", remedy="give --workers 1 or more")
    if not jobs:
        return
    if scheduler is not None:
        yield from _on_cluster(work, jobs, scheduler)
    else:
        yield from _here(work, jobs, workers)


def given_up(result: Any) -> bool:
    """Return whether a job was given up because its worker died every time."""
    return isinstance(result, _GivenUp)


class _GivenUp:
    """Stands in the place of a result that never came."""


def _here(work: Callable[[Any], Any], jobs: Sequence[Any], workers: int) -> Iterator[tuple[Any, Any]]:
    """Work in processes of this machine; those left after a death go on two more rounds, then one by one."""
    from joblib import Parallel, delayed
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    left = {job.id: job for job in jobs}
    for _attempt in range(ATTEMPTS - 1):
        try:
            call = delayed(_told)
            parallel = Parallel(n_jobs=workers, return_as="generator_unordered", batch_size=1)
            for id, result in parallel(call(work, job) for job in list(left.values())):
                yield left.pop(id), result
            return
        except TerminatedWorkerError:
            continue
    for job in list(left.values()):  # one at a time: only the job that kills its worker is lost
        try:
            [(_, result)] = Parallel(n_jobs=2, batch_size=1)([delayed(_told)(work, job)])
        except TerminatedWorkerError:
            result = _GivenUp()
        yield left.pop(job.id), result


def _told(work: Callable[[Any], Any], job: Any) -> tuple[str, Any]:
    """Do one job with no parallel work inside it, and say whose result this is."""
    from joblib import parallel_config

    with parallel_config(backend="sequential"):
        return job.id, work(job)


def _on_cluster(work: Callable[[Any], Any], jobs: Sequence[Any], address: str) -> Iterator[tuple[Any, Any]]:
    """Work on a Dask cluster; a thread waits for the results while this one watches the scheduler."""
    left = {job.id: job for job in jobs}
    with _client(address) as client:
        for _attempt in range(ATTEMPTS):
            arrived: queue.Queue[tuple[str, Any]] = queue.Queue()
            threading.Thread(
                target=_wait_for, args=(work, list(left.values()), client, arrived), daemon=True
            ).start()
            for kind, value in _watched(arrived, client, address):
                if kind == "result":
                    id, result = value
                    yield left.pop(id), result
            if not left:
                return
    for job in left.values():
        yield job, _GivenUp()


def _wait_for(
    work: Callable[[Any], Any], jobs: list[Any], client: Any, arrived: queue.Queue[tuple[str, Any]]
) -> None:
    """Put each result into the queue, and at the end how it ended."""
    from joblib import Parallel, delayed, parallel_config

    try:
        with parallel_config(backend="dask", client=client, wait_for_workers_timeout=30):
            parallel = Parallel(return_as="generator_unordered", batch_size=1, pre_dispatch="all")
            for one in parallel(delayed(_told)(work, job) for job in jobs):
                arrived.put(("result", one))
    except BaseException as error:
        arrived.put(("broken", error))
    else:
        arrived.put(("end", None))


def _watched(arrived: queue.Queue[tuple[str, Any]], client: Any, address: str) -> Iterator[tuple[str, Any]]:
    """Yield what arrives till the end; a worker's death ends a round, the scheduler's ends the work."""
    while True:
        try:
            kind, value = arrived.get(timeout=_LISTEN)
        except queue.Empty:
            if not _alive(client):
                raise _lost(address) from None
            continue
        if kind == "broken" and not _is_death_of_worker(value):
            if isinstance(value, EvaluationError) or _alive(client):
                raise value
            raise _lost(address) from value
        if kind != "result":
            return
        yield kind, value


def _alive(client: Any) -> bool:
    comm = getattr(client, "scheduler_comm", None)
    closed = comm is None or comm.comm is None or comm.comm.closed()
    return client.status == "running" and not closed


def _is_death_of_worker(error: BaseException) -> bool:
    return type(error).__name__ == "KilledWorker"


def _lost(address: str) -> SchedulerLostError:
    return SchedulerLostError(
        f"the scheduler {address} went away",
        remedy="start it and run the same command again: what is done stands and is not done again",
    )


@contextmanager
def _client(address: str) -> Iterator[Any]:
    try:
        from distributed import Client
    except ImportError:
        raise ParameterError(
            "Dask is not installed, the extra cluster", remedy=installing("cluster")
        ) from None
    try:
        client = Client(address, timeout=_REACH, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise SchedulerLostError(
            f"the scheduler {address} cannot be reached ({error})",
            remedy="give the address that dask scheduler printed, such as tcp://127.0.0.1:8786",
        ) from None
    try:
        yield client
    finally:
        client.close(timeout=2)
