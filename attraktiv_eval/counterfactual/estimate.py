"""An estimate: what a method's fit found, told as a table, a sentence and a figure.

The checks of what the public functions are given are here too.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from html import escape
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd

from attraktiv_eval.counterfactual.design import known_design
from attraktiv_eval.counterfactual.method import Method, coverage_note, method_name, method_of
from attraktiv_eval.errors import DesignError
from attraktiv_eval.texts import number, span, translator

if TYPE_CHECKING:
    from attraktiv_eval.counterfactual.design import Design, Prepared

T = TypeVar("T")

__all__ = [
    "Estimate",
    "Fit",
    "Kernel",
    "as_html",
    "axes",
    "estimate_with",
    "figures",
    "gaps_of_each",
    "later",
    "made_later",
    "map_chunks",
    "mix",
    "plot",
    "positive",
    "processes",
    "sentence",
    "shown",
    "unit_gaps",
    "whole_number",
]


class _Later:
    """A field that may be given as a call of :func:`later`; the call is made when the field is first read."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, result: Any, owner: type | None = None) -> Any:
        if result is None:
            return self
        held = result.__dict__[self.name]
        if isinstance(held, partial):
            held = result.__dict__[self.name] = held()
        return held

    def __set__(self, result: Any, value: Any) -> None:
        result.__dict__[self.name] = value


def made_later(*names: str) -> Callable[[type[T]], type[T]]:
    """Return a class decorator: these fields may be given as calls; a table costs more than its figures."""

    def change(result: type[T]) -> type[T]:
        for name in names:
            setattr(result, name, _Later(name))
        return result

    return change


