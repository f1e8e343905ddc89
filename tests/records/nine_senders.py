"""An invented folder as nine organisations send it: files of many kinds, with the truth of every row.

Every sender has its own habits: kind of file, encoding, headings, order of dates, running numbers from 1.
Some households are known to two senders under two numbers, many to several deliveries of one. Nothing is
copied from anybody's list: names are drawn as often as such names are borne (:mod:`named_people`), all else
is made up.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl

from attraktiv_eval.records.dates import SWEDISH_MONTHS
from tests.bad_input.old_books import ods, old_book
from tests.records.named_people import PLACES, People

Person = dict[str, Any]
Cell = str | int | float | date | None
_ASCII = str.maketrans("åäöÅÄÖé", "aaoAAOe")
#: What towns of the county are called by those who write them.
SPELT = {
    "Åre": ("Åre", "Järpen", "Åre kommun", "2321", "Duved"),
    "Berg": ("Bergs kommun", "Svenstavik", "2326", "Berg"),
    "Bräcke": ("Bräcke", "Gällö", "Bräcke kn", "Bracke"),
    "Härjedalen": ("Härjedalen", "Sveg", "Funäsdalen", "Harjedalens kommun"),
    "Krokom": ("Krokom", "Krokoms kommun", "Föllinge", "2309"),
    "Ragunda": ("Ragunda", "Hammarstrand", "Ragunda (2303)"),
    "Strömsund": ("Strömsund", "Hammerdal", "Stromsund", "Strömsunds kommun"),
    "Östersund": ("Östersund", "Ostersund", "Frösön", "831 34 Östersund", "Östersunds kn", "Brunflo"),
}
FROM = {"Stockholm": ("Stockholm", "Sthlm", "0180", "Bromma"), "Göteborg": ("Göteborg", "Gbg", "Goteborg")}


@dataclass
class Table:
    """A sheet: rows of cells as they stand, and which household or company each row is truly of."""

    rows: list[list[Cell]] = field(default_factory=list)
    true: list[int | str | None] = field(default_factory=list)
    #: For each row the cells that were spoilt: column -> what should stand there.
    right: list[dict[int, Cell]] = field(default_factory=list)
    head: int = 0

    def add(self, cells: Sequence[Cell], true: int | str | None = None) -> None:
        """Add a row; ``true`` is None where it is no record."""
        self.rows.append(list(cells))
        self.true.append(true)
        self.right.append({})

    def remove(self, at: int) -> None:
        """Take a row away."""
        for rows in (self.rows, self.true, self.right):
            del rows[at]  # type: ignore[attr-defined]


@dataclass
class File:
    """A file of one sheet or more; CSV has one, named ``""``."""

    sheets: dict[str, Table]
    encoding: str = "utf-8"
    separator: str = ";"

    def write(self, path: Path) -> None:
        """Write the file in the kind that its name says."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(getattr(self, f"_{path.suffix.removeprefix('.')}")())

    def _csv(self) -> bytes:
        lines = [
            self.separator.join(_quoted(_text(cell), self.separator) for cell in row)
            for row in self.sheets[""].rows
        ]
        return ("\r\n".join(lines) + "\r\n").encode(self.encoding)

    def _xlsx(self) -> bytes:
        book = openpyxl.Workbook()
        book.remove(book.active)
        for name, table in self.sheets.items():
            sheet = book.create_sheet(name)
            for row in table.rows:
                sheet.append(row)
        target = io.BytesIO()
        book.save(target)
        return target.getvalue()

    def _plain(self) -> dict[str, list[list[str | float]]]:
        return {
            name: [
                [cell if isinstance(cell, int | float) else _text(cell) for cell in row] for row in table.rows
            ]
            for name, table in self.sheets.items()
        }

    def _xls(self) -> bytes:
        return old_book(self._plain())

    def _ods(self) -> bytes:
        return ods(self._plain())


def _text(cell: Cell) -> str:
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%M")
    return "" if cell is None else str(cell)


def _quoted(text: str, separator: str) -> str:
    return '"' + text.replace('"', '""') + '"' if separator in text or '"' in text else text


