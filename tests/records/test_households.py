"""Each rule of linkage joins what it should and nothing more."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from attraktiv_eval.records import Records

HEAD = "Kontakt-id;Datum;Hushålls-id;E-post;Telefon;Adress;Partners e-post;Bor i kommun;Personnummer;Namn"


def rows(*contacts: dict[str, str]) -> dict[str, str]:
    names = ["ref", "email", "phone", "address", "partner", "origin", "number", "name"]
    lines = [
        ";".join([f"K{i}", one.get("date", f"2021-03-0{i + 1}"), *(one.get(name, "") for name in names)])
        for i, one in enumerate(contacts)
    ]
    return {"kontakter.csv": "\n".join([HEAD, *lines])}


def merges(records: Records, rule: str) -> int:
    table = records.linkage
    return int(table.loc[(table["list"] == "households") & (table["rule"] == rule), "merged"].sum())


A = {"email": "torvanesi@example.org", "origin": "0180"}


@pytest.mark.parametrize(
    ("rule", "left", "right"),
    [
        ("same_reference", {"ref": "H-001"}, {"ref": "h 001"}),
        ("same_personal_number", {"number": "199701272396"}, {"number": "970127-2396"}),
        ("same_email", A, {"email": "mailto:Torvanesi@Example.org"}),
        ("same_phone", {"phone": "070-174 06 05"}, {"phone": "+46701740605"}),
        ("partner_email", A, {"email": "vilopeka@example.org", "partner": "torvanesi@example.org"}),
        ("same_name_and_place", {"name": "Ek, Kim", "origin": "0180"}, {"name": "kim ek", "origin": "0180"}),
        (
            "same_name_and_place",
            {"name": "Ek, Kim", "address": "Påhittsv. 1, 114 34 Stockholm"},
            {"name": "Kim & Bo Ek", "origin": "0180"},
        ),
        (
            "same_address",
            {**A, "address": "Påhittsv. 1"},
            {"email": "vilopeka@example.org", "origin": "0180", "address": "Påhittsvägen 1"},
        ),
        (
            "similar_address",
            {**A, "address": "Påhittsvägen 12 A, 114 34"},
            {"ref": "H2", "address": "Påhitsvägen 12 A, 114 34"},
        ),
        ("similar_email", A, {"email": "torvnaesi@example.org", "origin": "0180"}),
    ],
)
def test_a_rule_joins_two(rule: str, left: dict, right: dict, load: Callable[..., Records]) -> None:
    records = load(rows(left, right))
    assert len(records.households) == 1
    assert merges(records, rule) == 1
    assert records.linkage.loc[records.linkage["list"] == "households", "merged"].sum() == 1


def test_a_street_number_without_a_town_is_one_in_each_town(load: Callable[..., Records]) -> None:
    records = load(rows({**A, "address": "Påhittsv. 1"}, {"name": "Kim Ek", "address": "Påhittsvägen 1"}))
    assert len(records.households) == 2 and merges(records, "same_address") == 0
    assert records.grey_zone[["speaks_for", "speaks_against"]].to_numpy().tolist() == [
        ["same_address", "no_town"]
    ]


SLIP = {"email": "torvnaesi@example.org"}
STREET = "Påhittsvägen 1"


@pytest.mark.parametrize(
    ("why", "left", "right"),
    [
        ("one slip, but from elsewhere", A, {**SLIP, "origin": "1480"}),
        (
            "two numbers",
            {**A, "number": "199701272396"},
            {**SLIP, "origin": "0180", "number": "199802032392"},
        ),
        ("two slips", A, {"email": "torvnaezi@example.org", "origin": "0180"}),
        ("two flats", {**A, "address": f"{STREET} lgh 1001"}, {"ref": "H2", "address": f"{STREET} lgh 1002"}),
        ("years apart", {**A, "address": STREET}, {"ref": "H2", "address": STREET, "date": "2022-09-01"}),
        ("two places", {"name": "Kim Ek", "origin": "0180"}, {"name": "Kim Ek", "origin": "1480"}),
        ("no house number", {**A, "address": "Påhittsvägen"}, {"ref": "H2", "address": "Påhittsvägen"}),
    ],
)
def test_two_households_stay_two(why: str, left: dict, right: dict, load: Callable[..., Records]) -> None:
    assert len(load(rows(left, right)).households) == 2, why


def test_three_at_one_address_are_not_joined(load: Callable[..., Records]) -> None:
    contacts = [{"ref": f"H{i}", "address": "Påhittstorget 1"} for i in range(3)]
    assert len(load(rows(*contacts)).households) == 3


def test_a_mailbox_that_many_share_joins_nobody(load: Callable[..., Records]) -> None:
    contacts = [{"ref": f"H{i}", "email": "info@example.org"} for i in range(5)]
    records = load(rows(*contacts))
    assert len(records.households) == 5
    assert records.notes.set_index("kind").loc["shared_by_many", "value"] == "1"


def test_what_is_doubtful_is_listed_and_a_decision_is_obeyed(load: Callable[..., Records]) -> None:
    contacts = rows({**A, "ref": "H1"}, {"email": "torvnaesi@example.org", "origin": "1480", "ref": "H2"})
    open_pairs = load(contacts).grey_zone
    assert open_pairs[["list", "left", "right"]].to_numpy().tolist() == [["households", "H1", "H2"]]
    same = load(
        {**contacts, "decisions.csv": "list;left;right;score;decision\nhouseholds;H1;H2;95;samma\n"}, "same"
    )
    assert len(same.households) == 1
    assert merges(same, "decided_by_a_person") == 1
    apart = load(
        {**contacts, "decisions.csv": "list;left;right;score;decision\nhouseholds;H1;H2;95;olika\n"}, "apart"
    )
    assert len(apart.households) == 2
    assert apart.grey_zone.empty


def test_partners_who_moved_together_count_once(load: Callable[..., Records]) -> None:
    moved = "Hushålls-id;E-post;Inflyttat;Inflyttningsdatum\nH1;a.torvanesi@example.org;Ja;2021-05-01\n"
    moved += "P1;vilopeka@example.org;Ja;maj 2021\n"
    contacts = rows(
        {"ref": "H1", "email": "a.torvanesi@example.org"},
        {"ref": "P1", "email": "vilopeka@example.org", "partner": "a.torvanesi@example.org"},
    )
    households = load({**contacts, "hushåll.csv": moved}).households
    assert households[["moved", "moved_in_precision"]].to_numpy().tolist() == [["yes", "day"]]
    assert str(households.loc[0, "moved_in"].date()) == "2021-05-01"


def test_the_kind_of_household(load: Callable[..., Records]) -> None:
    text = "Hushålls-id;Vuxna;Barn\nH1;1;0\nH2;2;0\nH3;1;2\nH4;3;0\nH5;;\n"
    kinds = load({"hushåll.csv": text}).households["kind"].tolist()
    assert kinds == ["single", "couple", "family", "other", "unknown"]


def test_residence_checks_are_kept_apart_and_joined_to_their_household(load: Callable[..., Records]) -> None:
    text = "Hushålls-id;Inflyttat;Inflyttningsdatum;Bor kvar;Kontrollerat\nH1;Ja;2021-01-01;;\n"
    text += "H1;;;Ja;2021-04-01\nH1;;;Nej;2022-01-01\nH1;;;Ja;2022-01-01\n"
    records = load({"hushåll.csv": text})
    assert len(records.households) == 1
    assert records.residence["resident"].tolist() == [True, False]
    assert records.accounting.loc[0, ["read", "kept", "merged"]].tolist() == [4, 4, 0]


def test_numbered_addresses_are_no_slips_of_the_pen(load: Callable[..., Records]) -> None:
    people = [{"email": f"person{i}@example.org", "origin": "0180"} for i in range(1, 13)]
    lines = [f"K{i};2021-03-01;;{one['email']};;;;0180;;" for i, one in enumerate(people)]
    records = load({"kontakter.csv": "\n".join([HEAD, *lines])})
    assert len(records.households) == 12
    assert records.grey_zone.empty


@pytest.mark.parametrize(
    ("heading", "anna", "erik"),
    [
        ("Namn", "Anna Ek", "Erik Ek"),
        ("Kontaktperson", "Ek, Anna", "Ek, Erik"),
        ("Förnamn;Efternamn", "Anna;Ek", "Erik;Ek"),
        ("Last name;First name", "Ek;Anna", "Ek;Erik"),
    ],
)
def test_given_names_of_households_are_evidence_as_those_of_contacts(heading, anna, erik, load) -> None:
    contacts = rows({"email": "ek@example.org", "name": "Anna Ek"})
    for name, households in ((anna, 1), (erik, 2)):
        moved = f"{heading};E-post;Inflyttat;Inflyttningsdatum\n{name};ek@example.org;Ja;2021-05-01\n"
        found = load({**contacts, "hushåll.csv": moved}, name[-9:].replace(";", ""))
        assert len(found.households) == households
        assert "unknown_heading" not in set(found.notes["kind"])
        assert len(found.grey_zone) == households - 1
        assert "ek" not in {*found.members["household_id"]} and "Anna" not in found.households.to_csv()


def test_an_address_with_a_slip_is_nobodys_where_several_hold_it_whatever_their_order(load) -> None:
    slip = {"email": "torvnaesi@example.org", "origin": "0180"}
    people = [A, {**slip, "ref": "H1", "date": "2021-03-01"}, {**slip, "ref": "H2", "date": "2021-03-01"}]
    for number, order in enumerate((people, [people[0], *people[:0:-1]], people[::-1])):
        found = load(rows(*order), str(number))
        assert len(found.households) == 3 and len(found.grey_zone) == 3


def test_a_name_of_one_word_joins_nobody(load) -> None:
    assert (
        len(load(rows({"name": "Anna", "origin": "0180"}, {"name": "Anna", "origin": "0180"})).households)
        == 2
    )
    moved = "Förnamn;Efternamn;Hushålls-id\nAnna;;H1\nAnna;;H2\n"
    found = load({"hushåll.csv": moved}, "half")
    assert len(found.households) == 2


@pytest.mark.parametrize("word", ["Nej", "nej", "No"])
def test_the_destination_of_a_row_that_says_no_move_fills_no_movers(word: str, load) -> None:
    moved = "Hushålls-id;Inflyttat;Inflyttningsdatum;Till kommun\nH-1;Ja;2021-05-01;\nH-2;Ja;2021-05-01;\n"
    earlier = f"Hushålls-id;Inflyttat;Inflyttningsdatum;Till kommun\nH-1;{word};;Åre\nH-2;;;Berg\n"
    found = load({"hushåll a.csv": moved, "hushåll b.csv": earlier}).households.set_index("household_id")
    assert found["destination_code"].fillna("").to_dict() == {"H1": "", "H2": "2326"}
    assert found["destination_unread"].to_dict() == {"H1": True, "H2": False}
    assert found["moved"].tolist() == ["yes", "yes"]


@pytest.mark.parametrize(("day", "households"), [("2021-04-01", 1), ("2021-03-30", 1), ("2021-05-01", 2)])
def test_a_move_known_to_a_week_of_two_months_contradicts_a_day_of_neither(
    day: str, households: int, load
) -> None:
    head = "E-post;Inflyttat;Inflyttningsdatum\ntorvanesi@example.org;Ja;"
    found = load({"hushåll a.csv": f"{head}vecka 13 2021\n", "hushåll b.csv": f"{head}{day}\n"})
    assert len(found.households) == households


@pytest.mark.parametrize(("several", "households"), [(3, 1), (4, 4), (7, 7)])
@pytest.mark.parametrize("shared", ["email", "phone"])
def test_a_mailbox_behind_many_numbers_and_a_number_behind_many_mailboxes_join_nobody(
    shared: str, several: int, households: int, load: Callable[..., Records]
) -> None:
    own = {"email": "phone", "phone": "email"}[shared]
    one = {"email": "torvanesi@example.org", "phone": "070-174 06 05"}[shared]
    other = {"phone": "070-174 06 1{n}", "email": "{n}{n}vilopeka{n}@example.org"}[own]
    found = load(rows(*({shared: one, own: other.format(n=n)} for n in range(several))))
    assert len(found.households) == households
    assert ("shared_by_many" in set(found.notes["kind"])) == (households > 1)


@pytest.mark.parametrize(
    ("why", "contacts", "households"),
    [
        (
            "two give one partner's address: it joins neither, nor lets a weaker rule join one of them",
            [
                {"ref": "H1", **A},
                {"ref": "H1", "address": "Påhittsvägen 1"},
                {"ref": "H2", "partner": A["email"]},
                {"ref": "H3", "partner": A["email"], "address": "Påhittsvägen 1"},
            ],
            3,
        ),
        (
            "the telephone tells which of two at one mailbox is the household's, the mailbox then the other",
            [
                {"ref": "H1", **A},
                {"ref": "H1", "phone": "070-174 06 05", "origin": "1480"},
                {**A, "phone": "070-174 06 05"},
                {"email": A["email"], "origin": "1480"},
            ],
            1,
        ),
    ],
)
def test_rules_go_on_until_nothing_more_is_joined(why: str, contacts: list, households: int, load) -> None:
    records = load(rows(*contacts))
    assert len(records.households) == households, why
    named = records.members.set_index("row")["household_id"]
    again = load(rows(*({**one, "ref": named[row]} for row, one in enumerate(contacts, 2))))
    assert len(again.households) == households, why


MAIL = "ek.hemma@example.org"


@pytest.mark.parametrize(
    ("email", "one", "other", "homes"),
    [
        (MAIL, "Kim Ek", "Bo Ek", 1),
        (MAIL, "Kim Ek", "Bo Al", 2),  # the surname that the address holds is not both's
        ("hemma@example.org", "Kim Ek", "Bo Ek", 2),
    ],
)
def test_two_given_names_at_an_address_made_of_their_surname_are_one_household(
    email: str, one: str, other: str, homes: int, load: Callable[..., Records]
) -> None:
    longer = {"Ek": "Ekorre", "Al": "Alvik"}
    names = [f"{name.split()[0]} {longer[name.split()[1]]}" for name in (one, other)]
    address = email.replace("ek.", "ekorre.")
    records = load(rows(*({"email": address, "name": name} for name in names)))
    assert len(records.households) == homes
    assert len(records.grey_zone) == homes - 1


def test_one_of_a_couple_is_found_by_a_name_of_one_town_and_else_left_to_a_person(
    load: Callable[..., Records],
) -> None:
    couple = {"name": "Kim & Bo Ek", "email": "kim@example.org", "origin": "0180"}
    partner = {"name": "Bo Ek", "email": "bosse@example.org", "origin": "0180"}
    assert len(load(rows(couple, partner)).households) == 1
    common = load(rows(couple, partner, {"name": "Bo Ek", "email": "boek@example.org", "origin": "1280"}))
    assert len(common.households) == 3
    assert common.grey_zone["speaks_for"].to_list() == ["same_name_and_place"]


def test_two_of_one_surname_at_one_telephone_need_one_town_that_any_row_of_them_tells(load) -> None:
    both = {"phone": "070-174 06 05", "date": "2021-03-01"}
    anna = [{**both, "name": "Anna Ek", "email": "a@example.org"}]
    erik = [{**both, "name": "Erik Ek", "email": "e@example.org"}]
    towns = [{"email": one["email"], "date": "2021-03-02", "origin": "Uppsala"} for one in (*anna, *erik)]
    assert len(load(rows(*anna, *erik)).households) == 2
    assert len(load(rows(*anna, *erik, *towns)).households) == 1


def test_two_at_one_mailbox_are_one_household_where_a_row_names_both(load) -> None:
    both = {"email": "ekberg@example.org", "date": "2021-03-01"}
    apart = [{**both, "name": "Anna Ek"}, {**both, "name": "Bo Berg"}]
    assert len(load(rows(*apart)).households) == 2
    assert len(load(rows(*apart, {**both, "name": "Anna Ek och Bo Berg"})).households) == 1
    assert len(load(rows(*apart, {**both, "name": "Anna Ek och Ulla Å"})).households) > 1
