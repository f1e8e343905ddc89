"""What must hold for any lists: no order, split or second delivery changes a count."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from attraktiv_eval.metrics.level1 import reach
from attraktiv_eval.project import Project
from attraktiv_eval.records import Records, csv_files, household_linkage, load_records, schemas
from attraktiv_eval.records.cleaning import _together, clean_in_parts, clean_sheet
from attraktiv_eval.records.csv_files import read_csv
from attraktiv_eval.records.records import Column, Places, Sheet

PROJECT = Project.load()
KEY = b"a key for tests, 32 bytes long.."
CONTACTS = "Datum;Hushålls-id;E-post;Telefon;Adress;Partners e-post;Bor i kommun;Fas;Företagets namn"
HOUSEHOLDS = "Hushålls-id;Inflyttat;Inflyttningsdatum;Vuxna;Barn;Bor kvar;Kontrollerat"
#: Every example reads and links folders of files; the proof at the end asks for more of them.
EXAMPLES = "ATTRAKTIV_EVAL_TEST_EXAMPLES"
SETTINGS = settings(
    max_examples=int(os.environ.get(EXAMPLES, "4")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)

EMAILS = [
    "torvanesi@example.org",
    "torvnaesi@example.org",
    "vilopeka@example.org",
    "TORVANESI@example.org",
    "x",
    "",
]
#: A contact as its cells: some good, some bad, many that belong together.
contact = st.tuples(
    st.sampled_from(["2021-03-01", "1/4 2021", "maj 2021", "2022-06-30", "aldrig", ""]),
    st.sampled_from(["H1", "H2", "h-3", "", ""]),
    st.sampled_from(EMAILS),
    st.sampled_from(["070-174 06 05", "+46701740605", "070-174 06 11", ""]),
    st.sampled_from(["Påhittsv. 1", "Påhittsvägen 1", "Påhittsvägen 2", ""]),
    st.sampled_from(["vilopeka@example.org", "", "", ""]),
    st.sampled_from(["0180", "Stockholm", "1480", ""]),
    st.sampled_from(["Attrahera", "attract", "Fas X"]),
    st.sampled_from(["", "", "Torvasil Bygg AB", "TORVASIL BYGG"]),
).map(";".join)
household = st.tuples(
    st.sampled_from(["H1", "H2", "H3", "H4"]),
    st.sampled_from(["Ja", "Nej", "Okänt", ""]),
    st.sampled_from(["2021-05-01", "maj 2021", "2022-08-08", ""]),
    st.sampled_from(["1", "2", ""]),
    st.sampled_from(["0", "2", ""]),
    st.sampled_from(["Ja", "Nej", ""]),
    st.sampled_from(["2021-09-01", "2022-06-01", ""]),
).map(";".join)
lists = st.tuples(st.lists(contact, min_size=1, max_size=14), st.lists(household, max_size=8))
GOOD = "2021-03-01;H1;vilopeka@example.org;;;;0180;Attrahera;"


#: What the cells above mean alike: rows that differ in spelling alone say the same.
SPELLINGS = {
    "attract": "Attrahera",
    "Stockholm": "0180",
    "+46701740605": "070-174 06 05",
    "Påhittsv. 1": "Påhittsvägen 1",
    "TORVANESI@example.org": "torvanesi@example.org",
    "TORVASIL BYGG": "Torvasil Bygg AB",
    "x": "",
}


def load(contacts: list[list[str]], households: list[str]) -> Records:
    """Load a folder with one file of contacts for each list, and one file of households."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number, part in enumerate(contacts):
            text = "\n".join([CONTACTS, *part])
            (folder / f"kontakter {number}.csv").write_text(text, encoding="utf-8")
        (folder / "hushåll.csv").write_text("\n".join([HOUSEHOLDS, *households]), encoding="utf-8")
        return load_records(folder, PROJECT, key=KEY)


def counts(records: Records) -> dict[str, object]:
    """Return everything that is counted, without the ids that only name it."""
    households = records.households
    moved = households.drop(columns=["household_id", "source"]).astype(object)
    return {
        "households": sorted(str(row) for row in moved.to_numpy().tolist()),
        "contacts": len(records.contacts) if records.contacts is not None else 0,
        "companies": records.contacts["company_id"].nunique() if records.contacts is not None else 0,
        "residence": sorted(
            zip(records.residence["checked"].astype(str), records.residence["resident"], strict=True)
        ),
        "linkage": records.linkage.loc[records.linkage["list"] == "households", "merged"].sum(),
    }


