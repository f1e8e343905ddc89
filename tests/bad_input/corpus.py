"""The corpus: each case is one or more files, and the answer that a run must give."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from .books import OLD_EXCEL, book, zipped
from .old_books import ods, old_book, sealed

__all__ = ["CASES", "Case"]


@dataclass(frozen=True)
class Case:
    """Files and the expected answer.

    ``error`` is part of the one line that a :class:`RecordError` prints. Otherwise ``rows`` is the sum over
    all lists of (read, kept, merged, rejected); ``rejected`` and ``cells`` count kinds of faults, ``notes``
    maps a kind of note to its value (None: any), ``households`` is a count, ``holds`` a column of a table.
    """

    name: str
    files: dict[str, bytes]
    error: str | None = None
    rows: tuple[int, int, int, int] | None = None
    rejected: dict[str, int] = field(default_factory=dict)
    cells: dict[str, int] = field(default_factory=dict)
    notes: dict[str, str | None] = field(default_factory=dict)
    households: int | None = None
    holds: tuple[str, str, list] | None = None


HEAD = "Kontakt-id;Datum;Hushålls-id;Kanal;Kommun"
ROWS = ("K1;2021-03-01;H1;Mässa;Östersund", "K2;2021-03-02;H2;Möte;Åre")
TEXT = "\n".join([HEAD, *ROWS]) + "\n"
GRID = [line.split(";") for line in TEXT.splitlines()]
TWO = (2, 2, 0, 0)


def contacts(*rows: str, head: str = HEAD) -> dict[str, bytes]:
    """Return a file of contacts with the given rows."""
    return {"kontakter.csv": "\n".join([head, *rows]).encode() + b"\n"}


def one(name: str, data: bytes | str) -> dict[str, bytes]:
    """Return one file."""
    return {name: data.encode() if isinstance(data, str) else data}


def households(*rows: str, head: str = "Hushålls-id;Inflyttat;Inflyttningsdatum") -> dict[str, bytes]:
    """Return a file of households."""
    return one("hushåll.csv", "\n".join([head, *rows]))


def funding(*rows: str, head: str = "Finansiär;Slag;Beslutat (kr);Utbetalat (kr);Datum") -> dict[str, bytes]:
    """Return a file of funding."""
    return one("finansiering.csv", "\n".join([head, *rows]))


def _hide(made) -> None:  # type: ignore[no-untyped-def]
    sheet = made["Kontakter"]
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["D"].hidden = True


def _hide_sheet(made) -> None:  # type: ignore[no-untyped-def]
    made.create_sheet("Framsida")
    made["Kontakter"].sheet_state = "hidden"


def _title(made) -> None:  # type: ignore[no-untyped-def]
    sheet = made["Kontakter"]
    sheet.insert_rows(1, 3)
    sheet["A1"] = "Kontakter med personer som funderar på att flytta"
    sheet.merge_cells("A1:E1")
    sheet["A3"] = "Om kontakten"
    sheet.merge_cells("A3:C3")


def _merge_down(made) -> None:  # type: ignore[no-untyped-def]
    made["Kontakter"].merge_cells("B2:B3")


def _far(made) -> None:  # type: ignore[no-untyped-def]
    made["Kontakter"]["XFD1048576"] = "x"


def _aside(made) -> None:  # type: ignore[no-untyped-def]
    made["Kontakter"]["H3"] = "ring igen"


def _torn(data: bytes, part: str) -> bytes:
    """Return an archive with the packed bytes of a part overwritten."""
    at = data.index(part.encode()) + len(part) + 4
    return data[:at] + b"\xff" * 20 + data[at + 20 :]


READING = [
    Case("utf-8", one("kontakter.csv", TEXT), rows=TWO, households=2),
    Case("utf-8 with mark", one("kontakter.csv", TEXT.encode("utf-8-sig")), rows=TWO, households=2),
    Case("windows-1252", one("kontakter.csv", TEXT.encode("cp1252")), rows=TWO, notes={"encoding": "cp1252"}),
    Case(
        "mac roman", one("kontakter.csv", TEXT.encode("mac_roman")), rows=TWO, notes={"encoding": "mac_roman"}
    ),
    Case("code page 850", one("kontakter.csv", TEXT.encode("cp850")), rows=TWO, notes={"encoding": "cp850"}),
    Case("utf-16 with mark", one("kontakter.csv", TEXT.encode("utf-16")), rows=TWO),
    Case("utf-16 big end first", one("kontakter.csv", b"\xfe\xff" + TEXT.encode("utf-16-be")), rows=TWO),
    Case("utf-16 without mark", one("kontakter.csv", TEXT.encode("utf-16-le")), rows=TWO),
    Case("comma", one("kontakter.csv", TEXT.replace(";", ",")), rows=TWO),
    Case("tab", one("kontakter.tsv", TEXT.replace(";", "\t")), rows=TWO),
    Case("bar", one("kontakter.txt", TEXT.replace(";", "|")), rows=TWO),
    Case("separator stated", one("kontakter.csv", "sep=;\r\n" + TEXT), rows=TWO),
    Case("line ends of windows", one("kontakter.csv", TEXT.replace("\n", "\r\n")), rows=TWO),
    Case("line ends of old mac", one("kontakter.csv", TEXT.replace("\n", "\r")), rows=TWO),
    Case("no last line end", one("kontakter.csv", TEXT.rstrip("\n")), rows=TWO),
    Case("line break in a cell", contacts('K1;2021-03-01;"H\n1";Mässa;Åre', ROWS[1]), rows=TWO, households=2),
    Case(
        "separator in a cell",
        contacts('K1;2021-03-01;H1;Mässa;"Åre"', 'K2;2021-03-02;"H;2";Möte;Åre'),
        rows=TWO,
    ),
    Case(
        "line break in the last cell",
        contacts(ROWS[0], 'K2;2021-03-02;H2;Möte;"Åre\nkommun"'),
        rows=TWO,
        households=2,
    ),
    Case("doubled quotation marks", contacts('K1;2021-03-01;"H""1""";Mässa;Åre'), rows=(1, 1, 0, 0)),
    Case("empty columns to the right", contacts(*(row + ";;;" for row in ROWS), head=HEAD + ";;;"), rows=TWO),
    Case("rows that end early", contacts("K1;2021-03-01;H1", ROWS[1]), rows=TWO),
    Case(
        "more cells than headings",
        contacts(ROWS[0] + ";och mer", ROWS[1]),
        rows=(2, 1, 0, 1),
        rejected={"too_many_cells": 1},
    ),
    Case("empty lines", contacts("", ROWS[0], ";;;;", "", ROWS[1]), rows=TWO),
    Case("title above the headings", one("kontakter.csv", "Våra kontakter\n\nuttag 2021\n" + TEXT), rows=TWO),
    Case(
        "letters saved twice",
        contacts("K1;2021-03-01;H1;MÃ¤ssa;Ã–stersund"),
        rows=(1, 1, 0, 0),
        notes={"mended_encoding": "2"},
    ),
    Case("a subfolder", one("nord/kontakter.csv", TEXT), rows=TWO),
    Case(
        "wide",
        contacts(ROWS[0] + ";1" * 300, head=HEAD + "".join(f";x{i}" for i in range(300))),
        rows=(1, 1, 0, 0),
    ),
    Case(
        "a formula in a csv file is text",
        contacts('K1;2021-03-01;"=1+1";Mässa;Åre'),
        rows=(1, 1, 0, 0),
        households=1,
    ),
]

