"""Retention: how many of those who moved in still live in the county, by Kaplan-Meier."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from attraktiv_eval.metrics.dates import DAYS_PER_MONTH, is_no, is_yes, known_by

if TYPE_CHECKING:
    from statsmodels.duration.survfunc import SurvfuncRight

__all__ = ["Retention", "departures", "retention_ratio", "retention_table"]

_Z90 = 1.6448536269514722


def departures(
    households: pd.DataFrame, residence: pd.DataFrame | None, until: date, position: float = 0.5
) -> pd.DataFrame:
    """Return how long each household is known to have stayed.

    Parameters
    ----------
    households : DataFrame
        With ``household_id`` and ``moved_in`` (datetime); a household without a move is left out.
    residence : DataFrame or None
        One row a check: ``household_id, checked, resident``.
    until : date
        Checks after this day are not used.
    position : float
        Where a departure lies between the last check that found the household and the first that did
        not: 0 at the former, 1 at the latter, 0.5 halfway.

    Returns
    -------
    DataFrame
        ``household_id, months, departed``: months from the move to the departure (``departed`` True) or
        to the last check. A household never checked is not in it: nothing is known of its stay.
    """
    columns = ["household_id", "months", "departed"]
    if residence is None or residence.empty:
        return pd.DataFrame(
            {"household_id": [], "months": np.array([], float), "departed": np.array([], bool)}
        )
    moved = households.dropna(subset=["moved_in"])
    start = moved.set_index("household_id")["moved_in"]
    if "moved_in_last" in moved:
        start = start + (moved.set_index("household_id")["moved_in_last"] - start) / 2
    checks = known_by(residence, "checked", until)
    checks = checks[checks["household_id"].isin(start.index)]
    months = (pd.to_datetime(checks["checked"]) - checks["household_id"].map(start)).dt.days / DAYS_PER_MONTH
    checks = checks.assign(months=months.astype(float), here=is_yes(checks["resident"]))
    checks = checks[(checks["months"] >= 0) & (checks["here"] | is_no(checks["resident"]))]
    gone = checks[~checks["here"]].groupby("household_id")["months"].min().rename("gone")
    here = checks[checks["here"]].join(gone, on="household_id")
    here = here[here["gone"].isna() | (here["months"] < here["gone"])]
    seen = here.groupby("household_id")["months"].max().rename("seen")
    stay = pd.concat([seen, gone], axis=1)
    left = stay["gone"].notna()
    last = stay["seen"].fillna(0.0)
    when = (last + position * (stay["gone"] - last)).where(left, last)
    stay = pd.DataFrame({"months": when.astype(float), "departed": left.astype(bool)})
    return stay.rename_axis("household_id").reset_index().sort_values("household_id")[columns]


def _survival(stay: pd.DataFrame) -> SurvfuncRight:
    from statsmodels.duration.survfunc import SurvfuncRight

    return SurvfuncRight(stay["months"].to_numpy(), stay["departed"].to_numpy().astype(int))


def _at(survival: SurvfuncRight, month: float) -> tuple[float, float]:
    """Return the survival and its Greenwood standard error at a month."""
    before = np.searchsorted(survival.surv_times, month, side="right") - 1
    if before < 0:
        return 1.0, 0.0
    share = float(survival.surv_prob[before])
    error = float(survival.surv_prob_se[before])
    return share, error if np.isfinite(error) else 0.0


def retention_table(stay: pd.DataFrame, months: tuple[int, ...] = (3, 12, 24)) -> pd.DataFrame:
    """Return ``months, at_risk, share, low, high``: the share that stayed, with a 90 per cent interval.

    Parameters
    ----------
    stay : DataFrame
        From :func:`departures`.
    months : tuple of int
        Months after the move.

    Notes
    -----
    Kaplan-Meier (statsmodels ``SurvfuncRight``), Greenwood standard errors on the log(-log) scale.
    ``at_risk`` are households observed for at least so long; with none, the share is missing.
    """
    rows = []
    survival = _survival(stay) if len(stay) else None
    for month in months:
        at_risk = int((stay["months"] >= month).sum())
        if survival is None or at_risk == 0:
            rows.append((month, at_risk, np.nan, np.nan, np.nan))
            continue
        share, error = _at(survival, month)
        rows.append((month, at_risk, share, *_log_log_interval(share, error)))
    return pd.DataFrame(rows, columns=["months", "at_risk", "share", "low", "high"])


def _log_log_interval(share: float, error: float) -> tuple[float, float]:
    if not 0 < share < 1 or error == 0:
        return share, share
    spread = _Z90 * error / (share * abs(np.log(share)))
    return float(share ** np.exp(spread)), float(share ** np.exp(-spread))


@dataclass(frozen=True)
class Retention:
    """R = S(12) / S(3), with departures halfway between checks, and at either end.

    ``months`` is how far the records reach (at most 12), ``known`` how many households were ever checked.
    """

    value: float
    low: float
    high: float
    months: float
    known: int

    @property
    def measured(self) -> bool:
        """Whether any household was checked more than three months after its move.

        Where none was, the ratio is 1 and nothing is deducted.
        """
        return self.months > 3


def retention_ratio(
    households: pd.DataFrame,
    residence: pd.DataFrame | None,
    until: date,
    *,
    position: tuple[float, float, float] = (0.0, 0.5, 1.0),
) -> Retention:
    """Return the share of households that stayed three months and then stay to twelve.

    Parameters
    ----------
    households : DataFrame
        ``household_id, moved_in`` of the households that moved in or moved out again.
    residence : DataFrame or None
        The checks.
    until : date
        Last day of knowledge.
    position : tuple of three floats
        Where between two checks a departure lies: low, the value used, high.
    """
    ratios = []
    for one in position:
        stay = departures(households, residence, until, one)
        if stay.empty or stay["months"].max() <= 3:
            return Retention(1.0, 1.0, 1.0, 0.0, len(stay))
        survival = _survival(stay)
        ratios.append(_at(survival, 12)[0] / max(_at(survival, 3)[0], 1e-12))
    reach = min(12.0, float(stay["months"].max()))
    return Retention(ratios[1], min(ratios), max(ratios), reach, len(stay))
