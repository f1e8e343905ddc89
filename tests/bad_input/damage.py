"""Damage to files, as data: each stroke says what is done and where, so that a case can be told and shrunk.

Places are shares of what is there (0 to 1), so that a stroke fits any file. All values are invented.
"""

from __future__ import annotations

import csv
import io
import random
import zipfile
from datetime import date, datetime, time, timedelta
from typing import Any

from hypothesis import strategies as st

from .books import book

__all__ = [
    "LISTS",
    "PERSONAL",
    "byte_strokes",
    "damaged_bytes",
    "damaged_grid",
    "damaged_parts",
    "damaged_toml",
    "grid_strokes",
    "toml_strokes",
    "written",
]

Grid = list[list[Any]]

#: What no message may hold: the invented persons of the lists below, in the forms they are written in.
PERSONAL = (
    "torvanesi",
    "vilopeka",
    "970127",
    "980203",
    "174 06",
    "17406",
    "Påhittsv",
    "Drakberg",
    "drakberg",
)

#: One list each, with headings as people write them; the persons are invented, their numbers test numbers.
LISTS: dict[str, Grid] = {
    "kontakter": [
        [
            "Kontakt-id",
            "Datum",
            "Hushålls-id",
            "E-post",
            "Telefon",
            "Adress",
            "Personnummer",
            "Namn",
            "Kommun",
        ],
        ["K1", "2021-03-01", "H1", "torvanesi@example.org", "070-174 06 05", "", "", "", "2380"],
        ["K2", "2021-03-02", "H2", "vilopeka@example.org", "", "Påhittsvägen 7", "", "", "Åre"],
        ["K3", "1/4 2021", "", "", "070-174 06 11", "", "19970127-2396", "Drakberg, Kim", "2321"],
        ["K4", "maj 2021", "", "", "", "Påhittsvägen 9", "19980203-2392", "Ros Drakberg", ""],
        ["K5", "2022-06-30", "H3", "", "", "", "", "", "Östersund"],
        ["K6", "2022-07-01", "H1", "", "", "", "", "", "0114"],
    ],
    "hushåll": [
        ["Hushålls-id", "Vuxna", "Barn", "Flyttar från kommun", "Inflyttat", "Inflyttningsdatum", "Källa"],
        ["H1", 2, 1, "0180", "Ja", "2021-05-01", "Samtal"],
        ["H2", 1, 0, "1480", "Nej", "", "Samtal"],
        ["H3", 2, 3, "", "Okänt", "", ""],
        ["H4", 1, "", "0114", "Ja", "2022-08-08", "E-post"],
    ],
    "företag": [
        ["Organisationsnummer", "Företag", "Kommun", "Första stöd", "Anställda via projektet"],
        ["402000-0008", "Torvasil Bygg AB", "2380", "2021-01-10", 1],
        ["19970127-2396", "Drakbergs Snickeri", "2321", "2021-02-10", 2],
        ["", "Vilopek Vård AB", "Åre", "2022-02-10", 0],
    ],
    "organisationer": [
        ["Organisation", "Organisationsnummer", "Typ", "Kontant (kr)"],
        ["Påhittade kommunen", "", "Kommun", 10],
        ["Hittepå AB", "402000-0008", "Företag", "1 234,50"],
    ],
    "aktiviteter": [
        ["Datum", "Fas", "Område", "Räckvidd", "Kostnad (kr)"],
        ["2020-05-15", "Attrahera", "Samverkan", 447, "76 500"],
        ["2020-06-04", "Välkomna", "Marknadsföring", 1034, 20000],
    ],
    "enkät_hushåll": [
        ["Hushålls-id", "Svar", "Andra projekt", "Svarsdatum"],
        ["H1", 4, "Nej", "2022-12-24"],
        ["H2", "5 – säkert inte", "Ja", "2022-12-29"],
    ],
    "enkät_företag": [
        ["Organisationsnummer", "Företag", "Svar", "Andra projekt", "Svarsdatum"],
        ["402000-0008", "Torvasil Bygg AB", 2, "Nej", "2021-12-08"],
        ["", "Vilopek Vård AB", 3, "", "2022-12-20"],
    ],
    "finansiering": [
        ["Finansiär", "Slag", "Beslutat (kr)", "Utbetalat (kr)", "Datum"],
        ["Påhittsfonden", "Bidrag", 1000, "", "2020-01-17"],
        ["Hittepå AB", "Kontant", "", "1 589,95", "2020-06-28"],
    ],
}

