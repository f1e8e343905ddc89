"""A search, a look into a table, and a draft of the catalogue out of a pasted query: nothing is fetched."""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from scb_standin import StandIn
from scb_tables import Vacancies, world

from attraktiv_eval.cli import main
from attraktiv_eval.errors import SourceError
from attraktiv_eval.regions import donor_pool
from attraktiv_eval.statistics.scb.catalogue import Catalogue
from attraktiv_eval.statistics.scb.fetch import fetch, fetch_groups
from attraktiv_eval.statistics.tables import downloads_in, read_tidy


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.MonkeyPatch.context() as patch, pytest.raises(SystemExit) as ended:
        patch.setattr(sys, "argv", ["attraktiv-eval", "fetch", *arguments])
        main()
    printed = capsys.readouterr()
    return int(ended.value.code or 0), printed.out, printed.err


@pytest.fixture
def asked(standin: StandIn, capsys: pytest.CaptureFixture[str]):  # type: ignore[no-untyped-def]
    return lambda *arguments: said(capsys, "--base-url", standin.url, *arguments)


def test_a_search_lists_every_page_and_says_what_is_discontinued(standin: StandIn, asked) -> None:  # type: ignore[no-untyped-def]
    plain = standin.shelf.info
    standin.shelf.info = lambda table: {**plain(table), "discontinued": table.id == "TAB5169"}  # type: ignore[method-assign]
    code, out, err = asked("--search", "e")  # the stand-in gives two a page
    lines = out.splitlines()
    assert (code, err) == (0, "")
    assert [line.split(":")[0] for line in lines] == [t.id for t in standin.shelf.tables.values()]
    assert lines[0] == (
        "TAB1212: Flyttningar efter region, ålder och kön; 1997–2024; updated 2026-06-08T06:00:00Z"
    )
    assert [line.split(":")[0] for line in lines if line.endswith("discontinued")] == ["TAB5169"]
    assert len([path for _, path, _ in standin.log if path == "/tables"]) == 3


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--search", "finns inte alls"), "no table is found for 'finns inte alls'; remedy:"),
        (("--search", " "), "the words to search for are blank; remedy:"),
        (("--show", "TAB404"), "not found"),
        (("--show", "../config"), "'../config' is no id of a table; remedy:"),
        (("--query", "no_such_file.json"), "no_such_file.json"),
        (("--query", "https://example.org/sq/12345"), "no address of a table's data"),
    ],
)
def test_what_cannot_be_found_is_said_in_one_line(asked, arguments, words) -> None:  # type: ignore[no-untyped-def]
    code, out, err = asked(*arguments)
    assert (code, out) == (2, "")
    assert words in err
    assert "; remedy: " in err
    assert len(err.splitlines()) == 1


def test_a_service_that_is_no_pxweb_is_said_in_one_line(standin: StandIn, asked) -> None:  # type: ignore[no-untyped-def]
    standin.plan("barred-page", on="/config")
    code, out, err = asked("--search", "flyttningar")
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert "Åtkomst nekad" in err


def test_a_table_is_shown_with_its_codes_and_what_may_be_left_out(standin: StandIn, asked) -> None:  # type: ignore[no-untyped-def]
    table = standin.shelf.tables["TAB6640"]
    plain = table.metadata
    note = {"note": ["En liten  slumpmässig\r\nosäkerhet."], "extension": {"noteMandatory": {"0": True}}}
    table.metadata = lambda: {**plain(), **note}  # type: ignore[method-assign]
    code, out, _ = asked("--show", "TAB6640", "--show", "TAB1212")
    lines = out.splitlines()
    regions = len(table.variables["Region"])
    assert code == 0
    assert lines[0].startswith("TAB6640: Flyttningar efter region, ålder och kön; 2025–2025; updated")
    assert lines[1] == f"Region (region): {regions} values, may be left out"
    assert "  2380: Östersund" in lines
    assert "Kon (kon): 3 values, must not be left out" in lines
    assert "Tid (tid): 1 value, must not be left out" in lines
    assert "mandatory note: En liten slumpmässig osäkerhet." in lines
    cells = regions * len(table.variables["Alder"]) * 3 * len(table.variables["ContentsCode"])
    assert f"{cells} cells in all; the service gives 150000 a call" in lines
    assert lines[-1].startswith(f"{regions * 102 * 2 * 9 * 28} cells")
    assert not standin.asked("/data")