@dataclass
class Folder:
    """The files, and what is true of them."""

    files: dict[str, File] = field(default_factory=dict)
    households: int = 0
    movers: dict[int, str] = field(default_factory=dict)
    companies: int = 0

    def write(self, directory: Path) -> None:
        """Write every file."""
        for name, file in self.files.items():
            file.write(directory / name)

    def table(self, file: str, sheet: str) -> Table:
        """Return a sheet of a file."""
        return self.files[file].sheets[sheet]

    @property
    def rows(self) -> int:
        """Rows that are records."""
        return sum(
            one is not None
            for file in self.files.values()
            for table in file.sheets.values()
            for one in table.true
        )


# --- How a day, a name or a number is written


def iso(day: date) -> Cell:
    return day.isoformat()


def swedish(day: date) -> Cell:
    return f"{day.day}/{day.month} {day.year}"


def american(day: date) -> Cell:
    return f"{day:%m/%d/%Y} {8 + day.day % 9}:{day.day:02}:11"


def short(day: date) -> Cell:
    return day.strftime("%y%m%d")


def week(day: date) -> Cell:
    year, number, _ = day.isocalendar()
    return f"{'vecka' if day.day % 2 else 'v.'} {number} {year}"


def stamp(day: date) -> Cell:
    return datetime(day.year, day.month, day.day, 9, 5)


def words(day: date) -> Cell:
    return f"{day.day} {SWEDISH_MONTHS[day.month - 1]} {day.year}"


def serial(day: date) -> Cell:
    return (day - date(1899, 12, 30)).days


class Senders:
    """Makes the folder; every draw is seeded."""

    def __init__(self, seed: int, size: int = 240, movers: int = 93) -> None:
        self.rng, self.people = np.random.default_rng(seed), People(seed)
        self.folder = Folder(households=size)
        self.counted: Counter[str] = Counter()
        self.own: dict[tuple[str, int], int] = {}
        self.known: dict[str, list[Person]] = {sender: [] for sender in (*PLACES, "Regionen")}
        self.movers = set(self.rng.permutation(np.arange(1, size + 1))[:movers].tolist())
        for number in range(1, size + 1):
            self._household(number)

    def _household(self, number: int) -> None:
        one = self.people.household(number)
        contact = date.fromisoformat(str(one["contact"]))
        one |= {
            "day": contact,
            "mover": number in self.movers,
            "moves": date.fromisoformat(str(one["moved"])),
        }
        street = self.rng.choice(
            ["Björkvägen", "Storgatan", "Skogsvägen", "Kyrkogatan", "Ängsvägen", "Lingonvägen"]
        )
        one["address"] = (
            f"{street} {int(self.rng.integers(1, 90))}, "
            f"{int(self.rng.integers(100, 990))} 3{number % 10} {one['town']}"
        )
        if one["mover"]:
            self.folder.movers[number] = one["place"]
        first = list(self.known)[int(self.rng.integers(0, 9))]
        senders = [first]
        if self.rng.random() < 0.15:
            senders.append(next(name for name in self.rng.permutation(list(self.known)) if name != first))
        for sender in senders:
            self.counted[sender] += 1
            self.own[sender, number] = self.counted[sender]
            self.known[sender].append(one)

    def pick(self, *several: Any) -> Any:
        """Return one of several."""
        return several[int(self.rng.integers(0, len(several)))]

    def town(self, name: str) -> str:
        """Return a town as somebody writes it."""
        return str(self.pick(*(SPELT.get(name) or FROM.get(name) or (name,))))

    def phone(self, one: Person) -> str:
        """Return the household's number as somebody writes it."""
        digits = str(one["phone"]).replace("-", "")
        a, b, c, d = digits[:3], digits[3:6], digits[6:8], digits[8:]
        return str(
            self.pick(
                f"{a}-{b} {c} {d}",
                f"{a}{b}{c}{d}",
                f"+46 {a[1:]} {b} {c} {d}",
                f"{a}-{b}{c}{d}",
                f"0046{a[1:]}{b}{c}{d}",
            )
        )

    def contacts(self, sender: str, least: int = 1, most: int = 3) -> list[tuple[Person, int, date]]:
        """Return the contacts of a sender: household, which adult, and day."""
        found = []
        for one in self.known[sender]:
            for n in range(int(self.rng.integers(least, most + 1))):
                day = date.fromordinal(one["day"].toordinal() + 9 * n)
                found.append((one, n % len(one["names"]), day))
        return sorted(found, key=lambda entry: entry[2])

    def moved(self, sender: str, *, all_of: bool = False) -> list[Person]:
        """Return the movers that a sender knows, or all its households."""
        return [one for one in self.known[sender] if one["mover"] or all_of]


