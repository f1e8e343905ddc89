"""One run from parameters to published reports.

It reads as its steps: check the inputs, execute a notebook for each report and language, render it,
publish the folders, write the index.
"""

from __future__ import annotations

import json
import os
import threading
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from shutil import rmtree
from time import perf_counter
from typing import Any

from attraktiv_eval import resources
from attraktiv_eval.disclosure import Report
from attraktiv_eval.errors import DesignError, PublicationError
from attraktiv_eval.evaluation import Inputs, forget, load_inputs, remember
from attraktiv_eval.evaluation.inputs import ASSUMPTIONS, KEPT
from attraktiv_eval.project import Project
from attraktiv_eval.records import Records
from attraktiv_eval.records.tables import write_rejected
from attraktiv_eval.records.traces import traces_in_document
from attraktiv_eval.runs import publication
from attraktiv_eval.runs.comparison import forget_previous, keep_previous
from attraktiv_eval.runs.execution import (
    NOTEBOOKS,
    RunKernelManager,
    RunParameters,
    cell_count,
    execute,
    one_kernel,
)
from attraktiv_eval.runs.publication import Identity, Outputs, private_folder, write_crate
from attraktiv_eval.texts import LANGUAGES, about, in_language

FILE = ".cells"
_LOOK = 0.2  # seconds


def done_cell(folder: Path, language: str) -> None:
    """Write down that a cell of a report in this language is done."""
    with (folder / FILE).open("a", encoding="utf-8", newline="\n") as stream:
        stream.write(f"{language}\n")


@contextmanager
def watched(
    folders: Mapping[str, Path], step: Callable[[str, str], None], cell: Callable[[], None]
) -> Iterator[None]:
    """Call ``step`` with report and language and ``cell`` for each line that comes, till the end."""
    ended = threading.Event()
    seen = dict.fromkeys(folders, 0)

    def look() -> None:
        for name, folder in folders.items():
            file = folder / FILE
            lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
            for language in lines[seen[name] :]:
                step(name, language)
                cell()
            seen[name] = len(lines)

    def keep_looking() -> None:
        while not ended.wait(_LOOK):
            look()

    watch = threading.Thread(target=keep_looking, daemon=True, name="watch-cells")
    watch.start()
    try:
        yield
    finally:
        ended.set()
        watch.join()
        look()
        for folder in folders.values():
            (folder / FILE).unlink(missing_ok=True)


# --- One run from parameters to published reports


class Teller:
    """What a run tells while it works; the command line draws a progress bar from it."""

    def phase(self, words: str) -> None:
        """Say what is being done before there are cells to count."""

    def begin(self, total: int) -> None:
        """Say how many cells there are in all."""

    def step(self, folder: str, language: str) -> None:
        """Say which report is being made."""

    def cell(self) -> None:
        """Say that a cell is done."""


@dataclass(frozen=True)
class RunResult:
    """What a run published: results.json by folder, the index page, and whether PDFs were printed.

    ``rejected`` counts the rows of the records that were rejected, ``undecided`` the pairs of names or
    households that a person has to decide, ``unapplied`` the decisions that name something not found.
    """

    results: dict[str, dict[str, Any]]
    index: Path
    printed: bool = False
    rejected: int = 0
    undecided: int = 0
    unapplied: int = 0


def run(parameters: RunParameters, project: Project, teller: Teller | None = None) -> RunResult:
    """Make and publish every report that the parameters ask for.

    Raises
    ------
    EvaluationError
        For anything the evaluator can mend, such as an output folder with reports of another project; what
        stood in the output folder stays as it was.
    """
    resources.refuse_without_loopback()
    with _sharing(parameters.assumptions):
        return _run(parameters, project, teller or Teller())


@contextmanager
def _sharing(assumptions: Path | None) -> Iterator[None]:
    """Give the reports of a run a folder, outside of what is published, for what rests on equal inputs.

    The file of the run's assumptions is told to every notebook of it in the same way.
    """
    with private_folder() as folder:
        told = {KEPT: folder} | ({} if assumptions is None else {ASSUMPTIONS: str(assumptions.resolve())})
        before = {name: os.environ.get(name) for name in told}
        os.environ.update(told)
        try:
            yield
        finally:
            for name, value in before.items():
                os.environ.pop(name)
                if value is not None:
                    os.environ[name] = value


