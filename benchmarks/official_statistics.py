"""Speed and memory of tidying: two million cells, as json-stat2 answers on disk, to a tidy table.

Run: python benchmarks/official_statistics.py. The goal is 10 seconds and 1 GB. The figures are invented.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from attraktiv_eval.statistics.panel import Panel
from attraktiv_eval.statistics.scb.catalogue import Measure, Table, split, tidy
from attraktiv_eval.statistics.scb.client import Manifest, cube_of, sha256

CELLS_A_CALL = 150_000


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


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        manifest, table, cells = answers(Path(name))
        started = time.perf_counter()
        frame, _ = tidy(cube_of(table, manifest), table)
        frame.to_csv(Path(name) / "tidy.csv", index=False)
        seconds = time.perf_counter() - started
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{cells:,} cells tidied to {len(frame):,} rows in {seconds:.1f} s; {megabytes:.0f} MB at most")
    return 0 if seconds < 10 and megabytes < 1000 else 1


if __name__ == "__main__":
    sys.exit(main())
