"""What an evaluation rests on: project, assumptions, analysis plan, statistics and records."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import re
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from attraktiv_eval import resources
from attraktiv_eval.assumptions import Assumptions
from attraktiv_eval.errors import DesignError, ParameterError, ProjectError, RecordError
from attraktiv_eval.evaluation.draw import files_of_draw, project_draw
from attraktiv_eval.project import NEEDED_ELSEWHERE, Project
from attraktiv_eval.regions import COUNTIES, names_of_municipalities
from attraktiv_eval.resources import FileRead, Origin, content_hash, recorded
from attraktiv_eval.texts import as_html

if TYPE_CHECKING:
    from collections.abc import Iterator

    from attraktiv_eval.level3.comparison import Window
    from attraktiv_eval.level3.plan import Plan
    from attraktiv_eval.level3.rival_explanations import Event
    from attraktiv_eval.records import Records
    from attraktiv_eval.statistics.panel import Panel

__all__ = [
    "ASSUMPTIONS",
    "KEPT",
    "SEED",
    "ComparisonDesign",
    "Inputs",
    "code_files",
    "comparison_design",
    "kept",
    "load_assumptions",
    "load_inputs",
    "load_project",
    "load_records",
    "load_statistics",
]

SEED = 20200101
#: The name of the plan, beside a project's file and in the folder of a run.
PLAN_FILE = "analysis_plan.toml"
#: The environment variable that names the folder in which the reports of one run keep what they share.
KEPT = "ATTRAKTIV_EVAL_KEPT"
#: The environment variable that names the file of assumptions of a run, in the place of the project's own.
ASSUMPTIONS = "ATTRAKTIV_EVAL_ASSUMPTIONS"
Read = TypeVar("Read")
#: The plan and the rival explanations as they were read, or their faults, and the files of both.
Beside: TypeAlias = "tuple[Plan | DesignError | None, dict[str, Event] | DesignError, tuple[FileRead, ...]]"

#: What is shipped beside the code and read by it wherever it is: shapes of the map, names of places, tables
#: of the methods' coverage. Whatever else is shipped is noted when it is read.
SHIPPED = ("data/regions", "data/statistics/municipalities.csv", "data/validation")


#: Names that the package itself gives or asks for.
_OWN_NAMES = {
    "project.toml", "assumptions.toml", "analysis_plan.toml", "rivals.toml", "decisions.csv", "lists.toml",
    "municipalities.csv", "counties.csv", "sources.toml", "catalogue.toml", "manifest.json", "outcomes.toml",
}  # fmt: skip
_ENDINGS = {".csv", ".txt", ".tsv", ".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".px", ".json", ".toml"}


@dataclass(frozen=True, repr=False)
class Inputs:
    """Everything that is read, and the files that it was read from.

    Attributes
    ----------
    rivals : dict of str to Event
        The rival explanations: the shipped ones, and those beside a project file of one's own.
    written : Plan, DesignError or None
        The analysis plan as it was read, the fault that it has, or None where there is no file.
    read : list of FileRead
        Every file that was read, noted by the reading itself.
    """

    project: Project
    assumptions: Assumptions
    panel: Panel
    records: Records
    rivals: dict[str, Event] | DesignError
    written: Plan | DesignError | None
    read: list[FileRead]
    kept: dict[str, Any] = field(default_factory=dict, compare=False)
    #: Those of the plan and the rival explanations.
    beside: tuple[FileRead, ...] = ()

    def __repr__(self) -> str:
        """Return what each part holds, in one line."""
        outcomes = f"{len(self.panel.outcomes)} outcomes"
        return f"Inputs({self.project!r}, {self.assumptions!r}, {outcomes}, {self.records!r})"

    def _repr_html_(self) -> str:
        """Return what each part shows of itself, as a notebook shows it."""
        parts = (self.project, self.assumptions, self.panel, self.records)
        return "\n".join(part._repr_html_() for part in parts)

    def files(self) -> list[dict[str, Any]]:
        """Return one entry a file that was read: part, file, SHA-256 of its bytes; the same in any order.

        ``file`` is its published name (:meth:`published_names`), since this list goes out with the report.
        ``changed_after_fetch`` is true of a table whose bytes are not those that its account vouches for.
        """
        names = self.published_names()
        changed = {(one["file"], one["sha256"]) for one in self.panel.sources if one.get("changed")}
        return [
            {"part": one.part, "file": names[one.part, one.file], "sha256": one.sha256}
            | ({"changed_after_fetch": True} if (one.file, one.sha256) in changed else {})
            for one in self._in_order()
        ]

    @cached_property
    def seen(self) -> Panel:
        """The statistics as the project's region is compared in them."""
        return self.panel.seen_from(self.project.region.code, self.project.starts)

    def published_names(self) -> dict[tuple[str, str], str]:
        """Return part and file -> the name that may be published.

        Names of the package's own files stand. Any other name was chosen by someone, and people call files
        after persons: such a file is published as its part and a number, in the order of the names.
        """
        names: dict[tuple[str, str], str] = {}
        counted: Counter[str] = Counter()
        for one in self._in_order():
            if (one.part, one.file) in names:
                continue
            counted[one.part] += 1
            ending = one.path.suffix.lower() if one.path.suffix.lower() in _ENDINGS else ""
            neutral = f"{one.part}-{counted[one.part]}{ending}"
            names[one.part, one.file] = one.file if _is_own_name(one) else neutral
        return names

    def published_sources(self) -> list[dict[str, Any]]:
        """Return the panel's sources with the names that may be published."""
        names = {file: name for (part, file), name in self.published_names().items() if part == "statistics"}
        names |= {
            file: self.published_names()[part, file]
            for part, file in ((one.part, one.file) for one in self.panel.origin.read)
            if part == "package" and file not in names
        }
        own = self.panel.defined.own_tables()
        found = []
        for number, one in enumerate(self.panel.sources, 1):
            file = names.get(one["file"], f"statistics-{number}")
            name = Path(file).stem if one["name"] in own else one["name"]
            found.append({**one, "file": file, "name": name})
        return found

    def _in_order(self) -> list[FileRead]:
        order = list(dict.fromkeys(one.part for one in self.read))
        return sorted(self.read, key=lambda one: (order.index(one.part), one.file, one.sha256))

    @classmethod
    def of(
        cls,
        project: Project,
        assumptions: Assumptions,
        panel: Panel,
        records: Records,
        compared_by: Beside,
    ) -> Inputs:
        """Return the parts of an evaluation with every file that they were read from.

        ``compared_by`` are the plan, the rival explanations, and the files of both.
        """
        written, rivals, read = compared_by
        own = (*project.origin.read, *files_of_draw(project))
        parts = (own, assumptions.origin.read, read, panel.origin.read, records.origin.read)
        every = list(dict.fromkeys(one for part in parts for one in part))
        return cls(project, assumptions, panel, records, rivals, written, every, beside=read)

    def design(self, year: int | None) -> ComparisonDesign:
        """Return how a report compares the county; the plan is made once for all of them."""
        given = (self.project, self.panel, year, self.written, self.rivals)
        return ComparisonDesign(*given, self.beside, self.kept)

    def changed(self) -> dict[str, str]:
        """Return part -> the hash of what it holds, of those that are no longer what was read.

        A notebook's cell may change what it has read, such as an assumption; the report is then another one.
        """
        return {name: held for name, held in self.held.items() if getattr(self, name).origin.held != held}

    @cached_property
    def held(self) -> dict[str, str]:
        """Return part -> the hash of what it holds."""
        return {
            name: content_hash(getattr(self, name)) for name in ("project", "assumptions", "panel", "records")
        }

    def plan(self) -> Plan:
        """Return the analysis plan that this run follows; see :meth:`ComparisonDesign.plan`."""
        return self.design(None).plan()

    def plan_record(self) -> dict[str, Any] | None:
        """Return what run.json says of the plan that this run follows; None where it is faulty.

        ``set`` is written or on_the_spot, ``sha256`` the hash of the bytes of ``file`` beside the report,
        ``amended`` what its statistics changed of the plan, each with the hash of what it departs from.
        """
        try:
            plan = self.plan()
        except DesignError:
            return None
        return {
            "file": PLAN_FILE,
            "sha256": plan.sha256,
            "set": "on_the_spot" if plan.written is None else "written",
            "written": plan.content.get("written"),
            "primary_outcome": plan.primary_outcome,
            "amended": [one for one in plan.amendments if "in_run" in one],
        }

    def write_plan(self, folder: Path) -> None:
        """Write the plan that this run follows into a folder; nothing where it is faulty."""
        with suppress(DesignError):
            (folder / PLAN_FILE).write_bytes(self.plan().bytes)

    def run_id(self, year: int | None, by_hand: Mapping[str, str] | None = None) -> str:
        """Return the identity of a report: the same inputs, code and libraries give the same id.

        Parameters
        ----------
        year : int or None
            The evaluation year; None for the final report.
        by_hand : mapping of str to str, optional
            What a cell changed after it was read, by part; None asks :meth:`changed`.
        """
        known = {"year": year, "files": self.files(), "code": _code(), "libraries": _libraries()}
        if changed := self.changed() if by_hand is None else by_hand:
            known["changed"] = dict(changed)
        text = json.dumps(known, sort_keys=True, ensure_ascii=False)
        return f"{year or 'final'}-{hashlib.sha256(text.encode('utf-8')).hexdigest()[:12]}"

    def seeds(self) -> dict[str, int]:
        """Return the seed of every random draw."""
        return {"additionality": SEED, "counterfactual": SEED}


