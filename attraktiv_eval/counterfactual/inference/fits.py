"""Many fits of one method: each placebo is the same kernel on another column of the same panel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from attraktiv_eval.counterfactual.method import method_of


def kernel_of(method: str) -> Callable[..., Any]:
    """Return the kernel of a method by name.

    Raises
    ------
    DesignError
        If there is no such method.
    """
    return method_of(method).kernel


def treated_name(design: Any) -> str:
    """Return the treated unit's name, or the group's names joined by a plus sign."""
    return "+".join(str(unit) for unit in design.treated)


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
    kernel = kernel_of(method)
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
