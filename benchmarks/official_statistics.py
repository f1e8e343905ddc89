"""Speed and memory of tidying: two million cells, as json-stat2 answers on disk, to a tidy table.

Run: python benchmarks/official_statistics.py. The goals are 10 seconds, 1 GB, and 1.2 times ``json.loads`` of
the same answers with a plain frame of their cells: both in one process, warm, turn about, the least of five.
The figures are invented.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from attraktiv_eval.statistics.panel import Panel
from attraktiv_eval.statistics.scb.catalogue import Measure, Table, age_group, split, tidy
from attraktiv_eval.statistics.scb.client import Manifest, cube_of, sha256

CELLS_A_CALL = 150_000
MOST_SECONDS, MOST_MEGABYTES, MOST_RATIO = 10.0, 1000.0, 1.2
TURNS = 5


def answers(folder: Path) -> tuple[Manifest, Table, int]:
    """Write some two million invented cells as the service's answers, in parts of the size it allows."""
    municipalities = sorted(Panel.load().table["region_code"].unique())
    ages = [*map(str, range(100)), "100+"]
    selection = {
        "Region": municipalities,
        "Alder": ages,
        "Kon": ["1", "2"],
        "ContentsCode": ["A", "B"],
        "Tid": [str(year) for year in range(2007, 2025)],
    }
    table = Table(
        name="moves_by_age",
        id="TAB1",
        title="benchmark",
        unit="moves",
        first_year=2007,
        note="invented",
        sum_over=["Kon"],
        age_variable="Alder",
        selection={"Region": ["*"], "Alder": ["*"], "Kon": ["1", "2"]},
        measures={"in_moves": Measure(code="A", label="In"), "out_moves": Measure(code="B", label="Ut")},
    )
    parts = []
    draws = np.random.default_rng(1)
    for i, part in enumerate(split(selection, CELLS_A_CALL)):
        size = [len(codes) for codes in part.values()]
        document = {
            "id": list(part),
            "size": size,
            "value": draws.integers(0, 400, int(np.prod(size))).tolist(),
            "dimension": {
                name: {
                    "label": name,
                    "category": {
                        "index": {c: j for j, c in enumerate(codes)},
                        "label": {c: c for c in codes},
                    },
                }
                for name, codes in part.items()
            },
        }
        content = json.dumps(document).encode()
        (folder / f"{i}.json").write_bytes(content)
        parts.append({"file": f"{i}.json", "selection": part, "sha256": sha256(content)})
    cells = int(np.prod([len(codes) for codes in selection.values()]))
    account = {"id": "TAB1", "selection": selection, "parts": parts}
    return Manifest(folder, {table.key: account}), table, cells


def tidied(manifest: Manifest, table: Table) -> pd.DataFrame:
    """The package's way: every answer checked, put together, summed and named."""
    return tidy(cube_of(table, manifest), table)[0]


def loaded(manifest: Manifest, table: Table) -> list[dict]:
    """``json.loads`` of every answer, and nothing more."""
    return [document for _, document in manifest.documents(table.key)]


def plain_frame(manifest: Manifest, table: Table) -> pd.DataFrame:
    """``json.loads`` and a frame of the cells, a column a variable and the value; nothing checked."""
    frames = []
    for _, document in manifest.documents(table.key):
        codes = [list(document["dimension"][name]["category"]["index"]) for name in document["id"]]
        cells = pd.MultiIndex.from_product(codes, names=document["id"])
        frames.append(pd.DataFrame({"value": document["value"]}, index=cells))
    return pd.concat(frames).reset_index()


def plain_table(manifest: Manifest, table: Table) -> pd.DataFrame:
    """The rows and columns of the tidy table by pandas: ages grouped, sexes summed, a column a measure."""
    cells = plain_frame(manifest, table)
    cells["age_group"] = cells["Alder"].map({age: age_group(age) for age in cells["Alder"].unique()})
    keys = ["Region", "Tid", "age_group", "ContentsCode"]
    return cells.groupby(keys)["value"].sum().unstack("ContentsCode").reset_index()  # noqa: PD010


def seconds_of(ways: list[Callable], manifest: Manifest, table: Table) -> dict[str, float]:
    """The least seconds of each way, all of them in turn, after one turn that is not counted."""
    least = {way.__name__: float("inf") for way in ways}
    for turn in range(TURNS + 1):
        for way in ways:
            started = time.perf_counter()
            way(manifest, table)
            seconds = time.perf_counter() - started
            least[way.__name__] = min(least[way.__name__], seconds) if turn else least[way.__name__]
    return least


def check_same(frame: pd.DataFrame, plain: pd.DataFrame) -> None:
    """Raise unless both ways give the same figures where the municipality existed."""
    keys, measures = ["region_code", "year", "age_group"], ["in_moves", "out_moves"]
    plain = plain.set_axis([*keys, *measures], axis=1).astype({"year": int})
    tables = [table[[*keys, *measures]].sort_values(keys, ignore_index=True) for table in (frame, plain)]
    pd.testing.assert_frame_equal(*tables, check_dtype=False)


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        manifest, table, cells = answers(Path(name))
        started = time.perf_counter()
        frame = tidied(manifest, table)
        frame.to_csv(Path(name) / "tidy.csv", index=False)
        seconds = time.perf_counter() - started
        megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        check_same(frame, plain_table(manifest, table))
        least = seconds_of([tidied, loaded, plain_frame, plain_table], manifest, table)
    print(f"{cells:,} cells tidied to {len(frame):,} rows in {seconds:.1f} s; {megabytes:.0f} MB at most")
    ratios = {way: least["tidied"] / taken for way, taken in least.items()}
    beside = {
        "loaded": "json.loads alone",
        "plain_frame": "with a frame of the cells",
        "plain_table": "with the same table by pandas",
    }
    told = [f"{words} {least[way]:.2f} s ({ratios[way]:.2f} x)" for way, words in beside.items()]
    print(f"tidying {least['tidied']:.2f} s; {'; '.join(told)}")
    kept = seconds < MOST_SECONDS and megabytes < MOST_MEGABYTES and ratios["plain_frame"] <= MOST_RATIO
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