DAMAGED = [
    Case("no bytes", one("kontakter.csv", b""), error="kontakter.csv: the file is empty"),
    Case("only empty lines", one("kontakter.csv", ";;;\n \n"), error="the file is empty"),
    Case("only headings", one("kontakter.csv", HEAD), rows=(0, 0, 0, 0), notes={"empty_list": None}),
    Case(
        "bytes that are no text",
        one("kontakter.csv", TEXT.encode() + b"\x00\x01\x02"),
        error="bytes that are no text",
    ),
    Case(
        "quotation mark never closed",
        contacts('K0;2021-01-01;"H0;Mässa;Åre', *(f"K{i};2021-03-01;H{i};Mässa;Åre" for i in range(400))),
        error="row 2: a quotation mark is opened and never closed",
    ),
    Case(
        "quotation mark never closed in a short file",
        contacts("K1;2021-03-01;H1;Mässa;Åre", 'K2;2021-03-02;"H2;Möte;Åre', "K3;2021-03-03;H3;Möte;Åre"),
        error="kontakter.csv, row 3: a quotation mark is opened and never closed",
    ),
    Case(
        "quotation mark closed by the mark of a row below",
        contacts(
            "K1;2021-03-01;H1;Mässa;Åre",
            'K2;2021-03-02;"H2;Möte;Åre',
            "K3;2021-03-03;H3;Möte;Åre",
            'K4;2021-03-04;"H4;Möte;Åre',
            "K5;2021-03-05;H5;Möte;Åre",
        ),
        error="kontakter.csv, row 3: a quotation mark is opened and never closed, or closed by a later row's",
    ),
    Case(
        "quotation mark closed by the mark of the very next row",
        contacts('K2;2021-03-02;"H2;Möte;Åre', 'K4;2021-03-04;"H4;Möte;Åre', "K5;2021-03-05;H5;Möte;Åre"),
        error="kontakter.csv, row 2: a quotation mark is opened and never closed, or closed by a later row's",
    ),
    Case(
        "prose with the separator in a cell of several lines",
        contacts('K1;2021-03-01;H1;"Mässa; samtal; frågor\nom jobb; bostad; skola; annat; mer";Åre'),
        rows=(1, 1, 0, 0),
        cells={"unknown_word": 1},
    ),
    Case(
        "a cell of more than a million characters",
        contacts(f"K1;2021-03-01;H1;{'x' * 1_000_001};Åre"),
        error="kontakter.csv: a cell that ends at line 2 or later holds more than 1,000,000 characters",
    ),
    Case("cut off within a letter", one("kontakter.csv", TEXT.encode()[:-4] + b"\xc3"), error="cut off"),
    Case("utf-16 cut off", one("kontakter.csv", TEXT.encode("utf-16")[:-1]), error="cut off"),
    Case(
        "workbook named csv",
        one("kontakter.csv", book({"Kontakter": GRID})),
        error="rename it to end in .xlsx",
    ),
    Case("text named xlsx", one("kontakter.xlsx", TEXT), error="rename it to end in .csv"),
    Case("old workbook named xlsx", one("kontakter.xlsx", OLD_EXCEL), error="rename it to end in .xls"),
    Case(
        "workbook named xls",
        one("kontakter.xls", book({"Kontakter": GRID})),
        error="rename it to end in .xlsx",
    ),
    Case("web page named xls", one("kontakter.xls", "<html><table><tr><td>Datum"), error="holds a web page"),
    Case("pdf named csv", one("kontakter.csv", b"%PDF-1.7 nothing"), error="neither a workbook nor text"),
    Case(
        "password", one("kontakter.xlsx", sealed(book({"Kontakter": GRID}))), error="protected by a password"
    ),
    Case(
        "password on a workbook named xls",
        one("kontakter.xls", sealed(book({"Kontakter": GRID}))),
        error="protected by a password",
    ),
    *(
        Case(
            f"old workbook cut off at {n}",
            one("kontakter.xls", old_book({"Kontakter": GRID})[:n]),
            error="kontakter.xls: the workbook is damaged or cut off; remedy: ",
        )
        for n in (600, 1000, 1500, 1700, 1900, 2500, 4000)
    ),
    Case(
        "open document cut off",
        one("kontakter.ods", ods({"Kontakter": GRID})[:700]),
        error="damaged or cut off",
    ),
    Case(
        "a folder named csv",
        one("lista.csv/kontakter.txt", ""),
        error="lista.csv/kontakter.txt: the file is empty",
    ),
    Case(
        "workbook cut off",
        one("kontakter.xlsx", book({"Kontakter": GRID})[:2000]),
        error="damaged or cut off",
    ),
    Case(
        "archive that is no workbook",
        one("kontakter.xlsx", zipped({"a.txt": b"x"})),
        error="damaged or cut off",
    ),
    Case("old workbook that is empty inside", one("kontakter.xls", OLD_EXCEL), error="damaged or cut off"),
    Case("only a lock file", one("~$kontakter.xlsx", b"\x05user"), error="the folder holds no list"),
    Case("only a picture", one("bild.png", b"\x89PNG"), error="the folder holds no list"),
    Case(
        "a sheet without cells",
        one("kontakter.xlsx", book({"Kontakter": []})),
        error="no file in the folder is a list",
    ),
    Case("no list", one("annat.csv", "Frukt;Vikt\näpple;2\n"), error="no file in the folder is a list"),
]