#: Cells that somebody has typed, pasted or computed somewhere.
AWKWARD: tuple[Any, ...] = (
    None,
    "",
    " ",
    "\u00a0",
    True,
    False,
    0,
    -1,
    0.1,
    1e300,
    -1e300,
    1e-300,
    float("inf"),
    9_007_199_254_740_993,
    "9" * 40,
    "9" * 400,
    "-" + "9" * 25,
    "1e999",
    "99999999999999999999",
    "1.234",
    "12 mnkr",
    "=1+1",
    "#REF!",
    "#N/A",
    "nan",
    "inf",
    "-",
    "Summa",
    "Källa: samtal 2021",
    date(1900, 1, 1),
    datetime(2021, 3, 1, 12, 30),
    datetime(9999, 12, 31),
    time(12, 30),
    timedelta(days=3),
    "0001-01-01",
    "9999-12-31",
    "2021-02-31",
    "00000",
    "٢٠٢١-٠٣-٠١",
    "２３８０",
    "²",
    "\x00",
    "a\x00b",
    "\x1b[31m",
    "\u202e2380",
    "\ufeff",
    "\u200b",
    "\ud800",
    "\U0001f3d4",
    '"',
    '";"',
    "'",
    "a\nb",
    "a\r\nb",
    "\r",
    ";",
    "a;b;c;d;e;f;g;h;i",
    "<script>",
    "%s{0}{value}",
    "torvanesi@example.org",
    "ring 070-174 06 05",
    "19970127-2396",
    "Drakberg, Kim",
    "x" * 40_000,
    "å" * 3_000,
    "Hushålls-id",
    "Datum",
    "x",
)

HEADINGS = (
    "",
    "Datum",
    "datum ",
    "Date",
    "Hushålls-id",
    "Kommentar",
    "x",
    "1",
    "\x00",
    "E-post",
    "Belopp i tkr",
)
NAMES = ("Kontakter", "Hushåll", "Blad1", "Om filen", "x" * 31, "Finansiering", "Enkät företag")

#: A place, as a share of what is there; whole numbers, since floats are drawn mostly near their ends.
share = st.integers(0, 9_999).map(lambda n: n / 10_000)
_lists = st.sampled_from(list(LISTS))
_text_strokes = st.sampled_from(AWKWARD)

#: Strokes on the cells of a list.
grid_strokes = st.one_of(
    st.tuples(st.just("cell"), share, share, _text_strokes),
    st.tuples(st.just("heading"), share, st.sampled_from(HEADINGS)),
    st.tuples(st.just("column of"), share, _text_strokes),
    st.tuples(st.just("drop column"), share),
    st.tuples(st.just("double column"), share),
    st.tuples(st.just("swap columns"), share, share),
    st.tuples(st.just("more cells"), share, _text_strokes),
    st.tuples(st.just("fewer cells"), share, share),
    st.tuples(st.just("drop row"), share),
    st.tuples(st.just("double row"), share),
    st.tuples(st.just("empty row"), share),
    st.tuples(st.just("shuffle rows"), st.integers(0, 9)),
    st.tuples(st.just("move headings"), share),
    st.tuples(st.just("repeat headings"), share),
    st.tuples(st.just("title"), _text_strokes),
)


