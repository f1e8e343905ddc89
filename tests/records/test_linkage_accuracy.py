"""Precision and recall of the linkage where e-mail addresses are made of common names, over pairs of rows."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from attraktiv_eval.project import Project
from attraktiv_eval.records import Records, load_records
from attraktiv_eval.records.linkage import Groups
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


HEADS = {
    "Lime kontakter 1.csv": "Id;Skapad;Skapad av;Förnamn;Efternamn;E-post;Mobiltelefon;Ort",
    "Lime kontakter hela.csv": "Id;Skapad;Skapad av;Förnamn;Efternamn;E-post;Mobiltelefon;Ort",
    "Intresseanmälan flytt.csv": "Tidstämpel;E-postadress;För- och efternamn;Var bor du idag?;"
    "Vilken kommun vill du flytta till?",
    "Inkorg kontakter.csv": "Subject;From: (Name);From: (Address);To: (Name);To: (Address);Received",
    "Strömsund kontakter.csv": "Löpnr;Dag;Kontaktperson;Postadress;Tfn;Via",
    "recruiter contacts.csv": "No;Contact date;First name;Last name;E-mail;Mobile;Current town;Interested in",
    "Blad1.csv": "Hushåll nr;Boende (namn);E-post 1;E-post 2;Ankomst;Från;Till;;Företag;Org.nr;Kommun",
    "Regionen uppföljning.csv": "Namn;E-postadress;Inflyttad;Bor kvar;Tidigare kommun;Nuvarande kommun",
}


def exports(seed: int, size: int) -> tuple[Folder, dict[tuple[str, int], set[str]], set[int]]:
    """Return what eight systems and offices send, what each row tells of whom, and the movers in a list.

    Two deliveries of one system, the second whole and counted anew; days with the month first; a town that
    stands in an address alone; couples in one cell; a list of companies beside one of households.
    """
    people, folder = People(seed), Folder()
    rng = np.random.default_rng(seed + 2)
    tells: dict[tuple[str, int], set[str]] = {}
    listed: set[int] = set()

    def add(name: str, number: int, cells: list[object], *tell: str) -> None:
        folder.add(name, HEADS[name], ";".join(str(cell) for cell in cells), number)
        tells[name, len(folder.files[name])] = set(tell)

    for number in range(1, size + 1):
        one = people.household(number)
        names, emails, town = one["names"], one["emails"], one["town"]
        day, moved = (pd.Timestamp(one[name]) for name in ("contact", "moved"))
        given, family = names[0].split()[0], names[0].split()[-1]
        shared = len(names) > 1 and rng.random() < 0.3
        emails = [emails[0]] * len(names) if shared else emails
        who = int(rng.integers(0, len(names)))
        mine = (emails[who], f"{names[who]}|{town}")
        parts = [*names[who].split(), emails[who], one["phone"], town]
        kinds = rng.random(6) < 0.4
        if kinds[0]:
            if number <= size // 2:
                add(
                    "Lime kontakter 1.csv",
                    number,
                    [number, f"{day:%Y-%m-%d} 09:30", "KH", *parts],
                    *mine,
                    one["phone"],
                )
            add(
                "Lime kontakter hela.csv",
                number,
                [9 * number, f"{day:%Y-%m-%d} 09:30", "KH", *parts],
                *mine,
                one["phone"],
            )
        if kinds[1]:
            cells = [f"{day:%m/%d/%Y} 13:05:22", emails[who], names[who], town, one["place"]]
            add("Intresseanmälan flytt.csv", number, cells, *mine)
        if kinds[2]:
            name = f"{names[who].split()[-1]}, {names[who].split()[0]}"
            cells = [
                "Fråga",
                name,
                emails[who],
                "Inflyttarservice",
                "info@example.org",
                f"{day:%Y-%m-%d} 08:11",
            ]
            add("Inkorg kontakter.csv", number, cells, mine[0])
        if kinds[3]:
            address = f"Påhittsvägen {number}, {100 + number % 800} {10 + number % 90} {town}"
            cells = [
                number,
                f"{day:%Y-%m-%d}",
                names[who],
                address,
                one["phone"] if number % 5 else "",
                "tel",
            ]
            add("Strömsund kontakter.csv", number, cells, mine[1], *([one["phone"]] if number % 5 else []))
        if kinds[4]:
            cells = [number, f"{day:%m/%d/%Y}", *parts, one["place"]]
            add("recruiter contacts.csv", number, cells, *mine, one["phone"])
        if one["mover"] and number % 3:
            listed.add(number)
            both = " och ".join([given, *(name.split()[0] for name in names[1:])]) + f" {family}"
            other = emails[1] if len(names) > 1 and not shared else ""
            company = f";Påhitt {number} AB;;{one['place']}" if number < size // 4 else ";;;"
            cells = [len(listed), both, emails[0], other, f"{moved:%Y-%m-%d}", town, one["place"], company]
            told = {*emails, *(f"{name}|{town}" for name in names)}
            add("Blad1.csv", number, cells, *told)
        if one["mover"] and kinds[5]:
            listed.add(number)
            cells = [names[0], emails[0], f"{moved:%Y-%m-%d}", "Ja", town, one["place"]]
            add("Regionen uppföljning.csv", number, cells, emails[0], f"{names[0]}|{town}")
    return folder, tells, listed


@pytest.mark.parametrize(("size", "seed"), [(150, 3), pytest.param(2000, 4, marks=pytest.mark.prove)])
def test_exports_of_systems_find_their_households_and_movers(
    size: int, seed: int, tmp_path: Path, project: Project
) -> None:
    """Of the rows of one household that an address, a telephone or a name in one town connects."""
    folder, tells, listed = exports(seed, size)
    folder.write(tmp_path)
    records = load_records(tmp_path, project, key=KEY)
    precision, _ = quality(records, folder.truth)
    rows, keys = list(tells), [(folder.truth[row], word) for row, words in tells.items() for word in words]
    words = {key: len(rows) + n for n, key in enumerate(dict.fromkeys(keys))}
    known = Groups(len(rows) + len(words))
    ends = [(n, words[folder.truth[row], word]) for n, row in enumerate(rows) for word in tells[row]]
    known.join("", *(np.array(side) for side in zip(*ends, strict=True)))
    _, recall = quality(records, {row: int(known.labels[n]) for n, row in enumerate(rows)})
    moved = int((records.households["moved"] == "yes").sum())
    print(
        f"{size} households, {len(rows)} rows: precision {precision:.4f}, recall {recall:.4f} of what is "
        f"connected, {moved} of {len(listed)} movers, {len(records.grey_zone)} pairs to decide"
    )
    assert precision >= 0.98
    assert recall >= 0.98
    assert abs(moved - len(listed)) <= 0.01 * len(listed)
    assert records.notes[records.notes["kind"] == "unknown_heading"].empty