def load_project(project: str | Path | Project = "") -> Project:
    """Read the description of a project.

    Parameters
    ----------
    project : str, Path or Project
        Its file; empty is the shipped project. A project that is read already is read anew from its file, so
        that a cell of a notebook can be run again.

    Raises
    ------
    ProjectError
        If the file is missing or wrong, or the region is no county of Sweden.

    Examples
    --------
    >>> load_project().main_goal
    'households'
    """
    if isinstance(project, Project) and not project.origin.held:
        return project
    own = project.origin.path if isinstance(project, Project) else _path(project)
    file, read = own or resources.find("data/project.toml"), list[FileRead]()
    with recorded("project", file.parent, read):
        described = Project.load(file)
    _check_region(described, file)
    return described.came_from(_origin(described, own, read))


def load_assumptions(project: str | Path | Project = "") -> Assumptions:
    """Read the assumptions beside a project's file; the shipped ones where it has none of its own.

    A run with ``--assumptions`` reads the file that it was given, and nothing else is another.

    Raises
    ------
    AssumptionError
        If the file is wrong.

    Examples
    --------
    >>> load_assumptions()["deadweight_households"].unit
    'share'
    """
    own = _file_of(project)
    beside, read = (
        _path(os.environ.get(ASSUMPTIONS, "")) or _beside(own, "assumptions.toml"),
        list[FileRead](),
    )
    file = beside or resources.find("data/assumptions.toml")
    with recorded("assumptions", file.parent, read):
        assumptions = Assumptions.load(file)
    return assumptions.came_from(_origin(assumptions, own, read))