def damaged_grid(grid: Grid, strokes: list[tuple[Any, ...]]) -> tuple[Grid, int]:
    """Return the grid after the strokes, and where its headings stand."""
    grid, head = [list(row) for row in grid], 0
    for kind, *how in strokes:
        body = [at for at in range(len(grid)) if at != head]
        if not body or not grid[head]:
            break
        width = len(grid[head])
        place = 0 if kind in ("title", "shuffle rows") else how[0]
        row, column = body[int(place * len(body))], int(place * width)
        if kind == "cell":
            column = int(how[1] * width)
            grid[row] += [""] * (column + 1 - len(grid[row]))
            grid[row][column] = how[2]
        elif kind == "heading":
            grid[head][column] = how[1]
        elif kind == "column of":
            for at in body:
                grid[at] += [""] * (column + 1 - len(grid[at]))
                grid[at][column] = how[1]
        elif kind == "drop column":
            grid = [line[:column] + line[column + 1 :] for line in grid]
        elif kind == "double column":
            grid = [line[: column + 1] + line[column:] for line in grid]
        elif kind == "swap columns":
            other = int(how[1] * width)
            for line in grid:
                if max(column, other) < len(line):
                    line[column], line[other] = line[other], line[column]
        elif kind == "more cells":
            grid[row] += [""] * (width - len(grid[row])) + [how[1]]
        elif kind == "fewer cells":
            grid[row] = grid[row][: int(how[1] * width)]
        elif kind in ("drop row", "double row", "empty row", "repeat headings"):
            new = {"drop row": [], "double row": [grid[row]] * 2, "empty row": [grid[row], []]}
            grid[row : row + 1] = new.get(kind, [grid[row], grid[head]])
            head += (len(new.get(kind, [0, 0])) - 1) if row < head else 0
            grid = [list(line) for line in grid]
        elif kind == "shuffle rows":
            lines = [grid[at] for at in body]
            random.Random(how[0]).shuffle(lines)
            for at, line in zip(body, lines, strict=True):
                grid[at] = line
        elif kind == "move headings":
            line = grid.pop(head)
            head = int(how[0] * (len(grid) + 1))
            grid.insert(head, line)
        elif kind == "title":
            grid.insert(0, [how[0]])
            head += 1
    return grid, head


def written(lists: dict[str, Grid], form: str) -> dict[str, bytes]:
    """Return lists as files: ``csv`` (one a list, UTF-8, semicolons) or ``xlsx`` (one sheet a list)."""
    if form == "xlsx":
        return {"listor.xlsx": book({name: in_a_workbook(grid) for name, grid in lists.items()})}
    files = {}
    for name, grid in lists.items():
        stream = io.StringIO(newline="")
        csv.writer(stream, delimiter=";", lineterminator="\n").writerows(grid)
        files[f"{name}.csv"] = stream.getvalue().encode("utf-8", errors="surrogatepass")
    return files


def in_a_workbook(grid: Grid) -> Grid:
    """Return the cells as a workbook can hold them."""
    return [[_excel(cell) for cell in row] for row in grid]


def _excel(cell: Any) -> Any:
    """Return a cell as a workbook can hold it: without signs that XML forbids, and not too long."""
    if isinstance(cell, str):
        kept = "".join(c for c in cell if (c >= " " or c in "\n\r\t") and not 0xD800 <= ord(c) < 0xE000)
        return kept[:32_767]
    return cell


#: Strokes on the bytes of a file.
byte_strokes = st.one_of(
    st.tuples(st.just("flip"), share, st.integers(0, 7)),
    st.tuples(st.just("set"), share, st.sampled_from([0, 10, 13, 34, 44, 59, 127, 128, 195, 254, 255])),
    st.tuples(st.just("cut"), share),
    st.tuples(st.just("lose"), share, st.integers(1, 400)),
    st.tuples(st.just("repeat"), share, st.integers(1, 400)),
    st.tuples(st.just("blank"), share, st.integers(1, 600)),
    st.tuples(
        st.just("insert"),
        share,
        st.sampled_from(
            [
                *(
                    b"\x00",
                    b"\xff\xfe",
                    b"\xef\xbb\xbf",
                    b'"',
                    b'";"',
                    b"\r",
                    b"\x1a",
                    b"\xed\xa0\x80",
                    b"\xc3",
                ),
                *(b"PK\x03\x04", b"\n\n", b"<", b"&lt;", b"]" * 50, b"9" * 500, b"x" * 200_000),
            ]
        ),
    ),
    st.tuples(
        st.just("encode"),
        st.sampled_from(
            [
                "cp1252",
                "mac_roman",
                "cp850",
                "utf-8-sig",
                "utf-16",
                "utf-16-le",
                "utf-16-be",
                "utf-32",
                "cp037",
                "utf-7",
            ]
        ),
    ),
    st.tuples(st.just("lines"), st.sampled_from(["\r\n", "\r", "\n\r", "\u2028"])),
    st.tuples(st.just("quote"), share),
)


