"""The numbers of published papers, found again; ``published.toml`` is the list."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from causaldata import castle, organ_donations, texas
from synthdid import load_california_prop99

from attraktiv_eval.counterfactual import KERNELS, METHODS, Design, Estimate, estimate
from attraktiv_eval.errors import DesignError

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


# --- The panels of causaldata


@cache
def organ_donors() -> pd.DataFrame:
    """Return the share of those asked who register, by quarter and state."""
    long = organ_donations.load_pandas().data
    quarter = long["Quarter"].str[2:] + "Q" + long["Quarter"].str[1]
    return long.assign(quarter=quarter).pivot_table(index="quarter", columns="State", values="Rate")


def organ_effect(rates: pd.DataFrame, before: int) -> float:
    """Return the difference in differences with so few quarters before that a design refuses them."""
    past = np.arange(len(rates)) < before
    others = rates.drop(columns="California")
    fit = KERNELS["difference_in_differences"](rates["California"].to_numpy(), others.to_numpy(), past, ~past)
    return float(fit.gap[~past].mean())


def castle_doctrine() -> float:
    """Return the mean effect of the cohorts against the states without the law, by what each cohort tells."""
    long = castle.load_pandas().data
    homicides = long.pivot_table(index="year", columns="sid", values="l_homicide")
    first = long[long["post"] > 0].groupby("sid")["year"].min()
    never = [state for state in homicides if state not in first.index]
    last, effects, weights = int(homicides.index[-1]), [], []
    for start in sorted(first.unique()):
        cohort = list(first.index[first == start])
        design = Design(cohort, int(start), last, donors=never)
        effects.append(estimate(homicides, design, "difference_in_differences").effect)
        share = (last + 1 - start) / len(homicides)
        weights.append(len(cohort) * share * (1 - share))
    return float(np.average(effects, weights=weights))


@cache
def prisons() -> tuple[pd.DataFrame, Estimate]:
    wide = (
        texas.load_pandas().data.pivot_table(index="year", columns="state", values="bmprison").astype(float)
    )
    return wide, estimate(wide, Design("Texas", 1994, 2000))


ELSEWHERE = {
    ("organ_donations", "effect"): lambda: organ_effect(organ_donors(), 3),
    ("organ_donations", "fake_start_1"): lambda: organ_effect(organ_donors().iloc[:3], 1),
    ("organ_donations", "fake_start_2"): lambda: organ_effect(organ_donors().iloc[:3], 2),
    ("castle", "treated_or_never"): castle_doctrine,
    ("texas", "effect"): lambda: prisons()[1].effect,
}


@pytest.mark.parametrize("figure", PUBLISHED["elsewhere"], ids=lambda f: f"{f['panel']}-{f['what']}")
def test_a_figure_of_another_panel(figure):
    value = ELSEWHERE[figure["panel"], figure["what"]]()
    assert round(value, decimals(figure["ours"])) == figure["ours"]
    if "published" in figure:
        assert figure["source"] in PUBLISHED["sources"]
        assert abs(value - figure["published"]) <= figure["tolerance"]


def test_the_weights_of_texas_fit_better_than_the_book_s():
    wide, told = prisons()
    listed = PUBLISHED["weights"]["texas"]
    assert {state: round(told.weights[state], 3) for state in listed} == listed
    assert told.residual is not None and told.residual < 1e-9
    book = pd.Series(PUBLISHED["weights"]["texas_with_covariates"])
    gap = wide["Texas"] - wide[book.index] @ (book / book.sum())
    assert told.pre_rmse**2 < (gap.loc[:1993] ** 2).mean()
    assert told.effect == pytest.approx(gap.loc[1994:].mean(), rel=0.1)
    assert (told.effects > 0).all() and told.effects.iloc[-1] == told.effects.max()


def test_three_quarters_before_are_refused_by_a_design():
    with pytest.raises(DesignError, match="only 3 periods lie before 2011Q3"):
        estimate(organ_donors(), Design("California", "2011Q3", "2012Q1"), "difference_in_differences")