def load_records(
    records: str | Path | Records = "",
    project: str | Path | Project | None = None,
    *,
    assumptions: Assumptions | None = None,
    key: bytes | None = None,
    until: date | int | str | None = None,
) -> Records:
    """Read, clean and link the lists of a folder.

    Parameters
    ----------
    records : str, Path or Records
        Folder of CSV and Excel files; empty is the folder ``records`` beside the project's file, else the
        invented examples. Records that are read already are read anew from their folder.
    project : Project, or its file, optional
        None is the shipped one.
    assumptions : Assumptions, optional
        ``linkage_score`` and ``linkage_grey_zone`` are used; None are those of the project.
    key, until
        As :func:`attraktiv_eval.records.load_records` has them.

    Raises
    ------
    RecordError
        At the first file that cannot be read or used.

    Examples
    --------
    >>> load_records().example_data
    True
    """
    from attraktiv_eval.records import Records
    from attraktiv_eval.records import load_records as read_records

    if isinstance(records, Records) and not records.origin.held:
        return records
    described = project if isinstance(project, Project) else load_project(project or "")
    until = None if until is None else described.last_day(until)
    stated = load_assumptions(described) if assumptions is None else assumptions
    own = records.origin.path if isinstance(records, Records) else _path(records)
    folder, read = own or _records_of(described, described.origin.path), list[FileRead]()

    def made() -> Records:
        with recorded("records", folder, read):
            lists = read_records(folder, described, key=key, until=until, assumptions=stated)
        return replace(lists, origin=_origin(lists, own, read))

    limits = [stated[one].value for one in ("linkage_score", "linkage_grey_zone")]
    return kept("records", [*_listed(folder), described.model_dump(mode="json"), limits, key, until], made)


