"""Judge every interval on simulated panels and record the result in ``data/validation/coverage.csv``.

    python scripts/coverage.py                                   all methods, 2,000 draws a setting
    python scripts/coverage.py --methods synthetic_did           one method; the others' rows stay
    python scripts/coverage.py --methods matrix_completion --draws 500
    python scripts/coverage.py --settings fifteen_donors after_dip   what else is asked of the quick methods
    python scripts/coverage.py --scales --draws 1000             two scales raced: scale_race.csv beside it

Each setting is written as soon as it is done, in the place of its old rows.
The same seed gives the same panels to every method, so rows made at different times belong together.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import pandas as pd

from attraktiv_eval.counterfactual.estimators import METHODS
from attraktiv_eval.counterfactual.method import FURTHER_SETTINGS, SETTINGS
from attraktiv_eval.statistics.panel import Panel
from scripts.coverage_simulation import SEED, coverage, model_of
from scripts.scale_race import race_scales

FILE = Path(__file__).resolve().parent.parent / "data" / "validation" / "coverage.csv"


def main() -> None:
    """Run the methods asked for and write their rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--methods", nargs="+", choices=list(METHODS), default=list(METHODS))
    parser.add_argument(
        "--settings", nargs="+", choices=(*SETTINGS, *FURTHER_SETTINGS), default=list(SETTINGS)
    )
    parser.add_argument("--draws", type=int, default=2000)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--file", type=Path, default=FILE)
    parser.add_argument("--scales", action="store_true", help="race the two scales instead")
    asked = parser.parse_args()
    panel = Panel.load()
    if asked.scales:
        table = race_scales(panel, draws=asked.draws, n_jobs=asked.jobs)
        file = asked.file.with_name("scale_race.csv")
        table.to_csv(file, index=False, float_format="%.4f", encoding="utf-8", lineterminator="\n")
        return
    model = model_of(panel)
    for method in asked.methods:
        for setting in asked.settings:
            began = time.perf_counter()
            rows = coverage(
                model, [method], settings=[setting], draws=asked.draws, seed=SEED, n_jobs=asked.jobs
            )
            write(rows, asked.file)
            seconds = time.perf_counter() - began
            print(f"{method}, {setting}: {asked.draws} draws in {seconds:.0f} s", flush=True)


def write(rows: pd.DataFrame, file: Path) -> None:
    """Put the rows of a method and setting in the place of the old ones, in order of method and setting."""
    keys = ["method", "setting"]
    if file.is_file():
        old = pd.read_csv(file, encoding="utf-8")
        replaced = pd.MultiIndex.from_frame(old[keys]).isin(pd.MultiIndex.from_frame(rows[keys]))
        rows = pd.concat([old[~replaced], rows])
    place = {name: i for i, name in enumerate([*METHODS, *SETTINGS, *FURTHER_SETTINGS])}
    rows = rows.sort_values(keys, key=lambda column: column.map(place), kind="stable")
    file.parent.mkdir(parents=True, exist_ok=True)
    rows.to_csv(file, index=False, float_format="%.4f", encoding="utf-8", lineterminator="\n")


if __name__ == "__main__":
    main()
