"""How long the project's own lists take: run with ``python benchmarks/records.py``.

Each size, with its goal on two cores, runs in a process of its own, so that its peak memory is its own:

- ``csv``, ``people``: a CSV file of 1,000,000 rows read and cleaned within 10 x ``pandas.read_csv`` of the
  same file in the same process, and 1.5 GB. ``people`` is like a real list: names, e-mail addresses made of
  them, telephone numbers, postal addresses, towns and days as people write them.
- ``excel``: a sheet of 200,000 rows within 3 x the bare calamine read.
- ``headings``: a table with 20,000 headings that nobody knows, within 10 s.
- ``blanks``: a workbook of blank cells that unpacks to 3 GB is refused at once.
- ``linkage``: 1,000,000 contacts read and linked into households within 90 s.
- ``parts``: a CSV file of 10,000,000 contacts read and cleaned part by part, within 1 GB.
- ``all``: 10,000,000 contacts as in a real list, with names, e-mail addresses made of them and telephone
  numbers, some four of each household, read, linked and counted within 4 GB.

The lists are invented. Ratios are of processor time; the processor's own seconds stand beside those on the
clock, since other work on the machine lengthens the latter.
"""

from __future__ import annotations

import argparse
import csv
import json
import multiprocessing
import platform
import re
import resource
import tempfile
import time
import zipfile
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
#: Rows, and the goals: seconds on the clock, GB of memory, times the plain library's time.
GOALS: dict[str, tuple[int, float, float | None, float | None]] = {
    "csv": (1_000_000, 20.0, 1.5, 10.0),
    "people": (1_000_000, 40.0, 1.5, 10.0),
    "excel": (200_000, 10.0, None, 3.0),
    "headings": (20_000, 10.0, None, None),
    "blanks": (3_000_000_000, 1.0, 0.5, None),
    "linkage": (1_000_000, 90.0, 1.5, None),
    "parts": (10_000_000, 400.0, 1.0, None),
    "all": (10_000_000, 1200.0, 4.0, None),
}
PEERS = {"csv": "pandas.read_csv", "people": "pandas.read_csv", "excel": "the bare calamine read"}
PEOPLE = ["Namn", "Postadress", "Företag", "Organisationsnummer", "Organisation"]
_SYLLABLES = re.findall("..", "anbedaelfigahainjokalimanoolperisitoulviåsörnylu")
_TOWNS = [
    "Östersund",
    "Åre",
    "Krokom",
    "Stockholm",
    "Göteborgs kommun",
    "Malmö stad",
    "831 34 Östersund",
    "Sthlm",
    "Järpen",
    "2321",
]
_DAYS = ("{0:%Y-%m-%d}", "{0:%d/%m %Y}", "{0:%Y%m%d}", "den {0.day} mars {0.year}", "{0:%Y-%m-%d} 00:00")
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


