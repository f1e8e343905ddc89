"""What inference costs: ratios and processor times in one process.

    python benchmarks/inference.py            ours alone
    python benchmarks/inference.py --peers    only the peers (extra ``bench``), beside ours in pairs

diff-diff and pysyncon are run on a few units and scaled up. Goals: placebos over 290 units within 1.5 times
290 bare nnls solves, and over 21 units within 2 times and faster than every peer; synthetic difference in
differences with 200 placebo fits over 290 units within 0.5 s; the specification curve with placebo intervals
within 20 s on two cores; a power curve of 21 effects within 2 s.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version

import numpy as np
import pandas as pd
from scipy.optimize import nnls

from attraktiv_eval.counterfactual import METHODS, Design, placebo_in_space
from attraktiv_eval.counterfactual.estimate import unit_gaps
from attraktiv_eval.counterfactual.power import power
from attraktiv_eval.level3.specification_curve import specification_curve
from attraktiv_eval.statistics.panel import Panel

BEFORE, AFTER, UNITS, COUNTIES = 23, 3, 290, 21
FEW = 3  # units that a slow peer is timed on
#: Peers, and the day on which the version that was measured was released.
PEERS = {
    "panelkit": {"0.3.0": "19 August 2026"},
    "StatsPAI": {"1.40.2": "26 October 2026"},
    "diff-diff": {"3.13.0": "17 October 2026"},
    "pysyncon": {"1.7.0": "13 September 2026"},
}
Peer = tuple[Callable[[], object], float]  #: a call, and all units over those that it runs
CONVEX = [name for name, method in METHODS.items() if method.convex]


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
    for unit in range(past.shape[1]):
        solved(np.delete(past, unit, axis=1) - past[:, [unit]])


def solved(columns: np.ndarray) -> np.ndarray:
    """Return convex weights by scipy alone, before division by their sum."""
    system = np.empty((len(columns) + 1, columns.shape[1]))
    system[:-1] = columns
    goal = np.zeros(len(system))
    goal[-1] = system[-1] = 1e3 * np.abs(columns).max()
    return nnls(system, goal)[0]


def own_arithmetic(values: np.ndarray, method: str) -> None:
    """Solve as many problems of the same kind and size as the method does, by scipy and numpy alone.

    Augmented: plain weights of every unit, the treated unit's without each period in turn, and a ridge
    solve of every unit. Synthetic difference in differences: unit and period weights, each with its ridge.
    Certificates, choices, checks and tables are none of it.
    """
    past, later = values[:BEFORE], values[BEFORE:].mean(axis=0)
    periods, units = past.shape
    if method == "augmented_synthetic_control":
        apart = np.delete(past, 0, axis=1) - past[:, [0]]
        for period in range(periods):
            solved(np.delete(apart, period, axis=0))
    if method != "synthetic_did":
        for unit in range(units):
            others = np.delete(past, unit, axis=1)
            weights = solved(others - past[:, [unit]])
            if method == "augmented_synthetic_control":
                X0 = others - others.mean(axis=1, keepdims=True)
                np.linalg.solve(X0 @ X0.T + np.eye(periods), past[:, unit] - others @ weights)
        return
    for unit in range(units):
        others = np.delete(past, unit, axis=1)
        across = others - past[:, [unit]]
        solved(np.vstack([across - across.mean(axis=0), np.eye(units - 1)]))
        before = (others - np.delete(later, unit)).T
        solved(np.vstack([before - before.mean(axis=0), 1e-6 * np.eye(periods)]))


def placebos() -> None:
    """Print what all placebos cost beside bare solves; at 21 units the median of many pairs."""
    for units, pairs in ((COUNTIES, 60), (UNITS, 3)):
        for method in CONVEX:
            compared(simulated(units), method, pairs, {})
    values = simulated().to_numpy()
    before, some = np.arange(len(values)) < BEFORE, range(200)
    took = timed(lambda: unit_gaps(values, some, before, ~before, "synthetic_did"))
    print(f"synthetic_did, 200 placebo fits over {UNITS} units: {took:.3f} s")


def county() -> None:
    panel = Panel.load()
    quick = [name for name, method in METHODS.items() if not method.forecasts]
    for method in METHODS:
        took = timed(lambda method=method: specification_curve(panel, methods=[method]), 1)  # type: ignore[misc]
        print(f"specification curve, {method}: {took:.2f} s of processor time")
    began = time.perf_counter()
    specification_curve(panel, methods=quick, n_jobs=2)
    took = time.perf_counter() - began
    print(f"specification curve, all without a forecast, two cores: {took:.1f} s")
    rates, design = panel.rate("net_migration"), Design("23", 2020, 2022)
    effects = np.linspace(0, 10, 21)
    for method in CONVEX:
        took = timed(lambda method=method: power(rates, design, method, effects))  # type: ignore[misc]
        print(f"power, 21 effects x {rates.shape[1] - 1} counties, {method}: {took:.3f} s")


def peers() -> None:
    """Time each installed peer beside ours in pairs, at 21 and at 290 units, and name the fastest of all."""
    for name, made in PEERS.items():
        found = installed(name)
        released = made.get(found, "release day not known here")
        print(f"{name} {found} ({released})" if found else f"{name} is not installed and not measured")
    print(
        "Processor time of all placebos; a peer's figure is the median of its ratios to ours, pair by pair."
    )
    for units in (COUNTIES, UNITS):
        table = simulated(units)
        for method in CONVEX:
            compared(table, method, 9 if units == COUNTIES else 3, calls(table, method))


def compared(table: pd.DataFrame, method: str, pairs: int, peers: dict[str, Peer]) -> None:
    """Print one line: ours, our ratio to bare solves, each peer's ratio to ours, the fastest."""
    units, past = len(table.columns), table.to_numpy()[:BEFORE]
    design = Design("u0000", 1997 + BEFORE, 1997 + BEFORE + AFTER - 1)

    def ours() -> None:
        placebo_in_space(table, design, method)

    own, values = timed(ours, pairs), table.to_numpy()
    over = pace(ours, lambda: bare(past), pairs), pace(ours, lambda: own_arithmetic(values, method), pairs)
    said = [
        f"{units:3} units, {method}: {1000 * own:.1f} ms, {over[0]:.2f} x bare, {over[1]:.2f} x its own "
        "arithmetic"
    ]
    ratios = {"ours": 1.0}
    for name, (work, share) in peers.items():
        ratios[name] = share / pace(ours, work, pairs if share == 1 else 1)
    said += [f"{name} {ratio:.2f} x ours" for name, ratio in ratios.items() if name != "ours"]
    said += [f"fastest: {min(ratios, key=ratios.__getitem__)}"] if peers else []
    print("; ".join(said), flush=True)