def turned(name: str) -> str:
    """Return ``Ek, Anna`` for ``Anna Ek``."""
    first, last = name.split(" ", 1)
    return f"{last}, {first}"


def make(seed: int = 17, size: int = 240, movers: int = 93) -> Folder:
    """Return the folder of a seed."""
    makes = Senders(seed, size, movers)
    for part in (
        _are,
        _berg,
        _bracke,
        _harjedalen,
        _krokom,
        _ragunda,
        _stromsund,
        _ostersund,
        _regionen,
        _others,
    ):
        part(makes)
    _spoil(makes)
    return makes.folder


def _list(
    makes: Senders,
    rows: Sequence[tuple],
    columns: Sequence[tuple[str, Callable[..., Cell]]],
    above: Sequence[Sequence[Cell]] = (),
) -> Table:
    """Return a table of columns: heading and what each row has there; the household comes first in a row."""
    table = Table()
    for line in above:
        table.add(line)
    table.head = len(table.rows)
    table.add([heading for heading, _ in columns])
    for row in rows:
        table.add([cell(*row) for _, cell in columns], row[0]["number"])
    return table


def _are(makes: Senders) -> None:
    """Titles and two rows of headings above, a row of totals below; three deliveries under one register."""
    own = lambda one, *_: makes.own["Åre", one["number"]]  # noqa: E731
    every = makes.contacts("Åre", 2, 4)
    columns = [
        ("Löpnr", lambda one, who, day: None),
        ("Hushållsnr", own),
        ("Datum", lambda one, who, day: stamp(day)),
        ("Namn", lambda one, who, day: one["names"][who] if makes.rng.random() < 0.7 else None),
        (
            "E-post",
            lambda one, who, day: (
                one["emails"][who]
                if makes.rng.random() < 0.7 or day == one["day"]
                else makes.pick("saknas@saknas.se", None)
            ),
        ),
        ("Mobil", lambda one, who, day: makes.phone(one) if makes.rng.random() < 0.8 else None),
        ("Bor i kommun", lambda one, who, day: makes.town(one["town"])),
    ]
    half = date(2021, 2, 1)
    for name, rows in (
        ("Åre/Åre kontakter t.o.m. januari.xlsx", [row for row in every if row[2] < half]),
        ("Åre/Åre kontakter från februari.xlsx", [row for row in every if row[2] >= half]),
    ):
        above = [["Åre kommun, kontakter"], [], ["Ärende", None, None, "Person", None, None, "Bostad"]]
        table = _list(makes, rows, columns, above)
        for number, line in enumerate(table.rows[4:], 1):
            line[0] = number
        table.add(["Summa", None, len(rows)])
        makes.folder.files[name] = File({"Kontakter": table})
    columns = [
        ("Hushållsnr", own),
        ("Antal vuxna", lambda one: len(one["names"])),
        ("Första kontakt", lambda one: stamp(one["day"])),
        ("Inflyttad", lambda one: "Ja" if one["mover"] else "Nej"),
        ("Inflyttningsdatum", lambda one: stamp(one["moves"]) if one["mover"] else None),
        ("Från kommun", lambda one: makes.town(one["town"])),
        ("Till kommun", lambda one: makes.town(one["place"])),
    ]
    table = _list(makes, [(one,) for one in makes.moved("Åre", all_of=True)], columns)
    table.add(["Totalt 13 st"])
    makes.folder.files["Åre/Åre hushåll.xlsx"] = File({"Hushåll": table})


