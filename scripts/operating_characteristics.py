"""Judge every sentence of level 3 on real placebo projects and record it in ``data/validation/verdicts.csv``.

    python scripts/operating_characteristics.py            all panels and outcomes, some minutes on two cores
    python scripts/operating_characteristics.py --jobs 1

Nothing is drawn at random: every unit takes the project's place at every start that the figures allow.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from attraktiv_eval.assumptions import Assumptions
from attraktiv_eval.level3.method_validation import characteristics, judged
from attraktiv_eval.level3.plan import Plan
from attraktiv_eval.statistics.panel import Panel

FILE = Path(__file__).resolve().parent.parent / "data" / "validation" / "verdicts.csv"


def main() -> None:
    """Judge all cases and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--file", type=Path, default=FILE)
    asked = parser.parse_args()
    size = Assumptions.load()["persons_per_moving_household"]
    began = time.perf_counter()
    rows = judged(Panel.load(), Plan.load(), (size.value, size.low, size.high), n_jobs=asked.jobs)
    table = characteristics(rows)
    table.to_csv(asked.file, index=False, float_format="%.4f", encoding="utf-8", lineterminator="\n")
    cases = int(table["cases"].iloc[0])
    print(f"{cases} cases in {time.perf_counter() - began:.0f} s: {asked.file.name}")


if __name__ == "__main__":
    main()