def load_statistics(statistics: str | Path | Panel = "") -> Panel:
    """Read the official statistics of a folder; empty are the shipped figures.

    Raises
    ------
    SourceError
        If a file is missing or malformed.

    Examples
    --------
    >>> "in_moves" in set(load_statistics().outcomes["id"])
    True
    """
    from attraktiv_eval.statistics.panel import Panel

    if isinstance(statistics, Panel) and not statistics.origin.held:
        return statistics
    own = statistics.origin.path if isinstance(statistics, Panel) else _path(statistics)
    folder, read = own or resources.find("data/statistics"), list[FileRead]()

    def made() -> Panel:
        with recorded("statistics", folder, read):
            panel = Panel.load(own)
        return replace(panel, origin=_origin(panel, own, read))

    return kept("panel", _listed(folder), made)


@dataclass(frozen=True, repr=False)
class ComparisonDesign:
    """How a report compares the county: which years, by which plan, against which rival explanations.

    Attributes
    ----------
    panel : Panel
        The official statistics that it compares with.
    year : int or None
        No figure later than this year is used; None (the final report) shows later ones, counted nowhere.
    written, rivals
        The plan and the rival explanations as they were read, or the fault that they have.
    read : tuple of FileRead
        The files of plan and rivals.
    """

    project: Project
    panel: Panel
    year: int | None
    written: Plan | DesignError | None
    rivals: dict[str, Event] | DesignError
    read: tuple[FileRead, ...] = ()
    kept: dict[str, Any] = field(default_factory=dict, compare=False)
    #: The hash of plan, rivals and year as they were given: what no longer has it was changed by hand.
    made: str = field(default="", repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "made", self.made or content_hash(self))

    @cached_property
    def seen(self) -> Panel:
        """The statistics as the project's region is compared in them."""
        return self.panel.seen_from(self.project.region.code, self.project.starts)

    @property
    def until(self) -> date:
        """The last day of the report."""
        return self.project.last_day(self.year)

    @property
    def window(self) -> Window:
        """The years whose effect is estimated, and the last year whose figures are used."""
        from attraktiv_eval.level3.comparison import Window

        return Window(self.project.start.year, self.until.year, self.year)

    def plan(self) -> Plan:
        """Return the analysis plan that this run follows: the written one binds, as :func:`in_force` says.

        Without a file it is set by rule on the spot, among the quick methods of the curve; ``attraktiv-eval
        plan`` writes it with all of them. The rule uses no figure of the project's own years.

        Raises
        ------
        DesignError
            If its file is wrong.
        """
        from attraktiv_eval.counterfactual.method import quick_methods
        from attraktiv_eval.level3.plan import in_force

        if "plan" not in self.kept:
            if isinstance(self.written, DesignError):
                raise self.written
            given = (self.written, self.panel, self.project, quick_methods())
            same = [self.project.model_dump(mode="json"), content_hash(self.panel), self.written]
            self.kept["plan"] = kept("plan", same, partial(in_force, *given))
        found: Plan = self.kept["plan"]
        return found

    def events(self) -> dict[str, Event]:
        """Return the rival explanations.

        Raises
        ------
        DesignError
            If their file is wrong.
        """
        if isinstance(self.rivals, DesignError):
            raise self.rivals
        return self.rivals

    @property
    def beside(self) -> Beside:
        """The plan and the rival explanations as they were read, and the files of both."""
        return self.written, self.rivals, self.read

    def rests_on(self) -> list[Any]:
        """Return everything that a comparison by this design depends on."""
        held = self.project.model_dump(mode="json"), content_hash(self.panel)
        return [*held, self.year, self.written, self.rivals]

    def __repr__(self) -> str:
        """Return region and years in one line."""
        window = self.window
        return f"ComparisonDesign({self.project.region.code}, {window.first} to {window.last})"

    def _repr_html_(self) -> str:
        """Return what is compared, and by which plan; the fault of the plan where it has one."""
        try:
            return self.plan()._repr_html_()
        except DesignError as fault:
            return as_html([str(fault)], {})


