"""What inference costs: ratios and processor times in one process.

    python benchmarks/inference.py            all but the slow peers
    python benchmarks/inference.py --peers    with diff-diff and pysyncon, on a few units, scaled up

Goals: placebos over 290 units within 1.5 times 290 bare nnls solves, and at least 15 times faster than
diff-diff; synthetic difference in differences with 200 placebo fits over 290 units within 0.5 s; the
specification curve with placebo intervals within 20 s on two cores; a
power curve of 21 effects within 2 s.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.optimize import nnls

from attraktiv_eval.counterfactual import METHODS, Design, placebo_in_space
from attraktiv_eval.counterfactual.inference.fitting import unit_gaps
from attraktiv_eval.counterfactual.power import power
from attraktiv_eval.counterfactual.specifications import specification_curve
from attraktiv_eval.statistics.panel import Panel

BEFORE, AFTER, UNITS = 23, 3, 290
CONVEX = ("synthetic_control", "demeaned_synthetic_control", "augmented_synthetic_control", "synthetic_did")


def timed(work: Callable[[], object], repeats: int = 3) -> float:
    """Return the fastest of a few runs, in seconds of processor time: a busy machine disturbs it little."""
    best = np.inf
    for _ in range(repeats):
        began = time.process_time()
        work()
        best = min(best, time.process_time() - began)
    return best


def simulated(units: int = UNITS) -> pd.DataFrame:
    generator = np.random.default_rng(1)
    common = generator.normal(size=(BEFORE + AFTER, 3)).cumsum(axis=0)
    values = common @ generator.normal(size=(3, units)) + generator.normal(size=(BEFORE + AFTER, units))
    return pd.DataFrame(
        values, index=range(1997, 1997 + len(values)), columns=[f"u{i:04d}" for i in range(units)]
    )


def bare(past: np.ndarray) -> None:
    """Solve every unit's synthetic control by scipy alone: centred columns and a heavy row for the sum."""
    periods, units = past.shape
    goal = np.zeros(periods + 1)
    for unit in range(units):
        system = np.empty((periods + 1, units - 1))
        system[:periods] = np.delete(past, unit, axis=1) - past[:, [unit]]
        goal[periods] = system[periods] = 1e3 * np.abs(system[:periods]).max()
        nnls(system, goal)


def placebos(table: pd.DataFrame) -> None:
    design = Design("u0000", 1997 + BEFORE, 1997 + BEFORE + AFTER - 1)
    values = table.to_numpy()
    before = np.arange(len(table)) < BEFORE
    solves = timed(lambda: bare(values[:BEFORE]))
    for method in ("synthetic_control", "demeaned_synthetic_control"):
        ours = timed(lambda method=method: placebo_in_space(table, design, method))  # type: ignore[misc]
        print(f"placebo_in_space, {method}, {UNITS} units: {ours:.3f} s, {ours / solves:.2f} of bare nnls")
    print(f"{UNITS} bare nnls solves: {solves:.3f} s")
    some = range(200)
    took = timed(lambda: unit_gaps(values, some, before, ~before, "synthetic_did"))
    print(f"synthetic_did, 200 placebo fits over {UNITS} units: {took:.3f} s")


def county() -> None:
    panel = Panel.load()
    quick = [method for method in METHODS if method != "structural_time_series"]
    for method in METHODS:
        took = timed(lambda method=method: specification_curve(panel, methods=[method]), 1)  # type: ignore[misc]
        print(f"specification curve, {method}: {took:.2f} s of processor time")
    began = time.perf_counter()
    specification_curve(panel, methods=quick, n_jobs=2)
    took = time.perf_counter() - began
    print(f"specification curve, all but structural_time_series, two cores: {took:.1f} s")
    rates, design = panel.rate("net_migration"), Design("23", 2020, 2022)
    effects = np.linspace(0, 10, 21)
    for method in CONVEX:
        took = timed(lambda method=method: power(rates, design, method, effects))  # type: ignore[misc]
        print(f"power, 21 effects x {rates.shape[1] - 1} counties, {method}: {took:.3f} s")


def peers(table: pd.DataFrame, few: int = 3) -> None:
    """Time the peers on a few units in the treated unit's place and scale up to all."""
    import diff_diff
    import pysyncon

    treated = list(table.index[BEFORE:])
    long = table.rename_axis(index="time", columns="unit").T.stack().rename("y").reset_index()  # noqa: PD013

    def by_diff_diff() -> None:
        for unit in table.columns[:few]:
            long["treated"] = ((long["unit"] == unit) & (long["time"] >= treated[0])).astype(int)
            model = diff_diff.SyntheticControl(v_method="custom", custom_v=[1.0] * BEFORE, standardize="none")
            model.fit(
                long,
                outcome="y",
                treatment="treated",
                unit="unit",
                time="time",
                treated_unit=unit,
                post_periods=treated,
                pre_period_outcomes="all",
            )

    def by_pysyncon() -> None:
        for unit in table.columns[:few]:
            controls = [name for name in table.columns if name != unit]
            past = table.iloc[:BEFORE]
            model = pysyncon.Synth()
            model.fit(
                X0=past[controls],
                X1=past[unit],
                Z0=past[controls],
                Z1=past[unit],
                custom_V=np.full(BEFORE, 1 / BEFORE),
            )

    design = Design("u0000", treated[0], treated[-1])
    ours = timed(lambda: placebo_in_space(table, design, "synthetic_control"))
    for name, work in (("diff-diff", by_diff_diff), ("pysyncon", by_pysyncon)):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            took = timed(work, 2) * UNITS / few
        print(f"{name}, {UNITS} units (from {few}): {took:.1f} s, {took / ours:.0f} times ours")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--peers", action="store_true")
    asked = parser.parse_args()
    table = simulated()
    placebos(table)
    county()
    if asked.peers:
        peers(table)


if __name__ == "__main__":
    main()
