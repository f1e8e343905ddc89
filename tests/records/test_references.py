"""References reach as far as they are known to; evidence against stops a join, and joins can be undone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from attraktiv_eval.errors import RecordError
from attraktiv_eval.project import Project
from attraktiv_eval.records import Records
from attraktiv_eval.records.check import check
from attraktiv_eval.records.pseudonyms import given_names, organisation_number
from attraktiv_eval.records.references import reference_key, reference_keys

HOUSEHOLDS = "Hushålls-id;E-post;Inflyttat;Inflyttningsdatum;Ursprungskommun;Till kommun"
KEY = b"a key for tests, 32 bytes long.."
CONTACTS = "Datum;Hushålls-id;E-post;Telefon;Namn;Bor i kommun;Personnummer"


def contacts(*rows: str) -> str:
    return "\n".join([CONTACTS, *rows])


def households(records: Records) -> int:
    return len(records.households)


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("1-11", "11-1", False),
        ("1-11", "111", False),
        ("2.1", "21", False),
        ("1–11", "1-11", True),
        ("H-001", "h 001", True),
        ("Å-12", "A\u030a12", True),
        ("Å-12", "A-12", False),
        ("p/17", "P17", True),
        ("A-B12", "AB12", True),
    ],
)
def test_signs_and_letters_of_references_are_kept(left: str, right: str, same: bool) -> None:
    assert (reference_key(left) == reference_key(right)) == same


def test_numbers_meet_where_the_column_is_numeric() -> None:
    numeric = pd.Series(["101.0", "101", "001", "1", None], dtype="str")
    assert reference_keys(numeric, [0] * 5).dropna().tolist() == ["101", "101", "1", "1"]
    mixed = pd.Series(["001", "1", "H-1"], dtype="str")
    assert reference_keys(mixed, [0] * 3).nunique() == 3


def test_a_running_number_belongs_to_its_own_list(load: Callable[..., Records]) -> None:
    head = "Id;E-post;Inflyttat;Inflyttningsdatum"
    files = {
        f"{place} hushåll.csv": "\n".join(
            [head, *(f"{i};{place.lower()}{'xyz'[i]}@example.org;Ja;2021-05-0{i + 1}" for i in range(3))]
        )
        for place in ("Åre", "Berg")
    }
    records = load(files)
    assert households(records) == 6
    assert records.households["household_id"].is_unique


def test_lists_whose_rows_agree_share_their_references(load: Callable[..., Records]) -> None:
    names = ["torvanesi", "vilopeka", "nydenola", "rusatemo", "kibelusa"]
    lists = {
        "hushåll.csv": "\n".join(
            [
                HOUSEHOLDS,
                *(f"{i};{name}@example.org;Ja;2021-05-01;0180;2380" for i, name in enumerate(names, 1)),
            ]
        ),
        # the last row has no address: only its reference tells whose it is
        "kontakter.csv": contacts(
            *(
                f"2021-03-01;{i};{name if i < 5 else ''}{'@example.org' if i < 5 else ''};;;;"
                for i, name in enumerate(names, 1)
            )
        ),
    }
    assert households(load(lists)) == 5
    strangers = contacts(*(f"2021-03-01;{i};other.{name}@example.org;;;;" for i, name in enumerate(names, 1)))
    told = load({**lists, "kontakter.csv": strangers}, "strangers")
    assert households(told) == 10
    assert told.meetings[["references", "meet"]].to_numpy().tolist() == [[5, 0]]


def test_settings_say_which_lists_share(load: Callable[..., Records]) -> None:
    lists = {
        "hushåll.csv": "Hushålls-id;Inflyttat;Inflyttningsdatum\n1;Ja;2021-05-01\n2;Ja;2021-06-01\n",
        "kontakter.csv": contacts("2021-03-01;1;;;;;", "2021-03-01;2;;;;;"),
    }
    assert households(load(lists)) == 4
    settings = '[[references]]\nfiles = ["Hushåll*.csv", "kontakter.csv"]\n'
    records = load({**lists, "lists.toml": settings}, "stated")
    assert households(records) == 2
    assert records.meetings["meet"].tolist() == [2]
    apart = '[[references]]\nfiles = ["*"]\nshared = false\n'
    prefixed = {name: text.replace(";1;", ";H1;").replace("\n1;", "\nH1;") for name, text in lists.items()}
    assert households(load({**prefixed, "lists.toml": apart}, "apart")) == 4
    with pytest.raises(RecordError, match=r"^lists.toml: an entry of references"):
        load({**lists, "lists.toml": "[[references]]\nfiles = 3\n"}, "wrong")


def test_prefixed_references_that_contradict_are_each_lists_own(load: Callable[..., Records]) -> None:
    files = {
        f"{place}.csv": contacts(
            *(f"2021-03-01;H{i};{place}{'abcdefgh'[i]}@example.org;;;;" for i in range(8))
        )
        for place in ("torva", "vilope")
    }
    assert households(load({f"kontakter {name}": text for name, text in files.items()})) == 16


CHAIN = [
    ("H1", "5", "a"),
    ("H2", "5", "b"),
    ("H3", "6", "b"),
    ("H4", "6", "c"),
    ("H5", "7", "c"),
    ("H6", "7", "d"),
]


def test_no_two_references_of_one_list_meet_through_a_third(load: Callable[..., Records]) -> None:
    words = {"a": "torvanesi", "b": "vilopeka", "c": "nydenola", "d": "rusatemo"}
    rows = [f"2021-01-01;{h};{words[m]}@example.org;070-174 06 0{p};;;" for h, p, m in CHAIN]
    records = load({"kontakter.csv": contacts(*rows)})
    assert households(records) == 6
    assert set(records.grey_zone["speaks_against"]) == {"reference"}
    assert len(records.grey_zone) == 5
    # rows without a reference between two that have one: they are neither's
    between = contacts(
        "2021-01-01;H1;torvanesi@example.org;;;;",
        "2021-01-02;;torvanesi@example.org;070-174 06 05;;;",
        "2021-01-03;H2;;070-174 06 05;;;",
    )
    ids = load({"kontakter.csv": between}, "between").members["household_id"].tolist()
    assert (
        ids[0] == ids[1] != ids[2]
    )  # the mailbox comes first; the telephone would then bring H1 and H2 together


@pytest.mark.parametrize(
    ("why", "left", "right"),
    [
        ("personal_number", ";same@example.org;;;;199701272396", ";same@example.org;;;;199802032392"),
        ("reference", "H1;same@example.org;;;;", "H2;same@example.org;;;;"),
        ("origin", ";same@example.org;;;0180;", ";same@example.org;;;1480;"),
        ("given", ";same@example.org;;Kim Ek;;", ";same@example.org;;Alex Ek;;"),
        ("given", ";;070-174 06 05;Kim Ek;;", ";;070-174 06 05;Alex Berg;;"),
    ],
)
def test_evidence_against_leaves_a_pair_to_a_person(
    why: str, left: str, right: str, load: Callable[..., Records]
) -> None:
    records = load({"kontakter.csv": contacts(f"2021-03-01;{left}", f"2021-03-02;{right}")})
    assert households(records) == 2
    assert records.grey_zone["speaks_against"].tolist() == [why]
    assert records.grey_zone["speaks_for"].str.startswith("same_").all()


def test_another_day_of_the_move_stops_a_join(load: Callable[..., Records]) -> None:
    def two(one: str, other: str) -> str:
        return f"E-post;Inflyttat;Inflyttningsdatum\nsame@example.org;Ja;{one}\nsame@example.org;Ja;{other}\n"

    assert households(load({"hushåll.csv": two("2021-05-01", "2021-08-01")}, "a")) == 2
    assert households(load({"hushåll.csv": two("2021-05-01", "maj 2021")}, "b")) == 1


def test_a_reception_and_an_address_of_nobody_join_nobody(load: Callable[..., Records]) -> None:
    people = [f"2021-03-01;;saknas@example.org;;Kim{chr(97 + i)} Ek;;" for i in range(12)]
    records = load({"kontakter.csv": contacts(*people)})
    assert households(records) == 12
    assert records.grey_zone.empty
    shared = [f"2021-03-01;;fjallhuset@example.org;;Kim{chr(97 + i)} Ek;;" for i in range(12)]
    records = load({"kontakter.csv": contacts(*shared)}, "shared")
    assert households(records) == 12
    assert records.notes.set_index("kind").loc["shared_by_many", "value"] == "1"


def test_one_household_under_four_deliveries_references_is_one(load: Callable[..., Records]) -> None:
    rows = [
        f"{HOUSEHOLDS}\n{letter}-{n};torvanesi@example.org;Ja;2021-05-01;0180;2380\n"
        for n, letter in enumerate("ABCD", 7)
    ]
    files = {f"hushåll {n}.csv": text for n, text in enumerate(rows)}
    bare = {f"hushåll {n}.csv": text.replace(f"{'ABCD'[n]}-", "") for n, text in enumerate(rows)}
    assert households(load(files, "letters")) == 1
    assert households(load(bare, "bare")) == 1


def test_what_was_joined_can_be_read_and_undone(load: Callable[..., Records]) -> None:
    lists = {
        "kontakter.csv": contacts(
            "2021-03-01;H1;torvanesi@example.org;;;;",
            "2021-03-02;H1;vilopeka@example.org;;;;",
            "2021-03-03;H1;vilopeka@example.org;;;;",
            "2021-03-04;P2;torvanesi@example.org;;;;",
        )
    }
    joined = load(lists).joined
    assert joined[["row", "id", "rule", "joined_with"]].to_numpy().tolist() == [
        [3, "H1", "same_reference", "kontakter.csv 2"],
        [4, "H1", "same_reference", "kontakter.csv 2"],
        [5, "H1", "same_email", "kontakter.csv 2"],
    ]
    undo = "list;left;right;decision\nhouseholds;H1;P2;different\n"
    undo += "households;kontakter.csv 2;kontakter.csv 3;olika\n"
    records = load({**lists, "decisions.csv": undo}, "undone")
    assert records.unapplied == 0
    ids = records.members["household_id"].tolist()
    assert ids[1] == ids[2] and len({ids[0], ids[1], ids[3]}) == 3


def test_decisions_that_contradict_are_refused(load: Callable[..., Records]) -> None:
    rows = [f"2021-03-0{i};H{i};;;;;" for i in (1, 2, 3)]
    words = (
        "list;left;right;decision\nhouseholds;H1;H2;same\nhouseholds;H2;H3;same\nhouseholds;H1;H3;different\n"
    )
    with pytest.raises(RecordError, match=r"^decisions.csv: two are decided to be different"):
        load({"kontakter.csv": contacts(*rows), "decisions.csv": words})


def test_equal_payments_of_one_file_stay_and_copies_across_files_are_one(
    load: Callable[..., Records],
) -> None:
    head = "financier,kind,paid,date\n"
    row = "Jämtkraft,cash,25000,2021-03\n"
    work = "date,phase,area,reach,cost\n"
    act = "2021-02-01,attract,marketing,100,5000\n"
    files = {"funding.csv": head + 2 * row, "activities.csv": work + 2 * act}
    again = {**files, "funding (2).csv": head + 2 * row, "activities copy.csv": work + act}
    for n, lists in enumerate((files, again)):
        records = load(lists, str(n))
        assert records.funding["paid_sek"].sum() == 50_000
        assert records.activities["cost_sek"].sum() == 10_000


@pytest.mark.parametrize(
    "text",
    [
        "556036-0793",
        "5560360793.0",
        "5560360793,0",
        "556036\u20110793",
        "556036\u22120793",
        "556036\u00ad0793",
        "'5560360793",
        "16 556036 0793",
        "SE556036079301",
        "165560360793.0",
    ],
)
def test_an_organisation_number_has_one_form(text: str) -> None:
    assert organisation_number(text) == ("organisation", "5560360793")


def test_three_spellings_of_a_number_are_one_company(load: Callable[..., Records]) -> None:
    text = (
        "organisation number,company,municipality,first support,hires made,first hire\n"
        "556036-0793,Exempel AB,Åre,2021-01-01,1,2021-05-01\n"
        "5560360793.0,Exempelbolaget,Åre,2021-01-01,2,2021-05-01\n"
        "556036‑0793,Exempelfirman,Åre,2021-01-01,1,2021-06-01\n"
    )
    assert len(load({"companies.csv": text}).companies) == 1


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Ek, Anna-Karin", ["anna", "karin"]),
        ("Anna & Erik Ek", ["anna", "erik"]),
        ("Familjen Ek", []),
        ("Ek", []),
        ("A. Ek", []),
    ],
)
def test_given_names(text: str, names: list[str]) -> None:
    assert given_names(text) == names


def test_a_survey_beside_the_only_list_of_households_shares_its_running_numbers(
    load: Callable[..., Records],
) -> None:
    """Nothing in it can be compared, but no other list can be meant: until a second one has such numbers."""
    head = "Hushålls-id;Vuxna;Inflyttat;Inflyttningsdatum;Från kommun;Till kommun\n"
    are = head + "1;1;Ja;2021-01-11;Stockholm;Åre\n2;2;Ja;2021-02-12;Uppsala;Åre\n3;1;Nej;;Malmö;\n"
    berg = head + "1;2;Ja;2021-03-11;Lund;Berg\n2;1;Ja;2021-04-12;Umeå;Berg\n3;1;Nej;;Falun;\n"
    beside = {"enkat_hushall.csv": "Hushålls-id;Svar\n1;4\n2;5\n"}
    one = load({"hushall.csv": are, **beside}, "one")
    assert len(one.households) == 3
    assert set(one.survey_households["household_id"]) <= set(one.households["household_id"])
    two = load({"hushall.csv": are, "households.csv": berg, **beside}, "two")
    known = set(two.households.loc[two.households["moved"] == "yes", "household_id"])
    assert not set(two.survey_households["household_id"]) & known


def test_check_tells_what_meets_and_writes_what_was_joined(tmp_path: Path, project: Project) -> None:
    (tmp_path / "hushåll.csv").write_text(
        "Hushålls-id;Inflyttat\n1-2;Nej\n2021-01-02;Nej\n", encoding="utf-8"
    )
    (tmp_path / "kontakter.csv").write_text(
        contacts("2021-03-01;1-2;;;;;", "2021-03-02;1-2;;;;;"), encoding="utf-8"
    )
    outcome = check(tmp_path, project, key=KEY)
    lines = outcome.lines("en")
    assert "0 of 2 references of households in hushåll.csv meet a contact in kontakter.csv" in lines
    assert any("references that stand as a day" in line and line.endswith(": 1") for line in lines)
    written = [path.name for path in outcome.write(tmp_path)]
    assert written == ["rejected_rows.csv", "joined_rows.csv"]
    table = pd.read_csv(tmp_path / "joined_rows.csv", sep=";", encoding="utf-8-sig")
    assert table[["file", "row", "rule", "joined_with"]].to_numpy().tolist() == [
        ["kontakter.csv", 3, "same_reference", "kontakter.csv 2"]
    ]
    assert check(tmp_path, project, key=KEY).errors == []  # what was written is read as no list


def test_deliveries_that_number_anew_are_of_the_same_households(load) -> None:
    """Twelve references of three households, four in each delivery's own series, are three."""
    head = "Datum;Hushålls-id;Namn;E-post;Telefon\n"
    who = ("Anna Ek;anna.ek@example.org;070-174 06 05", "Bo Ås;bo.as@example.org;070-174 06 11",
           "Cia Holm;holm@example.org;070-174 06 23")  # fmt: skip
    files = {
        f"leverans {n} kontakter.csv": head
        + "".join(f"2021-0{n}-01;L{n}-0{(k + n) % 5};{one}\n" for k, one in enumerate(who))
        for n in range(1, 5)
    }
    assert len(load(files).households) == 3
    register = "Hushålls-id;Vuxna\n" + "".join(f"L{n}-0{k};1\n" for n in range(1, 5) for k in range(5))
    apart = load({**files, "hushåll.csv": register}, "one register of them all")
    assert len(apart.households) == 20
