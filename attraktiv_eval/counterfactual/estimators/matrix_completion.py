"""Matrix completion: the treated cells are missing cells of a panel of low rank."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from attraktiv_eval.counterfactual.design import Design
from attraktiv_eval.counterfactual.estimate import Estimate, Fit, estimate_with, positive, whole_number
from attraktiv_eval.counterfactual.method import Method
from attraktiv_eval.counterfactual.solvers.nuclear import complete, largest_penalty

__all__ = ["METHOD", "choose_penalty", "kernel", "matrix_completion"]

FOLDS = 5
GRID = 10.0 ** np.linspace(0.0, -3.0, 30)
_RATIO = float(GRID[1] / GRID[0])
_NO_RANK = 1e-8
#: The relative change that ends a fit of the cross-validation, and the one that ends it where a penalty's
#: error lies so near to another's, or to the limit of the rule, that the rough fit could tip the choice.
_ROUGH, _FINE = 1e-6, 1e-10
_NEAR = 1e-4  # parts of the smallest error
MOST_CELLS = 2_500  # of a panel whose units are completed all at once; beyond it memory would matter


def kernel(
    y: np.ndarray,
    X: np.ndarray,
    before: np.ndarray,
    window: np.ndarray,
    *,
    n_treated: int = 1,
    penalty: float | None = None,
    seed: int = 0,
) -> Fit:
    """Fit matrix completion to arrays; see :func:`matrix_completion`."""
    used, seed = before | window, whole_number(seed, "seed")
    panel, observed = np.column_stack([X, y]), np.ones((len(y), X.shape[1] + 1), dtype=bool)
    observed[~before, -1] = False
    details: dict[str, Any] = {"seed": seed}
    if penalty is None:
        penalty, details["cross_validation"] = choose_penalty(panel[used], observed[used], seed)
    else:
        penalty = positive(penalty, "penalty")
    fitted = np.full(len(y), np.nan)
    panel_fit = _fit(panel[used], observed[used], penalty)
    fitted[used] = panel_fit[:, -1]
    if not used.all():
        fitted[~used] = _after(panel, observed, penalty)[~used]
    details.update(penalty=float(penalty), rank=_rank(panel_fit))
    return Fit(y - fitted, fitted, details=details)


def _fit(panel: np.ndarray, observed: np.ndarray, penalty: float) -> np.ndarray:
    return complete(panel, observed[None], np.array([penalty * observed.sum() / 2.0]))[0]


def _after(panel: np.ndarray, observed: np.ndarray, penalty: float) -> np.ndarray:
    """Return the treated unit's fit in a panel that includes the periods after the window, for show only."""
    known = observed & np.isfinite(panel)
    periods, units = known.any(axis=1), known.any(axis=0)
    fitted = np.full(len(panel), np.nan)
    cells = np.ix_(periods, units)
    fitted[periods] = _fit(np.where(known, panel, 0.0)[cells], known[cells], penalty)[:, -1]
    return fitted


def _rank(fitted: np.ndarray) -> int:
    rest = fitted - fitted.mean(axis=0) - fitted.mean(axis=1, keepdims=True) + fitted.mean()
    singular = np.linalg.svd(rest, compute_uv=False)
    return int((singular > _NO_RANK * np.linalg.norm(fitted - fitted.mean())).sum())


def choose_penalty(panel: np.ndarray, observed: np.ndarray, seed: int = 0) -> tuple[float, pd.DataFrame]:
    """Choose the penalty by cross-validation over the observed cells; the treated unit is the last column.

    Returns the largest of 30 penalties whose mean squared error lies within one standard error (over the
    folds) of the smallest, and the table penalty, mean_squared_error, standard_error.
    """
    cells = np.ascontiguousarray(panel, dtype=float), np.ascontiguousarray(observed, dtype=bool)
    penalty, table = _chosen(panel.shape, *(one.tobytes() for one in cells), seed)
    return penalty, table.copy()


@lru_cache(maxsize=256)
def _chosen(shape: tuple[int, int], cells: bytes, known: bytes, seed: int) -> tuple[float, pd.DataFrame]:
    """Choose the penalty of a panel given by its bytes: a report asks several times of the same one."""
    panel = np.frombuffer(cells).reshape(shape)
    observed = np.frombuffer(known, dtype=bool).reshape(shape)
    penalties = largest_penalty(panel, observed) * GRID
    fold = _folds(panel, observed, seed)
    held = np.array([fold == k for k in range(FOLDS)])
    training = observed & ~held
    cells = training.sum(axis=(1, 2))
    errors = np.empty((len(penalties), FOLDS))
    fits: list[np.ndarray] = []

    def fit_at(step: int, start: np.ndarray | None, tolerance: float) -> np.ndarray:
        fitted = complete(panel, training, penalties[step] * cells / 2.0, start, tolerance)
        errors[step] = [np.mean((panel - fit)[out] ** 2) for fit, out in zip(fitted, held, strict=True)]
        return fitted

    for step in range(len(penalties)):
        start = fits[-1] if fits else None
        if len(fits) > 1:
            start = fits[-1] + _RATIO * (fits[-1] - fits[-2])  # on in a straight line
        fits.append(fit_at(step, start, _ROUGH))
    for step in _doubtful(errors):
        fit_at(step, fits[step], _FINE)
    mean, spread = _mean_and_spread(errors)
    best = int(mean.argmin())
    chosen = int(np.flatnonzero(mean <= mean[best] + spread[best])[0])
    table = pd.DataFrame({"penalty": penalties, "mean_squared_error": mean, "standard_error": spread})
    return float(penalties[chosen]), table