def _run(parameters: RunParameters, project: Project, teller: Teller) -> RunResult:
    inputs = load_inputs(parameters.project, parameters.records, parameters.statistics)
    _refuse_personal_texts(inputs)
    outputs = Outputs(parameters.output)
    with outputs.opened():
        outputs.refuse_other_project(Identity.of(project))
        teller.phase("computing the three levels")
        staged = {name: outputs.staging(name) for name in parameters.folders()}
        records = {name: _record(name, parameters, inputs, outputs, staged[name]) for name in staged}
        teller.begin(_cells(parameters))
        with watched(staged, teller.step, teller.cell):
            try:
                _make_all(staged, records, inputs, parameters, project, outputs.editions())
            except BaseException:
                for folder in staged.values():  # half a report may show what made it fail
                    rmtree(folder, ignore_errors=True)
                raise
        for name, folder in staged.items():
            outputs.publish(name, folder)
        index = _write_index(outputs, project, parameters.languages)
    results = {name: _read(parameters.output / name / "results.json") for name in staged}
    runs = {name: _read(parameters.output / name / "run.json") for name in staged}
    printed = all(run["pdf"] for run in runs.values())
    return RunResult(
        results,
        index,
        printed,
        rejected=int(inputs.records.accounting["rejected"].sum()),
        undecided=len(inputs.records.grey_zone),
        unapplied=inputs.records.unapplied,
    )


def _make_all(
    staged: dict[str, Path],
    records: dict[str, dict[str, Any]],
    inputs: Inputs,
    parameters: RunParameters,
    project: Project,
    published: Sequence[Report],
) -> None:
    """Make every report in its own folder; where there are several, side by side in kernels.

    What computes is a kernel; this process executes and renders, a thread a kernel, with what it has loaded.
    """
    from joblib import effective_n_jobs

    with suppress(DesignError):  # told in the report itself
        inputs.plan()  # once, for all that follows
    make = partial(_make, parameters=parameters, project=project, records=inputs.records, published=published)
    shares = [
        {name: (records[name], staged[name]) for name in share}
        for share in _shares(list(staged), effective_n_jobs(-1))
    ]
    if len(shares) == 1:
        make(shares[0])
        return
    kernels: list[RunKernelManager] = []
    with ThreadPoolExecutor(len(shares)) as threads:
        made = [threads.submit(make, share, kernels.append) for share in shares]
        try:
            for one in as_completed(made):
                one.result()
        except BaseException:
            for kernel in kernels:
                kernel.give_up()
            raise


def _shares(names: Sequence[str], processes: int) -> list[list[str]]:
    """Share the reports out in their order, as evenly as they go: each share is made by one kernel."""
    count = min(processes, len(names))
    ends = [round(len(names) * (place + 1) / count) for place in range(count)]
    return [list(names[first:end]) for first, end in zip([0, *ends], ends, strict=False)]


def _make(
    share: Mapping[str, tuple[dict[str, Any], Path]],
    tell: Callable[[RunKernelManager], None] = lambda _kernel: None,
    *,
    records: Records,
    parameters: RunParameters,
    project: Project,
    published: Sequence[Report],
) -> None:
    """Write some reports in every language, and see that they carry nothing personal.

    The notebook computes each: what its cells find is what is published. ``tell`` is told the kernel.
    """
    with one_kernel() as kernel:
        tell(kernel)
        for name, (record, folder) in share.items():
            remember(published, parameters.folders(), folder)
            _write_report(name, parameters, project, record, folder, kernel)
            _write_left_out(records, folder)
            write_crate(folder)
            _refuse_personal(folder, project)


def _write_left_out(records: Records, folder: Path) -> None:
    """Write what was left out as it may be published: names of files and pairs to decide stay at home."""
    write_rejected(records, folder / "rejected_rows.csv", published=True)


def year_of(name: str) -> int | None:
    """Return the year of a report's folder; None is the final report."""
    return None if name == "final" else int(name)


