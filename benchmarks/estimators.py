"""What the estimators cost: by method and number of units, against bare solves, in time and memory.

Run as ``python benchmarks/estimators.py``; everything is measured in one process, the best of a few repeats.
Set ``OPENBLAS_NUM_THREADS=1`` for steadier figures on a busy machine.
"""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable
from functools import partial

import numpy as np
from scipy.optimize import nnls

from attraktiv_eval.counterfactual import KERNELS, METHODS

PERIODS, BEFORE = 28, 25
SIZES = (300, 1_000, 3_000)
MUNICIPALITIES = 290
FITS = 60  # fits timed at each size
SINGLE = [name for name, one in METHODS.items() if one.slow or one.tuned_once]  # dear: one fit each
MEMORY_GOAL_MB, RATIO_GOAL, DID_GOAL_S = 300, 1.5, 0.5


def panel(units: int, periods: int = PERIODS, seed: int = 1) -> np.ndarray:
    """Return a simulated outcome (periods, units): three common factors and as much noise."""
    rng = np.random.default_rng(seed)
    common = rng.normal(size=(periods, 3)).cumsum(axis=0) @ rng.normal(size=(3, units))
    return common + rng.normal(size=units) * 2 + rng.normal(size=(periods, units))


def masks(periods: int, before: int) -> tuple[np.ndarray, np.ndarray]:
    start = np.arange(periods) < before
    return start, ~start


def placebos(method: str, Y: np.ndarray, before: np.ndarray, window: np.ndarray, units: range) -> None:
    """Put each unit in the treated unit's place, all others being its donors."""
    kernel = KERNELS[method]
    for unit in units:
        kernel(Y[:, unit], np.delete(Y, unit, axis=1), before, window)


def bare_solves(Y: np.ndarray, before: np.ndarray) -> None:
    """Solve the same problems by ``nnls`` with a heavy row for the sum, and do nothing else."""
    X = Y[before]
    goal = np.zeros(len(X) + 1)
    goal[-1] = 1_000.0
    for unit in range(Y.shape[1]):
        A = np.empty((len(X) + 1, Y.shape[1] - 1))
        A[:-1] = np.delete(X, unit, axis=1) - X[:, [unit]]
        A[-1] = 1_000.0
        nnls(A, goal)


def best(work: Callable[[], object], repeats: int = 3) -> float:
    """Return the shortest of a few run times in seconds."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def peak_mb(work: Callable[[], object]) -> float:
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


def exponent(sizes: tuple[int, ...], seconds: list[float]) -> float:
    """Return b in seconds ~ a * units^b."""
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])


def by_size() -> None:
    before, window = masks(PERIODS, BEFORE)
    print(f"Cost of one fit in milliseconds, {BEFORE} periods before, {PERIODS - BEFORE} in the window")
    print(f"{'method':30}" + "".join(f"{size:>10,}" for size in SIZES) + f"{'exponent':>10}{'peak MB':>10}")
    for method in KERNELS:
        seconds = []
        for size in SIZES:
            Y = panel(size)
            units = range(1 if method in SINGLE else FITS)
            placebos(method, Y, before, window, range(1))
            seconds.append(best(partial(placebos, method, Y, before, window, units), 2) / len(units))
        memory = peak_mb(partial(placebos, method, Y, before, window, range(1)))
        figures = "".join(f"{1_000 * value:10.2f}" for value in seconds)
        missed = "" if memory < MEMORY_GOAL_MB else f"  over {MEMORY_GOAL_MB} MB"
        print(f"{method:30}{figures}{exponent(SIZES, seconds):10.2f}{memory:10.1f}{missed}")
    print("A placebo study is one fit a unit, so its exponent is one higher.")


def municipalities() -> None:
    before, window = masks(26, 23)
    Y = panel(MUNICIPALITIES, 26)
    units = range(MUNICIPALITIES)
    bare = best(lambda: bare_solves(Y, before))
    print(f"\n{MUNICIPALITIES} units in the treated unit's place in turn, 23 periods before, 3 in the window")
    print(f"{'bare nnls solves':40}{bare:8.3f} s")
    for method in ("synthetic_control", "demeaned_synthetic_control"):
        taken = best(partial(placebos, method, Y, before, window, units))
        ratio = taken / bare
        told = f"{ratio:5.2f} bare solves (goal {RATIO_GOAL}) {verdict(ratio, RATIO_GOAL)}"
        print(f"{method:40}{taken:8.3f} s  {told}")
    taken = best(partial(placebos, "synthetic_did", Y, before, window, range(201)))
    name = "synthetic_did, estimate + 200 placebos"
    print(f"{name:40}{taken:8.3f} s  (goal {DID_GOAL_S} s) {verdict(taken, DID_GOAL_S)}")


def verdict(value: float, goal: float) -> str:
    return "met" if value <= goal else "missed"


if __name__ == "__main__":
    municipalities()
    by_size()