def _berg(makes: Senders) -> None:
    """An old workbook with both lists, its numbers numbers; days as the spreadsheet's own."""
    own = lambda one, *_: float(makes.own["Berg", one["number"]])  # noqa: E731
    contacts = _list(
        makes, makes.contacts("Berg", 1, 4),
        [
            ("Hushålls-id", own),
            ("Datum", lambda one, who, day: words(day)),
            ("Namn", lambda one, who, day: turned(one["names"][who]).upper()),
            ("Telefon", lambda one, who, day: makes.phone(one)),
            ("E-post", lambda one, who, day: one["emails"][who]),
            ("Bostadsort", lambda one, who, day: makes.town(one["town"])),
        ],
    )  # fmt: skip
    moved = _list(
        makes, [(one,) for one in makes.moved("Berg")],
        [
            ("Hushålls-id", own),
            ("Vuxna", lambda one: float(len(one["names"]))),
            ("Inflyttat", lambda one: "ja"),
            ("Inflyttningsdatum", lambda one: float(serial(one["moves"]))),
            ("Flyttat från", lambda one: makes.town(one["town"])),
            ("Flyttat till", lambda one: makes.town(one["place"])),
        ],
    )  # fmt: skip
    kind = "xls" if makes.folder.households < 500 else "xlsx"  # an old workbook is built for short lists
    makes.folder.files[f"Berg.{kind}"] = File({"Kontakter": contacts, "Hushåll": moved})


def _bracke(makes: Senders) -> None:
    """OpenDocument, and a list from a system without å, ä and ö in its headings, in the code page of DOS."""
    own = lambda one, *_: makes.own["Bräcke", one["number"]]  # noqa: E731
    contacts = _list(
        makes, makes.contacts("Bräcke", 1, 4),
        [
            ("Id", own),
            ("Dag", lambda one, who, day: iso(day)),
            ("Fullständigt namn", lambda one, who, day: one["names"][who]),
            ("E-postadress", lambda one, who, day: one["emails"][0 if one["number"] % 11 == 0 else who]),
            ("Mobilnummer", lambda one, who, day: makes.phone(one)),
            ("Hemkommun", lambda one, who, day: makes.town(one["town"])),
        ],
    )  # fmt: skip
    moved = _list(
        makes, [(one,) for one in makes.moved("Bräcke")],
        [
            ("Id", lambda one: makes.own["Bräcke", one["number"]] + 100),
            ("E-post", lambda one: one["emails"][0].upper()),
            ("Hushalls-id", lambda one: None),
            ("Forsta kontakt", lambda one: short(one["day"])),
            ("Inflyttningsdatum", lambda one: short(one["moves"])),
            ("Fran kommun", lambda one: makes.town(one["town"]).translate(_ASCII)),
            ("Till kommun", lambda one: makes.town(one["place"]).translate(_ASCII)),
        ],
    )  # fmt: skip
    for row in moved.rows:
        del row[2]
    makes.folder.files["Bracke_kontakter.ods"] = File({"Kontakter": contacts})
    makes.folder.files["Bracke hushall.csv"] = File({"": moved}, "cp850")


def _harjedalen(makes: Senders) -> None:
    """Bare running numbers that both lists share; the second list from an old Mac."""
    own = lambda one, *_: makes.own["Härjedalen", one["number"]]  # noqa: E731
    columns = [
        ("Ref", own),
        ("Kontaktdatum", lambda one, who, day: swedish(day)),
        ("Kontaktperson", lambda one, who, day: one["names"][who]),
        ("Mejl", lambda one, who, day: one["emails"][who]),
        (
            "Tel",
            lambda one, who, day: (
                makes.phone(one) if makes.rng.random() < 0.6 else makes.pick("", "063-16 50 00")
            ),
        ),
        ("Bor i", lambda one, who, day: makes.town(one["town"])),
        ("Önskad kommun", lambda one, who, day: makes.town(one["place"])),
    ]
    every = makes.contacts("Härjedalen", 2, 4)
    moved = _list(
        makes, [(one,) for one in makes.moved("Härjedalen")],
        [
            ("Ref", own),
            ("Mejl", lambda one: one["emails"][0]),
            ("Antal vuxna", lambda one: len(one["names"])),
            ("Flyttdatum", lambda one: swedish(one["moves"])),
            ("Flyttade från", lambda one: makes.town(one["town"])),
            ("Flyttade till", lambda one: makes.town(one["place"])),
        ],
    )  # fmt: skip
    files = makes.folder.files
    late = [row for row in every if row[2].year > 2020]
    order = list(dict.fromkeys(one["number"] for one, *_ in late))
    anew = [("Ref", lambda one, who, day: order.index(one["number"]) + 1), *columns[1:]]
    early = [row for row in every if row[2].year < 2021]
    files["Härjedalen/kontakter 2020.csv"] = File({"": _list(makes, early, columns)}, "cp1252")
    files["Härjedalen/kontakter 2021-.csv"] = File({"": _list(makes, late, anew)}, "cp1252")
    files["Härjedalen/inflyttare.csv"] = File({"": moved}, "mac_roman", "\t")


