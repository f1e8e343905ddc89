"""An estimate: what a method found, told as a table, a sentence and a figure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from attraktiv_eval.counterfactual.arguments import known_method, known_options
from attraktiv_eval.errors import DesignError

if TYPE_CHECKING:
    from attraktiv_eval.counterfactual.design import Design, Prepared
    from attraktiv_eval.counterfactual.estimators.fit import Kernel

__all__ = ["Estimate", "estimate", "estimate_with"]


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
        from attraktiv_eval.counterfactual.telling import sentence

        return sentence(self, language)

    def plot(self, ax: Any = None) -> Any:
        """Draw actual and counterfactual with the window shaded; return the matplotlib axes."""
        from attraktiv_eval.counterfactual.telling import plot

        return plot(self, ax)

    def _repr_html_(self) -> str:
        """Return the sentences and the table, as a notebook shows them."""
        from attraktiv_eval.counterfactual.telling import as_html

        return as_html(self)


def estimate(
    outcome: pd.DataFrame, design: Design, method: str = "synthetic_control", **options: Any
) -> Estimate:
    """Estimate what the treated unit's outcome would have been without treatment.

    Parameters
    ----------
    outcome : DataFrame, period x unit, float
        Periods down (int, str or pandas Period, rising), units across.
    design : Design
    method : str
        A name in ``METHODS``.
    **options
        Passed on to the method, such as ``ridge=`` of ``augmented_synthetic_control``.

    Raises
    ------
    DesignError
        If there is no such method or option, or the data cannot carry the design.

    Examples
    --------
    >>> import attraktiv_eval as ae
    >>> rates = ae.Panel.load().rate("net_migration")
    >>> found = estimate(rates, ae.Design(["23"], 2020, 2022), "demeaned_synthetic_control")
    >>> found.weights.idxmax(), round(found.effect, 2)
    ('07', 4.67)
    """
    from attraktiv_eval.counterfactual.design import Design
    from attraktiv_eval.counterfactual.estimators import METHODS

    function = METHODS[known_method(method, METHODS)]
    known_options(function, method, options)
    if not isinstance(design, Design):
        raise DesignError(
            f"{design!r} is no design", remedy="say who was treated and when: Design(['23'], 2020, 2022)"
        )
    return function(outcome, design, **options)


def estimate_with(
    method: str, kernel: Kernel, prepared: Prepared, design: Design, **options: Any
) -> Estimate:
    """Run a method's kernel on prepared arrays and name what comes out."""
    timing = prepared.timing(method)
    fit = kernel(
        prepared.y,
        prepared.X,
        prepared.before,
        prepared.window,
        n_treated=prepared.n_treated,
        **timing,
        **options,
    )
    periods = prepared.periods
    gap = pd.Series(fit.gap, index=periods, name="gap")
    details = dict(fit.details)
    details["notes"] = [*prepared.notes, *details.get("notes", [])]
    return Estimate(
        effect=float(fit.gap[prepared.window].mean()),
        effects=gap[prepared.window].rename("effect"),
        counterfactual=pd.Series(fit.counterfactual, index=periods, name="counterfactual"),
        actual=pd.Series(prepared.y, index=periods, name="actual"),
        gap=gap,
        weights=None if fit.weights is None else pd.Series(fit.weights, index=prepared.donors, name="weight"),
        pre_rmse=float(np.sqrt(np.mean(fit.gap[prepared.before] ** 2))),
        residual=fit.residual,
        method=method,
        design=design,
        dropped=dict(prepared.dropped),
        details=details,
    )