def comparison_design(project: Project, panel: Panel, year: int | str | None = None) -> ComparisonDesign:
    """Return how a report compares the county: the analysis plan and rivals beside the project's file.

    A plan that is wrong stops nothing: level 3 is then not tested, and the report says why.

    Parameters
    ----------
    year : int, optional
        Evaluation year; None is the final report.

    Raises
    ------
    ParameterError
        If the year is no year of the project, or is not over; so for a final report before the project's end.

    Examples
    --------
    >>> comparison_design(load_project(), load_statistics(), 2021)
    ComparisonDesign(23, 2020 to 2021)
    """
    if not hasattr(panel, "seen_from"):
        raise ParameterError(
            f"{panel!r:.60} holds no statistics", remedy="give what load_statistics() returns"
        )
    year = project.year_of(year)
    project.refuse_unfinished(year)
    written, rivals, read = _compared_by(project)
    return ComparisonDesign(project, panel, year, written, rivals, tuple(read))


def _compared_by(
    project: Project,
) -> tuple[Plan | DesignError | None, dict[str, Event] | DesignError, list[FileRead]]:
    """Return the plan and the rival explanations beside a project's file, and the files they came from."""
    from attraktiv_eval.level3.plan import Plan
    from attraktiv_eval.level3.rival_explanations import load_events

    own = project.origin.path
    file, read = own or resources.find("data/project.toml"), list[FileRead]()
    plan = resources.find("data/analysis_plan.toml") if own is None else _beside(own, PLAN_FILE)
    with recorded("analysis_plan", file.parent, read):
        written = None if plan is None else _or_fault(Plan.load, plan)
    with recorded("rivals", file.parent, read):
        rivals = _or_fault(load_events, _beside(own, "rivals.toml"))
    return written, rivals, read


def load_inputs(project: Path | None, records: Path | None, statistics: Path | None) -> Inputs:
    """Read every input; None stands for the shipped one.

    Beside a project file of one's own, ``assumptions.toml``, ``analysis_plan.toml``, ``rivals.toml`` and the
    folder ``records`` are used where they exist.

    Raises
    ------
    EvaluationError
        If a file is missing or wrong; the error names it and the remedy.
    """
    described = load_project(project or "")
    assumptions = load_assumptions(described)
    written, rivals, read = _compared_by(described)
    panel = load_statistics(statistics or "")
    lists = load_records(records or "", described, assumptions=assumptions)
    project_draw(described, described.last_day(), final=True)  # what is wrong with it is told before a report
    return Inputs.of(described, assumptions, panel, lists, (written, rivals, tuple(read)))


def kept(name: str, rests_on: Any, make: Callable[[], Read]) -> Read:
    """Return what a call makes, or made before in the same run from exactly the same.

    A run names a folder of its own in :data:`KEPT`, where its reports and their languages share what rests
    on equal inputs; outside a run everything is made anew.
    """
    if not os.environ.get(KEPT):
        return make()
    digest = hashlib.sha256(pickle.dumps(rests_on)).hexdigest()
    file = Path(os.environ[KEPT]) / f"{name}-{digest}.pickle"
    if file.is_file():
        found: Read = pickle.loads(file.read_bytes())
        return found
    made, beside = make(), file.with_suffix(f".{os.getpid()}")
    with suppress(OSError):  # no room, or another report has just written it: it is made again
        beside.write_bytes(pickle.dumps(made))
        beside.replace(file)
    return made


