"""Leave one out: the effect without each donor that carries weight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from attraktiv_eval.counterfactual.design import Design, known_design
from attraktiv_eval.counterfactual.estimate import axes, map_chunks, processes
from attraktiv_eval.counterfactual.inference.placebos import OTHERS, TREATED
from attraktiv_eval.counterfactual.method import method_name, method_of
from attraktiv_eval.errors import DesignError
from attraktiv_eval.texts import decimals_for, number, span, translator

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "LeaveOneOut",
    "leave_one_out",
    "leave_one_out_sentence",
    "plot_leave_one_out",
]


CARRIES = 1e-6  # a weight below this moves nothing


@dataclass(frozen=True)
class LeaveOneOut:
    """The effect of one estimate, and what it becomes without each donor that carries weight."""

    estimate: Any
    effects: pd.Series
    weights: pd.Series

    @property
    def low(self) -> float:
        """The smallest effect found, the estimate's own included."""
        return float(min([self.estimate.effect, *self.effects]))

    @property
    def high(self) -> float:
        """The largest effect found, the estimate's own included."""
        return float(max([self.estimate.effect, *self.effects]))

    def table(self) -> pd.DataFrame:
        """Return one row a left-out donor: unit, weight, effect, change; the heaviest first."""
        order = self.weights.abs().sort_values(ascending=False, kind="stable").index
        effects = self.effects[order].to_numpy()
        return pd.DataFrame(
            {
                "unit": [str(unit) for unit in order],
                "weight": self.weights[order].to_numpy(),
                "effect": effects,
                "change": effects - self.estimate.effect,
            }
        )

    def sentence(self, language: str = "sv") -> str:
        """Return the range of the effects in one sentence."""
        return leave_one_out_sentence(self, language)

    def _repr_html_(self) -> str:
        """Return the sentence and the table, as a notebook shows them."""
        from attraktiv_eval.counterfactual.estimate import shown
        from attraktiv_eval.texts import shown_in, translator

        _ = translator(shown_in())
        return shown(self, _("Without each county"))

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the effect without each donor; return the axes."""
        return plot_leave_one_out(self, ax)


def leave_one_out(
    outcome: pd.DataFrame,
    design: Design,
    method: str = "synthetic_control",
    *,
    n_jobs: int = 1,
    **options: Any,
) -> LeaveOneOut:
    """Estimate again without each donor that carries weight, one at a time.

    Every donor is left out in turn where the method has no weights.

    Parameters
    ----------
    n_jobs : int
        Processes; the result does not depend on it.

    Returns
    -------
    LeaveOneOut
        Its ``effects`` are a Series by the donor left out.

    Raises
    ------
    DesignError
        If there are fewer than two donors.

    Notes
    -----
    Abadie, Diamond & Hainmueller (2015), section 4. On Proposition 99 ``synthetic_control`` ranges from
    −17.97 to −20.51.

    Examples
    --------
    >>> import attraktiv_eval as ae
    >>> rates = ae.Panel.load().rate("net_migration")
    >>> design = ae.Design(["23"], 2020, 2022)
    >>> found = leave_one_out(rates, design)
    >>> found.low <= found.estimate.effect <= found.high
    True
    """
    design = known_design(design, outcome)
    from attraktiv_eval.counterfactual.estimators import estimate

    n_jobs = processes(n_jobs)
    own = estimate(outcome, design, method, **options)
    prepared = design.prepare(outcome)
    donors, options = list(prepared.donors), {**method_of(method).timing(prepared.clock), **options}
    if len(donors) < 2:
        raise DesignError(
            "the only donor cannot be left out", remedy="give the design at least two donors without gaps"
        )
    weights = own.weights if own.weights is not None else pd.Series(np.nan, index=donors)
    carrying = [unit for unit in donors if not abs(float(weights.get(unit, 0.0))) <= CARRIES]
    places = [donors.index(unit) for unit in carrying]
    if n_jobs == 1 or not places:
        found = _effects(places, prepared, method, options)
    else:
        found = map_chunks(_effects, places, n_jobs, prepared, method, options, place=0)
    return LeaveOneOut(own, pd.Series(found, index=carrying, name="effect", dtype=float), weights[carrying])


def _effects(places: Sequence[int], prepared: Any, method: str, options: dict[str, Any]) -> np.ndarray:
    """Return the effect without each of the donors at these places."""
    kernel = method_of(method).kernel
    found = np.empty(len(places))
    for i, place in enumerate(places):
        others = np.delete(prepared.X, place, axis=1)
        fit = kernel(
            prepared.y, others, prepared.before, prepared.window, n_treated=prepared.n_treated, **options
        )
        found[i] = np.mean(fit.gap[prepared.window])
    return found


def leave_one_out_sentence(result: LeaveOneOut, language: str) -> str:
    """Return the range of the effects without each donor."""
    _ = translator(language)
    shown = decimals_for(result.low, result.high)
    return _(
        "{method}: effect {effect} a period; without any one of its {n} weighted comparison regions {range}."
    ).format(
        method=method_name(result.estimate.method, language),
        effect=number(result.estimate.effect, language, shown, signed=True),
        n=number(len(result.effects), language),
        range=span(result.low, result.high, language, shown),
    )


def plot_leave_one_out(result: LeaveOneOut, ax: Axes | None = None) -> Axes:
    """Draw the effect without each donor, and the estimate as a line."""
    ax = axes(ax)
    table = result.table()[::-1]
    ax.plot(table["effect"], table["unit"], "o", color=OTHERS)
    ax.axvline(result.estimate.effect, color=TREATED, linewidth=2)
    return ax