def _krokom(makes: Senders) -> None:
    """An export of a CRM in English, each contact with a key, and a list by hand as Unicode text."""
    contacts = _list(
        makes, makes.contacts("Krokom", 1, 3),
        [
            ("Record ID", lambda one, who, day: 18_400_000_000 + 97 * int(makes.rng.integers(1, 10**6))),
            ("First Name", lambda one, who, day: one["names"][0].split(" ", 1)[0]),
            ("Last Name", lambda one, who, day: one["names"][0].split(" ", 1)[1]),
            ("Email", lambda one, who, day: one["emails"][0]),
            ("Phone Number", lambda one, who, day: makes.phone(one)),
            ("City", lambda one, who, day: makes.town(one["town"])),
            ("Lead Status", lambda one, who, day: makes.pick("New", "Open", "")),
            ("Contact owner", lambda one, who, day: "Krokoms kommun"),
            ("Create Date", lambda one, who, day: f"{day.isoformat()} {8 + day.day % 9:02}:14"),
        ],
    )  # fmt: skip
    moved = _list(
        makes, [(one,) for one in makes.moved("Krokom")],
        [
            ("Nr", lambda one: makes.own["Krokom", one["number"]]),
            ("Namn", lambda one: one["names"][0]),
            ("Telefon", makes.phone),
            ("Vuxna", lambda one: len(one["names"])),
            ("Inflyttad", lambda one: iso(one["moves"])),
            ("Flyttar från kommun", lambda one: makes.town(one["town"])),
            ("Flyttar till kommun", lambda one: makes.town(one["place"])),
        ],
    )  # fmt: skip
    moved.rows[0][0] = "Id"
    makes.folder.files["hubspot-crm-exports-2022-11-30.csv"] = File({"": contacts}, "utf-8", ",")
    makes.folder.files["Krokom inflyttare.csv"] = File({"": moved}, "utf-16", "\t")


def _ragunda(makes: Senders) -> None:
    """An export of a Swedish CRM, and a list where who has not moved has a town in mind."""
    contacts = _list(
        makes, makes.contacts("Ragunda", 1, 3),
        [
            ("Id", lambda one, who, day: int(makes.rng.integers(10_000, 99_999))),
            ("Skapad", lambda one, who, day: f"{day.isoformat()} 10:{day.day:02}"),
            ("Skapad av", lambda one, who, day: makes.pick("Kim", "Robin")),
            ("Förnamn", lambda one, who, day: one["names"][0].split(" ", 1)[0]),
            ("Efternamn", lambda one, who, day: one["names"][0].split(" ", 1)[1]),
            ("E-post", lambda one, who, day: one["emails"][0]),
            ("Mobiltelefon", lambda one, who, day: makes.phone(one)),
            ("Ort", lambda one, who, day: makes.town(one["town"])),
            ("Ansvarig", lambda one, who, day: "Ragunda kommun"),
        ],
    )  # fmt: skip
    moved = _list(
        makes, [(one,) for one in makes.moved("Ragunda", all_of=True)],
        [
            ("E-post", lambda one: one["emails"][0]),
            ("Inflyttad", lambda one: "Ja" if one["mover"] else "Nej"),
            ("Inflyttningsdatum", lambda one: one["moves"] if one["mover"] else None),
            ("Från kommun", lambda one: makes.town(one["town"])),
            ("Till kommun", lambda one: makes.town(one["place"] if one["mover"] else "Ragunda")),
        ],
    )  # fmt: skip
    makes.folder.files["Ragunda Lime export.csv"] = File({"": contacts}, "utf-8-sig")
    makes.folder.files["Ragunda hushåll.xlsx"] = File({"Blad1": moved})


