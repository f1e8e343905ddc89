"""Pages of an invented evaluation, in both languages, and a Chromium to open them with."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

# The invented evaluation is shared with tests/reporting.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "reporting"))

from every import COMMITTED, PAGES, PORTFOLIO, REAL
from invented import invented_evaluation
from pages import write_page

from attraktiv_eval.project import Project
from attraktiv_eval.reporting.page import render
from attraktiv_eval.reporting.portfolio import Entry, write_index, write_portfolio
from attraktiv_eval.runs.portfolio import describe_elsewhere

ROOT = Path(__file__).resolve().parents[2]


def record(name: str) -> dict[str, Any]:
    """What a run knows about itself."""
    return {
        "run_id": f"{name}-0123456789ab",
        "version": 3,
        "replaces": 2,
        "report": name,
        "publisher": ["Region Jämtland Härjedalen"],
        "languages": ["sv", "en"],
        "started": "2023-01-15T10:15:00+00:00",
        "git": {"commit": "0123456789abcdef0123456789abcdef01234567", "dirty": False},
        "software": {"python": "3.11.9"},
        "seeds": {"additionality": 1},
        "parameters": {"year": 2021},
        "inputs": [{"part": "project", "file": "project.toml", "sha256": "a" * 64}],
    }


@pytest.fixture(scope="session")
def every_page(
    tmp_path_factory: pytest.TempPathFactory, worker_id: str, evaluated: Callable[[int | None], Any]
) -> dict[str, Path]:
    """Every page by name, each made once: two workers begin at either end and meet."""
    from filelock import FileLock

    own = tmp_path_factory.getbasetemp()
    root = (own if worker_id == "master" else own.parent) / "pages"
    root.mkdir(exist_ok=True)
    parts = [
        *(
            (f"notebook {at}", lambda name=name: _write_committed(root, name))
            for at, name in enumerate(COMMITTED)
        ),
        ("portfolio", lambda: _write_portfolio(root / "portfolio")),
        ("final", lambda: _write_report(root, "final")),
        ("2021", lambda: _write_report(root, "2021")),
        ("real", lambda: _write_real(root, evaluated(2020))),
    ]
    ordered = parts if worker_id in ("master", "gw0") else parts[::-1]
    for part, write in [*ordered, ("index", lambda: _write_index(root))]:  # it leads to what is there
        with FileLock(f"{root}-{part}.lock"):
            if not (made := root.with_name(f"pages-{part}.made")).is_file():
                write()
                made.touch()
    names = [*PAGES, *PORTFOLIO, *COMMITTED, *REAL]
    return {name: root / name for name in names if (root / name).is_file()}


def _write_committed(root: Path, name: str) -> None:
    """Write the page of a committed notebook that holds outputs."""
    (root / "notebooks").mkdir(exist_ok=True)
    notebook = ROOT / Path(name).with_suffix(".ipynb")
    if notebook.is_file() and '"text/html"' in notebook.read_text(encoding="utf-8"):
        title = f"En attraktiv region: {notebook.stem}"
        render(notebook, root / name, language="sv", title=title, run=record("final"))


def _write_real(root: Path, shipped: Any) -> None:
    """Write a report of a real evaluation."""
    (real,) = REAL
    folder = (root / real).parent
    folder.mkdir()
    for file, content in (("run.json", record("2020")), ("results.json", shipped.document)):
        (folder / file).write_text(json.dumps(content), encoding="utf-8")
    write_page(shipped, folder, "en", {**record("2020"), "word": True})


def _invented(name: str) -> tuple[Any, dict[str, Any]]:
    """Return the evaluation behind a page of a published folder, and its results."""
    evaluation = (
        invented_evaluation(2022, final=True)
        if name == "final"
        else invented_evaluation(2021, without=("estimates", "gaps", "specifications", "rivals"))
    )
    return evaluation, {"example_data": True, "figures": _figures(evaluation), "verdicts": []}


def _write_report(root: Path, name: str) -> None:
    """Write a report of a published folder in both languages."""
    evaluation, results = _invented(name)
    (root / name).mkdir()
    for file, content in (("run.json", record(name)), ("results.json", results)):
        (root / name / file).write_text(json.dumps(content), encoding="utf-8")
    for language in ("sv", "en"):
        write_page(evaluation, root / name, language, record(name))


def _write_index(root: Path) -> None:
    """Write the index of the published folder in both languages."""
    held = {"languages": ["sv", "en"]}
    entries = [
        {"name": name, "run": record(name), "results": _invented(name)[1], **held}
        for name in ("2021", "final")
    ]
    for language in ("sv", "en"):
        write_index(root, entries, language, Project.load())


def _figures(evaluation: Any) -> list[dict[str, Any]]:
    figures = []
    for row in evaluation.tables["goals"].to_dict("records"):
        figures.append({"id": f"{row['goal']}.goal", "value": row["target"]})
        figures.append({"id": f"{row['goal']}.known", "value": row["known"]})
        if row["l2_low"] == row["l2_low"]:
            ends = {"low": row["l2_low"], "high": row["l2_high"], "value": row["l2_median"]}
            figures.append({"id": f"{row['goal']}.level2", "method": "survey_simulation", **ends})
    return figures


def _write_portfolio(folder: Path) -> None:
    """Write the page of an invented portfolio, three counties as if and one failure, in both languages."""
    entries = []
    places = describe_elsewhere(["07", "22", "23"], None, None, folder.parent / "as_if")
    for code, effect in (("07", -30.0), ("22", 120.0), ("23", 130.0)):
        level3 = {"value": 1.0, "method": "difference_in_differences/all/in_moves"}
        stem = "county.in_moves.difference_in_differences.all"
        told = [
            {"id": "households.level3", **level3},
            {"id": f"{stem}.effect", "value": effect, "low": effect - 50, "high": effect + 50},
            {"id": f"{stem}.p_value", "value": 0.5},
        ]
        verdict = {"goal": "households", "level": 3, "rule": "too_noisy", "reasons": []}
        verdict["values"] = {"goal": 400, "mde": 900.0}
        results = {"year": 2020, "example_data": False, "figures": told, "verdicts": [verdict]}
        project = Project.load(places[code][0])
        run = {"languages": ["sv"], "pages": True}
        place = folder / f"as-if-{code}" / "2020"
        place.mkdir(parents=True)
        entries.append(Entry(f"as-if-{code}/2020", project, "2020", results, run, as_if=True))
    failed = Entry("other/2020", Project.load(), "2020", None, None, error="project.toml: no such file")
    entries.append(failed)
    for language in ("sv", "en"):
        write_portfolio(folder, "Tre län", entries, language, ["sv", "en"], "23")