EXCEL = [
    Case(
        "a stray cell in the last row and column",
        one("listor.xlsx", book({"Kontakter": GRID}, _far)),
        error="listor.xlsx: the sheet Kontakter has a cell far from its list",
    ),
    Case(
        "a workbook packed wrongly",
        one("listor.xlsx", _torn(book({"Kontakter": GRID}), "xl/workbook.xml")),
        error="listor.xlsx: the workbook is damaged or cut off",
    ),
    Case(
        "a workbook whose table of contents is damaged",
        one("listor.xlsx", book({"Kontakter": GRID}).replace(b"PK\x01\x02", b"PK\x01\x03", 1)),
        error="listor.xlsx: the workbook is damaged or cut off",
    ),
    Case("workbook", one("listor.xlsx", book({"Kontakter": GRID})), rows=TWO, households=2),
    Case(
        "old workbook",
        one("listor.xls", old_book({"Läs mig": [["Hej"]], "Kontakter": GRID})),
        rows=TWO,
        households=2,
        notes={"no_list": "1"},
    ),
    Case(
        "open document",
        one(
            "listor.ods", ods({"Kontakter": GRID, "Finansiering": [["Finansiär", "Slag"], ["F", "Kontant"]]})
        ),
        rows=(3, 3, 0, 0),
        households=2,
    ),
    Case(
        "old workbook with serial dates",
        one(
            "listor.xls", old_book({"Kontakter": [GRID[0], ["K1", 44256.0, "H1"], ["K2", "3-apr-21", "H2"]]})
        ),
        rows=TWO,
        holds=("contacts", "date", ["2021-03-01", "2021-04-03"]),
    ),
    Case("merged titles above", one("listor.xlsx", book({"Kontakter": GRID}, _title)), rows=TWO),
    Case(
        "hidden row and column",
        one("listor.xlsx", book({"Kontakter": GRID}, _hide)),
        rows=TWO,
        notes={"hidden_rows": "1", "hidden_columns": "1"},
    ),
    Case(
        "hidden sheet",
        one("listor.xlsx", book({"Kontakter": GRID}, _hide_sheet)),
        rows=TWO,
        notes={"hidden_sheet": None},
    ),
    Case(
        "merged downwards",
        one("listor.xlsx", book({"Kontakter": GRID}, _merge_down)),
        rows=TWO,
        notes={"merged_downwards": "B2:B3"},
    ),
    Case(
        "a note beside the list",
        one("listor.xlsx", book({"Kontakter": GRID}, _aside)),
        rows=TWO,
        notes={"no_heading": "1"},
    ),
    Case(
        "dates of four kinds",
        one(
            "listor.xlsx",
            book(
                {
                    "Kontakter": [
                        GRID[0],
                        ["K1", date(2021, 3, 1), "H1"],
                        ["K2", 44256, "H2"],
                        ["K3", "1/3 2021", "H3"],
                        ["K4", datetime(2021, 3, 1, 14, 30), "H4"],
                    ]
                }
            ),
        ),
        rows=(4, 4, 0, 0),
        holds=("contacts", "date", ["2021-03-01"] * 4),
    ),
    Case(
        "formulas without a value",
        one("listor.xlsx", book({"Kontakter": [*GRID, ["K3", "=B2+1", "H3"]]})),
        rows=(3, 2, 0, 1),
        rejected={"missing_value": 1},
        notes={"formulas_without_value": "1"},
    ),
    Case(
        "codes as numbers",
        one("listor.xlsx", book({"Kontakter": [GRID[0], ["K1", date(2021, 3, 1), "H1", "Möte", 114]]})),
        rows=(1, 1, 0, 0),
        notes={"mended_lost_zero": "1"},
        holds=("contacts", "municipality_code", ["0114"]),
    ),
    Case(
        "true and false",
        one(
            "listor.xlsx",
            book(
                {
                    "Hushåll": [
                        ["Hushålls-id", "Inflyttat", "Inflyttningsdatum"],
                        ["H1", True, date(2021, 5, 1)],
                        ["H2", False, None],
                    ]
                }
            ),
        ),
        rows=TWO,
        holds=("households", "moved", ["yes", "no"]),
    ),
    Case(
        "two lists and a cover",
        one(
            "listor.xlsx",
            book(
                {
                    "Läs mig": [["Hej"]],
                    "Kontakter": GRID,
                    "Finansiering": [["Finansiär", "Slag"], ["F", "Kontant"]],
                }
            ),
        ),
        rows=(3, 3, 0, 0),
        notes={"no_list": "1"},
    ),
    Case(
        "numbers with decimals",
        one(
            "listor.xlsx",
            book(
                {
                    "Finansiering": [
                        ["Finansiär", "Slag", "Beslutat (kr)"],
                        ["F", "Bidrag", 1.234],
                        ["G", "Bidrag", 1000000.0],
                    ]
                }
            ),
        ),
        rows=TWO,
        holds=("funding", "decided_sek", [1.234, 1000000.0]),
    ),
]