def _stromsund(makes: Senders) -> None:
    """Answers of a web form with the month first, and moves known to the week."""
    form = _list(
        makes, makes.contacts("Strömsund", 1, 3),
        [
            ("Tidstämpel", lambda one, who, day: american(day)),
            ("E-postadress", lambda one, who, day: one["emails"][0]),
            ("Namn", lambda one, who, day: one["names"][0]),
            ("Telefonnummer", lambda one, who, day: makes.phone(one)),
            ("Var bor du i dag?", lambda one, who, day: makes.town(one["town"])),
        ],
    )  # fmt: skip
    moved = _list(
        makes, [(one,) for one in makes.moved("Strömsund")],
        [
            ("Nr", lambda one: makes.own["Strömsund", one["number"]]),
            ("Namn", lambda one: one["names"][0]),
            ("E-post", lambda one: one["emails"][0]),
            ("Inflyttat", lambda one: "x"),
            ("Inflyttningsdatum", lambda one: week(one["moves"])),
            ("Flyttat från kommun", lambda one: makes.town(one["town"])),
            ("Flyttat till kommun", lambda one: makes.town(one["place"])),
        ],
    )  # fmt: skip
    makes.folder.files["Hemvändarkväll (svar).csv"] = File({"": form}, "utf-8", ",")
    makes.folder.files["Strömsund hushåll.csv"] = File({"": moved}, "latin-1", "|")


