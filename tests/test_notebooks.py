"""The committed notebooks tell a story, hold no logic, and carry the outputs of their default parameters."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

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
def test_logic_lives_in_the_package(name):
    for cell in code_cells(name):
        tree = ast.parse(source(cell))
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
        assert not any(isinstance(node, kinds) for node in ast.walk(tree)), source(cell)
        assert len([line for line in source(cell).splitlines() if line.strip()]) <= 12
        assert not re.search(r"(?<![A-Za-z])_\(", source(cell)), "texts in a notebook are never translated"


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
        assert tags(first) == ["lang-sv"] and tags(second) == ["lang-en"]
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
