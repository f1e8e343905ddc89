"""How long the evaluator waits: import, help, and a redraw of each explore panel.

Run as ``python benchmarks/explore.py``. Beside each start stands its ratio to the start of a bare Python in
the same run, which says more than seconds where machines differ. A redraw is computed and drawn; the time of
the browser is not in it. CPU time is what the process itself used: on a busy machine the clock tells of
others' work too.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import cycle

import numpy as np

from attraktiv_eval.explore.board import Board

REPEATS = 7
GOAL_MS = 300


def started(*arguments: str) -> tuple[float, float]:
    """Return the median clock and CPU time in ms to run Python with the arguments."""
    clock, cpu = [], []
    for _ in range(REPEATS):
        used, before = _used(), time.perf_counter()
        subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
        clock.append(1000 * (time.perf_counter() - before))
        cpu.append(1000 * (_used() - used))
    return float(np.median(clock)), float(np.median(cpu))


def _used() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime


def redrawn(board: Board, choices: list[dict]) -> tuple[float, float, float]:
    """Return medians in ms of a redraw, each with a choice not made before: clock, CPU, longest step's CPU.

    A step is what passes between two drawings; where the answer comes at once there is one.
    """
    clock, cpu, longest = [], [], []
    for choice in choices:
        before, marks = time.perf_counter(), [time.process_time()]
        for _html in board.pictures(**{**board.first, **choice}):
            marks.append(time.process_time())
        clock.append(1000 * (time.perf_counter() - before))
        cpu.append(1000 * (marks[-1] - marks[0]))
        longest.append(1000 * float(np.diff(marks).max()))
    return float(np.median(clock)), float(np.median(cpu)), float(np.median(longest))


def told(name: str, clock: float, cpu: float, step: float) -> str:
    """Return the line of a panel: what of it is over the goal, the whole or a step, is said beside it."""
    over = f" over {GOAL_MS} ms"
    whole = f"CPU {cpu:6.0f} ms{over if cpu > GOAL_MS else '':<{len(over)}}"
    longest = f"longest step {step:6.0f} ms{over if step > GOAL_MS else ''}"
    return f"{name:<48} {clock:7.0f} ms   {whole}   {longest}"


def panels() -> Iterator[tuple[str, Board, list[dict]]]:
    """Yield name, panel and choices; the comparison once a method."""
    from attraktiv_eval import explore
    from attraktiv_eval.counterfactual import METHODS
    from attraktiv_eval.regions import COUNTIES

    board = explore.counterfactual("sv")
    outcomes = cycle(["in_moves", "out_moves", "net_migration"])
    others = [code for code in COUNTIES if code != "23"]
    for method in METHODS:
        board.choose(method=method)
        choices = [
            {"method": method, "outcome": next(outcomes), "without": (code,)} for code in others[:REPEATS]
        ]
        yield f"counterfactual, {method}", board, choices
    board = explore.households("sv")
    yield "households", board, [{"year": year, "phase": "attract"} for year in (2020, 2021, 2022)]
    board = explore.assumptions("sv")
    steps = [0.1, 0.2, 0.3, 0.4, 0.6, 0.7, 0.8]
    yield "assumptions", board, [{"unanswered_share_of_answered": value} for value in steps]
    board = explore.data_quality("sv")
    files = [value for _label, value in board.controls[0].options if value]
    yield "data quality", board, [{"file": file} for file in files]


def main() -> None:
    """Print one table of starts and one of redraws."""
    bare = started("-c", "pass")
    print(f"{'bare Python':<34} {bare[0]:7.0f} ms   CPU {bare[1]:6.0f} ms")
    for name, arguments in (
        ("import attraktiv_eval", ("-c", "import attraktiv_eval")),
        ("attraktiv-eval --help", ("-m", "attraktiv_eval", "--help")),
    ):
        clock, cpu = started(*arguments)
        print(f"{name:<34} {clock:7.0f} ms   CPU {cpu:6.0f} ms   {cpu / bare[1]:5.1f} x bare Python")
    print()
    for name, board, choices in panels():
        clock, cpu, step = redrawn(board, choices)
        print(told(name, clock, cpu, step))


if __name__ == "__main__":
    main()
