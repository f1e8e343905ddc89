"""The numbers of published papers, found again; ``published.toml`` is the list."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from synthdid import load_california_prop99

from attraktiv_eval.counterfactual import KERNELS, METHODS, Design, Estimate, estimate

PUBLISHED = tomllib.loads((Path(__file__).parent / "published.toml").read_text(encoding="utf-8"))
PANEL = PUBLISHED["panel"]


@cache
def smoking() -> pd.DataFrame:
    long = load_california_prop99()
    return long.pivot_table(index="Year", columns="State", values="PacksPerCapita").astype(float)


def design(first: int = PANEL["first_treated"], last: int = PANEL["last_treated"]) -> Design:
    return Design([PANEL["treated"]], first, last)


@cache
def estimated(method: str) -> Estimate:
    return estimate(smoking(), design(), method)


def at_least_error() -> float:
    table = estimated("matrix_completion").details["cross_validation"]
    penalty = float(table.loc[table["mean_squared_error"].idxmin(), "penalty"])
    return estimate(smoking(), design(), "matrix_completion", penalty=penalty).effect


@cache
def placebo_gaps(method: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the gaps (T, 38) of every other state in California's place, and the two masks."""
    prepared = design().prepare(smoking())
    X, before, window = prepared.X, prepared.before, prepared.window
    gaps = [KERNELS[method](X[:, j], np.delete(X, j, 1), before, window).gap for j in range(X.shape[1])]
    return np.array(gaps).T, before, window


def rmspe_ratios() -> tuple[float, np.ndarray]:
    gaps, before, window = placebo_gaps("synthetic_control")
    own = estimated("synthetic_control").gap.to_numpy()

    def ratio(gap):
        return np.sqrt(np.mean(gap[window] ** 2, axis=0) / np.mean(gap[before] ** 2, axis=0))

    return float(ratio(own)), ratio(gaps)


def leave_one_out() -> list[float]:
    carrying = estimated("synthetic_control").weights.loc[lambda w: w > 1e-9].index
    return [estimate(smoking().drop(columns=state), design()).effect for state in carrying]


def pseudo_start(year: int) -> float:
    before = smoking().loc[: PANEL["first_treated"] - 1]
    return estimate(before, design(year, PANEL["first_treated"] - 1)).effect


def computed(method: str, what: str) -> float:
    if what == "placebo_sd":
        gaps, _, window = placebo_gaps(method)
        return float(gaps[window].mean(axis=0).std())
    if what.startswith("pseudo_start"):
        return pseudo_start(int(what.rsplit("_", 1)[1]))
    if what.startswith("leave_one_out"):
        return (min if what.endswith("low") else max)(leave_one_out())
    own, others = rmspe_ratios() if what.startswith("rmspe") else (np.nan, np.array([]))
    return {
        "effect": lambda: estimated(method).effect,
        "effect_at_least_error": at_least_error,
        "pre_rmse": lambda: estimated(method).pre_rmse,
        "ridge": lambda: estimated(method).details["ridge"],
        "rmspe_ratio": lambda: own,
        "rmspe_rank": lambda: 1 + int((others >= own).sum()),
    }[what]()


def decimals(value: float) -> int:
    return len(repr(value).partition(".")[2])


@pytest.mark.parametrize("figure", PUBLISHED["figure"], ids=lambda f: f"{f['method']}-{f['what']}")
def test_figure(figure):
    value = computed(figure["method"], figure["what"])
    assert round(value, decimals(figure["ours"])) == figure["ours"]
    if "published" in figure:
        assert figure["source"] in PUBLISHED["sources"]
        assert abs(value - figure["published"]) <= figure["tolerance"] + 1e-12


def test_every_method_has_its_number():
    assert {figure["method"] for figure in PUBLISHED["figure"] if figure["what"] == "effect"} == set(METHODS)


def test_weights():
    listed = PUBLISHED["weights"]["synthetic_control"]
    weights = estimated("synthetic_control").weights
    assert {state: round(weights[state], 3) for state in listed} == listed
    assert weights.sum() == pytest.approx(1, abs=1e-12)
    assert weights.drop(list(listed)).max() < 5e-4


@pytest.mark.parametrize("seed", range(5))
def test_matrix_completion_stays_near_the_paper_whatever_the_folds(seed):
    effect = estimate(smoking(), design(), "matrix_completion", seed=seed).effect
    assert -20.2 <= round(effect, 1) <= -20.0


def test_residuals_certify_every_convex_solve():
    for method in METHODS:
        residual = estimated(method).residual
        assert residual is None or residual < 1e-9
