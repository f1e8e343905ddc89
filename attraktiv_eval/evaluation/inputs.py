"""What an evaluation rests on: project, assumptions, analysis plan, statistics and records."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attraktiv_eval import resources
from attraktiv_eval.assumptions import Assumptions
from attraktiv_eval.errors import ProjectError, RecordError
from attraktiv_eval.project import Project
from attraktiv_eval.regions import COUNTIES

if TYPE_CHECKING:
    from attraktiv_eval.counterfactual.events import Event
    from attraktiv_eval.counterfactual.plan import Plan
    from attraktiv_eval.records import Records
    from attraktiv_eval.statistics.panel import Panel

__all__ = ["SEED", "Inputs", "load_inputs", "sha256"]

SEED = 20200101


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file as hexadecimal text."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True, repr=False)
class Inputs:
    """Everything that is read, and which files it was read from."""

    project: Project
    assumptions: Assumptions
    panel: Panel
    records: Records
    described: dict[str, Path]
    kept: dict[str, Any] = field(default_factory=dict, compare=False)

    def __repr__(self) -> str:
        """Return what each part holds, in one line."""
        outcomes = f"{len(self.panel.outcomes)} outcomes"
        return f"Inputs({self.project!r}, {self.assumptions!r}, {outcomes}, {self.records!r})"

    def _repr_html_(self) -> str:
        """Return what each part shows of itself, as a notebook shows it."""
        parts = (self.project, self.assumptions, self.panel, self.records)
        return "\n".join(part._repr_html_() for part in parts)

    def files(self) -> list[dict[str, str]]:
        """Return one entry an input file: part, file name, SHA-256."""
        parts = [
            {"part": part, "file": path.name, "sha256": sha256(path)} for part, path in self.described.items()
        ]
        statistics = [
            {"part": "statistics", "file": source["file"], "sha256": source["sha256"]}
            for source in self.panel.sources
        ]
        records = [
            {"part": "records", "file": Path(str(entry["file"])).name, "sha256": str(entry["sha256"])}
            for entry in self.records.inputs
        ]
        return parts + statistics + sorted(records, key=lambda entry: (entry["file"], entry["sha256"]))

    def plan(self) -> Plan:
        """Return the analysis plan; without a file of one's own it is set by rule from the years before.

        The rule uses no figure of the project's own years, so it gives the same plan at any time. Where there
        is no file, or the statistics hold a better outcome than it speaks of, the plan is set on the spot
        among the quick methods of the curve; ``attraktiv-eval plan`` writes it with all of them.
        """
        from attraktiv_eval.counterfactual.plan import Plan, make_plan
        from attraktiv_eval.evaluation.county import METHODS_IN_CURVE

        if "plan" not in self.kept:
            file = self.described.get("analysis_plan")
            plan = None if file is None else Plan.load(file)
            best = self.panel.primary_outcome("households", self.project.start.year)
            if plan is None or best not in (None, *plan.outcomes):
                plan = make_plan(self.panel, self.project, methods=METHODS_IN_CURVE)
            self.kept["plan"] = plan
        found: Plan = self.kept["plan"]
        return found

    def events(self) -> dict[str, Event]:
        """Return the rival explanations: the shipped ones, and those beside a project file of one's own."""
        from attraktiv_eval.counterfactual.events import load_events

        return load_events(self.described.get("own_rivals"))

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
    from attraktiv_eval.records import load_records
    from attraktiv_eval.statistics.panel import Panel

    described = {
        "project": project or resources.find("data/project.toml"),
        "assumptions": _beside(project, "assumptions.toml") or resources.find("data/assumptions.toml"),
    }
    plan = _beside(project, "analysis_plan.toml") or (
        resources.find("data/analysis_plan.toml") if project is None else None
    )
    if plan is not None:
        described["analysis_plan"] = plan
    described["rivals"] = resources.find("data/rivals.toml")
    own_rivals = _beside(project, "rivals.toml")
    if own_rivals is not None:
        described["own_rivals"] = own_rivals
    described_project = Project.load(described["project"])
    _check_region(described_project, described["project"])
    folder = records or _records_of(described_project, project)
    return Inputs(
        project=described_project,
        assumptions=Assumptions.load(described["assumptions"]),
        panel=Panel.load(statistics),
        records=load_records(folder, described_project),
        described=described,
    )


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


def _code() -> str:
    """Return one hash over the package's own code, texts and notebooks."""
    package = resources.find("attraktiv_eval/errors.py").parent
    endings = {".py", ".mo", ".json", ".j2", ".css"}
    files = [path for path in package.rglob("*") if path.suffix in endings and "_shipped" not in path.parts]
    digest = hashlib.sha256()
    for path in sorted(files, key=lambda path: path.relative_to(package).as_posix()):
        digest.update(path.relative_to(package).as_posix().encode())
        digest.update(path.read_bytes())
    for notebook in sorted(resources.find("notebooks").glob("*.ipynb"), key=lambda path: path.name):
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        digest.update(json.dumps([cell["source"] for cell in cells]).encode())
    return digest.hexdigest()


def _libraries() -> dict[str, str]:
    from importlib.metadata import version

    names = ("matplotlib", "numpy", "pandas", "scipy", "seaborn", "statsmodels", "great_tables")
    return {name: version(name) for name in names}