@SETTINGS
@given(lists, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(drawn: tuple[list[str], list[str]], random) -> None:
    contacts, households = [GOOD, *drawn[0]], drawn[1]
    before = counts(load([contacts], households))
    mixed, mixed_households = contacts.copy(), households.copy()
    random.shuffle(mixed)
    random.shuffle(mixed_households)
    assert counts(load([mixed], mixed_households)) == before


@SETTINGS
@given(lists, st.integers(0, 15), st.integers(0, 15))
def test_the_split_over_files_changes_nothing(
    drawn: tuple[list[str], list[str]], first: int, second: int
) -> None:
    contacts, households = [GOOD, *drawn[0]], drawn[1]
    low, high = sorted((first, second))
    parts = [contacts[:low], contacts[low:high], contacts[high:]]
    assert counts(load(parts, households)) == counts(load([contacts], households))


@SETTINGS
@given(lists, st.data())
def test_a_second_delivery_changes_nothing(drawn: tuple[list[str], list[str]], data) -> None:
    contacts, households = [GOOD, *drawn[0]], drawn[1]
    again = data.draw(st.lists(st.sampled_from(contacts), max_size=6))
    once, twice = load([contacts], households), load([contacts, again, contacts], households)
    before, after = counts(once), counts(twice)
    assert {**after, "linkage": 0} == {**before, "linkage": 0}
    assert twice.accounting["kept"].sum() == once.accounting["kept"].sum()


@SETTINGS
@given(lists, contact)
def test_a_contact_more_never_lowers_a_count(drawn: tuple[list[str], list[str]], more: str) -> None:
    contacts, households = [GOOD, *drawn[0]], drawn[1]
    # A contact of a household that is new, or of one that is known by its reference and nothing else.
    cells = more.split(";")
    known = ";".join([cells[0], "H1", "", "", "", "", "", cells[7], ""])
    new = ";".join([cells[0], "H99", "nydenola@example.org", "", "", "", "", cells[7], ""])
    before = load([contacts], households)
    for one in (known, new):
        after = load([[*contacts, one]], households)
        assert len(after.households) >= len(before.households)
        assert len(after.contacts) >= len(before.contacts)
        for state in ("yes", "no"):
            assert (after.households["moved"] == state).sum() >= (before.households["moved"] == state).sum()


@SETTINGS
@given(lists)
def test_every_row_is_accounted_for(drawn: tuple[list[str], list[str]]) -> None:
    records = load([[GOOD, *drawn[0]]], drawn[1])
    table = records.accounting
    assert (table["read"] == table["kept"] + table["merged"] + table["rejected"]).all()
    assert table["read"].sum() == 1 + len(drawn[0]) + sum(1 for row in drawn[1] if row.strip(";"))
    assert len(records.rejected.drop_duplicates(["file", "row"])) == table["rejected"].sum()


@SETTINGS
@given(lists)
@example(drawn=(["2021-03-01;;x;;;vilopeka@example.org;0180;Attrahera;Torvasil Bygg AB"], []))
@example(
    drawn=(
        [
            f"2021-03-01;{own};torvanesi@example.org;070-174 06 05;;vilopeka@example.org;0180;{phase};"
            for own, phase in (("H1", "Attrahera"), ("H2", "attract"))
        ],
        [],
    )
)
def test_linking_what_is_linked_changes_nothing(drawn: tuple[list[str], list[str]]) -> None:
    contacts, households = [GOOD, *drawn[0]], drawn[1]
    for rows, column in ((contacts, 1), (households, 0)):
        cells = [[SPELLINGS.get(cell, cell) for cell in row.split(";")] for row in rows]
        others = {(*row[:column], *row[column + 1 :]) for row in cells}
        assume(len(others) == len(rows))  # named alike, rows that differ in their id alone are one row
    once = load([contacts], households)
    households_of = once.members.set_index(["list", "row"])["household_id"]
    # One kind of reference for all: what has two kinds, such as H1 and U-1f, may be one household under both.
    number = pd.Series(pd.factorize(households_of)[0], households_of.index)
    ids = ("L-" + (number + 1001).astype(str)).where(households_of.notna())

    def named(rows: list[str], name: str, column: int) -> list[str]:
        found = []
        for number, row in enumerate(rows, 2):
            cells = row.split(";")
            household = ids.get((name, number))
            known = household if isinstance(household, str) else cells[column]  # a company's contact has none
            found.append(";".join([*cells[:column], known, *cells[column + 1 :]]))
        return found

    again = load([named(contacts, "contacts", 1)], named(households, "households", 0))
    ignored = {"linkage": 0}  # the first pass has done the work of the rules
    assert {**counts(again), **ignored} == {**counts(once), **ignored}
    before, after = (
        sorted(tuple(sorted(group)) for group in one.members.groupby("household_id").groups.values())
        for one in (once, again)
    )
    assert before == after


@pytest.mark.prove
def test_all_of_it_holds_for_many_more_lists() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-m", "not prove", "--hypothesis-profile=prove", __file__],
        check=False,
        capture_output=True,
        encoding="utf-8",
        env=os.environ | {EXAMPLES: "60", "PYTHONUTF8": "1"},
    )
    assert done.returncode == 0, done.stdout[-4000:]
    assert " passed" in done.stdout and "skipped" not in done.stdout