def _write_report(
    name: str,
    parameters: RunParameters,
    project: Project,
    record: dict[str, Any],
    folder: Path,
    kernel: RunKernelManager,
) -> None:
    """Execute and render one report in every language, in a folder beside the published ones."""
    from attraktiv_eval.reporting.downloads import print_pdf
    from attraktiv_eval.reporting.labels import project_title, report_title
    from attraktiv_eval.reporting.page import render

    kind, stem = ("final", "final_report") if name == "final" else ("yearly", "evaluation")
    begun = perf_counter()
    for language in parameters.languages:
        notebook, page = (folder / in_language(stem, language, ending) for ending in ("ipynb", "html"))
        values = parameters.for_notebook(name, language, folder)
        given, done = values | parameters.where(), partial(done_cell, folder, language)
        execute(resources.find(NOTEBOOKS[kind]), notebook, given, done, published=values, kernel=kernel)
        title = report_title(project_title(project, language), year_of(name), language)
        render(notebook, page, language=language, title=title, run=record)
        if record["pdf"] and not print_pdf(page, page.with_suffix(".pdf")):
            raise PublicationError(
                "Chromium could not print the report", remedy="run without --pdf", file=page.name
            )
    forget(folder)
    forget_previous(folder)
    seconds = round(perf_counter() - begun, 1)
    record = _read(folder / "run.json")  # with what the notebook has told of itself
    publication.write_run(folder, record | {"ended": publication.now(), "seconds": seconds})


def _refuse_personal_texts(inputs: Inputs) -> None:
    """Stop before anything is computed where a file whose texts are published holds something personal.

    Raises
    ------
    PublicationError
        With the file, the key and the kind of trace, never the trace itself.
    """
    published = (one.path for one in inputs.read if one.path.suffix == ".toml" and one.part != "draw")
    for path in sorted(set(published)):
        for key, kind in traces_in_document(tomllib.loads(path.read_text(encoding="utf-8-sig"))):
            raise PublicationError(
                f"{key} looks personal ({kind}) and would be published",
                remedy="take it out of the text; a contact is given as contact",
                file=path,
            )


def _contacts(project: Project) -> list[str]:
    """Return the contacts that the project gives to be published."""
    return [project.contact, project.accessibility.get("contact", "")]


def _refuse_personal(folder: Path, project: Project) -> None:
    """Stop a report that carries anything personal; it is never published.

    Raises
    ------
    PublicationError
        With the file and the kind of trace, never the trace itself.
    """
    from attraktiv_eval.disclosure import scan

    for trace in scan(folder, _contacts(project)):
        raise PublicationError(
            f"the report would carry personal data ({trace.kind})",
            remedy="find it in the records with attraktiv-eval check, and report this as a fault",
            file=f"{folder.name}/{trace.file}",
        )


def _record(
    name: str, parameters: RunParameters, inputs: Inputs, outputs: Outputs, folder: Path
) -> dict[str, Any]:
    """Write what is known of a report before it is made into its folder, and return it."""
    from attraktiv_eval.reporting.downloads import find_chromium

    run_id = inputs.run_id(year_of(name))
    version, replaces = outputs.version(name, run_id)
    record = {
        "run_id": run_id,
        "version": version,
        "replaces": replaces,
        "report": name,
        "region": inputs.project.region.code,
        "publisher": [one.name for one in inputs.project.organisations if one.role == "owner"],
        "licence": inputs.project.licence,
        "word": name == "final",
        "pdf": parameters.pdf and find_chromium() is not None,
        "started": publication.now(),
        "parameters": parameters.for_notebook(name, parameters.languages[0], Path(name)),
        "languages": list(outputs.languages(name, run_id, parameters.languages)),
        **publication.rests_on(inputs),
        "outcomes": {
            one.id: {language: one.short(language) for language in LANGUAGES}
            for one in inputs.panel.defined.values()
            if one.own
        },
    }
    inputs.write_plan(folder)
    publication.write_run(folder, record)
    keep_previous(outputs.root / name, folder)
    return record


def _cells(parameters: RunParameters) -> int:
    kinds = ["final" if name == "final" else "yearly" for name in parameters.folders()]
    cells = {kind: cell_count(resources.find(NOTEBOOKS[kind])) for kind in set(kinds)}
    return sum(cells[kind] for kind in kinds) * len(parameters.languages)


def _write_index(outputs: Outputs, project: Project, languages: tuple[str, ...]) -> Path:
    from attraktiv_eval.reporting.portfolio import write_index

    names = [str(year) for year in project.years] + ["final"]
    entries = [
        {
            "name": name,
            "run": run,
            "results": _read(outputs.root / name / "results.json"),
            "languages": run["languages"],
        }
        for name in names
        if (run := outputs.published(name)) is not None
    ]
    every = dict.fromkeys([*languages, *(one for entry in entries for one in entry["languages"])])
    every |= {one: None for one in LANGUAGES if (outputs.root / in_language("index", one)).is_file()}
    with about(project.region.kind, project.counted):
        for language in every:  # an index in another language would lead to what is no longer there
            write_index(outputs.root, entries, language, project)
    return outputs.root / in_language("index", languages[0])


def _read(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document