def address(standin: StandIn, id: str, **codes: str) -> str:
    asked = "&".join(f"{quote(f'valueCodes[{name}]')}={quote(own)}" for name, own in codes.items())
    return f"{standin.url}/tables/{id}/data?lang=sv&outputFormat=json-stat2&{asked}"


def drafted(out: str) -> dict:  # type: ignore[type-arg]
    Catalogue.model_validate(tomllib.loads(out))
    (own,) = tomllib.loads(out)["tables"]
    return own  # type: ignore[no-any-return]


def test_a_pasted_address_becomes_a_draft_that_can_be_fetched(
    standin: StandIn, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    codes = ",".join(c for c in standin.shelf.tables["TAB1212"].variables["Region"] if len(c) == 2)
    counties = codes.removeprefix("00,")
    pasted = address(
        standin,
        "TAB1212",
        Region=counties,
        Alder="tot",
        Kon="1,2",
        ContentsCode="BE0101A2",
        Tid="RANGE(2010,2012)",
    )
    code, out, err = said(capsys, "--query", pasted)  # the service is that of the address
    assert code == 0
    own = drafted(out)
    assert own["name"] == "flyttningar_efter_region_alder_och"
    assert (own["id"], own["first_year"], own["last_year"]) == ("TAB1212", 2010, 2012)
    assert own["selection"] == {"Region": ["@counties"], "Alder": ["tot"], "Kon": ["1", "2"]}
    assert own["measures"] == {
        "inrikes_inflyttningar": {"code": "BE0101A2", "label": "Inrikes inflyttningar"}
    }
    assert own["not_tried"]
    assert f"{21 * 2 * 3} cells" in err
    assert 'Kon has 2 values: choose one, or write sum_over = ["Kon"]' in err
    assert not standin.asked("/data")

    folder = tmp_path / "statistics"
    folder.mkdir()
    (folder / "catalogue.toml").write_text(out.replace("note =", 'sum_over = ["Kon"]\nnote =', 1), "utf-8")
    (done,) = fetch([own["name"]], folder, standin.url)
    assert (done.state, done.cells) == ("fetched", 126)
    table = read_tidy(folder / f"{own['name']}.csv")
    assert table is not None
    assert sorted(table["year"].unique()) == [2010, 2011, 2012]
    assert downloads_in(folder) == []  # a table of the fetch is no file downloaded by hand


def test_a_draft_that_sums_nothing_does_not_sum_by_itself(standin: StandIn, asked, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    pasted = address(
        standin, "TAB1212", Region="23", Alder="tot", Kon="*", ContentsCode="BE0101A2", Tid="TOP(2)"
    )
    _, out, _ = asked("--query", pasted)
    own = drafted(out)
    assert (own["first_year"], "last_year" in own, own["selection"]["Kon"]) == (2023, False, ["1", "2"])
    (tmp_path / "catalogue.toml").write_text(out, "utf-8")
    with pytest.raises(SourceError, match="Kon has 2 values and is not summed"):
        fetch(None, tmp_path, standin.url)
    assert not list(tmp_path.glob("flyttningar*.csv"))


QUERIES = {
    "as sent to the interface": {
        "selection": [
            {"variableCode": "Region", "valueCodes": ["23", "2380"]},
            {"variableCode": "Sektor", "valueCodes": ["T"]},
            {"variableCode": "ContentsCode", "valueCodes": ["J1"]},
            {"variableCode": "Tid", "valueCodes": ["FROM(2010K1)"]},
        ]
    },
    "saved": {
        "id": "12345",
        "savedQuery": {
            "tableId": "TAB9001",
            "selection": {
                "selection": [
                    {"variableCode": "Region", "valueCodes": ["23"]},
                    {"variableCode": "Sektor", "valueCodes": ["T"]},
                    {"variableCode": "ContentsCode", "valueCodes": ["J1"]},
                    {"variableCode": "Tid", "valueCodes": ["20??K*"]},
                ]
            },
        },
    },
    "of the older interface": {
        "query": [
            {"code": "Region", "selection": {"filter": "vs:RegionLän07", "values": ["23"]}},
            {"code": "Sektor", "selection": {"filter": "item", "values": ["T"]}},
            {"code": "ContentsCode", "selection": {"filter": "item", "values": ["J1"]}},
            {"code": "Tid", "selection": {"filter": "all", "values": ["*"]}},
        ],
        "response": {"format": "json-stat2"},
    },
}


@pytest.mark.parametrize("kind", QUERIES)
def test_a_saved_query_becomes_a_draft(standin: StandIn, asked, tmp_path: Path, kind: str) -> None:  # type: ignore[no-untyped-def]
    table = Vacancies()
    table.variables["Region"]["2380"] = "Östersund"
    standin.shelf.tables[table.id] = table
    file = tmp_path / "query.json"
    file.write_text(json.dumps(QUERIES[kind]), "utf-8")
    code, out, err = asked("--query", str(file), *(() if kind == "saved" else ("--table", "TAB9001")))
    assert code == 0, err
    own = drafted(out)
    assert own["quarterly"] is True
    assert own["first_year"] == (2010 if kind == "as sent to the interface" else 2006)
    assert own["selection"]["Sektor"] == ["T"]
    assert own["measures"] == {"lediga_jobb": {"code": "J1", "label": "Lediga jobb"}}
    assert own["name"] not in {table.name for table in Catalogue.load().tables}


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ("[]", 'no list "selection"'),
        ("{", "no JSON and no address"),
        ('{"selection": [{"variableCode": "Region"}]}', "no list of codes"),
        ('{"selection": []}', "does not say which table"),
        (
            '{"tableId": "TAB1212", "selection": [{"variableCode": "Region", "codelist": "agg_Kommungrupp", '
            '"valueCodes": ["KG1"]}]}',
            "groups of Region",
        ),
        (
            '{"tableId": "TAB1212", "selection": [{"variableCode": "X", "valueCodes": ["1"]}]}',
            "no variable X",
        ),
        (
            '{"tableId": "TAB1212", "selection": [{"variableCode": "Kon", "valueCodes": ["3"]}]}',
            "no '3' of Kon",
        ),
        (
            '{"tableId": "TAB1212", "selection": [{"variableCode": "Kon", "valueCodes": ["TOP(1)"]}]}',
            "no 'TOP(1)' of Kon",
        ),
        (
            '{"tableId": "TAB1212", "selection": [{"variableCode": "Alder", "valueCodes": ["tot"]}]}',
            "Kon cannot be left out",
        ),
        ('{"tableId": "TAB1212/x", "selection": []}', "no id of a table"),
    ],
)
def test_a_query_that_does_not_serve_is_refused_in_one_line(
    asked,
    tmp_path: Path,
    document: str,
    words: str,  # type: ignore[no-untyped-def]
) -> None:
    file = tmp_path / "query.json"
    file.write_text(document, "utf-8")
    code, out, err = asked("--query", str(file))
    assert (code, out) == (2, "")
    assert words in err
    assert len(err.splitlines()) == 1


