"""How long the project's own lists take: run with ``python benchmarks/records.py``.

Three sizes, each with its goal on two cores: a CSV file of 1,000,000 rows read within 20 s and 1.5 GB, an
Excel sheet of 200,000 rows within 10 s, 100,000 contacts linked into households within 30 s. Each runs in a
process of its own, so that its peak memory is its own. The lists are invented. Beside the first two stands
how many times the plain library's read of the same file they take, in processor time within one process: at
most 10 x ``pandas.read_csv`` and 3 x calamine are wanted. The processor's own seconds stand beside those on
the clock, since other work on the machine lengthens the latter.
"""

from __future__ import annotations

import argparse
import csv
import json
import multiprocessing
import platform
import resource
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

import numpy as np

HEADINGS = [
    "Kontakt-id",
    "Datum",
    "Hushålls-id",
    "E-post",
    "Telefon",
    "Kanal",
    "Fas",
    "Område",
    "Kommun",
    "Bor i kommun",
]
GOALS = {"csv": (1_000_000, 20.0, 1.5), "excel": (200_000, 10.0, None), "linkage": (100_000, 30.0, None)}
PEERS = {"csv": "pandas.read_csv", "excel": "the bare calamine read"}
_LETTERS = np.array(list("abcdefghijklmnopqrstuvwxyz"))


def rows(n: int, seed: int = 1):
    """Yield invented contacts of some n/2 households."""
    rng = np.random.default_rng(seed)
    owners = rng.integers(0, n // 2, n)
    words = ["".join(word) for word in _LETTERS[rng.integers(0, 26, (n // 2, 12))]]
    days = [(date(2020, 1, 1) + timedelta(days=i)).isoformat() for i in range(1096)]
    when, kind = rng.integers(0, 1096, n), rng.integers(0, 3, n)
    for i in range(n):
        owner = int(owners[i])
        email = f"{words[owner]}@example.org"
        reference = f"H-{owner:06d}" if i % 3 else ""
        channel, phase = (
            ("Mässa", "Webb", "Telefon")[kind[i]],
            ("Attrahera", "Välkomna", "Integrera")[kind[i]],
        )
        yield [f"K-{i:07d}", days[when[i]], reference, email, "", channel, phase, "Samverkan", "2380", "0180"]


def write_csv(path: Path, n: int) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(HEADINGS)
        writer.writerows(rows(n))


def write_excel(path: Path, n: int) -> None:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Kontakter")
    sheet.append(HEADINGS)
    for row in rows(n):
        sheet.append([row[0], date.fromisoformat(row[1]), *row[2:]])
    book.save(path)


def read_only(path: Path) -> int:
    from attraktiv_eval.records.cleaning import clean_sheet
    from attraktiv_eval.records.files import read_file

    cleaned = [
        clean_sheet(sheet, date(2015, 1, 1), date(2027, 12, 31)) for sheet in read_file(path, path.name)
    ]
    return sum(one.read for one in cleaned if one is not None)


def whole(path: Path) -> int:
    from attraktiv_eval.project import Project
    from attraktiv_eval.records import load_records

    records = load_records(path.parent, Project.load(), key=b"benchmark key, invented rows only")
    return len(records.households)


def bare(job: str, path: Path) -> float | None:
    """The processor's seconds of the plain library on the same file, in the same process."""
    start = time.process_time()
    if job == "csv":
        import pandas as pd

        pd.read_csv(path, sep=";", dtype=str)
    elif job == "excel":
        from python_calamine import CalamineWorkbook

        CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    else:
        return None
    return time.process_time() - start


def measure(job: str, path: str, queue) -> None:
    import pandas  # noqa: F401  the time to import is not the time to read
    import python_calamine  # noqa: F401

    import attraktiv_eval.records.loading  # noqa: F401

    start, worked = time.perf_counter(), time.process_time()
    found = (whole if job == "linkage" else read_only)(Path(path))
    seconds = time.perf_counter() - start
    worked = time.process_time() - worked
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    queue.put((seconds, worked, peak, found, bare(job, Path(path))))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=sorted(GOALS))
    parser.add_argument("--share", type=float, default=1.0, help="share of each size, for a quick look")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    context, results = multiprocessing.get_context("spawn"), {}
    with tempfile.TemporaryDirectory() as folder:
        for job, (size, limit, memory) in GOALS.items():
            if options.only and job != options.only:
                continue
            n = int(size * options.share)
            path = Path(folder, job, "kontakter.xlsx" if job == "excel" else "kontakter.csv")
            path.parent.mkdir()
            (write_excel if job == "excel" else write_csv)(path, n)
            queue = context.Queue()
            process = context.Process(target=measure, args=(job, str(path), queue))
            process.start()
            seconds, worked, gigabytes, found, plain = queue.get()
            process.join()
            kept = seconds <= limit and (memory is None or gigabytes <= memory)
            results[job] = {
                "rows": n,
                "seconds": round(seconds, 2),
                "processor": round(worked, 2),
                "gigabytes": round(gigabytes, 2),
                "times_bare": None if plain is None else round(worked / plain, 1),
                "goal": limit,
            }
            ratio = "" if plain is None else f", {worked / plain:.1f} x {PEERS[job]} ({plain:.2f} s)"
            print(
                f"{job:8} {n:>9,} rows {seconds:6.2f} s (goal {limit:.0f} s), "
                f"processor {worked:.2f} s{ratio}, {gigabytes:.2f} GB, found {found:,} "
                f"{'ok' if kept else 'MISSED'}"
            )
    if options.json:
        options.json.write_text(
            json.dumps({"machine": platform.platform(), **results}, indent=1), encoding="utf-8"
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
