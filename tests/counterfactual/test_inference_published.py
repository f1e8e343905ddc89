"""The inference functions on California's Proposition 99, against ``tests/reference/published.toml``."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pandas as pd
import pytest
from synthdid import load_california_prop99

from attraktiv_eval.counterfactual.design import Design
from attraktiv_eval.counterfactual.inference import leave_one_out, placebo_in_space, placebo_in_time

FILE = Path(__file__).parents[1] / "reference" / "published.toml"
KINDS = ("rmspe_ratio", "rmspe_rank", "pseudo_start", "leave_one_out", "placebo_sd")
FIGURES = [
    figure
    for figure in tomllib.loads(FILE.read_text(encoding="utf-8"))["figure"]
    if figure["what"].startswith(KINDS)
]


@pytest.fixture(scope="module")
def smoking() -> pd.DataFrame:
    long = load_california_prop99()
    return long.pivot_table(index="Year", columns="State", values="PacksPerCapita").astype(float)


def found(what: str, method: str, smoking: pd.DataFrame) -> float:
    """Return our number for a line of the file."""
    design = Design("California", 1989, 2000)
    if what.startswith("pseudo_start"):
        return placebo_in_time(smoking, design, method, first_treated=int(what[-4:])).effect
    if what.startswith("leave_one_out"):
        result = leave_one_out(smoking, design, method)
        return result.low if what.endswith("low") else result.high
    placebos = placebo_in_space(smoking, design, method)
    told = {
        "rmspe_ratio": placebos.own_ratio,
        "rmspe_rank": placebos.ratio_rank,
        "placebo_sd": placebos.effects.std(ddof=0),
    }
    return float(told[what])


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: f"{figure['method']} {figure['what']}")
def test_the_public_functions_reproduce_the_published_number(figure, smoking):
    ours = found(figure["what"], figure["method"], smoking)
    assert ours == pytest.approx(figure["published"], abs=figure["tolerance"])


def test_all_kinds_of_published_inference_are_held():
    assert {figure["what"].rstrip("_0123456789") for figure in FIGURES} >= {
        "rmspe_ratio",
        "rmspe_rank",
        "pseudo_start",
        "leave_one_out_low",
        "leave_one_out_high",
        "placebo_sd",
    }


def test_california_is_second_of_thirty_nine_by_the_floored_scale(smoking):
    for method in ("synthetic_control", "demeaned_synthetic_control"):
        placebos = placebo_in_space(smoking, Design("California", 1989, 2000), method)
        assert round(placebos.p_value, 3) == 0.051
        assert round(placebos.true_level(), 3) == 0.923 and placebos.interval()[1] < 0