def pace(ours: Callable[[], object], other: Callable[[], object], pairs: int) -> float:
    """Return our processor time over the other's: the median over pairs run one after the other."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        other()  # what is compiled or loaded at the first call
        repeats = 3 if pairs > 3 else 1
        return float(np.median([timed(ours, repeats) / timed(other, repeats) for _ in range(pairs)]))


def installed(package: str) -> str:
    """Return the version of an installed package; empty where it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def calls(table: pd.DataFrame, method: str) -> dict[str, Peer]:
    """Return each installed peer's call for all placebos of a method, and all units over those it runs."""
    long = table.rename_axis(index="time", columns="unit").T.stack().rename("y").reset_index()  # noqa: PD013
    some = len(table.columns) / FEW
    found: dict[str, Peer] = {}
    if installed("panelkit"):
        found["panelkit"] = (_panelkit(table, method), 1.0)
    if installed("StatsPAI"):
        found["StatsPAI"] = (_statspai(long, method), 1.0)
    if method == "synthetic_control" and installed("diff-diff"):
        found["diff-diff"] = (_diff_diff(long, list(table.index[BEFORE:])), some)
    if method == "synthetic_control" and installed("pysyncon"):
        found["pysyncon"] = (_pysyncon(table), some)
    return found


def _panelkit(table: pd.DataFrame, method: str) -> Callable[[], object]:
    import panelkit

    names = dict(zip(CONVEX, ("SyntheticControl", "DemeanedSC", "AugmentedSC", "SyntheticDiD"), strict=True))
    model, values = getattr(panelkit, names[method]), np.ascontiguousarray(table.to_numpy().T)
    return lambda: model(inference="placebo").fit(values, [0], BEFORE)


def _statspai(long: pd.DataFrame, method: str) -> Callable[[], object]:
    import statspai

    named = dict(zip(CONVEX, ("classic", "demeaned", "augmented", "sdid"), strict=True))[method]
    columns = {"outcome": "y", "unit": "unit", "time": "time"}
    treated = {"treated_unit": "u0000", "treatment_time": 1997 + BEFORE}
    return lambda: statspai.synth(long, **columns, **treated, method=named, placebo=True)


def _diff_diff(long: pd.DataFrame, treated: list[int]) -> Callable[[], object]:
    import diff_diff

    def work() -> None:
        for unit in long["unit"].unique()[:FEW]:
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

    return work


def _pysyncon(table: pd.DataFrame) -> Callable[[], object]:
    import pysyncon

    def work() -> None:
        for unit in table.columns[:FEW]:
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

    return work


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--peers", action="store_true")
    asked = parser.parse_args()
    if asked.peers:
        peers()
        return
    placebos()
    county()


if __name__ == "__main__":
    main()
