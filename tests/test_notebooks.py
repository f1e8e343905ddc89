"""The committed notebooks tell a story, hold no logic, and carry the outputs of their default parameters."""

from __future__ import annotations

import ast
import importlib
import json
import re
from pathlib import Path

import pytest

import attraktiv_eval as ae
from attraktiv_eval import explore
from attraktiv_eval.reporting.sections import BODY, PARTS

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
READ = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in NOTEBOOKS}


def source(cell) -> str:
    return "".join(cell["source"])


def tags(cell) -> list[str]:
    return cell["metadata"].get("tags", [])


def code_cells(name):
    return [cell for cell in READ[name]["cells"] if cell["cell_type"] == "code"]


def prose(name, language):
    return [cell for cell in READ[name]["cells"] if f"lang-{language}" in tags(cell)]


notebooks = pytest.mark.parametrize("name", sorted(READ))


def test_the_notebooks_of_a_run_are_there():
    assert {"yearly_evaluation", "final_report"} <= set(READ)


@notebooks
def test_every_code_cell_has_been_run_and_shows_something(name):
    for cell in code_cells(name):
        assert cell["execution_count"], source(cell)
        assert cell["outputs"] or "parameters" in tags(cell), source(cell)
    counts = [cell["execution_count"] for cell in code_cells(name)]
    assert counts == list(range(1, len(counts) + 1))


@notebooks
def test_no_trace_of_a_run_is_left(name):
    notebook = READ[name]
    assert "papermill" not in notebook["metadata"]
    for cell in notebook["cells"]:
        assert "injected-parameters" not in tags(cell)
        assert "papermill" not in cell["metadata"] and "execution" not in cell["metadata"]


@notebooks
def test_no_output_is_an_error_or_a_warning(name):
    for cell in code_cells(name):
        for output in cell["outputs"]:
            assert output["output_type"] != "error"
            assert output.get("name") != "stderr", "".join(output.get("text", []))


@notebooks
def test_no_output_names_a_path_of_a_machine(name):
    """Nothing that a cell shows, as text or as a page, says where a notebook was made."""
    path = re.compile(
        r"(?<![\w./:<-])/(?:home|Users|root|tmp|work|var|private)/\w|\b[A-Z]:\\\\?Users\b|file://"
    )
    for cell in code_cells(name):
        for output in cell["outputs"]:
            shown = [output.get("text", "")] + [
                text for kind, text in output.get("data", {}).items() if kind.startswith("text/")
            ]
            found = [path.search("".join(text)) for text in shown]
            assert not any(found), (source(cell), found)


@notebooks
def test_cells_call_only_what_the_package_offers(name):
    """None names what is not there; that they run is seen by runs and by the proofs."""
    for cell in code_cells(name):
        code = compile(source(cell), f"{name}.ipynb", "exec", ast.PyCF_ONLY_AST)
        for node in ast.walk(code):
            if isinstance(node, ast.Attribute):
                assert not node.attr.startswith("_"), source(cell)
                if isinstance(node.value, ast.Name) and node.value.id == "ae":
                    assert node.attr in ae.__all__, f"{node.attr} is no name of the package"
                elif ast.unparse(node.value) == "ae.explore":
                    assert node.attr in explore.__all__, f"{node.attr} is no name of attraktiv_eval.explore"
            elif isinstance(node, ast.ImportFrom):
                offered = importlib.import_module(str(node.module))
                names = [one.name for one in node.names]
                assert all(hasattr(offered, one) and not one.startswith("_") for one in names), names


@notebooks
def test_logic_lives_in_the_package(name):
    for cell in code_cells(name):
        tree = ast.parse(source(cell))
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
        assert not any(isinstance(node, kinds) for node in ast.walk(tree)), source(cell)
        assert len([line for line in source(cell).splitlines() if line.strip()]) <= 12
        assert not re.search(r"(?<![A-Za-z])_\(", source(cell)), "texts in a notebook are never translated"


REPORTS = pytest.mark.parametrize("name", ["yearly_evaluation", "final_report"])
VERBS = [
    "load_project",
    "load_assumptions",
    "load_records",
    "reach",
    "contribute",
    "load_statistics",
    "comparison_design",
    "persons_per_household",
    "compare",
    "verdicts",
    "protect",
    "Report",
]


@REPORTS
def test_a_report_is_computed_in_its_cells_by_the_verbs_in_order(name):
    calls = re.findall(r"ae\.(\w+)\(", "\n".join(map(source, code_cells(name))))
    assert [one for one in calls if one in VERBS] == VERBS
    assert "evaluate" not in calls and 20 <= len(code_cells(name)) <= 28
    for cell in code_cells(name):
        lines = [line for line in source(cell).splitlines() if line.strip()]
        assert len(lines) <= 6
        assert not re.search(r"report\.(text|table|figure)\(", source(cell)), "a cell shows whole sections"


@REPORTS
def test_what_the_cells_above_the_report_show_stays_out_of_the_page(name):
    for cell in code_cells(name):
        computes = " = ae." in source(cell)
        if computes and "Report(" not in source(cell):
            assert "remove-output" in tags(cell), source(cell)


@REPORTS
def test_every_section_stands_once_in_a_cell(name):
    calls = re.findall(r"report\.section\((.*)\)", "\n".join(map(source, code_cells(name))))
    shown = [one for call in calls for one in ast.literal_eval(f"({call},)")]
    expected = [one for one in PARTS if name == "final_report" or one != "development"]
    assert sorted(shown) == sorted(expected)
    assert set(shown[: len(BODY)]) == set(BODY), "the body stands before the appendix"


@notebooks
def test_the_parameters_are_annotated_literals_with_a_comment_each(name):
    cells = [cell for cell in code_cells(name) if "parameters" in tags(cell)]
    assert len(cells) == 1
    for line, node in zip(source(cells[0]).splitlines(), ast.parse(source(cells[0])).body, strict=True):
        assert isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Constant), line
        assert "  # " in line


@notebooks
def test_prose_stands_in_both_languages_swedish_first(name):
    written = [cell for cell in READ[name]["cells"] if cell["cell_type"] == "markdown"]
    assert len(written) % 2 == 0
    for first, second in zip(written[::2], written[1::2], strict=True):
        assert tags(first)[:1] == ["lang-sv"] and tags(second)[:1] == ["lang-en"]
        assert tags(first)[1:] == tags(second)[1:] and set(tags(first)[1:]) <= {"remove-cell"}
        assert first["source"] != second["source"]
        heading = [re.match(r"#* ?", source(cell))[0] for cell in (first, second)]
        assert heading[0] == heading[1], "both languages have the same headings"


@notebooks
@pytest.mark.parametrize("language", ["sv", "en"])
def test_there_is_one_h1(name, language):
    headings = [cell for cell in prose(name, language) if re.match(r"# ", source(cell))]
    assert len(headings) == 1


@notebooks
def test_no_number_is_typed_into_the_prose(name):
    for cell in (cell for cell in READ[name]["cells"] if cell["cell_type"] == "markdown"):
        text = re.sub(r"(?m)^#+ (Nivå|Level) [123]", "", source(cell))
        assert not re.search(r"\d", text), text
