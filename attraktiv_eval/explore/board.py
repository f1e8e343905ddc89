"""A panel of the explore notebooks: controls, what they show, and the library call that makes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Literal

from attraktiv_eval.errors import EvaluationError, ParameterError
from attraktiv_eval.reporting.view import escape, plain
from attraktiv_eval.resources import installing
from attraktiv_eval.texts import translator

if TYPE_CHECKING:
    import ipywidgets

__all__ = [
    "NO_WIDGETS",
    "Board",
    "Control",
    "Picture",
    "choice",
    "has_widgets",
    "several",
    "slider",
    "span",
]


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


Draw = Callable[..., Iterable[Picture]]


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
    """

    def __init__(self, controls: Sequence[Control], draw: Draw, language: str = "sv") -> None:
        self.controls = list(controls)
        self.language = language
        self._draw = draw
        self._widget: Any = None
        self._opening: str | None = None

    @property
    def first(self) -> dict[str, Any]:
        """The first value of each control, by name."""
        return {control.name: control.value for control in self.controls}

    def choose(self, **changed: Any) -> Picture:
        """Return the picture for the first values with some changed.

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
        *_, last = self._draw(**{**self.first, **changed})
        return last

    def pictures(self, **values: Any) -> Iterator[str]:
        """Yield the HTML of each picture on the way to the answer; an error of the choice as one line."""
        try:
            for picture in self._draw(**values):
                yield self._html(picture)
        except EvaluationError as error:
            yield f'<div style="{_BOX}"><p role="alert">{escape(error.one_line())}</p></div>'

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

        def redraw(_change: object) -> None:
            values = {control.name: control.read(made[control.name].value) for control in self.controls}
            for html in self.pictures(**values):
                shown.value = html

        for one in made.values():
            one.observe(redraw, names="value")
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


def has_widgets() -> bool:
    """Return whether ipywidgets is installed."""
    return find_spec("ipywidgets") is not None
