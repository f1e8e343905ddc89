"""Executes notebooks through papermill: parameters, kernels and cells, and what the machine lacks for it."""

from __future__ import annotations

import json
import locale
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_client import AsyncKernelManager, KernelManager
from jupyter_core.utils import ensure_event_loop, run_sync
from pydantic import BaseModel, ConfigDict

from attraktiv_eval import errors
from attraktiv_eval.errors import EvaluationError, ParameterError
from attraktiv_eval.reporting.view import PROTECTED
from attraktiv_eval.resources import one_thread, refuse_without_loopback
from attraktiv_eval.texts import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from attraktiv_eval.project import Project


# --- The kernels that a run starts


class RunKernelManager(AsyncKernelManager):
    """Starts kernels without a terminal of their own.

    A kernel is interrupted when it is shut down, and says so on its standard error; what a cell writes
    there reaches the notebook all the same.
    """

    _given_up = False

    async def _async_start_kernel(self, **given: Any) -> None:
        if self._given_up:
            raise RuntimeError("the run has ended")
        given.setdefault("stderr", subprocess.DEVNULL)
        await super()._async_start_kernel(**given)
        if self._given_up:
            self.give_up()

    start_kernel = _async_start_kernel  # type: ignore[assignment]

    def give_up(self) -> None:
        """End the kernel at once, from any thread: what it executes fails, and it starts no more."""
        self._given_up = True
        process = getattr(self.provisioner, "process", None)
        if process is not None:
            process.kill()


def prepare() -> None:
    """Prefer this environment's kernel, and the transport that warns of nothing on loopback."""
    os.environ.setdefault("JUPYTER_PREFER_ENV_PATH", "1")
    os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    one_thread()
    if hasattr(KernelManager, "transport_encryption"):
        setattr(KernelManager, "transport_encryption", "auto")  # noqa: B010 (a trait, not an attribute)


@contextmanager
def one_kernel() -> Iterator[RunKernelManager]:
    """Give several notebooks one kernel, one after the other, so that its libraries are loaded once.

    It starts with the first of them; each finds an empty namespace, and figures closed.
    """
    prepare()
    manager = RunKernelManager(kernel_name="python3")
    try:
        yield manager
    finally:
        if manager.has_kernel:
            run_sync(manager.shutdown_kernel)(now=True)
        if threading.current_thread() is not threading.main_thread():
            ensure_event_loop().close()  # nobody closes the loop of a thread that ends


#: What one notebook leaves to the next one in a kernel: nothing that it named, and no figure. Circles of what
#: is no longer used are looked for more seldom than by default, which took a sixth of what a report computes.
_CLEAR = """
import gc, sys
gc.set_threshold(20_000, 20, 20)
if "matplotlib.pyplot" in sys.modules:
    sys.modules["matplotlib.pyplot"].close("all")
get_ipython().execution_count = 1
get_ipython().run_line_magic("reset", "-f")
"""


# --- Executes one notebook through papermill, in this process, telling of each cell


class _CellBar:
    """What papermill calls after each cell, in place of its own bar."""

    def __init__(self, on_cell: Callable[[], None]) -> None:
        self._on_cell = on_cell

    n = 0

    def update(self, count: int) -> None:
        for _ in range(count):
            self._on_cell()

    def set_description(self, text: str) -> None:
        pass

    def refresh(self) -> None:
        pass

    def close(self) -> None:
        pass


def cell_count(notebook: Path) -> int:
    """Return the number of cells that papermill will go through: the notebook's, and the injected one."""
    return len(json.loads(notebook.read_text(encoding="utf-8"))["cells"]) + 1


