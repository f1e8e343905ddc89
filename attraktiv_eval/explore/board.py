"""A panel of the explore notebooks: controls, what they show, and the library call that makes it.

JupyterLab is opened on the notebooks here too, and what they read is theirs, else the command's.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from attraktiv_eval import regions, resources
from attraktiv_eval.errors import EvaluationError, ParameterError
from attraktiv_eval.evaluation import load_inputs
from attraktiv_eval.reporting.figures import style
from attraktiv_eval.reporting.view import escape, plain
from attraktiv_eval.resources import installing, python, refuse_unknown_parameters
from attraktiv_eval.texts import LANGUAGES, number, translator

if TYPE_CHECKING:
    import ipywidgets
    import pandas as pd
    from matplotlib.figure import Figure

    from attraktiv_eval.counterfactual import Estimate
    from attraktiv_eval.evaluation import Inputs

#: What stands for None in a widget: a drop-down list shows a choice of None as no choice at all.
NOTHING = ""


@dataclass(frozen=True)
class Control:
    """One control: its name in the library call, its label, its first value and what it may take.

    ``options`` are pairs of label and value, for ``choice`` and ``several``; ``low``, ``high`` and ``step``
    are the ends of ``slider`` and ``span``.
    """

    name: str
    label: str
    kind: Literal["choice", "several", "slider", "span"]
    value: Any
    options: tuple[tuple[str, Any], ...] = ()
    low: float = 0.0
    high: float = 1.0
    step: float = 1.0

    def meant(self, typed: Any) -> Any:
        """Return the value that a label of a choice stands for; anything else as it is."""
        labels = {label.casefold(): value for label, value in self.options}
        if isinstance(typed, (list, tuple)):
            return tuple(self.meant(one) for one in typed)
        return labels.get(typed.casefold(), typed) if isinstance(typed, str) else typed

    def widget(self) -> ipywidgets.Widget:
        """Return the control as Jupyter shows it."""
        import ipywidgets

        common: dict[str, Any] = {
            "description": self.label,
            "style": {"description_width": "30rem" if self.kind == "slider" else "16rem"},
            "layout": ipywidgets.Layout(
                width="52rem" if self.kind == "slider" else "40rem", max_width="100%"
            ),
        }
        if self.kind == "choice":
            options = [(label, NOTHING if value is None else value) for label, value in self.options]
            first = NOTHING if self.value is None else self.value
            return ipywidgets.Dropdown(options=options, value=first, **common)
        if self.kind == "several":
            return ipywidgets.SelectMultiple(
                options=list(self.options), value=tuple(self.value), rows=5, **common
            )
        if self.kind == "span":
            return ipywidgets.IntRangeSlider(
                value=list(self.value),
                min=int(self.low),
                max=int(self.high),
                continuous_update=False,
                **common,
            )
        return ipywidgets.FloatSlider(
            value=self.value,
            min=self.low,
            max=self.high,
            step=self.step,
            readout_format=".2f",
            continuous_update=False,
            **common,
        )

    def read(self, value: Any) -> Any:
        """Return a widget's value as the library takes it."""
        return None if value == NOTHING and self.kind == "choice" else value


def choice(name: str, label: str, options: Sequence[tuple[str, Any]], value: Any) -> Control:
    """Return a control for one of several values."""
    return Control(name, label, "choice", value, tuple(options))


def several(name: str, label: str, options: Sequence[tuple[str, Any]], value: Sequence[Any] = ()) -> Control:
    """Return a control for any number of values, none at first."""
    return Control(name, label, "several", tuple(value), tuple(options))


def span(name: str, label: str, low: int, high: int, value: tuple[int, int]) -> Control:
    """Return a control for a first and a last year."""
    return Control(name, label, "span", value, low=low, high=high)


def slider(name: str, label: str, low: float, high: float, value: float, step: float) -> Control:
    """Return a control for a number between two ends."""
    return Control(name, label, "slider", value, low=low, high=high, step=step)


# --- A panel of the explore notebooks

