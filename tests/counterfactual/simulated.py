"""Simulated panels for the tests: common factors, unit levels and noise, by seed."""

from __future__ import annotations

import numpy as np
import pandas as pd

from attraktiv_eval.counterfactual import METHODS

METHODS_FAST = tuple(name for name, method in METHODS.items() if not method.slow)
METHODS_SLOW = tuple(name for name, method in METHODS.items() if method.slow)


def panel(seed: int, periods: int = 16, units: int = 9, factors: int = 2, noise: float = 0.5) -> pd.DataFrame:
    """Return an outcome, years down from 2001 and units u00, u01, ... across."""
    rng = np.random.default_rng(seed)
    common = rng.normal(size=(periods, factors)).cumsum(axis=0) @ rng.normal(size=(factors, units))
    values = 10 + rng.normal(size=units) * 2 + common + noise * rng.normal(size=(periods, units))
    return pd.DataFrame(
        values,
        index=pd.RangeIndex(2001, 2001 + periods, name="year").astype("int64"),
        columns=[f"u{number:02d}" for number in range(units)],
    )