def test_a_stock_and_noise_are_read_from_the_metadata(standin: StandIn, asked) -> None:  # type: ignore[no-untyped-def]
    table = standin.shelf.tables["TAB5557"]
    plain = table.metadata

    def told() -> dict:  # type: ignore[type-arg]
        document = plain()
        contents = document["dimension"]["ContentsCode"]
        contents["category"]["unit"] = {"000007ME": {"base": "antal", "decimals": 0}}
        contents["extension"]["measuringType"] = {"000007ME": "Stock"}
        note = "Från och med referensåret 2025 är en liten kontrollerad slumpmässig osäkerhet införd."
        return {**document, "note": [note], "extension": {"noteMandatory": {"0": True}}}

    table.metadata = told  # type: ignore[method-assign]
    pasted = address(standin, "TAB5557", Civilstand="SC", Alder="TotSA", Kon="TotSa")
    _, out, _ = asked("--query", pasted)
    own = drafted(out)
    assert (own["stock"], own["noise_from"], own["unit"]) == (True, 2025, "antal")
    assert own["selection"]["Region"] == ["*"]
    assert "slumpmässig osäkerhet" in own["note"]


def _labour_markets(groups: int = 69) -> dict[str, Any]:
    """An invented code list in the form of the service's: the municipalities dealt out in order."""
    codes = [code for code in world().regions if len(code) == 4 and code not in ("0010", "0020", "0030")]
    values = [
        {"code": f"LA{n:02d}", "label": f"Påhittad {n:02d}", "valueMap": codes[n::groups]}
        for n in range(groups)
    ]
    return {"id": "agg_RegionLA2018", "label": "LA 2018", "type": "Aggregation", "values": values}