#: Rows that are no records, beside those above: totals, headings again, notes, marks and blanks.
odd = st.sampled_from(
    [
        "Summa;;;;;;;;",
        "Källa: vårt register;;;;;;;;",
        CONTACTS,
        "E-post;Datum;Hushålls-id;Telefon;Adress;Partners e-post;Bor i kommun;Fas;Företagets namn",
        ";;;;;;;;",
        "05/13/2021;H1;anna.ek@example.org;;;;114 34 Stockholm;Telefon;",
        "03/04/2021;H1;;saknas;;;18;Attrahera;=1+1",
        "44197;H9;=SUM(A1);+46 70;Åvägen 3;;Norge;#N/A;\u202eAB",
    ]
)


def each_cell_by_itself(column: list[str | None]) -> Column:
    """Return a column that shares nothing: as many texts as there are filled cells."""
    filled = np.array([cell is not None for cell in column], dtype=bool)
    codes = np.where(filled, np.cumsum(filled) - 1, -1).astype(np.int32)
    return Column(codes, [cell for cell in column if cell is not None])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(contact, contact, odd), min_size=1, max_size=30), st.integers(1, 3))
def test_each_distinct_text_read_once_is_each_cell_read(rows: list[str], times: int) -> None:
    table = [[cell or None for cell in row.split(";")] for row in [CONTACTS, *rows * times]]
    columns = [list(column) for column in zip(*table, strict=True)]
    numbers = list(range(1, len(table) + 1))
    fast, slow = (
        clean_sheet(
            Sheet("kontakter.csv", "", [], [way(column) for column in columns], numbers),
            date(2015, 1, 1),
            date(2027, 12, 31),
        )
        for way in (Column.of, each_cell_by_itself)
    )
    assert fast is not None and slow is not None
    pd.testing.assert_frame_equal(fast.frame, slow.frame)
    assert (fast.read, fast.rejected, fast.cells, fast.notes) == (
        slow.read,
        slow.rejected,
        slow.cells,
        slow.notes,
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(["a", "b", " b ", "", "  ", None]), max_size=40), st.data())
def test_a_column_is_its_cells(cells: list[str | None], data: st.DataObject) -> None:
    column = Column.of(cells)
    plain = [cell or None for cell in cells]
    assert list(column) == plain and len(column) == len(plain)
    keep = np.array(data.draw(st.lists(st.booleans(), min_size=len(cells), max_size=len(cells))), dtype=bool)
    part = column[keep]
    assert part == [cell for cell, here in zip(plain, keep, strict=True) if here]
    assert sorted(set(part.texts)) == sorted({cell for cell in part if cell})
    assert column[2:] == plain[2:] and column.filled.tolist() == [cell is not None for cell in plain]
    assert column.where("b".__eq__).tolist() == [row for row, cell in enumerate(plain) if cell == "b"]
    other = Column.of(reversed(cells))
    mixed = [a if here else b for a, b, here in zip(plain, list(other), keep, strict=True)]
    assert column.merged(other, keep) == mixed


def test_a_long_column_of_running_numbers_comes_back_cell_for_cell(tmp_path: Path) -> None:
    cells = [f"K-{i}" if i % 1000 else "" for i in range(25_000)] + ["K-7", " K-8 ", "", "K-7"] * 900
    path = tmp_path / "kontakter.csv"
    path.write_text("\n".join(["Kontakt-id;Fas", *(f"{cell};x" for cell in cells)]), encoding="utf-8")
    column = read_csv(path, path.name).columns[0]
    assert list(column)[1:] == [cell.strip() or None for cell in cells]
    assert not column.filled.all() and len(column.texts) < len(cells)
    assert Places().column(Places().codes([]), str.strip) == []


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(contact, contact, odd), min_size=1, max_size=30), st.integers(1, 3))
def test_a_file_read_in_parts_is_the_file_read_whole(rows: list[str], size: int) -> None:
    """Whatever part a cell lies in, the whole column decides how it is read."""
    rows = [row for row in rows if not row.startswith("E-post;Datum")]  # headings in another order: refused
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "kontakter.csv")
        path.write_text("\n".join(["Alla kontakter;;;;;;;;", CONTACTS, *rows * 40]), encoding="utf-8")
        span = date(2015, 1, 1), date(2027, 12, 31)
        whole = clean_sheet(read_csv(path, path.name), *span)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(csv_files, "_PIECE", 3_000)
            patch.setattr(csv_files, "_LINES_PARSED", 100)
            parts = _together(list(clean_in_parts(path, path.name, *span, size=400 * size)))
    assert whole is not None and parts is not None
    pd.testing.assert_frame_equal(parts.frame, whole.frame)
    places = [
        sorted((fault.row, fault.column, fault.kind) for fault in [*one.rejected, *one.cells])
        for one in (whole, parts)
    ]
    assert places[0] == places[1] and parts.read == whole.read


