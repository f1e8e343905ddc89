"""Executes one notebook through papermill, in this process, telling of each cell."""

from __future__ import annotations

import json
import os
import re
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jupyter_client import AsyncKernelManager, KernelManager
from jupyter_core.utils import run_sync

from attraktiv_eval import errors
from attraktiv_eval.errors import EvaluationError
from attraktiv_eval.reporting.view import PROTECTED
from attraktiv_eval.resources import one_thread
from attraktiv_eval.runs.parameters import check_notebook_parameters, literal, without_web_grammar

__all__ = [
    "RunKernelManager",
    "cell_count",
    "execute",
    "one_kernel",
    "prepare",
]


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