def execute(
    notebook: Path,
    target: Path,
    parameters: dict[str, Any],
    on_cell: Callable[[], None] = lambda: None,
    published: dict[str, Any] | None = None,
    kernel: RunKernelManager | None = None,
) -> None:
    """Run a notebook with the given parameters and write the executed one.

    Parameters
    ----------
    notebook, target : Path
        The notebook to run, and where the executed notebook is written.
    parameters : dict
        Strings and integers, checked against the parameters cell first.
    on_cell : callable
        Called once for each cell that is done.
    published : dict, optional
        Parameters that the executed notebook shows in place of those given: where inputs lie is not told.
    kernel : RunKernelManager, optional
        A kernel that outlives the notebook, from :func:`one_kernel`; without one it has a kernel of its own.

    Raises
    ------
    EvaluationError
        If a cell raised one of the package's own errors; any other failure keeps its traceback.
    """
    check_notebook_parameters(notebook, parameters)
    with without_web_grammar():
        import papermill
        from papermill.clientwrap import PapermillNotebookClient
        from papermill.engines import NBClientEngine, papermill_engines
        from papermill.exceptions import PapermillExecutionError

    class Client(PapermillNotebookClient):
        def papermill_execute_cells(self) -> None:
            if kernel is not None:
                self.wait_for_reply(self.kc.execute(_CLEAR, silent=True))
            super().papermill_execute_cells()

        def execute(self, **options: Any) -> Any:
            try:
                return super().execute(**options)
            finally:
                if self.kc is not None:
                    self.kc.stop_channels()

    class TellingEngine(NBClientEngine):
        @classmethod
        def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: Any) -> Any:
            nb_man.pbar = _CellBar(on_cell)
            told = {"kernel_name": kernel_name, "startup_timeout": options["start_timeout"]}
            return Client(nb_man, km=kernel, kernel_manager_class=RunKernelManager, **told).execute()

    engine = f"telling in {threading.get_ident()}"  # notebooks of a run are executed side by side
    papermill_engines.register(engine, TellingEngine)
    prepare()
    try:
        papermill.execute_notebook(
            literal(notebook),
            literal(target),
            parameters=parameters,
            engine_name=engine,
            kernel_name="python3",
            progress_bar=False,
            log_output=False,
            request_save_on_cell_execute=False,
            start_timeout=120,
        )
    except PapermillExecutionError as failure:
        raise _own_error(failure) or failure from failure
    _publishable(target, str(parameters.get("output", "")), published or {})


def _publishable(notebook: Path, output: str, published: dict[str, Any]) -> None:
    """Keep of an executed notebook what may be published.

    Of its outputs, those that are pieces of the report: whatever else a cell shows or prints has not been
    protected. Of its paths, the names of the two notebooks and of the output folder, not where they lay.
    """
    import nbformat

    document = nbformat.read(str(notebook), as_version=4)
    for cell in document.cells:
        if output and cell.cell_type == "code":
            cell.outputs = [one for one in cell.outputs if PROTECTED in one.get("data", {})]
    told = document.metadata.get("papermill", {})
    for name in ("input_path", "output_path"):
        if told.get(name):
            told[name] = Path(told[name]).name
    shown = {**published, "output": Path(output).name} if output else published
    told.get("parameters", {}).update(shown)
    for cell in document.cells:
        if "injected-parameters" in cell.metadata.get("tags", []):
            for name, value in shown.items():
                line = f"{name} = {json.dumps(value, ensure_ascii=False)}"
                cell.source = re.sub(rf"(?m)^{name} = .*$", line.replace("\\", r"\\"), cell.source)
    nbformat.write(document, str(notebook))


def _own_error(failure: Any) -> EvaluationError | None:
    kind = getattr(errors, str(failure.ename), None)
    if not (isinstance(kind, type) and issubclass(kind, EvaluationError)):
        return None
    message, _, remedy = str(failure.evalue).rpartition("; remedy: ")
    return kind(message, remedy=remedy) if message else kind(remedy, remedy="see the cell that failed")


# --- What papermill is given
# It takes any name and any type without a word, so nothing reaches it that has not passed here.


_GRAMMAR = "rfc3987_syntax"


@contextmanager
def without_web_grammar() -> Iterator[None]:
    """Keep what is imported inside from compiling a grammar of web addresses that nobody asks for.

    Jupyter's notebook format imports jsonschema, which compiles the grammar of RFC 3987 (1.5 seconds of
    computing in every process) where the optional package for it is installed, to check texts said to be
    such addresses. The schema of notebooks says so of none. A module that is ``None`` in ``sys.modules``
    counts as not installed; afterwards it can be imported as before.
    """
    absent = _GRAMMAR not in sys.modules
    if absent:
        sys.modules[_GRAMMAR] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        if absent:
            del sys.modules[_GRAMMAR]


