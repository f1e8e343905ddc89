"""What an evaluator can turn in a panel: a choice, several choices, a span of years or a slider."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import ipywidgets

__all__ = ["Control", "choice", "several", "slider", "span"]

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
