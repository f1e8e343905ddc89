"""An estimate says itself, and importing the package costs nothing."""

from __future__ import annotations

import subprocess
import sys

import pandas as pd
import pytest
from simulated import panel

import attraktiv_eval.counterfactual as counterfactual
from attraktiv_eval.counterfactual import METHODS, Design, estimate

OUTCOME = panel(12)
DESIGN = Design(["u00"], 2013, 2015)
by_every_method = pytest.mark.parametrize("method", METHODS)


@by_every_method
def test_table_is_tidy(method):
    result = estimate(OUTCOME, DESIGN, method)
    table = result.table()
    assert list(table.columns) == ["period", "part", "actual", "counterfactual", "gap"]
    assert table["part"].tolist() == ["before"] * 12 + ["window"] * 3 + ["after"]
    assert table.loc[table["part"] == "window", "gap"].mean() == pytest.approx(result.effect)


@by_every_method
@pytest.mark.parametrize("language", ["sv", "en"])
def test_sentence_tells_the_effect_and_claims_no_significance(method, language):
    result = estimate(OUTCOME, DESIGN, method)
    told = result.sentence(language)
    assert "u00" in told
    assert "2013–2015" in told
    assert not any(word in told.lower() for word in ("signific", "signifik", "stjärn", "{", "}"))
    assert ("90 %" in told) == METHODS[method].forecasts


def test_sentence_in_full():
    outcome = OUTCOME.copy()
    result = estimate(outcome, DESIGN, "difference_in_differences")
    en, sv = result.sentence("en"), result.sentence("sv")
    assert en.startswith("Difference in differences: in 2013–2015 u00 had ")
    assert en.endswith("Whether chance gives as much is for the placebo test to say.")
    assert ": 2013–2015 hade u00 i genomsnitt" in sv
    assert f"{result.effect:+.3f}".replace("-", "−") in en
    assert f"{result.effect:+.3f}".replace("-", "−").replace(".", ",") in sv


def test_sentence_for_a_large_group_and_one_period():
    outcome = panel(3, units=12)
    result = estimate(outcome, Design(list(outcome.columns[:5]), 2013, 2013))
    assert "in 2013 the group of 5 units had" in result.sentence("en")


@by_every_method
def test_plot_draws_on_the_axes_given(method):
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots()
    assert estimate(OUTCOME, DESIGN, method).plot(ax) is ax
    assert [len(line.get_xdata()) for line in ax.lines] == [16, 16]
    plt.close(figure)


def test_plot_of_quarters():
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    quarters = OUTCOME.set_axis(pd.period_range("2001Q1", periods=16, freq="Q"))
    ax = estimate(quarters, Design(["u00"], "2004Q1", "2004Q3")).plot()
    assert len(ax.lines) == 2
    plt.close(ax.figure)


def test_notebook_form_escapes_what_it_shows():
    outcome = OUTCOME.rename(columns={"u00": "<b>u00</b>", "u01": "a & b"})
    outcome.loc[2003, "a & b"] = float("nan")
    html = estimate(outcome, Design(["<b>u00</b>"], 2013, 2015))._repr_html_()
    assert "<b>" not in html
    assert "&lt;b&gt;u00" in html
    assert "a &amp; b" in html
    assert "<table" in html


def test_names_are_fetched_when_first_used():
    assert callable(counterfactual.estimate)
    assert counterfactual.METHODS is METHODS
    assert {"Design", "Estimate", "METHODS", "estimate", "placebo_in_space"} <= set(dir(counterfactual))
    with pytest.raises(AttributeError, match="no attribute 'estimat'"):
        counterfactual.estimat  # noqa: B018


CHEAP = """
import sys
import attraktiv_eval.counterfactual as counterfactual
assert "numpy" not in sys.modules, "the import itself"
import numpy as np, pandas as pd
outcome = pd.DataFrame(np.random.default_rng(1).normal(size=(8, 4)), columns=list("abcd"))
for method in ("synthetic_control", "augmented_synthetic_control", "synthetic_did"):
    counterfactual.estimate(outcome, counterfactual.Design(["a"], 6, 7), method)
for heavy in ("statsmodels", "matplotlib", "seaborn", "sklearn"):
    assert heavy not in sys.modules, heavy
counterfactual.estimate(outcome, counterfactual.Design(["a"], 6, 7), "difference_in_differences")
assert "statsmodels.tsa" not in sys.modules
from attraktiv_eval.counterfactual import estimate, power
assert callable(estimate) and callable(power)
"""


def test_only_what_is_used_is_imported():
    subprocess.run([sys.executable, "-c", CHEAP], check=True)