def damaged_bytes(data: bytes, strokes: list[tuple[Any, ...]]) -> bytes:
    """Return bytes after the strokes; strokes on text pass over what is no text."""
    for kind, *how in strokes:
        at = int(how[0] * len(data)) if isinstance(how[0], float) else 0
        if kind == "flip" and data:
            data = data[:at] + bytes([data[at] ^ (1 << how[1])]) + data[at + 1 :]
        elif kind == "set" and data:
            data = data[:at] + bytes([how[1]]) + data[at + 1 :]
        elif kind == "cut":
            data = data[:at]
        elif kind == "lose":
            data = data[:at] + data[at + how[1] :]
        elif kind == "repeat":
            data = data[:at] + data[at : at + how[1]] + data[at:]
        elif kind == "blank":
            data = data[:at] + bytes(len(data[at : at + how[1]])) + data[at + how[1] :]
        elif kind == "insert":
            data = data[:at] + how[1] + data[at:]
        elif kind == "encode":
            data = data.decode("utf-8", errors="replace").encode(how[0], errors="replace")
        elif kind == "lines":
            data = data.replace(b"\n", how[0].encode())
        elif kind == "quote":
            data = data[:at] + b'"' + data[at:]
    return data


def damaged_parts(data: bytes, part: float, strokes: list[tuple[Any, ...]]) -> bytes:
    """Return an archive with one of its parts damaged, and packed again as if nothing had happened."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        names = sorted(old.namelist())
        hurt = names[int(part * len(names))]
        for name in names:
            new.writestr(name, damaged_bytes(old.read(name), strokes) if name == hurt else old.read(name))
    return packed.getvalue()


#: Values of every type of TOML, and of none.
LITERALS: tuple[str, ...] = (
    "1",
    "-1",
    "0",
    "1.5",
    "nan",
    "inf",
    "-inf",
    "1e999",
    "1e308",
    "true",
    '""',
    '" "',
    '"x"',
    '"\\u0000"',
    '"\\ud800"',
    '"\\n\\n"',
    "'''a\nb'''",
    '"' + "x" * 5_000 + '"',
    "[]",
    "[1]",
    '["a", 1]',
    "[[]]",
    "{}",
    "{ a = 1 }",
    "{ id = [1] }",
    "[" * 3_000 + "]" * 3_000,
    "{ a = " * 1_500 + "1" + " }" * 1_500,
    "9" * 25,
    "9" * 400,
    "9" * 5_000,
    "0x" + "f" * 40,
    "2020-01-01",
    "0001-01-01",
    "9999-12-31",
    "2020-02-31",
    "2020-01-01T00:00:00Z",
    "2020-01-01T12:00:00",
    "07:32:00",
    '"2020-01-01"',
    '"23"',
    '"99"',
    "",
    "=",
    "households",
)

toml_strokes = st.one_of(
    *[st.tuples(st.just("value"), share, st.sampled_from(LITERALS))] * 6,
    st.tuples(st.just("drop line"), share),
    st.tuples(st.just("double line"), share),
    st.tuples(st.just("move line"), share, share),
    st.tuples(
        st.just("key"), share, st.sampled_from(["x", "id", '""', "a.b.c", ".".join("a" * 2_000), '"\\u0000"'])
    ),
    st.tuples(
        st.just("table"), share, st.sampled_from(["[x]", "[[x]]", "[[goals]]", "[region]", "[[funding]]"])
    ),
    st.tuples(st.just("bytes"), byte_strokes),
)


def damaged_toml(data: bytes, strokes: list[tuple[Any, ...]]) -> bytes:
    """Return a TOML file after the strokes; most leave it TOML, but not what it should say."""
    for kind, *how in strokes:
        if kind == "bytes":
            data = damaged_bytes(data, [how[0]])
            continue
        lines = data.decode("utf-8", errors="surrogateescape").split("\n")
        at = int(how[0] * len(lines))
        said = [i for i, line in enumerate(lines) if " = " in line and not line.startswith("#")]
        here = said[int(how[0] * len(said))] if said else at
        if kind == "value":
            lines[here] = lines[here].partition(" = ")[0] + " = " + how[1]
        elif kind == "drop line":
            del lines[here]
        elif kind == "double line":
            lines.insert(here, lines[here])
        elif kind == "move line":
            lines.insert(int(how[1] * len(lines)), lines.pop(at))
        elif kind == "key":
            lines[here] = how[1] + " = " + lines[here].partition(" = ")[2]
        elif kind == "table":
            lines.insert(at, how[1])
        data = "\n".join(lines).encode("utf-8", errors="surrogateescape")
    return data