HEADINGS = [
    Case(
        "headings that were sorted in among the rows",
        one("kontakter.csv", "\n".join([ROWS[0], HEAD, ROWS[1]])),
        rows=(2, 1, 0, 1),
        rejected={"above_headings": 1},
    ),
    Case(
        "a title of two cells above the headings",
        one("kontakter.csv", f"Kontakter;2021-03-01\n{TEXT}"),
        rows=TWO,
    ),
    Case(
        "english headings",
        one("contacts.csv", "Contact id,Date,Household id\nK1,2021-03-01,H1\n"),
        rows=(1, 1, 0, 0),
    ),
    Case(
        "explanations in parentheses",
        one(
            "kontakter.csv",
            "Ärendenr;Datum (ÅÅÅÅ-MM-DD);Hushållsnr;Önskad ort (frivilligt)\nK1;2021-03-01;H1;Åre\n",
        ),
        rows=(1, 1, 0, 0),
        holds=("contacts", "municipality_code", ["2321"]),
    ),
    Case(
        "an amount in thousands is not taken for kronor",
        funding("F;Bidrag;5", head="Finansiär;Slag;Beslutat (tkr)"),
        rows=(1, 1, 0, 0),
        notes={"unit_applied": "Beslutat (tkr) (x 1000)"},
        holds=("funding", "decided_sek", [5000.0]),
    ),
    Case("capitals and spaces", contacts(*ROWS, head=HEAD.upper().replace(";", " ; ")), rows=TWO),
    Case(
        "signs in headings",
        one("kontakter.csv", '"Kontakt\nid";Datum*;Hushålls_id:\nK1;2021-03-01;H1\n'),
        rows=(1, 1, 0, 0),
    ),
    Case(
        "a required column lacks",
        one("kontakter.csv", "Hushålls-id;Dattum\nH1;2021-03-01\n"),
        error="rename the column Dattum to Datum",
    ),
    Case(
        "a required column lacks and nothing is like it",
        one("kontakter.csv", "Hushålls-id;Kanal\nH1;Möte\n"),
        error="add a column Datum",
    ),
    Case(
        "an unknown heading",
        contacts("K1;2021-03-01;H1;Möte;Åre;x", head=HEAD + ";Kanall"),
        rows=(1, 1, 0, 0),
        notes={"unknown_heading": "Kanall"},
    ),
    Case(
        "an unknown heading that ends in a known one",
        contacts("K1;2021-03-01;H1;Möte;Åre;x", head=HEAD + ";Första mobilsamtalstelefon"),
        rows=(1, 1, 0, 0),
        notes={"unknown_heading": "Första mobilsamtalstelefon → Telefon?"},
    ),
    Case(
        "two columns that differ",
        contacts("K1;2021-03-01;H1;Möte;Åre;2021-04-01", head=HEAD + ";Date"),
        error="two columns mean date",
    ),
    Case(
        "two columns that agree",
        contacts("K1;2021-03-01;H1;Möte;Åre;2021-03-01", head=HEAD + ";Date"),
        rows=(1, 1, 0, 0),
    ),
    Case(
        "two lists fit",
        one("lista.csv", "Datum;Fas;Område\n2021-03-01;Attrahera;Samverkan\n"),
        error="the headings fit both",
    ),
]