def _listed(folder: Path) -> list[Any]:
    """Return a folder with every file in it, its size and when it was changed."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return [str(folder), [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in files]]


def _path(given: str | Path) -> Path | None:
    if not isinstance(given, str | os.PathLike):
        raise ParameterError(
            f"a path is text, and {given!r} is none",
            remedy="write it in quotation marks; on papermill's command line give it with -r",
        )
    return Path(given).expanduser() if str(given) else None


def _file_of(project: str | Path | Project) -> Path | None:
    """Return the file that a project came from; None is the shipped one."""
    return project.origin.path if isinstance(project, Project) else _path(project)


def _origin(part: Any, path: Path | None, read: list[FileRead]) -> Origin:
    return Origin(path, tuple(read), content_hash(part))


def _is_own_name(read: FileRead) -> bool:
    """Return whether a file is shipped, or has a name that the package gives or asks for."""
    from attraktiv_eval.statistics.tables import TABLES

    if read.path.resolve().is_relative_to(resources.find("data/project.toml").parent.resolve()):
        return True
    tidy = {f"{folder}{name}.csv" for name in TABLES for folder in ("", "missing/")}
    return read.file in _OWN_NAMES | tidy or re.fullmatch(r"TAB\d{1,6}\.\w{2,4}", read.file) is not None


def _or_fault(load: Callable[[Path | None], Read], file: Path | None) -> Read | DesignError:
    """Return what is read, or its fault: level 3 is then not tested, and the report says why."""
    try:
        return load(file)
    except DesignError as fault:
        return fault


def _records_of(described: Project, project: Path | None) -> Path:
    """Return the records beside a project's file; the invented examples are of the shipped project's county.

    Raises
    ------
    RecordError
        If the project is in another county and has no records: examples from elsewhere would say nothing.
    """
    own = None if project is None else project.parent / "records"
    if own is not None and own.is_dir():
        return own
    if project is not None and described.region.code != Project.load().region.code:
        raise RecordError(
            "the project has no records, and the invented examples are of another county",
            remedy="put its lists into the folder records beside project.toml, or give --records",
            file=project,
        )
    return resources.find("data/records_example")


def _beside(project: Path | None, name: str) -> Path | None:
    file = None if project is None else project.parent / name
    return file if file is not None and file.is_file() else None


def code_files() -> Iterator[tuple[str, Path]]:
    """Yield name and path of each file of the code, and of what is shipped beside it and read by it."""
    package = resources.find("attraktiv_eval/errors.py").parent
    for path in package.rglob("*"):
        apart = {"_shipped", "__pycache__"} & set(path.relative_to(package).parts)
        if path.is_file() and not apart and path.suffix not in (".po", ".pot", ".pyc"):
            yield path.relative_to(package).as_posix(), path
    for name in SHIPPED:
        found = resources.find(name)
        for path in found.rglob("*") if found.is_dir() else [found]:
            if path.is_file():
                yield f"{name}/{path.name}", path


def _code() -> str:
    """Return one hash over the package's own code, texts and notebooks."""
    digest = hashlib.sha256()
    for name, path in sorted(code_files()):
        digest.update(name.encode())
        digest.update(path.read_bytes())
    for notebook in sorted(resources.find("notebooks").glob("*.ipynb"), key=lambda path: path.name):
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        digest.update(json.dumps([cell["source"] for cell in cells]).encode())
    return digest.hexdigest()


def _libraries() -> dict[str, str]:
    from importlib.metadata import version

    names = (
        "matplotlib",
        "numpy",
        "pandas",
        "python-calamine",
        "rapidfuzz",
        "scipy",
        "seaborn",
        "statsmodels",
    )
    return {name: version(name) for name in names}


def _check_region(project: Project, file: Path) -> None:
    known = COUNTIES if project.region.kind != "municipality" else names_of_municipalities()
    unknown = next((code for code in project.region.codes if code not in known), None)
    if unknown is None:
        return
    if project.region.kind == "municipality":
        raise ProjectError(
            f"{unknown!r} is no municipality of the statistics",
            remedy="give the code of a municipality of today as region.code, in quotation marks",
            file=file,
        )
    raise ProjectError(
        f"{unknown!r} is no county of Sweden; {NEEDED_ELSEWHERE}",
        remedy=f"give one of the codes {', '.join(COUNTIES)} as region.code",
        file=file,
    )
