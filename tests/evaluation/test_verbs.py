"""The verbs of a report: the page is what the cells of its notebook compute, with small counts protected."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from pathlib import Path

import nbformat
import pandas as pd
import pytest

import attraktiv_eval as ae
from attraktiv_eval.errors import DesignError, ParameterError
from attraktiv_eval.evaluation import inputs, load_inputs
from attraktiv_eval.evaluation.inputs import Inputs
from attraktiv_eval.evaluation.verbs import changed_by_hand
from attraktiv_eval.reporting.page import render
from attraktiv_eval.reporting.view import PROTECTED
from attraktiv_eval.runs.execution import execute

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOK = ROOT / "notebooks" / "yearly_evaluation.ipynb"


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Path:
    """A project file whose analysis plan has a fault: level 3 is not tested, and the report is quick."""
    folder = tmp_path_factory.mktemp("quick")
    (folder / "project.toml").write_bytes((ROOT / "data" / "project.toml").read_bytes())
    (folder / "analysis_plan.toml").write_text("no plan", encoding="utf-8")
    return folder / "project.toml"


def published(project: Path, folder: Path, *changes: tuple[str, str]) -> tuple[dict, str, list]:
    """Run a copy of the yearly notebook with cells changed by hand; return results, page and outputs."""
    document = nbformat.read(NOTEBOOK, as_version=4)
    for old, new in changes:
        cells = [cell for cell in document.cells if cell.source.startswith(old)]
        assert len(cells) == 1, old
        cells[0].source = cells[0].source.replace(old, new, 1)
    folder.mkdir()
    notebook = folder / "changed.ipynb"
    nbformat.write(document, notebook)
    values = {"year": 2021, "language": "en", "project": str(project), "records": "", "statistics": ""}
    with pytest.MonkeyPatch.context() as own:
        own.setenv("ATTRAKTIV_EVAL_KEPT", os.environ[inputs.KEPT])  # what the reports of a run share
        execute(notebook, folder / "evaluation.en.ipynb", values | {"output": str(folder)})
    page = folder / "evaluation.en.html"
    render(folder / "evaluation.en.ipynb", page, language="en", title="A report", run={})
    results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    executed = nbformat.read(folder / "evaluation.en.ipynb", as_version=4)
    outputs = [one for cell in executed.cells if cell.cell_type == "code" for one in cell.outputs]
    return results, page.read_text(encoding="utf-8"), outputs


def value(results: dict, id: str) -> float:
    return next(one["value"] for one in results["figures"] if one["id"] == id)


@pytest.fixture(scope="module")
def plain(small, tmp_path_factory):
    return published(small, tmp_path_factory.mktemp("plain") / "2021")


def level2(results):
    """Return the figure of level 2 of the households."""
    return next(one for one in results["figures"] if one["id"] == "households.level2")


def test_a_cell_changed_by_hand_changes_the_page_and_the_results(small, plain, tmp_path):
    results, page, outputs = published(
        small,
        tmp_path / "2021",
        ("assumptions = ae.load_assumptions(project)",
         "assumptions = ae.load_assumptions(project).changed(unanswered_share_of_answered=0.1)"),
        ("reached = ", "print(records.households)\nreached = "),
    )  # fmt: skip
    before, after = (value(one, "households.level2") for one in (plain[0], results))
    assert before != after
    ends = [[f"{one[end]:.6g}" for end in ("low", "high")] for one in map(level2, (plain[0], results))]
    assert f'<data value="{" ".join(ends[1])}">' in page and f'<data value="{" ".join(ends[0])}">' not in page
    assert value(results, "households.known") == value(plain[0], "households.known")
    assert results["run_id"] != plain[0]["run_id"], "what was changed is another report"
    assert "Changed in the notebook" in page and "Changed in the notebook" not in plain[1]
    assert all(PROTECTED in one.get("data", {}) for one in outputs), "what a cell printed is not published"


def test_filtered_records_change_every_count_and_make_another_report(verbs):
    reached, contributed, compared, _ = verbs
    fewer = replace(reached.records, households=reached.records.households.head(100))
    less = ae.reach(fewer, reached.project, 2021)
    assert less.goals["households"].known < reached.goals["households"].known
    given = Inputs.of(
        reached.project, contributed.assumptions, compared.design.panel, fewer, compared.design.beside
    )
    assert [*given.changed()] == ["records"]


@pytest.mark.prove
def test_records_filtered_in_a_cell_change_every_count(small, plain, tmp_path):
    results, page, _ = published(
        small,
        tmp_path / "2021",
        ("records = ae.load_records(records, project, assumptions=assumptions)\n",
         "from dataclasses import replace\n"
         "records = ae.load_records(records, project, assumptions=assumptions)\n"
         "records = replace(records, households=records.households.head(100))\n"),
    )  # fmt: skip
    assert value(results, "households.known") < value(plain[0], "households.known")
    assert re.search(rf'<data value="{value(results, "households.known"):g}">', page)


def test_the_page_shows_what_the_short_way_computes(small, plain):
    found = ae.evaluate(2021, project=small)
    document = json.loads(json.dumps(found.document))
    assert {**document, "run_id": ""} == {**plain[0], "run_id": ""}


@pytest.fixture(scope="module")
def verbs():
    """Everything but level 3 of a report, by the verbs."""
    project, assumptions = ae.load_project(), ae.load_assumptions()
    records = ae.load_records("", project, assumptions=assumptions)
    reached = ae.reach(records, project, 2021)
    contributed = ae.contribute(records, project, assumptions, until=2021)
    design = ae.comparison_design(project, ae.load_statistics(), 2021)
    design = replace(design, written=DesignError("no plan", remedy="write one"), made="")
    compared = ae.compare(design, ae.persons_per_household(reached, assumptions))
    return reached, contributed, compared, ae.verdicts(reached, contributed, compared)


def test_results_that_do_not_belong_together_are_refused(verbs):
    reached, contributed, compared, found = verbs
    project = reached.project
    later = ae.reach(reached.records, project, 2022)
    for given in (
        (later, contributed, compared, found),
        (
            reached,
            ae.contribute(reached.records, project, contributed.assumptions, until=2021),
            compared,
            found,
        ),
        (reached, contributed, replace(compared), found),
    ):
        with pytest.raises(ParameterError, match="run the cells again"):
            ae.protect(*given)


def test_persons_per_household_of_a_cell_s_own_make_another_report_that_says_so(verbs):
    reached, contributed, compared, _ = verbs
    own = replace(compared, persons=replace(compared.persons, value=2.5, low=2.4, high=2.6))
    one, other = (
        ae.protect(reached, contributed, each, ae.verdicts(reached, contributed, each))
        for each in (compared, own)
    )
    assert one.run_id != other.run_id
    assert (one.changed, other.changed) == ((), ("assumptions",))


def test_a_result_changed_by_hand_makes_another_report_that_says_so(verbs):
    reached, contributed, compared, _ = verbs
    households = reached.goals["households"]
    goals = {**reached.goals, "households": replace(households, known=households.known + 3)}
    fewer = ae.contribute(reached.records, reached.project, contributed.assumptions, until=2021)
    fewer["households"] = replace(fewer["households"], low=0.0)
    assert fewer.as_printed(lambda share, known: share)["households"].low == 0.0
    other = {
        "reached": (replace(reached, goals=goals), contributed, compared),
        "contributed": (reached, fewer, compared),
        "design": (
            reached,
            contributed,
            replace(compared, design=replace(compared.design, written=None)),
        ),
        "compared": (reached, contributed, replace(compared, county_missing="no plan of ours")),
        "verdicts": (reached, contributed, compared),
    }
    shipped = load_inputs(None, None, None)
    ids = {shipped.run_id(2021)}
    for part, results in other.items():
        found = ae.verdicts(*results)
        if part == "verdicts":
            found["households"][1] = replace(found["households"][1], rule="reached")
        changed = changed_by_hand(*results, found)
        assert [*changed] == [part]
        ids.add(shipped.run_id(2021, changed))
    assert len(ids) == 1 + len(other)
    own = ae.protect(*results, found)
    assert own.changed == ("verdicts",) and own.run_id in ids
    assert "verdicts" in own._repr_html_()


def test_a_cell_can_be_run_again(verbs):
    reached = verbs[0]
    again = ae.load_records(reached.records, reached.project)
    pd.testing.assert_frame_equal(again.households, reached.records.households)
    assert ae.load_project(reached.project) == reached.project
    made = replace(reached.records, origin=type(reached.records.origin)())
    assert ae.load_records(made, reached.project) is made


def test_what_is_read_and_not_changed_counts_as_unchanged(verbs):
    """However its tables lie in memory: pandas rearranges them while they are used."""
    found = ae.protect(*verbs)
    assert found.changed == ()
    assert found.run_id == load_inputs(None, None, None).run_id(2021)


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_result_shows_itself_and_no_household(verbs, language):
    ae.show_in(language)
    try:
        shown = [one._repr_html_() for one in (*verbs, ae.protect(*verbs))]
    finally:
        ae.show_in("en")
    words = ("påhittade" if language == "sv" else "invented",)
    assert all(word in one for one in (shown[0], shown[1], shown[3], shown[4]) for word in words)
    assert all(one.startswith("<p>") for one in shown)
    assert not re.search(r"\bH\d{4}", "".join(shown))