NO_WIDGETS = (
    'the controls need the extra "explore": run %pip install "attraktiv-eval[explore]" in a cell, '
    "then restart the kernel"
)
_BOX = "background:#fff;color:#1b1b1b;padding:0.7rem;max-width:52rem;font-family:system-ui,sans-serif"
_CODE = (
    "background:#f4f4f4;color:#1b1b1b;padding:0.6rem;overflow-x:auto;user-select:all;white-space:pre;"
    "font-size:0.85rem;line-height:1.4"
)


@dataclass(frozen=True)
class Picture:
    """What a panel shows for one choice: HTML with text and figure, and the call that makes its numbers."""

    html: str
    call: str

    def __repr__(self) -> str:
        """Return its words, as a terminal shows them."""
        return plain(self.html)

    def _repr_html_(self) -> str:
        """Return what the panel shows for this choice."""
        return self.html


Draw = Callable[..., Iterable[Picture]]
#: Takes the controls' values and the name of the one that was moved; returns the nearest that go together.
Clamp = Callable[[dict[str, Any], str], dict[str, Any]]


class Board:
    """Controls, the picture that they choose, and the library call that makes it.

    In a notebook a board displays itself: live controls where the front end knows widgets, the first
    picture where it does not. ``choose`` gives the same picture without any widget.

    Parameters
    ----------
    controls : sequence of Control
    draw : callable
        Takes the controls' values by name and yields pictures: where an answer takes long, a first one
        without the slow part, then the whole one.
    language : {"sv", "en"}
    clamp : callable, optional
        Brings the values to the nearest that go together: a control stops at its end.
    """

    def __init__(
        self, controls: Sequence[Control], draw: Draw, language: str = "sv", clamp: Clamp | None = None
    ) -> None:
        self.controls = list(controls)
        self.language = language
        self._clamp = clamp
        self._values = {control.name: control.value for control in self.controls}
        self._draw = draw
        self._widget: Any = None
        self._opening: str | None = None

    @property
    def first(self) -> dict[str, Any]:
        """The first value of each control, by name."""
        return {control.name: control.value for control in self.controls}

    def choose(self, **changed: Any) -> Picture:
        """Return the picture for the first values with some changed; a choice may be called by its label.

        Raises
        ------
        ParameterError
            If the board has no such control.
        EvaluationError
            If the data cannot carry the choice.
        """
        unknown = [name for name in changed if name not in self.first]
        if unknown:
            raise ParameterError(
                f"there is no control {unknown[0]!r}", remedy=f"choose among {', '.join(self.first)}"
            )
        meant = {one.name: one.meant(changed[one.name]) for one in self.controls if one.name in changed}
        *_, last = self._draw(**{**self.first, **meant})
        return last

    def pictures(self, **values: Any) -> Iterator[str]:
        """Yield the HTML of each picture on the way to the answer; an error of the choice as one line."""
        try:
            for picture in self._draw(**values):
                yield self._html(picture)
        except EvaluationError as error:
            _ = translator(self.language)
            said = _("The figures do not carry this choice; choose other years, regions or another outcome.")
            detail = f'<p lang="en" style="color:#595959;font-size:0.88rem">{escape(error.one_line())}</p>'
            yield f'<div style="{_BOX}"><p role="alert">{escape(said)}</p>{detail}</div>'

    @property
    def call(self) -> str:
        """The library call that makes what the panel shows now."""
        *_, last = self._draw(**self._values)
        return last.call

    def to_next_cell(self) -> None:
        """Put the library call of the panel's present choice into a new cell below, ready to be run.

        Raises
        ------
        ParameterError
            If this is no notebook.
        """
        import sys

        shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
        if shell is None:
            raise ParameterError(
                "there is no next cell outside a notebook", remedy="print the call of the board"
            )
        shell.set_next_input(self.call)

    def widget(self) -> Any:
        """Return the live panel, made once.

        Raises
        ------
        ParameterError
            If ipywidgets is not installed.
        """
        if not has_widgets():
            raise ParameterError("there are no controls without ipywidgets", remedy=installing("explore"))
        if self._widget is None:
            self._widget = self._live()
        return self._widget

    def _live(self) -> Any:
        import ipywidgets

        made = {control.name: control.widget() for control in self.controls}
        shown = ipywidgets.HTML(value=self._opening_html())

        moving: list[str] = []

        def redraw(moved: str, _change: object) -> None:
            if moving:  # by the clamp itself
                return
            values = {control.name: control.read(made[control.name].value) for control in self.controls}
            moving.append(moved)
            try:
                self._values = values if self._clamp is None else self._clamp(values, moved)
                for name, value in self._values.items():
                    if value != values[name]:
                        made[name].value = value
            finally:
                moving.clear()
            for html in self.pictures(**self._values):
                shown.value = html

        for name, one in made.items():
            one.observe(partial(redraw, name), names="value")
        box = ipywidgets.VBox([*made.values(), shown])
        box.add_class("attraktiv-board")
        return box

    def _opening_html(self) -> str:
        if self._opening is None:
            *_, self._opening = self.pictures(**self.first)
        return self._opening

    def _html(self, picture: Picture) -> str:
        _ = translator(self.language)
        told = escape(_("The library call that makes this; copy it into a cell"))
        call = (
            f'<p style="margin:0.6rem 0 0.2rem">{told}</p>\n<pre style="{_CODE}">{escape(picture.call)}</pre>'
        )
        return f'<div style="{_BOX}">\n{picture.html}\n{call}\n</div>'

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        """Return the first picture, and the live panel for a front end that knows widgets."""
        first = self._opening_html()
        if not has_widgets():
            note = f'<p role="note">{escape(NO_WIDGETS)}</p>'
            return {"text/html": note + first, "text/plain": f"{NO_WIDGETS}\n{plain(first)}"}
        bundle: dict[str, Any] = {"text/html": first, "text/plain": plain(first)}
        live = self.widget()._repr_mimebundle_()
        view = "application/vnd.jupyter.widget-view+json"
        if view in live:
            bundle[view] = live[view]
        return bundle