def _mean_and_spread(errors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and standard error over the folds of errors (penalties, folds)."""
    return errors.mean(axis=1), errors.std(axis=1, ddof=1) / np.sqrt(FOLDS)


def _doubtful(errors: np.ndarray) -> list[int]:
    """Return the penalties whose rough errors could tip the choice; none where the choice is clear."""
    mean, spread = _mean_and_spread(errors)
    best = int(mean.argmin())
    near = _NEAR * mean[best]
    rivals = mean - mean[best] <= near
    border = np.abs(mean - mean[best] - spread[best]) <= near
    doubtful = np.flatnonzero(rivals | border)
    return [int(step) for step in doubtful] if len(doubtful) > 1 else []


def _folds(panel: np.ndarray, observed: np.ndarray, seed: int) -> np.ndarray:
    """Return the fold of each observed cell (T, N), -1 elsewhere, whatever the order of the donors.

    Nor does a unit's level or a movement of all units change it: donors are ordered by what is left of them
    without either, and by how far that lies from what is left of the treated unit.
    """
    donors, before = panel[:, :-1], observed[:, -1]
    common = donors.mean(axis=1)
    left = donors - donors.mean(axis=0) - (common - common.mean())[:, None]
    treated = panel[before, -1] - common[before]
    apart = (left**2).sum(axis=0) + ((left[before] - (treated - treated.mean())[:, None]) ** 2).sum(axis=0)
    order = np.append(np.argsort(apart, kind="stable"), donors.shape[1])
    cells = np.flatnonzero(observed[:, order])
    numbers = np.empty(len(cells), dtype=int)
    numbers[np.random.default_rng(seed).permutation(len(cells))] = np.arange(len(cells)) % FOLDS
    in_order = np.full(panel.size, -1)
    in_order[cells] = numbers
    fold = np.empty(panel.shape, dtype=int)
    fold[:, order] = in_order.reshape(panel.shape)
    return fold


def every_unit(
    X: np.ndarray, before: np.ndarray, window: np.ndarray, *, penalty: float | None = None, **_: Any
) -> np.ndarray | None:
    """Return the gaps of every column, its cells from the start on completed from all the others.

    The same fits as the kernel makes one by one with this penalty: up to the window's end from periods up to
    it, later periods from all periods, for show only. None without a penalty, with gaps, or in a panel so
    large that memory would matter.

    Parameters
    ----------
    X : array, shape (periods, units)
    penalty : float, optional

    Returns
    -------
    array, shape (periods, units), or None
    """
    if penalty is None or X.size > MOST_CELLS or not np.isfinite(X).all():
        return None
    penalty = float(penalty)
    used = before | window
    fitted = np.empty_like(X)
    fitted[used] = _completed(X[used], before[used], penalty)
    if not used.all():
        fitted[~used] = _completed(X, before, penalty)[~used]
    return X - fitted


def _completed(X: np.ndarray, before: np.ndarray, penalty: float) -> np.ndarray:
    periods, units = X.shape
    observed = np.ones((units, periods, units), dtype=bool)
    each = np.arange(units)
    observed[each[:, None], np.flatnonzero(~before)[None, :], each[:, None]] = False
    threshold = penalty * observed.sum(axis=(1, 2)) / 2.0
    return complete(X, observed, threshold)[each, :, each].T


def matrix_completion(
    outcome: pd.DataFrame, design: Design, *, penalty: float | None = None, seed: int = 0
) -> Estimate:
    """Complete the treated unit's missing untreated outcomes from effects and a part of low rank.

    Parameters
    ----------
    outcome : DataFrame, period x unit
    design : Design
    penalty : float, optional
        Weight of the nuclear norm beside the mean squared error (lambda). Default: by five seeded folds
        over the observed cells, the largest of 30 penalties within one standard error of the smallest
        error. The paper and its implementations take the penalty of the smallest error itself; the table of
        published numbers has both.
    seed : int
        Of the folds. They depend neither on the order of the donors nor on the level of any unit.

    Returns
    -------
    Estimate
        ``weights`` is None. ``details`` tells ``penalty``, ``rank`` and the table ``cross_validation``.
        Periods after the window come from a second fit that includes them, and change nothing in the
        window.

    In placebos the penalty is the treated unit's own, not chosen anew for each donor: the test then asks one
    and the same method of every unit, and is some thirty times quicker (docs/decisions/0007).

    Raises
    ------
    DesignError
        See :meth:`Design.prepare`; or a penalty that is not above 0.

    Notes
    -----
    Athey, Bayati, Doudchenko, Imbens & Khosravi (2021), eq. 4.1 with unit and time effects unpenalised.
    With O the observed cells: minimise ``(1/|O|) sum_O (Y - L - unit - time)² + lambda ||L||_*``. On the
    smoking data -19.98 to -20.16 by the draw of the folds (Arkhangelsky et al. 2021, table 1: -20.2); the
    penalty of least error, without the one-standard-error rule, gives -19.86 to -19.97.

    Examples
    --------
    >>> from attraktiv_eval import Design, Panel
    >>> rates = Panel.load().rate("net_migration")
    >>> design = Design("23", 2020, 2022, donors=["20", "21", "22", "24", "25"])
    >>> round(matrix_completion(rates, design).effect, 2)
    4.24
    """
    return estimate_with(METHOD, outcome, design, penalty=penalty, seed=seed)


METHOD = Method(
    name="matrix_completion",
    labels={"sv": "Matriskomplettering", "en": "Matrix completion"},
    estimate=matrix_completion,
    kernel=kernel,
    place=60,
    slow=True,
    tuned_once="penalty",
    every_unit=every_unit,
)