VALUES = [
    Case(
        "a day that is none",
        contacts("K1;2021-02-30;H1", ROWS[1]),
        rows=(2, 1, 0, 1),
        rejected={"unreadable_date": 1},
    ),
    Case(
        "a day far away",
        contacts("K1;1921-03-01;H1", ROWS[1]),
        rows=(2, 1, 0, 1),
        rejected={"date_out_of_range": 1},
    ),
    Case("no day", contacts("K1;;H1", ROWS[1]), rows=(2, 1, 0, 1), rejected={"missing_value": 1}),
    Case(
        "days as people write them",
        contacts(
            "K1;21-03-01;H1", "K2;1/3 2021;H2", "K3;mars 2021;H3", "K4;den 1 mars 2021;H4", "K5;20210301;H5"
        ),
        rows=(5, 5, 0, 0),
        holds=("contacts", "date", ["2021-03-01"] * 5),
    ),
    Case("a contact of nobody", contacts("K1;2021-03-01;;Mässa;Åre"), error="the lists have no rows"),
    Case(
        "a phase that is none",
        contacts("K1;2021-03-01;H1;Rökdykning;Åre"),
        rows=(1, 1, 0, 0),
        cells={"unknown_word": 1},
    ),
    Case(
        "a place that is none",
        contacts("K1;2021-03-01;H1;Möte;Atlantis"),
        rows=(1, 1, 0, 0),
        cells={"unknown_municipality": 1},
    ),
    Case(
        "an e-mail that is none",
        contacts("K1;2021-03-01;H1;kim(at)example", head="Kontakt-id;Datum;Hushålls-id;E-post"),
        rows=(1, 1, 0, 0),
        cells={"no_email": 1},
    ),
    Case(
        "a telephone that is none",
        contacts("K1;2021-03-01;H1;ring mamma", head="Kontakt-id;Datum;Hushålls-id;Telefon"),
        rows=(1, 1, 0, 0),
        cells={"no_phone": 1},
    ),
    Case(
        "a personal number that is none",
        contacts("K1;2021-03-01;H1;19970127-2397", head="Kontakt-id;Datum;Hushålls-id;Personnummer"),
        rows=(1, 1, 0, 0),
        cells={"no_personal_number": 1},
    ),
    Case(
        "an amount that can mean two",
        funding("F;Bidrag;1.234;;2021-01-01", "G;Bidrag;1234;;"),
        rows=(2, 1, 0, 1),
        rejected={"ambiguous_number": 1},
    ),
    Case(
        "an amount of forty digits",
        funding(f"F;Bidrag;{'9' * 40};;", f"F;Bidrag;{'9' * 400};;", "G;Bidrag;1;;"),
        rows=(3, 1, 0, 2),
        rejected={"no_number": 2},
    ),
    Case(
        "children in a number of forty digits",
        households(f"H1;Nej;;{'9' * 40}", head="Hushålls-id;Inflyttat;Inflyttningsdatum;Barn"),
        rows=(1, 1, 0, 0),
        cells={"no_number": 1},
    ),
    Case(
        "an amount in letters",
        funding("F;Bidrag;mycket;;", "G;Bidrag;1;;"),
        rows=(2, 1, 0, 1),
        rejected={"no_number": 1},
    ),
    Case(
        "an amount below zero",
        funding("F;Bidrag;-5;;", "G;Bidrag;1;;"),
        rows=(2, 1, 0, 1),
        rejected={"negative_number": 1},
    ),
    Case(
        "amounts as people write them",
        funding(
            "A;Bidrag;1 234,50;;", "B;Bidrag;12\u00a0000 kr;;", "C;Bidrag;1.234.567,89;;", "D;Bidrag;35 tkr;;"
        ),
        rows=(4, 4, 0, 0),
        holds=("funding", "decided_sek", [1234.5, 12000.0, 1234567.89, 35000.0]),
    ),
    Case(
        "half a child",
        households("H1;Nej;;0,5", head="Hushålls-id;Inflyttat;Inflyttningsdatum;Barn"),
        rows=(1, 1, 0, 0),
        cells={"no_whole_number": 1},
    ),
    Case(
        "moved and not moved",
        households("H1;Nej;2021-03-01", "H2;Ja;2021-03-01"),
        rows=(2, 1, 0, 1),
        rejected={"contradiction": 1},
    ),
    Case(
        "moved without a day",
        households("H1;Ja;"),
        rows=(1, 1, 0, 0),
        notes={"moved_without_date": "1"},
        holds=("households", "moved", ["unknown"]),
    ),
    Case(
        "a day without moved",
        households("H1;;2021-03-01"),
        rows=(1, 1, 0, 0),
        holds=("households", "moved", ["yes"]),
    ),
    Case(
        "moved, perhaps",
        households("H1;kanske;", "H2;Okänt;"),
        rows=(2, 1, 0, 1),
        rejected={"unknown_word": 1},
    ),
    Case(
        "a wrong check digit",
        one("företag.csv", "Organisationsnummer;Företag\n402000-0001;Påhittat AB\n"),
        rows=(1, 1, 0, 0),
        cells={"wrong_check_digit": 1},
    ),
    Case(
        "a wrong check digit and no name",
        one(
            "företag.csv",
            "Organisationsnummer;Företag;Anställda via projektet\n402000-0001;;1\n;Påhittat AB;1\n",
        ),
        rows=(2, 1, 0, 1),
        rejected={"no_identity": 1},
        cells={"wrong_check_digit": 1},
    ),
    Case(
        "an answer off the scale",
        one("enkät_hushåll.csv", "Hushålls-id;Svar\nH1;7\nH2;5 – säkert inte\n"),
        rows=(2, 1, 0, 1),
        rejected={"unknown_word": 1},
    ),
    Case(
        "a spreadsheet error",
        contacts("K1;2021-03-01;H1;#REF!;Åre"),
        rows=(1, 1, 0, 0),
        cells={"spreadsheet_error": 1},
    ),
    Case(
        "a row of totals", funding("F;Bidrag;1;;", "Summa;;1;;"), rows=(2, 1, 0, 1), rejected={"total_row": 1}
    ),
    Case(
        "a total in a later column",
        one(
            "företag.csv",
            "Organisationsnummer;Företag;Anställda via projektet\n"
            "402000-0008;A AB;1\n;Totalt:;1\n;Summa 2021;1\n",
        ),
        rows=(3, 1, 0, 2),
        rejected={"total_row": 2},
    ),
    Case(
        "a total in a column that is not known",
        one("organisationer.csv", "Anteckning;Organisation;Kontant (kr)\n;A;10\nTotalt;9 stycken;10\n"),
        rows=(2, 1, 0, 1),
        rejected={"total_row": 1},
        notes={"unknown_heading": None},
    ),
    Case(
        "a source below the list",
        funding("F;Bidrag;1;;", "Källa: ekonomisystemet;Bidrag;;;", "* preliminärt;Bidrag;2;;"),
        rows=(3, 1, 0, 2),
        rejected={"footnote": 2},
    ),
    Case(
        "a source beside a household is no footnote",
        households("H1;Ja;2021-05-01;Källa: samtal", head="Hushålls-id;Inflyttat;Inflyttningsdatum;Källa"),
        rows=(1, 1, 0, 0),
    ),
    Case(
        "days as organisations write them",
        contacts(
            "K1;3-apr-21;H1",
            "K2;3 april 2021;H2",
            "K3;44289,0;H3",
            "K4;44289.0;H4",
            "K5;lördag 3 april 2021;H5",
            "K6;2021-apr-03;H6",
            "K7;03-04-2021;H7",
            "K8;3rd April 2021;H8",
        ),
        rows=(8, 8, 0, 0),
        holds=("contacts", "date", ["2021-04-03"] * 8),
    ),
    Case(
        "a month of six digits",
        contacts("K1;202104;H1", "K2;apr-21;H2"),
        rows=TWO,
        holds=("contacts", "date_precision", ["month", "month"]),
    ),
    Case(
        "headings again",
        contacts(ROWS[0], HEAD, ROWS[1]),
        rows=(3, 2, 0, 1),
        rejected={"repeated_heading": 1},
    ),
    Case(
        "an example row",
        contacts(
            "x;A-0001;2021-03-01;H-0001;Mässa;2380", ";K1;2021-03-02;H2;Mässa;Åre", head="Exempelrad;" + HEAD
        ),
        rows=(1, 1, 0, 0),
        notes={"example_row": "1"},
        households=1,
    ),
    Case(
        "an example row without its mark",
        contacts("A-0001;2021-03-01;H-0001;Mässa;2380", ROWS[1]),
        rows=(1, 1, 0, 0),
        notes={"example_row": "1"},
        households=1,
    ),
    Case(
        "a row of one's own marked as example",
        contacts("x;K1;2021-03-02;H2;Mässa;Åre", ";K2;2021-03-02;H3;Mässa;Åre", head="Exempelrad;" + HEAD),
        rows=(2, 1, 0, 1),
        rejected={"marked_as_example": 1},
    ),
]

