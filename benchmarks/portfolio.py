"""How long a report takes, how a portfolio fills two workers, and what costs grow with.

    python benchmarks/portfolio.py            # a few counties, the growth with draws and rows
    python benchmarks/portfolio.py --growth   # only the growth
    python benchmarks/portfolio.py --all      # 21 counties x final report with pages, on two workers

Comparisons are ratios within one run, so that they mean the same on another machine; beside the clock stands
the processor time of all processes together, which other work on the machine does not lengthen.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "regions"))

GOAL_REPORT = 8.0  # seconds for one year's report after the first
LANGUAGE = "sv"


def seconds(command: list[str], folder: str) -> tuple[float, float]:
    """Return the clock and the processor time of a command, its own processes included; it must succeed."""
    begun, before = perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-m", "attraktiv_eval", *command], cwd=folder, check=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return perf_counter() - begun, cpu


def one_report(folder: str) -> None:
    first = seconds(["run", "--no-final", "--year", "2021", "--output", "one"], folder)
    both = seconds(["run", "--no-final", "--year", "2021", "--year", "2022", "--output", "two"], folder)
    print(f"a run of one year: {first[0]:.1f} s, processor {first[1]:.1f} s")
    print(f"a run of two years: {both[0]:.1f} s, processor {both[1]:.1f} s")
    further = both[0] - first[0]
    print(f"one year's report after the first: {further:.1f} s")
    print(f"  goal {GOAL_REPORT:.0f} s: {'met' if further <= GOAL_REPORT else 'missed'}")


def portfolio(folder: str, codes: list[str] | None, *, pages: bool) -> None:
    told = [f'name = "b"\nlanguages = ["{LANGUAGE}"]\npages = {str(pages).lower()}\n[counties]']
    told += [] if codes is None else [f"codes = {codes!r}".replace("'", '"')]
    Path(folder, "p.toml").write_text("\n".join(told), encoding="utf-8")
    times = {}
    for workers in (2,) if pages else (1, 2):
        command = ["portfolio", "p.toml", "--output", f"w{workers}", "--workers", str(workers)]
        times[workers] = seconds(command, folder)
    again = seconds(["portfolio", "p.toml", "--output", "w2", "--workers", "2"], folder)
    n = len(codes) if codes else 21
    print(f"{n} final reports, {'with pages' if pages else 'figures only'}:")
    for workers, (clock, cpu) in times.items():
        print(f"  {workers} worker(s): {clock:.1f} s, processor {cpu:.1f} s ({cpu / n:.2f} s each)")
    if 1 in times:
        print(f"  two workers are {times[1][0] / times[2][0]:.2f} times as fast as one")
    print(f"  again with nothing to do: {again[0]:.1f} s, processor {again[1]:.1f} s")


def growth() -> None:
    """Print the cost of level 2 by draws, of placebos by units, and of counting by rows."""
    from invented_lists import write_lists

    from attraktiv_eval.additionality import contribute
    from attraktiv_eval.assumptions import Assumptions
    from attraktiv_eval.counterfactual import Design, placebo_in_space
    from attraktiv_eval.metrics import reach
    from attraktiv_eval.project import Project
    from attraktiv_eval.records import load_records
    from attraktiv_eval.statistics.panel import Panel

    project, assumptions, panel = Project.load(), Assumptions.load(), Panel.load()
    rates = panel.rate("net_migration", "municipality").dropna(axis=1)
    previous = None
    for units in (18, 70, 280):
        design = Design(["2380"], 2020, 2022, [code for code in rates.columns if code != "2380"][:units])
        taken = _timed(lambda design=design: placebo_in_space(rates, design, "synthetic_control"))
        previous = _line("placebos, units", units, taken, previous)
    for rows in (1_000, 4_000, 16_000):
        with tempfile.TemporaryDirectory() as folder:
            write_lists(Path(folder), _long(project), moved=rows * 3 // 4, open_cases=rows // 4)
            begun = perf_counter()
            records = load_records(Path(folder), project)
            taken = perf_counter() - begun
        previous = _line("reading and linking, households", rows, taken, previous if rows > 1_000 else None)
    for draws in (10_000, 40_000, 160_000):
        taken = _timed(lambda draws=draws: contribute(
            records, project, assumptions, "households", project.end, draws=draws))  # fmt: skip
        previous = _line("level 2, draws", draws, taken, previous if draws > 10_000 else None)
    _line("level 1, households", 16_000, _timed(lambda: reach(records, project, project.end)), None)


def _long(project):
    """Return the project with a start so early that thousands of contacts fit before its end."""
    return project.model_copy(update={"start": project.end - timedelta(days=5 * 20_000)})


def _timed(call) -> float:
    call()
    begun = perf_counter()
    call()
    return perf_counter() - begun


def _line(what: str, size: int, taken: float, previous: float | None) -> float:
    times = "" if previous is None else f", {taken / previous:.1f} times the quarter"
    print(f"{what} {size:,}: {taken:.3f} s{times}")
    return taken


if __name__ == "__main__":
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    with tempfile.TemporaryDirectory() as place:
        if "--growth" not in sys.argv:
            one_report(place)
            portfolio(place, ["07", "22", "23", "25"] if "--all" not in sys.argv else None,
                      pages="--all" in sys.argv)  # fmt: skip
    if "--all" not in sys.argv:
        growth()