def people(n: int, seed: int = 2):
    """Yield contacts as in a real list: some n/3 persons, whose names and addresses are all written out."""
    rng = np.random.default_rng(seed)
    persons = max(n // 3, 1)
    parts = rng.integers(0, len(_SYLLABLES), (persons, 6))
    names = [
        [
            "".join(_SYLLABLES[i] for i in row[:2]).title(),
            "".join(_SYLLABLES[i] for i in row[2:]).title() + "sson",
        ]
        for row in parts.tolist()
    ]
    numbers, owners = rng.integers(0, 10**8, persons).tolist(), rng.integers(0, persons, n).tolist()
    days, kinds = rng.integers(0, 1096, n).tolist(), rng.integers(0, 60, n).tolist()
    for i, owner, day, kind in zip(range(n), owners, days, kinds, strict=True):
        given, family = names[owner]
        when = date(2020, 1, 1) + timedelta(days=day)
        phone = f"07{numbers[owner]:08d}"
        yield [
            f"{i:07d}",
            _DAYS[kind % 5].format(when),
            f"HH {owner}" if kind % 3 else "",
            f"{given}.{family}{owner % 97}@Example.org" if kind else f"{given} {family}",
            f"{phone[:3]}-{phone[3:6]} {phone[6:8]} {phone[8:]}" if kind % 2 else phone,
            ("Mässa", "webb", "TELEFON")[kind % 3],
            ("Attrahera", "Välkomna", "attract")[kind % 3],
            "Samverkan",
            _TOWNS[kind % 8],
            _TOWNS[kind % 7],
            f"{given} {family}" if owner % 5 else f"{family}, {given}",
            f"{family}gatan {owner % 300}, 831 {owner % 89 + 10} Östersund",
            f"{family} Bygg AB" if kind == 7 else "",
            "556036-0793" if kind == 7 else "",
            "Åre kommun",
        ]


def listed(n: int, seed: int = 3):
    """Yield contacts of some n/4 households of one or two adults, whose names are borne as names are.

    Two in three rows have the household's reference, nine in ten an address and half a telephone number.
    """
    from attraktiv_eval.records.values import municipality_names

    rng = np.random.default_rng(seed)
    size, towns = n // 4 + 1, sorted(municipality_names().values())
    borne = 1 / np.arange(2, 20_002)
    given = rng.choice(600, (size, 2), p=borne[:600] / borne[:600].sum())
    family = rng.choice(20_000, size, p=borne / borne.sum())
    numbers, places = rng.integers(0, 10**8, size), rng.integers(0, len(towns), size)
    owners, days, kinds = (rng.integers(0, most, n) for most in (size, 1096, 60))
    letters = len(_SYLLABLES)
    words = [_SYLLABLES[i % letters] + _SYLLABLES[i // letters % letters] for i in range(20_000)]
    made = [(words[i] + ("", "na", "rik")[i % 3]).title() for i in range(600)]
    families = [
        (word + _SYLLABLES[i // 576 % letters]).title() + ("sson", "berg", "lund", "ström")[i % 4]
        for i, word in enumerate(words)
    ]
    dated = [(date(2020, 1, 1) + timedelta(days=day)).isoformat() for day in range(1096)]
    for i in range(n):
        owner, kind = int(owners[i]), int(kinds[i])
        first, last = made[given[owner, int(kind % 7 == 0)]], families[family[owner]]
        yield [
            f"K-{i:07d}",
            dated[days[i]],
            f"H-{owner:06d}" if kind % 3 else "",
            f"{first} {last}",
            f"{first}.{last}{owner % 1000:03d}{kind % 7 == 0:d}@example.org".lower() if kind % 10 else "",
            f"070-{numbers[owner] // 10:07d}" if kind % 2 else "",
            ("Mässa", "Webb", "Telefon")[kind % 3],
            ("Attrahera", "Välkomna", "Integrera")[kind % 3],
            "Östersund",
            towns[places[owner]],
        ]


def write_listed(path: Path, n: int) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow([*HEADINGS[:3], "Namn", *HEADINGS[3:7], *HEADINGS[8:]])
        writer.writerows(listed(n))


def write_csv(path: Path, n: int) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(HEADINGS)
        writer.writerows(rows(n))


def write_people(path: Path, n: int) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow([*HEADINGS, *PEOPLE])
        writer.writerows(people(n))


def write_headings(path: Path, n: int) -> None:
    cells = [f"Fråga {i}: hur ofta {_SYLLABLES[i % 24]}{_SYLLABLES[i // 24 % 24]}" for i in range(n)]
    rows = [[*HEADINGS[:3], *cells], *([f"K-{k}", "2021-03-01", f"H-{k}", *["x"] * n] for k in range(5))]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, delimiter=";").writerows(rows)


def write_blanks(path: Path, n: int) -> None:
    """Write a small workbook whose sheet unpacks to that many bytes of cells without values."""
    write_excel(path, 10)
    with (
        zipfile.ZipFile(path) as small,
        zipfile.ZipFile(path.with_suffix(".new"), "w", 8, compresslevel=1) as big,
    ):
        for part in small.namelist():
            head, mark, tail = small.read(part).partition(b"<sheetData>")
            with big.open(part, "w", force_zip64=True) as file:
                file.write(head + mark)
                row = b'<row r="9">' + b'<c r="A9" s="1"/>' * 60_000 + b"</row>"
                for _ in range(n // len(row) + 1 if mark else 0):
                    file.write(row)
                file.write(tail)
    path.with_suffix(".new").replace(path)


def write_excel(path: Path, n: int) -> None:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Kontakter")
    sheet.append(HEADINGS)
    for row in rows(n):
        sheet.append([row[0], date.fromisoformat(row[1]), *row[2:]])
    book.save(path)


WRITERS = {
    "csv": write_csv,
    "people": write_people,
    "excel": write_excel,
    "headings": write_headings,
    "blanks": write_blanks,
    "linkage": write_csv,
    "parts": write_csv,
    "all": write_listed,
}


def read_only(path: Path) -> int:
    from attraktiv_eval.records.cleaning import clean_sheet
    from attraktiv_eval.records.files import read_file

    cleaned = [
        clean_sheet(sheet, date(2015, 1, 1), date(2027, 12, 31)) for sheet in read_file(path, path.name)
    ]
    return sum(one.read for one in cleaned if one is not None)


def in_parts(path: Path) -> int:
    from attraktiv_eval.records.cleaning import clean_in_parts

    return sum(part.read for part in clean_in_parts(path, path.name, date(2015, 1, 1), date(2027, 12, 31)))


def refused(path: Path) -> int:
    from attraktiv_eval.errors import RecordError
    from attraktiv_eval.records.files import read_file

    try:
        read_file(path, path.name)
    except RecordError as error:
        print(f"         {error}")
        return 1
    raise AssertionError("the workbook of blanks was read")


def whole(path: Path) -> int:
    from attraktiv_eval.project import Project
    from attraktiv_eval.records import load_records

    records = load_records(path.parent, Project.load(), key=b"benchmark key, invented rows only")
    return len(records.households)


def bare(job: str, path: Path) -> float | None:
    """The processor's seconds of the plain library on the same file, in the same process."""
    start = time.process_time()
    if job in ("csv", "people"):
        import pandas as pd

        pd.read_csv(path, sep=";", dtype=str, encoding="utf-8-sig")
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
    work = {"linkage": whole, "all": whole, "blanks": refused, "parts": in_parts}.get(job, read_only)
    found = work(Path(path))
    seconds = time.perf_counter() - start
    worked = time.process_time() - worked
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    plain = bare(job, Path(path))
    plain = plain and min(plain, bare(job, Path(path)))  # the first run also warms the file
    queue.put((seconds, worked, peak, found, plain))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=sorted(GOALS))
    parser.add_argument("--share", type=float, default=1.0, help="share of each size, for a quick look")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    context, results = multiprocessing.get_context("spawn"), {}
    with tempfile.TemporaryDirectory() as folder:
        for job, (size, limit, memory, times) in GOALS.items():
            if options.only and job != options.only:
                continue
            n = size if job == "blanks" else int(size * options.share)
            path = Path(folder, job, "kontakter.xlsx" if job in ("excel", "blanks") else "kontakter.csv")
            path.parent.mkdir()
            WRITERS[job](path, n)
            queue = context.Queue()
            process = context.Process(target=measure, args=(job, str(path), queue))
            process.start()
            process.join()
            seconds, worked, gigabytes, found, plain = queue.get(timeout=5)
            ratio = None if plain is None else worked / plain
            kept = worked <= limit and (memory is None or gigabytes <= memory)
            kept = kept and (ratio is None or times is None or ratio <= times)
            results[job] = {
                "rows": n,
                "seconds": round(seconds, 2),
                "processor": round(worked, 2),
                "gigabytes": round(gigabytes, 2),
                "times_bare": None if ratio is None else round(ratio, 1),
                "goal": limit,
            }
            told = (
                "" if ratio is None else f", {ratio:.1f} x {PEERS[job]} ({plain:.2f} s; goal {times:.0f} x)"
            )
            print(
                f"{job:8} {n:>13,} {seconds:6.2f} s (goal {limit:.0f} s), "
                f"processor {worked:.2f} s{told}, {gigabytes:.2f} GB, found {found:,} "
                f"{'ok' if kept else 'MISSED'}",
                flush=True,
            )
            path.unlink()
    if options.json:
        options.json.write_text(
            json.dumps({"machine": platform.platform(), **results}, indent=1), encoding="utf-8"
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
