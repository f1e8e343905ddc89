"""Opens JupyterLab on the explore notebooks, and says what they read: their own, else the command's."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attraktiv_eval import resources
from attraktiv_eval.errors import ParameterError
from attraktiv_eval.evaluation import load_inputs
from attraktiv_eval.explore.board import has_widgets
from attraktiv_eval.resources import installing, python, refuse_unknown_parameters
from attraktiv_eval.texts import LANGUAGES

if TYPE_CHECKING:
    from attraktiv_eval.evaluation import Inputs

__all__ = [
    "NOTEBOOKS",
    "VARIABLES",
    "by_hand",
    "command",
    "county_table",
    "environment",
    "open_lab",
    "opened",
    "put_notebooks",
]


#: Environment variables by which the command passes paths on to the notebooks.
VARIABLES = {
    "project": "ATTRAKTIV_EVAL_PROJECT",
    "records": "ATTRAKTIV_EVAL_RECORDS",
    "statistics": "ATTRAKTIV_EVAL_STATISTICS",
}


def opened(project: str | Path = "", records: str | Path = "", statistics: str | Path = "") -> Inputs:
    """Return project, assumptions, statistics and records, read once for all panels of a notebook.

    Parameters
    ----------
    project, records, statistics : str or Path, optional
        Empty: what ``attraktiv-eval explore`` was given, else the shipped project, the invented example
        records and the shipped figures.

    Raises
    ------
    EvaluationError
        If a file is missing or wrong, or papermill was given a parameter that the notebook does not have.
    """
    refuse_unknown_parameters()
    return _read(*_paths(project, records, statistics).values())


def _paths(project: str | Path, records: str | Path, statistics: str | Path) -> dict[str, str]:
    """Return the path of each part: as given, else as the command was told; empty is the shipped one."""
    given = {"project": str(project), "records": str(records), "statistics": str(statistics)}
    return {name: path or os.environ.get(VARIABLES[name], "") for name, path in given.items()}


@lru_cache(maxsize=2)
def _read(project: str, records: str, statistics: str) -> Inputs:
    return load_inputs(*(Path(one) if one else None for one in (project, records, statistics)))


def county_table() -> Path:
    """Return the shipped table of counties, in the layout that a table of one's own may have."""
    return resources.find("data/statistics/counties.csv")


def by_hand(project: str | Path = "", records: str | Path = "", statistics: str | Path = "") -> str:
    """Return the lines that read the same files by hand, from wherever :func:`opened` was told of them.

    Examples
    --------
    >>> print(by_hand(records="my_records"))
    import attraktiv_eval as ae
    inputs = ae.explore.opened(records='my_records')
    """
    paths = _paths(project, records, statistics)
    inside = ", ".join(f"{name}={path!r}" for name, path in paths.items() if path)
    return f"import attraktiv_eval as ae\ninputs = ae.explore.opened({inside})"


# --- Opens JupyterLab on a working copy of the explore notebooks

NOTEBOOKS = (
    "explore_households",
    "explore_counterfactual",
    "explore_assumptions",
    "explore_data_quality",
    "ten_questions",
)


def open_lab(
    folder: Path,
    *,
    language: str = "sv",
    browser: bool = True,
    port: int | None = None,
    project: Path | None = None,
    records: Path | None = None,
    statistics: Path | None = None,
) -> int:
    """Open JupyterLab on a folder with the explore notebooks, and return its exit code when it ends.

    JupyterLab listens on this machine alone and asks for its token.

    Raises
    ------
    ParameterError
        If ipywidgets or JupyterLab is not installed, a path does not exist, or the language is unknown.
    """
    _check_installed()
    if language not in LANGUAGES:
        raise ParameterError(f"unknown language {language!r}", remedy="choose sv or en")
    given = {"project": project, "records": records, "statistics": statistics}
    for name, path in given.items():
        if path is not None and not path.exists():
            raise ParameterError("there is no such path", remedy=f"give --{name} another path", file=path)
    resources.refuse_without_loopback()
    put_notebooks(folder, language)
    return _until_it_ends(command(folder, browser=browser, port=port), environment(given))


def _until_it_ends(command: list[str], variables: dict[str, str]) -> int:
    """Run a server until it ends; told to end by the user or the system, end it first."""
    with subprocess.Popen(command, env=variables) as server:
        before = signal.signal(signal.SIGTERM, lambda *_: server.terminate())
        try:
            return server.wait()
        except KeyboardInterrupt:
            server.terminate()
            return 0
        finally:
            signal.signal(signal.SIGTERM, before)


def _check_installed() -> None:
    from importlib.util import find_spec

    if not has_widgets():
        raise ParameterError(
            "the explore notebooks need ipywidgets, the extra explore", remedy=installing("explore")
        )
    if find_spec("jupyterlab") is None:
        raise ParameterError("JupyterLab is not installed", remedy=f"{python()} -m pip install jupyterlab")


def command(folder: Path, *, browser: bool, port: int | None) -> list[str]:
    """Return the command that starts JupyterLab."""
    return [
        sys.executable,
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={folder.resolve()}",
        "--ServerApp.ip=127.0.0.1",
        f"--LabApp.default_url=/lab/tree/{NOTEBOOKS[0]}.ipynb",
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        *([] if port is None else [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]),
        *([] if browser else ["--no-browser"]),
        *(["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),  # as in a container
    ]


def environment(given: dict[str, Path | None]) -> dict[str, str]:
    """Return the environment of JupyterLab: the paths that the notebooks are to read, whole."""
    told = {VARIABLES[name]: str(path.resolve()) for name, path in given.items() if path is not None}
    others = {name: value for name, value in os.environ.items() if name not in VARIABLES.values()}
    return {**others, "JUPYTER_PREFER_ENV_PATH": "1", **told}


def put_notebooks(folder: Path, language: str) -> list[Path]:
    """Put the notebooks into a folder, in one language; those already there stay as the evaluator left them.

    Raises
    ------
    ParameterError
        If the folder cannot be written.
    """
    put: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in NOTEBOOKS:
            file = folder / f"{name}.ipynb"
            if not file.exists():
                made = _in_language(resources.find(f"notebooks/{name}.ipynb"), language)
                file.write_text(made, encoding="utf-8", newline="\n")
                put.append(file)
    except OSError as error:
        raise ParameterError(
            f"the notebooks cannot be written ({error.strerror})",
            remedy="give --folder a folder that you may write in",
            file=folder,
        ) from None
    return put


def _in_language(file: Path, language: str) -> str:
    """Return a notebook with the prose of one language, its parameter set to it, and no outputs."""
    notebook: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    kept = []
    for cell in notebook["cells"]:
        tags = cell["metadata"].get("tags", [])
        if any(tag.startswith("lang-") and tag != f"lang-{language}" for tag in tags):
            continue
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
        if "parameters" in tags:
            source = "".join(cell["source"]).replace('language: str = "sv"', f'language: str = "{language}"')
            cell["source"] = source.splitlines(keepends=True)
        kept.append(cell)
    notebook["cells"] = kept
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"