TOGETHER = [
    Case("a row typed twice", contacts(ROWS[0], ROWS[0], ROWS[1]), rows=(3, 2, 1, 0), households=2),
    Case(
        "a file handed in twice",
        {**contacts(*ROWS), **one("kontakter (2).csv", TEXT)},
        rows=(4, 2, 2, 0),
        households=2,
    ),
    Case(
        "the same list as csv and workbook",
        {**contacts(*ROWS), **one("listor.xlsx", book({"Kontakter": GRID}))},
        rows=(4, 2, 2, 0),
        households=2,
    ),
    Case(
        "a household in two lists",
        {**contacts(*ROWS), **households("H1;Ja;2021-05-01")},
        rows=(3, 3, 0, 0),
        households=2,
    ),
    Case(
        "a decision that is none",
        {
            **contacts(*ROWS),
            **one("decisions.csv", "list;left;right;score;decision\ncompanies;A;B;90;kanske\n"),
        },
        error="decisions.csv, row 2, column decision",
    ),
    Case(
        "one good file and one bad",
        {**contacts(*ROWS), **one("trasig.xlsx", b"PK\x03\x04")},
        error="trasig.xlsx",
    ),
]

CASES: list[Case] = [*READING, *DAMAGED, *EXCEL, *HEADINGS, *VALUES, *TOGETHER]