class Drawer:
    """What draws the pictures of a board: its inputs, its language, and the lines that open the inputs.

    Parameters
    ----------
    language : {"sv", "en"}
    *paths : str or Path
        Project, records and statistics, as in :func:`opened`.
    """

    def __init__(self, language: str, *paths: str | Path) -> None:
        self.inputs, self.opening = opened(*paths), by_hand(*paths)
        self.language, self._ = language, translator(language)

    def number(self, value: float, decimals: int = 0, *, signed: bool = False) -> str:
        """Return a number as the language writes it."""
        return number(value, self.language, decimals, signed=signed)

    def example(self) -> str:
        """Return the label of invented records; empty where they are real."""
        told = self._("Example data: households and companies here are invented.")
        return paragraph(told) if self.inputs.records.example_data else ""


def has_widgets() -> bool:
    """Return whether ipywidgets is installed."""
    return find_spec("ipywidgets") is not None


# --- The drawings of the explore panels, in the look of the reports

_CELL = "padding:0.15rem 0.6rem;text-align:{side};font-variant-numeric:tabular-nums;vertical-align:top"


def drawn(make: Callable[[], Figure], prefix: str, name: str) -> str:
    """Return a figure as SVG in HTML, with its name for those who cannot see it."""
    # A title's place is given: to find one, every label would be laid out twice, a third of the time.
    with style.drawing(**{"axes.titley": 1.0}):
        figure = make()
    return f'<div style="max-width:50rem">{style.to_svg(figure, prefix, name)}</div>'


