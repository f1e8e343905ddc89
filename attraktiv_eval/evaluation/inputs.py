"""What an evaluation rests on: project, assumptions, analysis plan, statistics and records."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from attraktiv_eval import resources
from attraktiv_eval.assumptions import Assumptions
from attraktiv_eval.errors import DesignError, ProjectError, RecordError
from attraktiv_eval.project import Project
from attraktiv_eval.regions import COUNTIES
from attraktiv_eval.resources import FileRead, recorded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from attraktiv_eval.counterfactual.events import Event
    from attraktiv_eval.counterfactual.plan import Plan
    from attraktiv_eval.records import Records
    from attraktiv_eval.statistics.panel import Panel

__all__ = ["SEED", "Inputs", "code_files", "load_inputs"]

SEED = 20200101
#: The name of the plan, beside a project's file and in the folder of a run.
PLAN_FILE = "analysis_plan.toml"
Read = TypeVar("Read")

#: What is shipped beside the code and read by it wherever it is: shapes of the map, names of places, tables
#: of the methods' coverage. Whatever else is shipped is noted when it is read.
SHIPPED = ("data/regions", "data/statistics/municipalities.csv", "data/validation")


#: Names that the package itself gives or asks for.
_OWN_NAMES = {
    "project.toml", "assumptions.toml", "analysis_plan.toml", "rivals.toml", "decisions.csv", "lists.toml",
    "municipalities.csv", "sources.toml", "catalogue.toml", "manifest.json", "outcomes.toml",
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
        return [
            {**one, "file": names.get(one["file"], f"statistics-{number}")}
            for number, one in enumerate(self.panel.sources, 1)
        ]

    def _in_order(self) -> list[FileRead]:
        order = list(dict.fromkeys(one.part for one in self.read))
        return sorted(self.read, key=lambda one: (order.index(one.part), one.file, one.sha256))

    def plan(self) -> Plan:
        """Return the analysis plan that this run follows: the written one binds, as :func:`in_force` says.

        Without a file it is set by rule on the spot, among the quick methods of the curve; ``attraktiv-eval
        plan`` writes it with all of them. The rule uses no figure of the project's own years.
        """
        from attraktiv_eval.counterfactual.plan import in_force
        from attraktiv_eval.evaluation.county import METHODS_IN_CURVE

        if "plan" not in self.kept:
            if isinstance(self.written, DesignError):
                raise self.written
            self.kept["plan"] = in_force(self.written, self.panel, self.project, METHODS_IN_CURVE)
        found: Plan = self.kept["plan"]
        return found

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

    def run_id(self, year: int | None) -> str:
        """Return the identity of a report: the same inputs, code and libraries give the same id.

        Parameters
        ----------
        year : int or None
            The evaluation year; None for the final report.
        """
        known = {"year": year, "files": self.files(), "code": _code(), "libraries": _libraries()}
        text = json.dumps(known, sort_keys=True, ensure_ascii=False)
        return f"{year or 'final'}-{hashlib.sha256(text.encode('utf-8')).hexdigest()[:12]}"

    def seeds(self) -> dict[str, int]:
        """Return the seed of every random draw."""
        return {"additionality": SEED, "counterfactual": SEED}


def load_inputs(project: Path | None, records: Path | None, statistics: Path | None) -> Inputs:
    """Read every input; None stands for the shipped one.

    Beside a project file of one's own, ``assumptions.toml``, ``analysis_plan.toml``, ``rivals.toml`` and the
    folder ``records`` are used where they exist.

    Raises
    ------
    EvaluationError
        If a file is missing or wrong; the error names it and the remedy.
    """
    from attraktiv_eval.counterfactual.events import load_events
    from attraktiv_eval.counterfactual.plan import Plan
    from attraktiv_eval.records import load_records
    from attraktiv_eval.statistics.panel import Panel

    read: list[FileRead] = []
    file = project or resources.find("data/project.toml")
    with recorded("project", file.parent, read):
        described = Project.load(file)
    _check_region(described, file)
    judgements = _beside(project, "assumptions.toml") or resources.find("data/assumptions.toml")
    with recorded("assumptions", judgements.parent, read):
        assumptions = Assumptions.load(judgements)
    plan = _beside(project, PLAN_FILE)
    if project is None:
        plan = resources.find("data/analysis_plan.toml")
    with recorded("analysis_plan", file.parent, read):
        written = None if plan is None else _or_fault(Plan.load, plan)
    with recorded("rivals", file.parent, read):
        rivals = _or_fault(load_events, _beside(project, "rivals.toml"))
    figures = statistics or resources.find("data/statistics")
    with recorded("statistics", figures, read):
        panel = Panel.load(statistics)
    folder = records or _records_of(described, project)
    with recorded("records", folder, read):
        lists = load_records(folder, described, assumptions=assumptions)
    return Inputs(described, assumptions, panel, lists, rivals, written, read)


def _is_own_name(read: FileRead) -> bool:
    """Return whether a file is shipped, or has a name that the package gives or asks for."""
    from attraktiv_eval.statistics.fetched import TABLES

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


def _check_region(project: Project, file: Path) -> None:
    if project.region.code not in COUNTIES:
        raise ProjectError(
            f"{project.region.code} is no county of Sweden",
            remedy=f"give one of the codes {', '.join(COUNTIES)} as region.code",
            file=file,
        )


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
        "great_tables",
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
