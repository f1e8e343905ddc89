"""A county as if it had had a project: the same promise and the same specification, elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from attraktiv_eval import resources
from attraktiv_eval.level3.plan import Plan, make_plan, text_of
from attraktiv_eval.project import Project
from attraktiv_eval.regions import COUNTIES
from attraktiv_eval.statistics.panel import Panel

__all__ = ["describe_elsewhere", "described_at"]

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
    told |= {"funding": [], "organisations": [], "unforeseen": [], "goals": list(told["goals"].values())}
    head = f"# {COUNTIES[code]} as if it had had {project.name}. Made by attraktiv-eval portfolio.\n\n"
    return head + toml_text(told)


def toml_text(told: dict[str, Any]) -> str:
    """Return nested tables as TOML: plain keys first, then tables, then lists of tables."""
    return "\n".join(_lines(told, "")).strip() + "\n"


def _lines(told: dict[str, Any], under: str) -> list[str]:
    plain = {key: value for key, value in told.items() if not isinstance(value, dict) and not _tables(value)}
    lines = [f"{_key(key)} = {_value(value)}" for key, value in plain.items()]
    for key, value in told.items():
        name = f"{under}{_key(key)}"
        if isinstance(value, dict) and value:
            lines += ["", f"[{name}]", *_lines(value, f"{name}.")]
        elif _tables(value):
            for one in value:
                lines += ["", f"[[{name}]]", *_lines(one, f"{name}.")]
    return lines


def _tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _key(key: str) -> str:
    return key if key.replace("_", "").replace("-", "").isascii() and key.isidentifier() else f'"{key}"'


def _value(value: Any) -> str:
    import json

    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return "[" + ", ".join(_value(one) for one in value) + "]"
    return value.isoformat() if hasattr(value, "isoformat") else repr(value)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8", newline="\n")
