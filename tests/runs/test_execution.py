"""A notebook's own errors reach the evaluator as they were raised; other failures keep their traceback."""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import chdir
from pathlib import Path

import nbformat
import pytest
from jupyter_core.utils import run_sync

from attraktiv_eval import resources
from attraktiv_eval.errors import SourceError
from attraktiv_eval.runs.execution import cell_count, execute, one_kernel


def notebook(tmp_path, *cells: str):
    document = nbformat.v4.new_notebook()
    document.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    first = nbformat.v4.new_code_cell('code: str = ""  # a code', metadata={"tags": ["parameters"]})
    document.cells = [first, *map(nbformat.v4.new_code_cell, cells)]
    path = tmp_path / "some notebook å.ipynb"
    nbformat.write(document, path)
    return path


def test_codes_keep_their_zeros_and_cells_are_told(tmp_path):
    path = notebook(tmp_path, "print(type(code).__name__, code)")
    told = []
    execute(path, tmp_path / "out.ipynb", {"code": "0114"}, lambda: told.append(1))
    done = nbformat.read(tmp_path / "out.ipynb", as_version=4)
    assert done.cells[-1].outputs[0].text.strip() == "str 0114"
    assert sum(told) == cell_count(path)
    assert not any(out.get("name") == "stderr" for cell in done.cells for out in cell.get("outputs", []))


def test_notebooks_of_one_kernel_find_nothing_of_each_other(tmp_path):
    path = notebook(tmp_path, "import os; print(os.getpid(), 'left' in globals()); left = 1")
    with one_kernel() as kernel:
        for name in ("first", "second"):
            execute(path, tmp_path / f"{name}.ipynb", {}, kernel=kernel)
    first, second = (nbformat.read(tmp_path / f"{name}.ipynb", as_version=4) for name in ("first", "second"))
    assert second.cells[-1].outputs == first.cells[-1].outputs, "another process, or names that were left"
    assert first.cells[-1].outputs[0].text.split()[1] == "False"
    assert [one.execution_count for one in second.cells] == [one.execution_count for one in first.cells]
    assert not kernel.has_kernel


def test_one_kernel_ends_with_the_notebook_that_fails(tmp_path):
    with pytest.raises(SourceError), one_kernel() as kernel:
        raised = 'raise SourceError("no figures", remedy="fetch")'
        path = notebook(tmp_path, f"from attraktiv_eval.errors import SourceError\n{raised}")
        execute(path, tmp_path / "out.ipynb", {}, kernel=kernel)
    assert not kernel.has_kernel


def test_a_kernel_that_is_given_up_fails_where_it_is_at_work_and_starts_no_more(tmp_path):
    path = notebook(tmp_path, "open('at work', 'w').close(); import time; time.sleep(600)")
    with chdir(tmp_path), ThreadPoolExecutor(1) as threads, one_kernel() as kernel:
        made = threads.submit(execute, path, tmp_path / "out.ipynb", {}, kernel=kernel)
        end = time.monotonic() + 60
        while not Path("at work").exists() and not made.done() and time.monotonic() < end:
            time.sleep(0.02)
        kernel.give_up()
        with pytest.raises(Exception, match=r"(?i)kernel died"):
            made.result(60)
        with pytest.raises(RuntimeError, match="ended"):
            run_sync(kernel.start_kernel)()


def test_braces_and_percent_signs_in_paths_are_letters(tmp_path):
    folder = tmp_path / "50 % {year} %s {"
    folder.mkdir()
    path = notebook(folder, "print(code)")
    execute(path, folder / "out {code} %d.ipynb", {"code": str(folder)})
    done = nbformat.read(folder / "out {code} %d.ipynb", as_version=4)
    assert done.cells[-1].outputs[0].text.strip() == str(folder)


def test_an_error_of_the_package_is_raised_again_with_its_remedy(tmp_path):
    raised = 'SourceError("no figures", remedy="fetch", row=3)'
    path = notebook(tmp_path, f"from attraktiv_eval.errors import SourceError\nraise {raised}")
    with pytest.raises(SourceError) as caught:
        execute(path, tmp_path / "out.ipynb", {})
    assert caught.value.one_line() == "row 3: no figures; remedy: fetch"


def test_papermill_by_hand_fails_with_the_line_and_without_the_calls(tmp_path):
    import papermill
    from papermill.exceptions import PapermillExecutionError

    raised = 'SourceError("no figures", remedy="fetch", row=3)'
    path = notebook(tmp_path, f"from attraktiv_eval.errors import SourceError\nraise {raised}")
    with pytest.raises(PapermillExecutionError) as caught:
        papermill.execute_notebook(str(path), str(tmp_path / "out.ipynb"), progress_bar=False)
    said = str(caught.value).split('Exception encountered at "In [2]":\n')[1]
    assert said.strip() == "SourceError: row 3: no figures; remedy: fetch"
    done = nbformat.read(tmp_path / "out.ipynb", as_version=4)
    shown = [out for cell in done.cells for out in cell.get("outputs", []) if out.output_type == "error"]
    assert [out.traceback for out in shown] == [[said.strip()]]


@pytest.mark.parametrize(
    "name",
    [
        "yearly_evaluation",
        *(pytest.param(one, marks=pytest.mark.prove) for one in ("method_validation", "explore_households")),
    ],
)
def test_papermill_by_hand_refuses_a_parameter_that_the_notebook_lacks(tmp_path, name):
    import papermill
    from papermill.exceptions import PapermillExecutionError

    given = {"langauge": "sv"}
    file = str(resources.find(f"notebooks/{name}.ipynb"))
    with pytest.raises(PapermillExecutionError) as caught:
        papermill.execute_notebook(file, str(tmp_path / "out.ipynb"), given, progress_bar=False)
    said = str(caught.value).split("Exception encountered at ")[1].split("\n", 1)[1].strip()
    assert said.startswith(
        "ParameterError: the notebook has no parameter 'langauge'; remedy: write 'language'"
    )
    assert len(said.splitlines()) == 1


def test_any_other_failure_keeps_its_traceback(tmp_path):
    from papermill.exceptions import PapermillExecutionError

    with pytest.raises(PapermillExecutionError, match="ZeroDivisionError"):
        execute(notebook(tmp_path, "1 / 0"), tmp_path / "out.ipynb", {})


def test_no_process_of_a_run_compiles_the_grammar_of_web_addresses(tmp_path):
    path = notebook(tmp_path, "1 + 1")
    code = f"""if True:
        import sys
        from pathlib import Path
        from attraktiv_eval.runs.execution import check_notebook_parameters
        check_notebook_parameters(Path({str(path)!r}), {{"code": "0114"}})
        print("jsonschema" in sys.modules, "lark" in sys.modules, "rfc3987_syntax" in sys.modules)
        import rfc3987_syntax
        print(rfc3987_syntax.is_valid_syntax("iri", "https://exempel.se/å"))
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False", "False", "True"]
