"""Companies and organisations: by number, by name, by a person's decision."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pandas as pd
import pytest

from attraktiv_eval.errors import RecordError
from attraktiv_eval.metrics import funding_table
from attraktiv_eval.records import Records, load_records
from attraktiv_eval.records.linkage import plain_name

HEAD = "Organisationsnummer;Företag;Kommun;Anställda via projektet;Första anställning"
#: Numbers that begin with 4 are given to nobody; their check digits are right.
ONE, TWO = "402000-0008", "402000-0016"


def lists(*companies: str) -> dict[str, str]:
    return {"företag.csv": "\n".join([HEAD, *companies])}


def merges(records: Records, rule: str, name: str = "companies") -> int:
    table = records.linkage
    return int(table.loc[(table["list"] == name) & (table["rule"] == rule), "merged"].sum())


@pytest.mark.parametrize(
    ("rule", "left", "right"),
    [
        ("same_number", f"{ONE};Torvasil Bygg AB;;1;2021-01-01", "16 4020000008;Torvasil;;1;2021-01-01"),
        ("same_name", f"{ONE};Torvasil Bygg AB;;1;2021-01-01", ";TORVASIL BYGG;;1;2021-01-01"),
        ("same_name", ";Åre Påhitt HB;;1;2021-01-01", ";Are Pahitt;;1;2021-01-01"),
        ("similar_name", f"{ONE};Torvasil Bygg AB;2380;1;2021-01-01", ";Torvasill Bygg;2380;1;2021-01-01"),
    ],
)
def test_a_rule_joins_two(rule: str, left: str, right: str, load: Callable[..., Records]) -> None:
    records = load(lists(left, right))
    assert len(records.companies) == 1
    assert merges(records, rule) == 1
    assert records.companies.loc[0, "hires_made"] == 1


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (f"{ONE};Torvasil Bygg AB;;;", f"{TWO};Torvasil Bygg AB;;;"),
        (";Torvasil Bygg 1 AB;;;", ";Torvasil Bygg 2 AB;;;"),
        (";Torvasil Bygg AB;2380;;", ";Torvasill Bygg AB;2321;;"),
    ],
)
def test_two_companies_stay_two(left: str, right: str, load: Callable[..., Records]) -> None:
    assert len(load(lists(left, right)).companies) == 2


def test_a_name_between_two_numbers_is_left_to_a_person(load: Callable[..., Records]) -> None:
    files = lists(f"{ONE};Torvasila Bygg;;;", f"{TWO};Torvasilo Bygg;;;", ";Torvasil Bygg;;;")
    records = load(files)
    assert len(records.companies) == 3
    assert len(records.grey_zone) >= 2
    decision = "list;left;right;score;decision\ncompanies;Torvasil Bygg;Torvasila Bygg;97;samma\n"
    decision += "companies;Torvasil Bygg;Torvasilo Bygg;97;olika\n"
    decided = load({**files, "decisions.csv": decision}, "decided")
    assert len(decided.companies) == 2
    assert merges(decided, "decided_by_a_person") == 1


def test_the_grey_zone_is_listed_and_a_no_is_remembered(load: Callable[..., Records]) -> None:
    files = lists(f"{ONE};Torvasil Transport AB;;;", ";Torzxsil Transport AB;;;")
    grey = load(files).grey_zone
    assert grey["list"].tolist() == ["companies"]
    assert 84 <= grey.loc[0, "score"] < 92
    decision = (
        f"list;left;right;score;decision\ncompanies;{grey.loc[0, 'left']};{grey.loc[0, 'right']};88;nej\n"
    )
    again = load({**files, "decisions.csv": decision}, "again")
    assert again.grey_zone.empty
    assert len(again.companies) == 2


def test_a_sole_trader_appears_under_a_pseudonym_only(load: Callable[..., Records]) -> None:
    records = load(lists("19970127-2396;Kims påhittade bygg;2380;1;2021-01-01"))
    one = records.companies.iloc[0]
    assert one["company_id"].startswith("p")
    assert one["name"].startswith("p")
    assert "970127" not in records.companies.to_csv()


def test_a_company_counts_the_cautious_answers(load: Callable[..., Records]) -> None:
    head = "Organisationsnummer;Anställda via projektet;Första anställning;"
    head += "Bodde och arbetade redan i länet;Anställd efter 12 månader"
    text = f"{head}\n{ONE};1;2021-05-01;Nej;Ja\n{ONE};2;2021-02-01;Ja;Nej\n"
    one = load({"företag.csv": text}).companies.iloc[0]
    assert one["hires_made"] == 2
    assert str(one["first_hire"].date()) == "2021-02-01"
    assert (one["hire_already_local"], one["employed_at_12_months"]) == ("yes", "no")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Bergs kommun", "BERG KOMMUN"),
        ("Jämtkraft AB", "jamtkraft"),
        ("Påhitt & Co HB", "Påhitt och Co"),
        ("Påhitt AB (publ)", "Påhitt"),
    ],
)
def test_names_that_are_one(one: str, other: str) -> None:
    assert plain_name(one) == plain_name(other)


def test_organisations_are_counted_once(load: Callable[..., Records]) -> None:
    text = "Organisation;Organisationsnummer;Kontant (kr)\nBergs kommun;;1 000\nBERGS KOMMUN;;\n"
    text += "Region Påhitt;232100-0214;\nRegionen;16 2321000214;5\n"
    records = load({"organisationer.csv": text})
    assert len(records.organisations) == 2
    assert merges(records, "same_name", "organisations") == 1
    assert merges(records, "same_number", "organisations") == 1
    assert records.organisations["cash_sek"].sum() == 1005


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Nilsson AB", "Nilsson HB"),
        ("ICA Nära Åre", "ICA Nära Berg"),
        ("Fjällbutiken i centrum Åre", "Fjällbutiken i centrum Ås"),
        ("Långa Namnets Bygg AB", "Långa Namnets Bygg HB"),
    ],
)
def test_two_forms_and_two_places_stay_two(left, right, load):
    records = load(lists(f";{left};;1;2021-01-01", f";{right};;1;2021-01-01"))
    assert len(records.companies) == 2


def test_a_form_and_a_changed_number_are_left_to_a_person(load):
    files = lists(
        ";Nilsson AB;;1;2021-01-01",
        ";Nilsson HB;;1;2021-01-01",
        f"{ONE};Torvasil Bygg AB;;1;2021-01-01",
        f"{TWO};Torvasil Bygg AB;;1;2021-01-01",
    )
    records = load(files)
    assert len(records.companies) == 4
    assert set(records.grey_zone["left"]) == {"Nilsson AB", f"Torvasil Bygg AB ({ONE})"}
    text = "list;left;right;decision\n" + "".join(
        f"companies;{a};{b};same\n" for a, b in records.grey_zone[["left", "right"]].to_numpy()
    )
    decided = load({**files, "decisions.csv": text}, "decided")
    assert len(decided.companies) == 2
    assert decided.unapplied == 0 and decided.grey_zone.empty
    apart = load({**files, "decisions.csv": text.replace("same", "different")}, "apart")
    assert len(apart.companies) == 4 and apart.grey_zone.empty


def test_decisions_are_found_in_any_spelling_and_subfolder(tmp_path, load, project):
    rows = {"kontakter.csv": "Datum;Hushålls-id\n2021-03-01;H1\n2021-03-02;P2\n"}
    load(rows)
    folder = tmp_path / "lists"
    (folder / "Svar").mkdir()
    (folder / "Svar" / "Decisions.CSV").write_text(
        "list;left;right;decision\nhouseholds;H1;P2;same\n", encoding="utf-8"
    )
    assert len(load_records(folder, project, key=b"a key for tests, 32 bytes long..").households) == 1
    (folder / "decisions.csv").write_text("list;left;right;decision\n", encoding="utf-8")
    with pytest.raises(RecordError, match="there are 2 files of decisions"):
        load_records(folder, project)


def test_a_pair_decided_both_ways_is_refused(load):
    text = "list;left;right;decision\ncompanies;A AB;B AB;same\ncompanies;B AB;C AB;same\n"
    text += "companies;A AB;C AB;different\n"
    with pytest.raises(RecordError, match="two are decided to be different"):
        load({**lists(";A AB;;;"), "decisions.csv": text})


DECISION = "list;left;right;decision\n"


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Torvasil Bygg AB", "Vilopek Vård AB"),
        (f"Torvasil Bygg AB ({ONE})", f"Vilopek Vård AB ({ONE})"),
        (f"Torvasil Bygg AB ({ONE})", "Vilopek Vård AB"),
        ("företag.csv 2", "företag.csv 3"),
    ],
)
def test_two_under_one_number_are_parted_by_a_person(left: str, right: str, load) -> None:
    files = lists(f"{ONE};Torvasil Bygg AB;;1;2021-01-01", f"{ONE};Vilopek Vård AB;;2;2021-02-01")
    assert len(load(files, "joined").companies) == 1
    parted = load({**files, "decisions.csv": f"{DECISION}companies;{left};{right};different\n"}, "parted")
    assert sorted(parted.companies["hires_made"]) == [1, 2]
    assert parted.unapplied == 0 and parted.grey_zone.empty


def test_a_no_holds_for_one_name_with_and_without_its_form_and_through_a_third(load) -> None:
    forms = lists(";Torvasil Bygg AB;;1;2021-01-01", ";Torvasil Bygg;;1;2021-01-01")
    assert len(load(forms).companies) == 1
    no = f"{DECISION}companies;Torvasil Bygg AB;Torvasil Bygg;different\n"
    parted = load({**forms, "decisions.csv": no}, "forms")
    assert len(parted.companies) == 2 and parted.unapplied == 0 and parted.grey_zone.empty

    chain = lists(*(f";{name};;;" for name in ("Torvasilen Bygg", "Torvasillen Bygg", "Torvasilllen Bygg")))
    assert len(load(chain, "chain").companies) == 1
    no = f"{DECISION}companies;Torvasilen Bygg;Torvasilllen Bygg;different\n"
    torn = load({**chain, "decisions.csv": no}, "torn")
    assert len(torn.companies) == 3 and len(torn.grey_zone) == 2  # the third is either's


def test_two_numbered_firms_are_joined_by_a_person_and_a_doubtful_name_is_told(load) -> None:
    files = lists(
        f"{ONE};Torvasil Bygg AB;;1;2021-01-01",
        f"{TWO};Vilopek Vård AB;;1;2021-01-01",
        "402000-0024;Vilopek Vård AB;;1;2021-01-01",
    )
    one = f"{DECISION}companies;Torvasil Bygg AB;Vilopek Vård AB ({TWO});same\n"
    joined = load({**files, "decisions.csv": one}, "one")
    assert len(joined.companies) == 2 and joined.unapplied == 0
    either = f"{DECISION}companies;Torvasil Bygg AB;Vilopek Vård AB;same\n"
    told = load({**files, "decisions.csv": either}, "either")
    assert len(told.companies) == 3 and told.unapplied == 1
    assert "decisions_not_applied_kept" in set(told.notes["kind"])


def test_decisions_that_numbers_contradict_are_refused(load) -> None:
    files = lists(f"{ONE};Torvasil Bygg AB;;;", f"{TWO};Vilopek Vård AB;;;", f"{TWO};Ek Vård AB;;;")
    text = f"{DECISION}companies;Torvasil Bygg AB;Vilopek Vård AB;different\n"
    text += "companies;Torvasil Bygg AB;Ek Vård AB;same\n"
    with pytest.raises(RecordError, match="two are decided to be different"):
        load({**files, "decisions.csv": text})


def test_joins_of_companies_and_organisations_can_be_read(load) -> None:
    files = lists(
        f"{ONE};Torvasil Bygg AB;2380;;", f"{ONE};Torvasil;2380;;", ";Torvasill Bygg;2380;;", ";Ek Vård;;;"
    )
    files["organisationer.csv"] = "Organisation;Organisationsnummer\nBergs kommun;\nBERGS KOMMUN;\n"
    joined = load(files).joined
    columns = ["of", "file", "row", "id", "rule", "joined_with"]
    assert joined[columns].to_numpy().tolist()[:2] == [
        ["companies", "företag.csv", 3, "4020000008", "same_number", "företag.csv 2"],
        ["companies", "företag.csv", 4, "4020000008", "similar_name", "företag.csv 2"],
    ]
    assert joined["score"].tolist()[0] == 100 > joined["score"].tolist()[1] >= 92
    assert joined[["of", "rule"]].to_numpy().tolist()[2:] == [["organisations", "same_name"]]


@pytest.mark.parametrize(
    ("left", "right", "speaks_for", "speaks_against"),
    [
        (";Torvasil i Östersund AB;2380", ";Torvasil AB;2380", "same_name_but_place, municipality", ""),
        (";Torvasil Bygg Brunflo AB;", ";Torvasil Bygg AB;2380", "same_name_but_place", ""),
        (f"{ONE};Torvasil i Åre AB;", f"{TWO};Torvasil AB;2321", "same_name_but_place", "number"),
        (";Miun;", ";Mittuniversitetet;", "abbreviation", ""),
        (";RPH;", ";Region Påhitt Härjedalen;", "abbreviation", ""),
        (f"{ONE};Torvasil Bygg AB;", f"{TWO};Torvasil Bygg AB;", "same_name", "number"),
        (";Nilsson AB;", ";Nilsson HB;", "same_name", "form"),
        (f"{ONE};Torvasil Transport AB;2380", ";Torvasill Transport;2321", "similar_name", "municipality"),
    ],
)
def test_what_may_be_one_company_is_a_pair_to_decide(left, right, speaks_for, speaks_against, load) -> None:
    files = lists(f"{left};1;2021-01-01", f"{right};1;2021-01-01")
    found = load(files)
    assert len(found.companies) == 2
    assert found.grey_zone[["speaks_for", "speaks_against"]].to_numpy().tolist() == [
        [speaks_for, speaks_against]
    ]
    a, b = found.grey_zone.loc[0, ["left", "right"]]
    for word, companies in (("same", 1), ("different", 2)):
        decided = load({**files, "decisions.csv": f"{DECISION}companies;{a};{b};{word}\n"}, word)
        assert len(decided.companies) == companies
        assert decided.grey_zone.empty and decided.unapplied == 0


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (";ICA Nära Åre;", ";ICA Nära Berg;"),
        (";Torvasil i Östersund AB;", ";Torvasil AB;2321"),
        (";Mira;", ";Mittuniversitetet;"),
        (";Lit;", ";Länsstyrelsen i Jämtlands län;"),
    ],
)
def test_two_that_nothing_makes_one_are_not_asked_about(left, right, load) -> None:
    found = load(lists(f"{left};1;2021-01-01", f"{right};1;2021-01-01"))
    assert len(found.companies) == 2 and found.grey_zone.empty


FUNDING = "Finansiär;Slag;Beslutat (kr);Utbetalat (kr);Datum\n"


def test_a_financier_of_a_near_name_is_a_pair_to_decide(load, project) -> None:
    rows = "Länsförsäkringen Jämtland;Kontant;70000;5;2021-01-01\nJämtkraft Elnät;Kontant;900;7;2021-01-01\n"
    files = {"finansiering.csv": f"{FUNDING}{rows}"}
    until = date(2021, 12, 31)

    def decided(word: str, left: str, right: str) -> pd.DataFrame:
        text = f"{DECISION}organisations;{left};{right};{word}\n"
        found = load({**files, "decisions.csv": text}, word)
        assert found.unapplied == 0
        return (
            funding_table(found, project, until)
            .dropna(subset=["paid_sek"])
            .set_index("financier")["paid_sek"]
        )

    open_pairs = load(files).grey_zone
    assert open_pairs[["list", "left", "right", "speaks_for"]].to_numpy().tolist() == [
        ["organisations", "Länsförsäkringar Jämtland", "Länsförsäkringen Jämtland", "similar_name"],
        ["organisations", "Jämtkraft", "Jämtkraft Elnät", "part_of_name"],
    ]
    assert load(files).joined.empty
    plain = funding_table(load(files), project, until).dropna(subset=["paid_sek"])
    assert dict(zip(plain["financier"], plain["paid_sek"], strict=True)) == {
        "Länsförsäkringen Jämtland": 5,
        "Jämtkraft Elnät": 7,
    }
    for nth, expected in enumerate(
        [
            {"Länsförsäkringar Jämtland": 5, "Jämtkraft Elnät": 7},
            {"Länsförsäkringen Jämtland": 5, "Jämtkraft": 7},
        ]
    ):
        pair = open_pairs.loc[nth, ["left", "right"]]
        assert decided("same", *pair).to_dict() == expected
        assert decided("different", *pair).to_dict() == {
            "Länsförsäkringen Jämtland": 5,
            "Jämtkraft Elnät": 7,
        }


def test_words_added_to_a_financiers_name_join_only_where_the_amount_agrees(load, project) -> None:
    own = project.funding[0]
    stated = sum(one.decided_sek or 0 for one in project.funding)
    for amount, joined in ((own.decided_sek, True), (own.decided_sek + 1, False), ("", False)):
        rows = f"Tillväxtmedel;Bidrag;{amount};;2019-12-17\nTillväxtmedel;Bidrag;;500;2021-01-01\n"
        found = load({"finansiering.csv": FUNDING + rows}, f"decided {amount}")
        table = funding_table(found, project, date(2021, 12, 31)).set_index("financier")
        assert ("Tillväxtmedel" not in table.index) == joined
        assert (int(table["decided_sek"].sum()) == stated) == (joined or not amount)
        assert found.grey_zone["speaks_for"].tolist() == ([] if joined else ["part_of_name"])
        assert set(found.joined.get("rule", [])) == ({"part_of_name"} if joined else set())
    other_kind = load(
        {"finansiering.csv": f"{FUNDING}Tillväxtmedel;Kontant;{own.decided_sek};;2019-12-17\n"}, "kind"
    )
    assert len(other_kind.grey_zone) == 1


def test_a_name_without_a_legal_form_in_two_municipalities_is_left_to_a_person(load) -> None:
    long = "Föreningen för företagsamma på landsbygden i norra och västra fjällen och dalarna"
    for name in ("Pizzeria Milano", long):
        files = lists(f";{name};2321", f";{name};2326", f";{name};2326")
        found = load(files, f"open {name[:3]}")
        assert len(found.companies) == 2
        pair = found.grey_zone.loc[0, ["left", "right"]].tolist()
        assert pair == [f"{name} (Berg)", f"{name} (Åre)"] or pair == [f"{name} (Åre)", f"{name} (Berg)"]
        assert "municipality" in found.grey_zone.loc[0, "speaks_against"]
        for word, companies in (("same", 1), ("different", 2)):
            text = f"{DECISION}companies;{pair[0]};{pair[1]};{word}\n"
            decided = load({**files, "decisions.csv": text}, f"{word} {name[:3]}")
            assert (len(decided.companies), decided.unapplied) == (companies, 0)
            assert decided.grey_zone.empty
        somewhere = load(lists(f";{name};2380", f";{name};2326", f";{name};"), f"some {name[:3]}")
        assert len(somewhere.companies) == 3
    assert len(load(lists(";Milano AB;2321", ";Milano AB;2326"), "form").companies) == 1
    assert len(load(lists("556036-0793;Milano;2321", "556036-0793;Milano;2326"), "number").companies) == 1
