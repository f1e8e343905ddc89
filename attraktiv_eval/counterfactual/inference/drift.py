"""Event study: how far the treated unit drifted from its donors, year by year, before and after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from attraktiv_eval.counterfactual.design import Design
from attraktiv_eval.counterfactual.inference.scale import snap

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["EventStudy", "event_study"]


@dataclass(frozen=True)
class EventStudy:
    """Coefficients by period, and the pre-trend ranked among the donors' own.

    Attributes
    ----------
    coefficients : Series by period
        Relative to ``base``, the last period before, where it is 0.
    pre_trend : float
        Root mean square of the leads (the periods before, less the base).
    pre_trends : Series by donor
        The same for each donor against the other donors.
    """

    coefficients: pd.Series
    base: object
    pre_trend: float
    pre_trends: pd.Series
    window: tuple[object, object]

    @property
    def rank(self) -> int:
        """Place of the treated unit's pre-trend among all, the largest first."""
        return 1 + int((snap(self.pre_trends.to_numpy(), self.pre_trend) >= self.pre_trend).sum())

    @property
    def n(self) -> int:
        """The number of donors."""
        return len(self.pre_trends)

    @property
    def p_value(self) -> float:
        """Share of all units with a pre-trend at least as large, the treated unit included."""
        return self.rank / (self.n + 1)

    def table(self) -> pd.DataFrame:
        """Return one row a period: period, coefficient, part (lead, base or lag)."""
        periods = self.coefficients.index
        place = list(periods).index(self.base)
        part = ["lead" if i < place else "base" if i == place else "lag" for i in range(len(periods))]
        return pd.DataFrame(
            {"period": list(periods), "coefficient": self.coefficients.to_numpy(), "part": part}
        )

    def sentence(self, language: str = "sv") -> str:
        """Return the rank of the pre-trend in one sentence."""
        from attraktiv_eval.counterfactual.inference.sentences import event_study_sentence

        return event_study_sentence(self, language)

    def _repr_html_(self) -> str:
        """Return the sentence and the table, as a notebook shows them."""
        from attraktiv_eval.counterfactual.estimate import shown
        from attraktiv_eval.texts import shown_in, translator

        _ = translator(shown_in())
        return shown(self, _("Year by year"))

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the coefficients by period; return the axes."""
        from attraktiv_eval.counterfactual.inference.plots import plot_event_study

        return plot_event_study(self, ax)


def event_study(outcome: pd.DataFrame, design: Design) -> EventStudy:
    """Return the event-study coefficients of difference in differences and the ranked pre-trend.

    Notes
    -----
    With one treated unit and a panel without gaps, ordinary least squares with unit and time effects
    gives exactly the treated unit less the donors' mean, less the same in the base period; the tests
    hold this against statsmodels. No standard error is given: with one treated unit a clustered one
    rejects far too often, and the joint Wald test of the leads rejects for every county.

    Examples
    --------
    >>> import attraktiv_eval as ae
    >>> rates = ae.Panel.load().rate("net_migration")
    >>> design = ae.Design(["23"], 2020, 2022)
    >>> event_study(rates, design).base
    2019
    """
    prepared = design.prepare(outcome)
    shown = np.isfinite(prepared.y) & np.isfinite(prepared.X).all(axis=1)
    base = int(np.flatnonzero(prepared.before)[-1])
    leads = prepared.before.copy()
    leads[base] = False
    own = prepared.y - prepared.X.mean(axis=1)
    own = own - own[base]
    n = prepared.X.shape[1]
    total = prepared.X.sum(axis=1, keepdims=True)
    each = prepared.X - (total - prepared.X) / max(n - 1, 1)
    each = each - each[base]
    places = np.flatnonzero(prepared.window)
    return EventStudy(
        coefficients=pd.Series(own[shown], prepared.periods[shown], name="coefficient"),
        base=prepared.periods[base],
        pre_trend=float(np.sqrt(np.mean(own[leads] ** 2))),
        pre_trends=pd.Series(
            np.sqrt(np.mean(each[leads] ** 2, axis=0)),
            pd.Index(prepared.donors, name="unit"),
            name="pre_trend",
        ),
        window=(prepared.periods[places[0]], prepared.periods[places[-1]]),
    )
