"""What every method's kernel takes and gives: arrays in, a :class:`Fit` out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

__all__ = ["Fit", "Kernel", "mix"]


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


def mix(X: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Return X w over the donors that carry weight, so that a later gap in an unused donor does no harm."""
    used = w != 0.0
    return X @ w if used.all() else X[:, used] @ w[used]