@SETTINGS
@given(st.lists(contact, min_size=2, max_size=30))
def test_what_spares_memory_in_large_lists_changes_no_table(rows: list[str]) -> None:
    """Chains are looked into one at a time, texts written anew and rows numbered by sorting."""
    rows = [GOOD, *rows]
    whole = load([rows], [])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schemas, "_PACKED", 2)
        patch.setattr(schemas, "_FEW", 0)
        patch.setattr(schemas, "_PLAIN", 0)
        patch.setattr(household_linkage, "_CHAINS", 1)
        parts = load([rows], [])
    for name in ("contacts", "households", "members", "joined", "grey_zone", "linkage", "accounting"):
        as_plain = schemas.as_text(getattr(parts, name))
        pd.testing.assert_frame_equal(as_plain, getattr(whole, name), obj=name)
    assert repr(parts.why("kontakter 0.csv 2").table) == repr(whole.why("kontakter 0.csv 2").table)
    one, other = (vars(reach(records, PROJECT)) for records in (parts, whole))
    for name, counted in other.items():
        if isinstance(counted, pd.DataFrame):
            pd.testing.assert_frame_equal(one[name], counted, obj=name)
        else:
            assert str(one[name]) == str(counted)


@given(
    st.lists(st.tuples(st.integers(-1, 3), st.integers(-1, 3), st.integers(-1, 3)), max_size=20),
    st.booleans(),
)
def test_the_first_of_each_are_those_that_pandas_keeps(rows: list[tuple[int, int, int]], large: bool) -> None:
    table = pd.DataFrame(rows, columns=["a", "b", "c"], dtype=np.int32)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schemas, "_PACKED", 0 if large else 100)
        found = schemas.first_of_each(*(table[name].to_numpy() for name in table))
    assert found.tolist() == (~table.duplicated()).tolist()


@given(st.lists(st.one_of(st.none(), st.text(max_size=4)), max_size=30))
def test_packed_texts_come_back(cells: list[str | None]) -> None:
    column = schemas.coded(pd.Series(cells, dtype=object))
    numbers, texts = schemas.packed(column)
    assert schemas.is_packed(numbers) and not schemas.is_packed(column)
    assert schemas.unpacked(numbers, texts).tolist() == column.tolist()


CELL = st.text(st.sampled_from("aåÄ 1=\t\u00a0\x0b\u2028'#"), max_size=4)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.lists(CELL, max_size=5), max_size=12),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([b"", b"\xef\xbb\xbf"]),
)
def test_the_quick_parser_reads_what_the_one_of_rows_reads(
    rows: list[list[str]], end: str, mark: bytes
) -> None:
    text = end.join(
        ";".join(cell.replace(";", "") for cell in row) for row in [["Fas", "Datum", "Källa"], *rows]
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.csv")
        path.write_bytes(mark + text.encode())
        slow = read_csv(path, "a.csv")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(csv_files, "_MANY", 0)
            fast = read_csv(path, "a.csv")
    assert [list(column) for column in fast.columns] == [list(column) for column in slow.columns]
    assert list(fast.rows) == list(slow.rows)


def test_the_quick_parser_is_used_where_a_file_is_plain_and_only_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(csv_files, "_MANY", 0)
    plain = "Fas;Datum\nattract;2021-03-01\n\n;\nwelcome\n"
    quick = csv_files._without_quotes(plain.encode(), "utf-8", ";", 0, "a.csv")
    assert quick is not None and list(quick.rows) == [1, 2, 5]
    assert quick.columns[1] == ["Datum", "2021-03-01", None]
    for other in (f'{plain}"x";y\n', f"{plain}a;b;c\n", plain.replace("\n", "\r")):
        assert csv_files._without_quotes(other.encode(), "utf-8", ";", 0, "a.csv") is None
