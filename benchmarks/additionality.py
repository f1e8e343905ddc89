"""What levels 1 and 2 and the suppression cost: run with ``python benchmarks/additionality.py``.

Goal: 10,000 draws of level 2 within half a second, however many households there are. The records are drawn
at random and stand for nobody. The processor's own seconds stand beside those on the clock, since other work
on the machine lengthens the latter; the best of three repeats.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from types import SimpleNamespace

import numpy as np
import pandas as pd

from attraktiv_eval.additionality import Inputs, observe, simulate
from attraktiv_eval.assumptions import Assumptions
from attraktiv_eval.disclosure import protect_series
from attraktiv_eval.metrics import reach
from attraktiv_eval.project import Project

UNTIL = date(2022, 12, 31)
GOAL_S = 0.5
SIZES = (1_000, 10_000, 100_000)
POSITION = (0.0, 0.5, 1.0)


def records(households: int, seed: int = 1) -> SimpleNamespace:
    """Return random records: half a move and half an answer a household, one contact each."""
    rng = np.random.default_rng(seed)
    ids = [f"h{n}" for n in range(households)]
    met = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 700, households), unit="D")
    moved = pd.Series(met + pd.to_timedelta(rng.integers(20, 300, households), unit="D"))
    yes = rng.random(households) < 0.5
    homes = pd.DataFrame(
        {
            "household_id": ids,
            "first_contact": met,
            "moved": np.where(yes, "yes", "no"),
            "moved_in": moved.where(yes),
            "origin_code": rng.choice(["0180", "1480", "2380"], households, p=[0.5, 0.45, 0.05]),
            "destination_code": rng.choice(["2303", "2321", "2380"], households),
            "kind": rng.choice(["single", "couple", "family"], households),
        }
    )
    contacts = pd.DataFrame(
        {
            "contact_id": ids,
            "date": met,
            "household_id": ids,
            "phase": rng.choice(["attract", "welcome", "integrate", "brand"], households),
            "area": "collaboration_platform",
            "municipality_code": rng.choice(["2303", "2321", "2380"], households),
        }
    )
    answers = pd.DataFrame(
        {
            "household_id": ids,
            "answer": rng.integers(1, 6, households),
            "other_projects": rng.integers(0, 3, households),
            "date": pd.Timestamp("2022-12-01"),
        }
    )
    checks = pd.DataFrame({"household_id": ids, "checked": moved + pd.Timedelta(days=360), "resident": True})
    checks["resident"] = rng.random(households) < 0.9
    empty = dict.fromkeys(("companies", "organisations", "activities", "survey_companies", "funding"))
    return SimpleNamespace(
        households=homes,
        contacts=contacts,
        survey_households=answers[rng.random(households) < 0.5],
        residence=checks,
        missing=[*empty],
        example_data=True,
        **empty,
    )


def best(work: Callable[[], object], repeats: int = 3) -> tuple[float, float]:
    """Return the least seconds on the clock and of the processor."""
    found = []
    for _ in range(repeats):
        clock, own = time.perf_counter(), time.process_time()
        work()
        found.append((time.perf_counter() - clock, time.process_time() - own))
    return min(one for one, _ in found), min(one for _, one in found)


def main() -> None:
    """Print one line a piece of work and size."""
    project, assumptions = Project.load(), Assumptions.load()
    inputs = Inputs.of(assumptions, "households")
    print(f"{'work':<42}{'households':>12}{'clock s':>10}{'own s':>10}")

    def line(work: str, size: int, seconds: tuple[float, float]) -> None:
        print(f"{work:<42}{size:>12,}{seconds[0]:>10.3f}{seconds[1]:>10.3f}")

    for size in SIZES:
        listed = records(size)
        line("level 1, all tables", size, best(lambda listed=listed: reach(listed, project, UNTIL)))
        seen = observe(listed, project, "households", UNTIL, POSITION)
        assert seen is not None
        seconds = best(lambda seen=seen: simulate(seen, inputs, seed=1, draws=10_000))
        line("level 2, 10,000 draws", size, seconds)
        print(f"{'':<42}goal {GOAL_S} s: {'met' if seconds[1] <= GOAL_S else 'MISSED'}")
    small = records(600)
    reports = [reach(small, project, date(year, 12, 31)).tables for year in (2020, 2021, 2022)]
    line("suppression, three successive reports", 600, best(lambda: protect_series(reports)))


if __name__ == "__main__":
    main()