def later(make: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """Return a call of ``make`` that a field of :func:`made_later` makes when it is first read."""
    return partial(make, *arguments, **named)


def figures(result: Any, name: str) -> np.ndarray:
    """Return a field's figures without making its table, where it is one whose first argument they are."""
    held = result.__dict__[name]
    return held.args[0] if isinstance(held, partial) else held.to_numpy(dtype=float)


@made_later("effects", "counterfactual", "actual", "gap", "weights", "details")
@dataclass(frozen=True, eq=False)
class Estimate:
    """The effect of one design by one method, in the outcome's own unit per period.

    Attributes
    ----------
    effect : float
        Mean of ``effects``.
    effects : Series
        Effect by period of the window.
    actual, counterfactual, gap : Series by period
        All periods of the data, those after the window included. ``gap`` is actual less counterfactual.
    weights : Series by donor, or None
    pre_rmse : float
        Root mean square of the gap before.
    residual : float or None
        Optimality residual of the convex solves.
    method : str
    design : Design
    dropped : dict
        Donor left out -> why.
    details : dict
        What else the method tells; ``details["notes"]`` is a list of sentences.
    tuned : float or None
        What the method chose for itself (``Method.tuned_once``), to serve its placebos too.
    """

    effect: float
    effects: pd.Series
    counterfactual: pd.Series
    actual: pd.Series
    gap: pd.Series
    weights: pd.Series | None
    pre_rmse: float
    residual: float | None
    method: str
    design: Design
    dropped: dict[Any, str] = field(default_factory=dict)
    details: dict[str, Any] = field(default_factory=dict)
    tuned: Any = None

    def table(self) -> pd.DataFrame:
        """Return period, actual, counterfactual, gap and part (before, window, after), one row a period."""
        part = np.where(self.gap.index.isin(self.effects.index), "window", "after")
        first = int(np.flatnonzero(part == "window")[0])
        part[:first] = "before"
        return pd.DataFrame(
            {
                "period": self.gap.index,
                "part": part,
                "actual": self.actual.to_numpy(),
                "counterfactual": self.counterfactual.to_numpy(),
                "gap": self.gap.to_numpy(),
            }
        )

    def sentence(self, language: str = "sv") -> str:
        """Return the estimate in one honest sentence; it claims nothing about chance."""
        return sentence(self, language)

    def plot(self, ax: Any = None) -> Any:
        """Draw actual and counterfactual with the window shaded; return the matplotlib axes."""
        return plot(self, ax)

    def __repr__(self) -> str:
        """Return who, by which method, and the effect, in one line."""
        return f"Estimate({self.design.name!r}, {self.method!r}, effect={self.effect:.6g})"

    def _repr_html_(self) -> str:
        """Return the sentences, the figure and the table, as a notebook shows them."""
        return as_html(self)


def estimate_with(
    method: Method,
    outcome: pd.DataFrame | Prepared,
    design: Design,
    tables: Callable[[dict[str, Any], Prepared], Any] | None = None,
    **options: Any,
) -> Estimate:
    """Prepare an outcome by a design, run a method's kernel on its arrays, and name what comes out.

    ``tables(details, prepared)`` turns the arrays among the fit's details into tables, in place.
    """
    prepared = known_design(design).prepare(outcome)
    fit = method.kernel(
        prepared.y,
        prepared.X,
        prepared.before,
        prepared.window,
        n_treated=prepared.n_treated,
        **method.timing(prepared.clock),
        **options,
    )
    periods, inside, past = prepared.periods, fit.gap[prepared.window], fit.gap[prepared.before]
    return Estimate(
        effect=float(inside.mean()),
        effects=later(_effects, inside, prepared),
        counterfactual=later(pd.Series, fit.counterfactual, periods, name="counterfactual"),
        actual=later(pd.Series, prepared.y, periods, name="actual"),
        gap=later(pd.Series, fit.gap, periods, name="gap"),
        weights=None if fit.weights is None else later(_weights, fit.weights, prepared),
        pre_rmse=math.sqrt(float((past**2).mean())),
        residual=fit.residual,
        method=method.name,
        design=design,
        dropped=dict(prepared.dropped),
        details=later(_details, fit.details, prepared, tables),
        tuned=fit.details.get(method.tuned_once) if method.tuned_once else None,
    )


def _effects(inside: np.ndarray, prepared: Prepared) -> pd.Series:
    return pd.Series(inside, prepared.inside, name="effect")


def _weights(weights: np.ndarray, prepared: Prepared) -> pd.Series:
    return pd.Series(weights, prepared.units, name="weight")


def _details(told: dict[str, Any], prepared: Prepared, tables: Callable[..., Any] | None) -> dict[str, Any]:
    details = {**told, "notes": [*prepared.notes, *told.get("notes", [])]}
    if tables is not None:
        tables(details, prepared)
    return details


# --- What every method's kernel takes and gives: arrays in, a Fit out


@dataclass(frozen=True)
class Fit:
    """One method fitted to arrays.

    Attributes
    ----------
    gap : array, shape (T,)
        The quantity whose mean over the window is the effect.
    counterfactual : array, shape (T,)
        Outcome less gap.
    weights : array, shape (N,), or None
        Weight of each donor, where the method has weights.
    residual : float or None
        Optimality residual of the convex solves, where there are any.
    details : dict
        What else the method tells, by name; ``details["notes"]`` is a list of sentences.
    """

    gap: np.ndarray
    counterfactual: np.ndarray
    weights: np.ndarray | None = None
    residual: float | None = None
    details: dict[str, Any] = field(default_factory=dict)


Kernel = Callable[..., Fit]
"""``kernel(y, X, before, window, *, n_treated=1, **options) -> Fit``"""


def gaps_of_each(
    X: np.ndarray,
    weights: np.ndarray,
    certain: np.ndarray,
    one_by_one: Callable[[np.ndarray, np.ndarray], Fit],
) -> np.ndarray:
    """Return the gap of every unit to the mix of the others, shape (periods, units).

    Parameters
    ----------
    X : array, shape (periods, units), without gaps
    weights : array, shape (units, units)
    certain : bool array, shape (units,)
        The other units are fitted one by one, by the kernel.
    one_by_one : callable
        ``one_by_one(y, others) -> Fit``
    """
    gaps = X - X @ weights.T
    for unit in np.flatnonzero(~certain):
        gaps[:, unit] = one_by_one(X[:, unit], np.delete(X, unit, axis=1)).gap
    return gaps


def mix(X: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Return X w over the donors that carry weight, so that a later gap in an unused donor does no harm."""
    used = w != 0.0
    return X @ w if used.all() else X[:, used] @ w[used]


# --- Many fits of one method: each placebo is the same kernel on another column of the same panel


def unit_gaps(
    outcome: np.ndarray,
    units: Sequence[int],
    before: np.ndarray,
    window: np.ndarray,
    method: str,
    *,
    n_treated: int = 1,
    n_jobs: int = 1,
    **options: Any,
) -> np.ndarray:
    """Return the gaps of several columns, each fitted by all the others.

    Parameters
    ----------
    outcome : array, shape (periods, donors)
        The donors alone; the treated unit is in nobody's pool.
    units : sequence of int
        The columns to put in the treated unit's place.
    n_jobs : int
        Processes for joblib; the result does not depend on it.

    Returns
    -------
    array, shape (periods, len(units))
    """
    at_once = method_of(method).every_unit
    if at_once is not None and len(units) == outcome.shape[1]:
        gaps = at_once(outcome, before, window, n_treated=n_treated, **options)
        if gaps is not None:
            return gaps
    if n_jobs == 1:
        return _gaps(outcome, units, before, window, method, n_treated, options)
    return map_chunks(_gaps, units, n_jobs, outcome, before, window, method, n_treated, options, place=1)


def _gaps(
    outcome: np.ndarray,
    units: Sequence[int],
    before: np.ndarray,
    window: np.ndarray,
    method: str,
    n_treated: int,
    options: dict[str, Any],
) -> np.ndarray:
    kernel = method_of(method).kernel
    gaps = np.empty((outcome.shape[0], len(units)))
    for place, unit in enumerate(units):
        others = np.delete(outcome, unit, axis=1)
        fit = kernel(outcome[:, unit], others, before, window, n_treated=n_treated, **options)
        gaps[:, place] = fit.gap
    return gaps


def map_chunks(
    work: Callable[..., np.ndarray], items: Sequence[Any], n_jobs: int, *arguments: Any, place: int
) -> np.ndarray:
    """Run ``work`` on chunks of ``items`` in parallel and join the last axes in order.

    ``place`` is the position of the chunk among the arguments of ``work``.
    """
    from joblib import Parallel, delayed, effective_n_jobs

    chunks = [
        chunk for chunk in np.array_split(np.arange(len(items)), 4 * effective_n_jobs(n_jobs)) if len(chunk)
    ]
    calls = []
    for chunk in chunks:
        part = [items[i] for i in chunk]
        calls.append(delayed(work)(*arguments[:place], part, *arguments[place:]))
    return np.concatenate(Parallel(n_jobs=n_jobs)(calls), axis=-1)


# --- How an estimate says itself: a sentence, a figure, and what a notebook shows

_COLOUR = "#1f5a7a"
_GREY = "#8a8d91"
_NAMED_UNITS = 3


def sentence(estimate: Estimate, language: str) -> str:
    """Return the effect, the two paths behind it and how well they agreed before; no word on significance."""
    _ = translator(language)
    inside = estimate.effects.index
    level = max(abs(estimate.effect), estimate.pre_rmse)
    decimals = 2 if level == 0 else min(4, max(0, 2 - int(np.floor(np.log10(level)))))
    actual, counterfactual = estimate.actual[inside].mean(), estimate.counterfactual[inside].mean()
    told = _(
        "{method}: in {window} {unit} had {actual} a period on average against {counterfactual} in the "
        "comparison, a difference of {effect}. Before, the two differed by {miss} (root mean square). "
        "Whether chance gives as much is for the placebo test to say."
    ).format(
        method=method_name(estimate.method, language),
        window=_periods(inside),
        unit=_units(estimate.design.treated, language),
        actual=number(actual, language, decimals),
        counterfactual=number(counterfactual, language, decimals),
        effect=number(estimate.effect, language, decimals, signed=True),
        miss=number(estimate.pre_rmse, language, decimals),
    )
    interval = estimate.details.get("forecast_interval")
    if interval is None:
        return told
    forecast = _("The model's own 90 % forecast interval, which takes the model as true, is {interval}.")
    told = f"{told} {forecast.format(interval=span(interval[0], interval[1], language, decimals))}"
    return f"{told} {coverage_note(estimate.method, 'forecast', language)}".strip()


def _periods(index: pd.Index) -> str:
    if isinstance(index, pd.DatetimeIndex):
        index = index.strftime("%Y-%m-%d")
    return str(index[0]) if len(index) == 1 else f"{index[0]}–{index[-1]}"


def _units(treated: Any, language: str) -> str:
    _ = translator(language)
    if len(treated) <= _NAMED_UNITS:
        return ", ".join(str(unit) for unit in treated)
    return _("the group of {n} units").format(n=number(len(treated), language))


def axes(ax: Any) -> Any:
    """Return the given axes, or new ones of a modest size.

    Raises
    ------
    DesignError
        If what is given is no axes of matplotlib.
    """
    import matplotlib.pyplot as plt

    if ax is None:
        return plt.subplots(figsize=(7, 3.6), layout="constrained")[1]
    if not isinstance(ax, plt.Axes):
        raise DesignError(
            f"ax is of type {type(ax).__name__}, no axes", remedy="give axes of matplotlib, or leave it out"
        )
    return ax


def plot(estimate: Estimate, ax: Any = None) -> Any:
    """Draw actual and counterfactual by period with the window shaded; return the axes."""
    ax = axes(ax)
    index = estimate.actual.index
    at: Any = index.to_timestamp() if isinstance(index, pd.PeriodIndex) else index
    inside = np.flatnonzero(index.isin(estimate.effects.index))
    ax.plot(at, estimate.actual.to_numpy(), color=_COLOUR, linewidth=2, label="actual")
    ax.plot(
        at,
        estimate.counterfactual.to_numpy(),
        color=_GREY,
        linewidth=1.5,
        linestyle="--",
        label="counterfactual",
    )
    ax.axvspan(at[inside[0]], at[inside[-1]], color=_COLOUR, alpha=0.08, linewidth=0)
    ax.legend(frameon=False)
    return ax


def shown(result: Any, caption: str, language: str | None = None) -> str:
    """Return a result's sentence, figure and table, as a notebook shows them.

    Parameters
    ----------
    result : object with sentence, plot and table
    caption : str
        Of the table.
    """
    from attraktiv_eval.texts import as_html as told
    from attraktiv_eval.texts import drawn_as_svg, shown_in

    language = language or shown_in()
    said = told([result.sentence(language)], {})
    picture = drawn_as_svg(result.plot, result.sentence(language)) if hasattr(result, "plot") else ""
    return said + picture + told([], {caption: result.table()})


def as_html(estimate: Estimate, language: str | None = None) -> str:
    """Return the sentence, what the solve has to note, and the table of periods."""
    from attraktiv_eval.texts import drawn_as_svg, shown_in

    language = language or shown_in()
    notes = "".join(f"<li>{escape(str(note))}</li>" for note in estimate.details.get("notes", []))
    listed = f"<ul>{notes}</ul>" if notes else ""
    table = estimate.table().to_html(index=False, border=0, float_format=lambda value: f"{value:.4g}")
    said = sentence(estimate, language)
    return f"<p>{escape(said)}</p>{listed}{drawn_as_svg(estimate.plot, said)}{table}"


# --- What the public functions are given, checked with the package's own errors


def real(value: Any) -> float:
    """Return a real number as a float; NaN where it is none, such as a text, or too large for one."""
    try:
        return float(value) if isinstance(value, numbers.Real) and not isinstance(value, bool) else math.nan
    except OverflowError:
        return math.nan


def whole_number(value: Any, name: str, least: int = 0, most: int | None = None) -> int:
    """Return a whole number of at least ``least`` and at most ``most``."""
    whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    if whole and int(value) >= least:
        if most is None or int(value) <= most:
            return int(value)
        raise DesignError(f"{name} is above {most}", remedy=f"give at most {most}")
    raise DesignError(
        f"{name} is {value!r}, not a whole number of at least {least}",
        remedy=f"give {name} as a whole number, such as {max(least, 1)}",
    )


_MOST_PROCESSES = 1000


def processes(n_jobs: Any) -> int:
    """Return a number of processes as joblib takes it: 1 or more, or −1 for as many as there are cores."""
    whole = isinstance(n_jobs, numbers.Integral) and not isinstance(n_jobs, bool)
    if whole and 0 < abs(int(n_jobs)) <= _MOST_PROCESSES:
        return int(n_jobs)
    raise DesignError(
        f"n_jobs is {n_jobs!r}, not a number of processes",
        remedy="give 1 for this process, or -1 for as many as there are cores",
    )


def positive(value: Any, name: str) -> float:
    """Return a number above 0; infinity is one."""
    if real(value) > 0:
        return float(value)
    raise DesignError(
        f"{name} is {value!r}", remedy="give a penalty above 0, or leave it out to choose it by rule"
    )