# --- The parameters of a run, checked before anything starts

NOTEBOOKS = {
    "yearly": "notebooks/yearly_evaluation.ipynb",
    "final": "notebooks/final_report.ipynb",
}


class RunParameters(BaseModel):
    """What one run makes: years, final report, languages, and where it reads and writes.

    ``project``, ``records`` and ``statistics`` are None where the shipped ones are used.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    years: tuple[int, ...]
    final: bool
    languages: tuple[str, ...]
    project: Path | None = None
    records: Path | None = None
    statistics: Path | None = None
    assumptions: Path | None = None
    output: Path = Path("outputs")
    pdf: bool = False

    def folders(self) -> list[str]:
        """Return the names of the folders that the run publishes, in order."""
        return [str(year) for year in self.years] + (["final"] if self.final else [])

    def for_notebook(self, folder: str, language: str, staged: Path) -> dict[str, Any]:
        """Return the parameters of one notebook as plain strings and integers.

        A published notebook shows them, and a folder may be called after a person: where the inputs lie is
        not told.
        """
        values: dict[str, Any] = {} if folder == "final" else {"year": int(folder)}
        return values | {
            "language": language,
            "project": "" if self.project is None else "project.toml",
            "records": "" if self.records is None else "records",
            "statistics": "" if self.statistics is None else "statistics",
            "output": as_text(staged),
        }

    def where(self) -> dict[str, str]:
        """Return where the inputs lie, for the notebook that reads them; see :meth:`for_notebook`."""
        paths = {"project": self.project, "records": self.records, "statistics": self.statistics}
        return {name: as_text(path) for name, path in paths.items()}


def as_text(path: Path | None) -> str:
    """Return a path as text with forward slashes, relative to the working folder where it can be."""
    if path is None:
        return ""
    try:
        return Path(os.path.relpath(path)).as_posix()
    except ValueError:  # another drive on Windows
        return path.resolve().as_posix()


def checked(
    project: Project,
    *,
    years: Sequence[int] | None,
    final: bool | None,
    languages: Sequence[str] | None,
    project_file: Path | None,
    records: Path | None,
    statistics: Path | None,
    output: Path,
    pdf: bool = False,
    assumptions: Path | None = None,
) -> RunParameters:
    """Return the parameters of a run, or say in one line what is wrong with them.

    Without years all years of the project that are over are evaluated, and the final report is made where
    the project has ended; with years the final report is made only when asked for.

    Raises
    ------
    ParameterError
        For a year outside the project, a year or project that is not over and was asked for, a project of
        which no year is over, an unknown language or a folder that is not there.
    """
    for year in years or ():
        if year not in project.years:
            raise ParameterError(
                f"{year} is not a year of the project", remedy=f"choose {_choice(project.years)}"
            )
        project.refuse_unfinished(year)
    if final:
        project.refuse_unfinished(None)
    if not (years or project.years_over):
        project.refuse_unfinished(project.years[0])
    for language in languages or ():
        if language not in LANGUAGES:
            raise ParameterError(f"unknown language {language!r}", remedy=f"choose {_choice(LANGUAGES)}")
    for name, folder in (("records", records), ("statistics", statistics)):
        if folder is not None and not folder.is_dir():
            raise ParameterError(
                f"the folder given as --{name} does not exist",
                remedy="give the path of an existing folder",
                file=folder,
            )
    if assumptions is not None and not assumptions.is_file():
        raise ParameterError(
            "the file given as --assumptions does not exist",
            remedy="copy data/assumptions.toml, change a value in it, and give its path",
            file=assumptions,
        )
    return RunParameters(
        years=tuple(sorted(set(years or project.years_over))),
        final=final if final is not None else not years and project.ended,
        languages=tuple(dict.fromkeys(languages or ("sv",))),
        project=project_file,
        records=records,
        statistics=statistics,
        assumptions=assumptions,
        output=output,
        pdf=pdf,
    )


def literal(path: Path) -> str:
    """Return a path as papermill takes it, which reads braces as places for parameters."""
    return str(path).replace("{", "{{").replace("}", "}}")


def check_notebook_parameters(notebook: Path, values: dict[str, Any]) -> None:
    """Check names and types against the notebook's own parameters cell.

    Raises
    ------
    ParameterError
        For a name that the notebook does not know, or a value of another type.
    """
    with without_web_grammar():
        import papermill

    known = papermill.inspect_notebook(literal(notebook))
    types: dict[str, type] = {"int": int, "str": str, "bool": bool, "float": float}
    for name, value in values.items():
        if name not in known:
            raise ParameterError(
                f"unknown parameter {name!r}", remedy=f"use {_choice(sorted(known))}", file=notebook.name
            )
        expected = types.get(known[name]["inferred_type_name"])
        if expected is not None and type(value) is not expected:
            raise ParameterError(
                f"parameter {name!r} is {type(value).__name__}, not {expected.__name__}",
                remedy=f"give a value of type {expected.__name__}",
                file=notebook.name,
            )


def _choice(values: Iterable[object]) -> str:
    words = [str(value) for value in values]
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " or " + words[-1]


# --- The machine looked over before a run: one line a question


@dataclass(frozen=True)
class Line:
    """One answer: what was asked, whether it is fine, and what was found or what to do."""

    name: str
    fine: bool
    told: str


def examine(output: Path) -> list[Line]:
    """Return the answers in the order in which a run would need them."""
    return [_python(), _kernel(), _loopback(), _locale(), _catalogue(), _write_rights(output), _chromium()]


def _python() -> Line:
    fine = sys.version_info >= (3, 11)
    return Line("Python", fine, platform.python_version() + ("" if fine else "; install 3.11 or newer"))


def _kernel() -> Line:
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        spec = KernelSpecManager().get_kernel_spec("python3")
    except NoSuchKernel:
        return Line("kernel", False, "no python3 kernel; run python -m ipykernel install --sys-prefix")
    command = spec.argv[0]
    here = Path(sys.executable).parent.resolve()
    own = not Path(command).is_absolute() or Path(command).parent.resolve() == here
    told = "python3, of this environment" if own else f"python3 starts another Python ({command})"
    remedy = "" if own else "; run python -m ipykernel install --sys-prefix"
    return Line("kernel", own, told + remedy)


def _loopback() -> Line:
    try:
        refuse_without_loopback()
    except ParameterError as fault:
        return Line("loopback", False, fault.one_line())
    return Line("loopback", True, "this machine answers itself, as notebooks need")


def _locale() -> Line:
    encoding = (sys.stdout.encoding or "ascii").lower().replace("-", "")
    fine = encoding in ("utf8", "cp1252", "iso88591", "cp65001")
    told = f"{locale.getlocale()[0] or 'C'}, terminal {sys.stdout.encoding}"
    return Line("locale", fine, told + ("" if fine else "; set PYTHONUTF8=1 to see å, ä and ö"))


def _catalogue() -> Line:
    from attraktiv_eval.texts import number, translator

    fine = translator("sv")("Goal") == "Mål" and number(1234.5, "sv", 1) == "1\u00a0234,5"
    return Line("Swedish", fine, "texts and numbers" if fine else "the catalogue is missing; install again")


def _write_rights(output: Path) -> Line:
    folder = output
    while not folder.exists():
        folder = folder.resolve().parent
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as denied:
        reason = denied.strerror or "cannot be written"
        return Line("output", False, f"{output}: {reason}; choose another folder with --output")
    free = shutil.disk_usage(folder).free // 1_000_000
    return Line("output", True, f"{output} can be written, {free:,} MB free".replace(",", " "))


def _chromium() -> Line:
    from attraktiv_eval.reporting.downloads import find_chromium

    found = find_chromium()
    return Line("Chromium", True, "found" if found else "not found: no PDF; all else works")