def test_groups_of_municipalities_come_from_scb_s_code_lists_and_are_a_pool(
    standin: StandIn,
    asked,  # type: ignore[no-untyped-def]
    tmp_path: Path,
) -> None:
    standin.shelf.codelists["agg_RegionLA2018"] = _labour_markets()
    code, out, _err = asked("--groups", "la_2018", "--to", str(tmp_path))
    assert code == 0 and "la_2018: fetched, 290 cells" in out
    file = tmp_path / "municipality_groups.csv"
    listed = _labour_markets()["values"]
    [own] = [value["valueMap"] for value in listed if "2309" in value["valueMap"]]
    assert donor_pool("group:la_2018", "Krokom", groups=file) == sorted(set(own) - {"2309"})
    assert len(donor_pool("group:skr_2023", "Krokom", groups=file)) == 62  # what is shipped stays
    assert downloads_in(tmp_path) == []
    before = file.read_bytes()
    assert asked("--groups", "la_2018", "--to", str(tmp_path))[0] == 0 and file.read_bytes() == before


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda told: told.update(values=[]), "290 municipalities have no group, 0114 first"),
        (lambda told: told.pop("values"), "the answer has no list of values"),
        (lambda told: told["values"][0]["valueMap"].pop(), "1 municipalities have no group"),
        (lambda told: told["values"][0]["valueMap"].append("2309"), "2309 is in Påhittad 00 and in"),
        (lambda told: told["values"][0]["valueMap"].append("99"), "'99' in 'Påhittad 00' is no municipality"),
        (lambda told: told["values"].reverse(), ""),
        (lambda told: told.update(_labour_markets(68)), "has 68 groups, and the catalogue says 69"),
    ],
)
def test_a_code_list_that_is_no_division_is_refused_in_one_line_and_nothing_written(
    standin: StandIn, tmp_path: Path, spoil: Callable[[dict[str, Any]], object], said: str
) -> None:
    told = _labour_markets()
    spoil(told)
    standin.shelf.codelists["agg_RegionLA2018"] = told
    if not said:  # another order is the same division
        fetch_groups(["la_2018"], tmp_path, standin.url)
        assert len(donor_pool("group:la_2018=Påhittad 00", groups=tmp_path / "municipality_groups.csv")) == 5
        return
    with pytest.raises(SourceError) as caught:
        fetch_groups(["la_2018"], tmp_path, standin.url)
    line = caught.value.one_line()
    assert said in line and "remedy: " in line and "\n" not in line
    assert not (tmp_path / "municipality_groups.csv").exists()


def test_a_division_that_is_not_there_is_named(standin: StandIn, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"no division 'la_2019'; remedy: .*la_2018"):
        fetch_groups(["la_2019"], tmp_path, standin.url)
    with pytest.raises(SourceError, match=r"agg_RegionLA2018|status 404"):
        fetch_groups(["la_2018"], tmp_path, standin.url)