def _ostersund(makes: Senders) -> None:
    """Two deliveries that repeat one another, and a list of households under the same references."""
    own = lambda one, *_: f"Ö-{makes.own['Östersund', one['number']]:03}"  # noqa: E731
    columns = [
        ("Hushållsreferens", own),
        ("Datum", lambda one, who, day: iso(day)),
        ("Namn", lambda one, who, day: one["names"][who]),
        (
            "E-post",
            lambda one, who, day: (
                one["emails"][who] if one["number"] % 7 or day == one["day"] else "info@ostersund.example"
            ),
        ),
        ("Telefon", lambda one, who, day: makes.phone(one) if one["number"] % 5 else "063-14 30 00"),
    ]
    every = makes.contacts("Östersund", 2, 4)
    spring = _list(makes, every[: 2 * len(every) // 3], columns)
    autumn = _list(makes, [*every[2 * len(every) // 3 - 12 : 2 * len(every) // 3]], columns)
    again = spring.rows[-12:]
    for at, row in enumerate(again, 1):
        autumn.rows[at] = list(row)  # said again, word for word
    later = _list(makes, every[2 * len(every) // 3 :], columns)
    for cells, true in zip(later.rows[1:], later.true[1:], strict=True):
        autumn.add(cells, true)
    moved = _list(
        makes, [(one,) for one in makes.moved("Östersund")],
        [
            ("Hushållsreferens", own),
            ("Har flyttat", lambda one: "Ja"),
            ("Datum för inflyttning", lambda one: stamp(one["moves"])),
            ("Tidigare kommun", lambda one: makes.town(one["town"])),
            ("Ny kommun", lambda one: makes.town(one["place"])),
        ],
    )  # fmt: skip
    files = makes.folder.files
    files["Östersund kontakter vår.csv"] = File({"": spring}, "cp1252", ";")
    files["Östersund kontakter höst.csv"] = File({"": autumn}, "utf-8-sig", ",")
    files["Östersund hushåll.xlsx"] = File({"Hushåll": moved})


def _regionen(makes: Senders) -> None:
    """A view of a mailbox, and a list of households of the region's own."""
    contacts = _list(
        makes, makes.contacts("Regionen", 1, 3),
        [
            ("Från: (namn)", lambda one, who, day: one["names"][0]),
            ("Från: (adress)", lambda one, who, day: one["emails"][0]),
            ("Ämne", lambda one, who, day: makes.pick("Flytta norrut", "Jobb?", "SV: Boende")),
            ("Mottaget", lambda one, who, day: f"{day.isoformat()} 16:{day.day:02}"),
        ],
    )  # fmt: skip
    moved = _list(
        makes, [(one,) for one in makes.moved("Regionen")],
        [
            ("Namn", lambda one: one["names"][0]),
            ("E-post", lambda one: one["emails"][0]),
            ("E-postadress", lambda one: one["emails"][-1]),
            ("Antal barn", lambda one: one["number"] % 3),
            ("Inflyttningsdatum", lambda one: f"{one['moves']:%Y-%m}"),
            ("Flyttar från", lambda one: makes.town(one["town"])),
            ("Kommun efter flytt", lambda one: makes.town(one["place"])),
        ],
    )  # fmt: skip
    makes.folder.files["Regionen/Inkorgen.csv"] = File({"": contacts}, "utf-8", ",")
    makes.folder.files["Regionen/Regionens hushåll.csv"] = File({"": moved}, "utf-8", "\t")


FIRMS = (
    ("556036-0793", "Exempelfjäll AB"), ("559000-0005", "Påhittsvillan i Järpen AB"),
    ("556012-5790", "Norrbageriet HB"),
    ("", "ICA Exempel Åre"), ("", "ICA Exempel Berg"), ("", "Torvasil Bygg AB"), ("", "Nilsson Skog AB"),
    ("", "Nilsson Skog HB"), ("", "Mörsils Maskin"), ("", "Frösö Vård AB"),
    ("", "Ljungdalen Sport AB"), ("", "Sveg Trä AB"),
)  # fmt: skip


def _others(makes: Senders) -> None:
    """Surveys, companies, organisations and money."""
    movers = {one["number"]: one for several in makes.known.values() for one in several if one["mover"]}
    asked = [movers[number] for number in sorted(movers) if makes.rng.random() < 0.5]
    survey = _list(
        makes, [(one, n) for n, one in enumerate(asked, 1)],
        [
            ("ID", lambda one, n: n),
            ("Starttid", lambda one, n: datetime(2022, 5, 1 + n % 28, 10, 0)),
            ("Slutförandetid", lambda one, n: datetime(2022, 5, 1 + n % 28, 10, 7)),
            ("E-post", lambda one, n: "anonymous"),
            ("Namn", lambda one, n: None),
            ("Din e-postadress", lambda one, n: one["emails"][0]),
            ("Vad hade hänt utan projektet?", lambda one, n: makes.pick("Säkert ändå", "Kanske")),
            ("Andra projekt som hjälpt?", lambda one, n: makes.pick("Nej", "Nej, inga", "Leader", None)),
        ],
    )  # fmt: skip
    firms, again = Table(), Table()
    firms.add(
        [
            "Org.nr",
            "Företag",
            "Kommun",
            "Antal anställda",
            "Första stöd",
            "Anställda via projektet",
            "Första anställning",
        ]
    )
    again.add(
        ["Företagets namn", "Organisationsnummer", "Arbetsort", "Presenterade kandidater", "Första stöd"]
    )
    for n, (number, name) in enumerate(FIRMS):
        firms.add(
            [
                number.replace("-", "‑"),
                name,
                list(SPELT)[n % 8],
                5 * n,
                f"2021-0{1 + n % 9}-01",
                n % 3,
                f"2021-1{n % 3}-15" if n % 3 else None,
            ],
            name,
        )
        if n % 2:
            again.add(
                [
                    name.upper() if n % 4 == 1 else name,
                    f"{number.replace('-', '')}.0" if number else None,
                    list(SPELT)[n % 8],
                    n,
                    f"2021-0{1 + n % 9}-02",
                ],
                name,
            )
    makes.folder.companies = len(FIRMS)
    netigate = Table()
    netigate.add(["Respondent ID", "Startdatum", "Slutdatum", "Företagets namn", "Svar"])
    for n, (_, name) in enumerate(FIRMS[:6]):
        netigate.add(
            [8000 + n, "2022-06-01 10:00", "2022-06-01 10:09", name, makes.pick("4", "5 säkert inte", "2")],
            name,
        )
    parts = Table()
    parts.add(["Organisation", "Typ", "Roll", "Med från", "Med till"])
    for name in makes.known:
        parts.add(
            [
                f"{name} kommun" if name != "Regionen" else "Region Exempel",
                "Kommun",
                "Samverkanspart",
                "2020-01-01",
                "2021-06-30" if name == "Berg" else None,
            ],
            name,
        )
    parts.add(["Totalt 9 st", None, None, None, None])
    money = Table()
    money.add(["Finansiär", "Slag", "Beslutat (tkr)", "Utbetalat (kr)", "Datum"])
    money.add(["Exempelstiftelsen", "Kontant", "120", "60 000", "2021-06-30"], "a")
    money.add(["Exempelstiftelsen", "Kontant", None, "60 000", "2021-12-30"], "a")
    money.add(["Summa", None, "120", "120 000", None])
    files = makes.folder.files
    files["Enkät hushåll (Forms).xlsx"] = File({"Sheet1": survey})
    files["Åre/företag.csv"] = File({"": firms}, "utf-8-sig")
    files["Regionen/projektet.xlsx"] = File({"Företag": again, "Parter": parts, "Finansiering": money})
    files["Enkät företag netigate.csv"] = File({"": netigate}, "utf-8", ";")


#: Heading -> what somebody writes there that no program should guess; the row of a day cannot be counted.
SPOILT = {
    **dict.fromkeys(("Bor i kommun", "Bostadsort", "Hemkommun", "Bor i", "Ort", "City"), "Stockholn"),
    **dict.fromkeys(("Från kommun", "Flyttat från", "Flyttade från", "Tidigare kommun"), "nånstans söderut"),
    **dict.fromkeys(("E-post", "E-postadress", "Mejl"), "ring i stället"),
    **dict.fromkeys(("Vuxna", "Antal vuxna", "Antal barn"), "några"),
    **dict.fromkeys(("Kontaktdatum", "Dag", "Datum"), "31/2 2021"),
    **dict.fromkeys(("Inflyttningsdatum", "Flyttdatum"), "2021-13-40"),
}


def _spoil(makes: Senders, of_rows: float = 0.06) -> None:
    """Put a cell that cannot be read into some rows; of rows that tell of a move into two."""
    moves = 2
    for file in makes.folder.files.values():
        for table in file.sheets.values():
            heads = table.rows[table.head]
            two = sum("post" in str(text) for text in heads) > 1  # of two addresses one is enough
            for at, true in enumerate(table.true):
                if not isinstance(true, int) or makes.rng.random() > of_rows:
                    continue
                known = [
                    n
                    for n, text in enumerate(heads)
                    if text in SPOILT and table.rows[at][n] is not None and not (two and "post" in str(text))
                ]
                column = makes.pick(*known) if known else None
                if column is None or (heads[column] in ("Inflyttningsdatum", "Flyttdatum") and moves == 0):
                    continue
                moves -= heads[column] in ("Inflyttningsdatum", "Flyttdatum")
                table.right[at][column] = table.rows[at][column]
                table.rows[at][column] = SPOILT[str(heads[column])]


# --- How well what was read agrees with what is true


def quality(records: Any, folder: Folder) -> tuple[float, float]:
    """Return precision and recall of the linkage over pairs of the rows that were kept."""
    rows = records.members.dropna(subset=["household_id"])
    places = zip(rows["file"], rows["sheet"].fillna(""), rows["row"], strict=True)
    true = [folder.table(file, sheet).true[row - 1] for file, sheet, row in places]
    both = _pairs(Counter(zip(true, rows["household_id"], strict=True)))
    return both / _pairs(Counter(rows["household_id"])), both / _pairs(Counter(true))


def _pairs(counted: Counter[Any]) -> int:
    return sum(n * (n - 1) // 2 for n in counted.values())


def counts(records: Any, folder: Folder) -> dict[str, Any]:
    """Return what is counted: households, movers by municipality, companies."""
    moved = records.households[records.households["moved"] == "yes"]
    return {
        "households": len(records.households),
        "movers": len(moved),
        "by municipality": dict(sorted(Counter(moved["destination_code"].fillna("unknown")).items())),
        "companies": 0 if records.companies is None else len(records.companies),
    }
