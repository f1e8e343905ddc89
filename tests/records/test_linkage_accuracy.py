"""Precision and recall of the linkage where e-mail addresses are made of common names, over pairs of rows."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from attraktiv_eval.project import Project
from attraktiv_eval.records import Records, load_records
from tests.records.named_people import PLACES, People, slip

KEY = b"a key for tests, 32 bytes long.."
CONTACTS = "Datum;Hushålls-id;Namn;E-post;Telefon;Bor i kommun;Kommun"
HOUSEHOLDS = "Hushålls-id;E-post;Vuxna;Första kontakt;Inflyttat;Inflyttningsdatum;Ursprungskommun;Till kommun"


class Folder:
    """Files of rows, and the true household of each row."""

    def __init__(self) -> None:
        self.files: dict[str, list[str]] = {}
        self.truth: dict[tuple[str, int], int] = {}

    def add(self, name: str, head: str, row: str, true: int) -> None:
        rows = self.files.setdefault(name, [head])
        rows.append(row)
        self.truth[name, len(rows)] = true

    def write(self, directory: Path) -> None:
        for n, (name, rows) in enumerate(sorted(self.files.items())):
            encoding = ("utf-8", "utf-8-sig", "cp1252", "utf-16")[n % 4]
            (directory / name).write_text("\n".join(rows) + "\n", encoding=encoding)


def quality(records: Records, truth: dict[tuple[str, int], int]) -> tuple[float, float]:
    """Return pairwise precision and recall."""
    rows = records.members.dropna(subset=["household_id"])
    true = [truth[file, row] for file, row in zip(rows["file"], rows["row"], strict=True)]

    def pairs(keys) -> int:
        return sum(n * (n - 1) // 2 for n in Counter(keys).values())

    both = pairs(zip(true, rows["household_id"], strict=True))
    return both / pairs(rows["household_id"]), both / pairs(true)


def deliveries(size: int, seed: int) -> Folder:
    """Return four deliveries of contacts and a list of households, under one run of references."""
    people, folder = People(seed), Folder()
    rng = np.random.default_rng(seed + 1)
    for number in range(1, size + 1):
        one = people.household(number)
        for n in range(int(rng.integers(1, 5))):
            who = n % len(one["names"])
            day = np.datetime64(one["contact"]) + 11 * n
            email = one["emails"][who] if rng.random() < 0.97 else slip(one["emails"][who], rng)
            reference = f"H-{number}" if rng.random() < 0.6 or n % 2 else ""
            name = one["names"][who] if rng.random() < 0.8 else ""
            phone = one["phone"] if rng.random() < 0.7 else ""
            cells = [
                str(day),
                reference,
                name,
                email if rng.random() < 0.9 else "",
                phone,
                one["town"],
                one["place"],
            ]
            if not any(cells[1:5]):
                continue
            folder.add(f"kontakter {int(rng.integers(1, 5))}.csv", CONTACTS, ";".join(cells), number)
        if one["mover"]:
            cells = [
                f"H-{number}",
                one["emails"][0],
                str(len(one["names"])),
                one["contact"],
                "Ja",
                one["moved"],
            ]
            folder.add("hushåll.csv", HOUSEHOLDS, ";".join([*cells, one["town"], one["place"]]), number)
    return folder


@pytest.mark.parametrize(("size", "seed"), [(600, 5), pytest.param(5000, 7, marks=pytest.mark.prove)])
def test_names_that_many_bear_do_not_join_strangers(
    size: int, seed: int, tmp_path: Path, project: Project
) -> None:
    folder = deliveries(size, seed)
    folder.write(tmp_path)
    records = load_records(tmp_path, project, key=KEY)
    precision, recall = quality(records, folder.truth)
    print(
        f"{size} households, {len(folder.truth)} rows: "
        f"precision {precision:.4f}, recall {recall:.4f}, "
        f"{len(records.grey_zone)} pairs to decide"
    )
    assert precision >= 0.98
    assert recall >= 0.98


def nine_organisations(seed: int = 17) -> tuple[Folder, dict[int, str]]:
    """Return 24 files of nine organisations, each counting its households from 1, and the movers' places.

    Every organisation sends contacts and a list of households under its own numbers; six a later list too.
    Some households are known to two organisations, under two numbers.
    """
    people, folder = People(seed), Folder()
    rng = np.random.default_rng(seed)
    senders = [*PLACES, "Regionen"]
    counted: Counter[str] = Counter()
    movers: dict[int, str] = {}
    for number in range(1, 241):
        one = people.household(number)
        if number <= 93:
            movers[number] = one["place"]
        first = senders[number % 9]
        known = [first] if rng.random() < 0.85 else [first, senders[(number + 4) % 9]]
        for sender in known:
            counted[sender] += 1
            own = str(counted[sender])
            for n in range(int(rng.integers(2, 5))):
                late = n > 1 and senders.index(sender) < 6
                file = f"{sender} kontakter{' höst' if late else ''}.csv"
                who = n % len(one["names"])
                day = np.datetime64(one["contact"]) + 9 * n
                cells = [
                    str(day),
                    own,
                    one["names"][who],
                    one["emails"][who],
                    one["phone"],
                    one["town"],
                    one["place"],
                ]
                folder.add(file, CONTACTS, ";".join(cells), number)
            if number <= 93:
                cells = [own, one["emails"][0], str(len(one["names"])), one["contact"], "Ja", one["moved"]]
                folder.add(
                    f"{sender} hushåll.csv", HOUSEHOLDS, ";".join([*cells, one["town"], one["place"]]), number
                )
    return folder, movers


def test_nine_organisations_that_each_count_from_one(tmp_path: Path, project: Project) -> None:
    folder, movers = nine_organisations()
    folder.write(tmp_path)
    assert len(folder.files) == 24
    records = load_records(tmp_path, project, key=KEY)
    precision, recall = quality(records, folder.truth)
    print(
        f"{len(folder.files)} files, {len(folder.truth)} rows: "
        f"precision {precision:.4f}, recall {recall:.4f}, "
        f"{len(records.grey_zone)} pairs to decide"
    )
    assert precision >= 0.98
    assert recall >= 0.98
    assert len(records.households) == 240
    moved = records.households[records.households["moved"] == "yes"]
    codes = {name: code for code, name in project.region.municipalities.items()}
    assert Counter(moved["destination_code"]) == Counter(codes[place] for place in movers.values())