def new(width: float, height: float, columns: Sequence[float] = (1,)) -> tuple[Figure, list[Any]]:
    """Return a figure of a size in points and its panels from left to right, by their share of the width."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width / 72, height / 72))
    axes = figure.subplots(1, len(columns), squeeze=False, gridspec_kw={"width_ratios": list(columns)})
    return figure, list(axes[0])


def heading(text: str) -> str:
    """Return the heading of a panel that stands beside others of its kind."""
    return f'<h3 style="font-size:1.05rem;margin:0 0 0.4rem">{escape(text)}</h3>\n'


def paragraph(text: str, *, quiet: bool = False) -> str:
    """Return a paragraph; a quiet one is smaller and grey."""
    look = ' style="color:#595959;font-size:0.88rem"' if quiet else ""
    return f"<p{look}>{escape(text)}</p>"


def table(caption: str, headings: Sequence[str], rows: Sequence[Sequence[str]], text_columns: int = 1) -> str:
    """Return a plain table: the first ``text_columns`` columns to the left, numbers to the right."""
    sides = ["left" if place < text_columns else "right" for place in range(len(headings))]
    looks = [_CELL.format(side=side) for side in sides]
    head = "".join(
        f'<th scope="col" style="{look}">{escape(one)}</th>'
        for one, look in zip(headings, looks, strict=True)
    )
    body = "\n".join(
        "<tr>"
        + "".join(f'<td style="{look}">{escape(one)}</td>' for one, look in zip(row, looks, strict=True))
        + "</tr>"
        for row in rows
    )
    return (
        f'<table style="border-collapse:collapse;margin:0.5rem 0">'
        f'<caption style="text-align:left;font-weight:600">{escape(caption)}</caption>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table>"
    )


# --- The drawing of a comparison: the gap among its placebos, and the weights

LARGEST_WEIGHTS = 8
SMALLEST_SHOWN = 0.0005
MOST_LINES = 40


def figure(estimate: Estimate, placebos: pd.DataFrame, language: str) -> str:
    """Return gap, the gaps of the placebos, and weights as SVG."""
    _ = translator(language)
    name = _("Line chart of the county’s gap to its comparison among the placebos, and bars of the weights")
    return drawn(lambda: _draw(estimate, placebos, language), "explore-comparison", name)


def _draw(estimate: Estimate, placebos: pd.DataFrame, language: str) -> Figure:
    _ = translator(language)
    made, (left, right) = new(600, 260, (2, 1))
    window = estimate.effects.index
    style.shade(left, window[0], window[-1])
    left.axhline(0, color=style.OTHER, linewidth=0.9, linestyle=(0, (4, 2)))
    _cloud(left, placebos)
    left.plot(estimate.gap.index, estimate.gap, color=style.COUNTY, linewidth=2.4)
    left.set_title(_("Gap per 1,000 inhabitants; thin: placebos"))
    left.margins(x=0.02)
    left.xaxis.get_major_locator().set_params(integer=True)
    left.yaxis.set_major_formatter(lambda value, _at: number(value, language))
    style.clean(left)
    _weights(right, estimate, language)
    made.subplots_adjust(left=0.06, right=0.97, top=0.9, bottom=0.1, wspace=0.75)
    return made


def _cloud(axes: Any, placebos: pd.DataFrame) -> None:
    from matplotlib.collections import LineCollection

    gaps = placebos.iloc[:, :MOST_LINES]
    lines = [list(zip(gaps.index, gaps[unit], strict=True)) for unit in gaps]
    axes.add_collection(LineCollection(lines, colors=style.SOFT, linewidths=0.5, alpha=0.8))
    axes.autoscale_view()


def _weights(axes: Any, estimate: Estimate, language: str) -> None:
    _ = translator(language)
    axes.set_title(_("Weights"))
    if estimate.weights is None:
        axes.axis("off")
        axes.text(0, 0.9, _("The method gives\nno weights."), transform=axes.transAxes, va="top")
        return
    order = estimate.weights.abs().sort_values(ascending=False, kind="stable").index[:LARGEST_WEIGHTS]
    shown = estimate.weights[order][::-1]
    shown = shown[shown.abs() >= SMALLEST_SHOWN]
    names = [regions.COUNTIES.get(str(code), str(code)).removesuffix(" län") for code in shown.index]
    axes.barh(range(len(shown)), shown.to_numpy(), color=style.OTHER, height=0.6)
    axes.set_yticks(range(len(shown)), names)
    axes.xaxis.set_major_formatter(lambda value, _at: number(value, language, 2))
    axes.locator_params(axis="x", nbins=3)
    style.clean(axes, grid="x")


# --- Opens JupyterLab on the explore notebooks, and says what they read

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
