"""json-stat2 in parts, put together to one cube and made tidy."""

from __future__ import annotations

import json
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attraktiv_eval.errors import SourceError
from attraktiv_eval.statistics.scb.catalogue import (
    AGE_GROUPS,
    Catalogue,
    Measure,
    Table,
    age_group,
    join,
    split,
    tidy,
    year_of,
)
from attraktiv_eval.statistics.scb.jsonstat import Cube, assemble, check_document, codes_of


def _document(selection: dict[str, list[str]], values: list[Any], **more: Any) -> dict[str, Any]:
    dimension = {
        name: {"label": name, "category": {"index": {c: i for i, c in enumerate(codes)}, "label": {}}}
        for name, codes in selection.items()
    }
    size = [len(codes) for codes in selection.values()]
    return {"id": list(selection), "size": size, "dimension": dimension, "value": values, **more}


TABLE = Table(
    name="moves",
    id="TAB1",
    title="t",
    unit="moves",
    first_year=2000,
    note="n",
    sum_over=["Kon"],
    selection={"Region": ["*"], "Kon": ["1", "2"]},
    measures={"in_moves": Measure(code="A", label="In"), "out_moves": Measure(code="B", label="Ut")},
)


def _selection(regions: list[str], years: list[str]) -> dict[str, list[str]]:
    return {"Region": regions, "Kon": ["1", "2"], "ContentsCode": ["A", "B"], "Tid": years}


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(["23", "2380", "0114", "0331", "00", "0010"]), min_size=1, unique=True),
    st.lists(st.sampled_from(["2020", "2021", "2022"]), min_size=1, unique=True),
    st.integers(1, 40),
    st.randoms(use_true_random=False),
)
def test_parts_in_any_order_and_size_give_the_same_cube(
    regions: list[str], years: list[str], cells: int, shuffle: Any
) -> None:
    selection = _selection(regions, years)
    figures = {cell: i for i, cell in enumerate(product(*selection.values()))}
    documents = []
    for part in split(selection, cells):
        turned = dict(
            shuffle.sample(list(part.items()), len(part))
        )  # the service may order variables otherwise
        cells_of_part = [dict(zip(turned, cell, strict=True)) for cell in product(*turned.values())]
        values = [figures[tuple(cell[name] for name in selection)] for cell in cells_of_part]
        documents.append(_document(turned, values))
    shuffle.shuffle(documents)
    cube = assemble(selection, documents, "t")
    assert cube.numbers.reshape(-1).tolist() == list(range(len(figures)))


def test_missing_and_doubled_parts() -> None:
    selection = _selection(["23"], ["2020", "2021"])
    whole = _document(selection, list(range(8)))
    half = _document(_selection(["23"], ["2020"]), list(range(4)))
    with pytest.raises(SourceError, match="4 cells are missing"):
        assemble(selection, [half], "table x")
    with pytest.raises(SourceError, match="cells stand in two parts"):
        assemble(selection, [whole, half], "table x")


def test_codes_without_a_single_order_are_refused() -> None:
    """Two codes at one place, or several without places: nobody can tell whose a figure is."""
    selection = _selection(["23", "24"], ["2020"])
    values = list(range(8))
    check_document(_document(selection, values), selection, "x")
    for index in ({"23": 0, "24": 0}, {"23": 0, "24": 2}, {"23": "0", "24": "1"}, {"23": False, "24": True}):
        told = _document(selection, values)
        told["dimension"]["Region"]["category"]["index"] = index
        with pytest.raises(SourceError, match="the codes of Region have no single order"):
            check_document(told, selection, "x")
    told = _document(selection, values)
    told["dimension"]["Region"]["category"] = {"label": {"23": "Jämtlands län", "24": "Västerbottens län"}}
    with pytest.raises(SourceError, match="the codes of Region have no single order"):
        check_document(told, selection, "x")
    told = _document(selection, values) | {
        "size": [str(size) for size in _document(selection, values)["size"]]
    }
    with pytest.raises(SourceError, match="8 values for 8 cells, whose sizes are"):
        check_document(told, selection, "x")


def test_an_index_as_a_list_values_as_an_object_and_status_in_three_forms() -> None:
    selection = _selection(["23"], ["2020"])
    listed = _document(selection, [1, None, 3, None])
    listed["dimension"]["Region"]["category"]["index"] = ["23"]
    assert codes_of(listed["dimension"]["Region"]) == ["23"]
    for status, symbols in (
        ({"1": ".", "3": ":"}, [".", ":"]),
        (["", ".", "", ":"], [".", ":"]),
        ("..", ["..", ".."]),
        (None, ["..", ".."]),
    ):
        cube = assemble(selection, [{**listed, "status": status}], "t")
        marks = cube.symbols.reshape(-1)
        assert [cube.signs[marks[1]], cube.signs[marks[3]]] == symbols
        assert np.isnan(cube.numbers.reshape(-1)).tolist() == [False, True, False, True]
    sparse = assemble(selection, [{**listed, "value": {"0": 1, "2": 3}}], "t")
    assert np.nansum(sparse.numbers) == 4
    dash = assemble(selection, [{**listed, "status": {"1": "-", "3": "."}}], "t")
    assert dash.numbers.reshape(-1)[1] == 0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"value": [1, 2, 3]}, "3 values for 4 cells"),
        ({"size": [1, 1, 2, 1]}, "values for"),
        ({"id": ["Region"]}, "was asked for or given|values for"),
        ({"dimension": {}}, "no json-stat2 document"),
        ({"value": None}, "no json-stat2|values for"),
    ],
)
def test_a_document_that_is_not_what_was_asked(change: dict[str, Any], said: str) -> None:
    selection = _selection(["23"], ["2020"])
    document = _document(selection, [1, 2, 3, 4])
    check_document(document, selection, "here")
    with pytest.raises(SourceError, match=said):
        check_document({**document, **change}, selection, "here")
    with pytest.raises(SourceError, match="2021 was asked for"):
        check_document(document, {**selection, "Tid": ["2021"]}, "here")


def _cube(selection: dict[str, list[str]], values: list[float]) -> Cube:
    return assemble(selection, [_document(selection, values)], "t")


def test_sexes_are_summed_and_a_missing_part_makes_no_sum() -> None:
    selection = _selection(["23", "2380"], ["2020"])
    frame, missing = tidy(_cube(selection, [1, 10, 2, 20, None, 30, 4, 40]), TABLE)  # type: ignore[list-item]
    assert frame["in_moves"].tolist()[0] == 3
    assert frame["in_moves"].isna().tolist() == [False, True]
    assert frame["out_moves"].tolist() == [30, 70]
    assert missing[["region_code", "measure", "symbol"]].to_numpy().tolist() == [["2380", "in_moves", ".."]]


@given(
    st.lists(st.sampled_from(["00", "0010", "0020", "0030", "23", "2380", "9999"]), min_size=1, unique=True)
)
def test_what_is_neither_county_nor_municipality_is_left_out(regions: list[str]) -> None:
    if not {"23", "2380"} & set(regions):
        return
    selection = _selection(regions, ["2020"])
    frame, _ = tidy(_cube(selection, [1.0] * (4 * len(regions))), TABLE)
    assert set(frame["region_code"]) == {"23", "2380"} & set(regions)


def test_a_variable_with_several_values_must_be_summed_or_chosen() -> None:
    table = TABLE.model_copy(update={"sum_over": []})
    with pytest.raises(SourceError, match="Kon has 2 values and is not summed"):
        tidy(_cube(_selection(["23"], ["2020"]), [1, 2, 3, 4]), table)


def test_a_suppressed_zero_and_a_true_zero_differ() -> None:
    selection = _selection(["23"], ["2020"])
    document = _document(selection, [0, None, 0, 5], status={"1": ":"})
    frame, missing = tidy(assemble(selection, [document], "t"), TABLE)
    assert frame["in_moves"].tolist() == [0]
    assert frame["out_moves"].isna().all()
    assert missing["meaning"].tolist() == ["suppressed"]


GROUPED = {
    "0-19": ("0", "19", "-4"),
    "20-34": ("20", "34", "20-24"),
    "50-64": ("64",),
    "65+": ("65", "100+", "95-99", "100+1", "100+5"),
    None: ("tot", "TOT1", "TotSA", ""),
}


@pytest.mark.parametrize(
    ("code", "group"), [(code, group) for group, codes in GROUPED.items() for code in codes]
)
def test_ages(code: str, group: str | None) -> None:
    assert age_group(code) == group


def test_every_single_year_is_in_one_group() -> None:
    assert {age_group(str(age)) for age in range(100)} == set(AGE_GROUPS)


@pytest.mark.parametrize(
    ("period", "year"),
    [("2024", 2024), ("2024K1", 2024), ("2024M12", 2024), ("2024-2025", None), ("x", None)],
)
def test_periods(period: str, year: int | None) -> None:
    assert year_of(period) == year


def test_the_later_table_stands_where_years_meet() -> None:
    old, _ = tidy(_cube(_selection(["23"], ["2020", "2021"]), list(range(8))), TABLE)
    noisy = TABLE.model_copy(update={"noise": True})
    new, _ = tidy(_cube(_selection(["23"], ["2021"]), [100, 1, 1, 1]), noisy)
    both = join([(TABLE, old), (noisy, new)])
    assert both["year"].tolist() == [2020, 2021]
    assert both["noise"].tolist() == [False, True]
    assert both["in_moves"].tolist()[1] == 101


def test_the_shape_is_that_of_recorded_answers() -> None:
    """A document with the members that the live service has been seen to send."""
    recorded = json.loads(
        '{"version":"2.0","class":"dataset","label":"x","source":"SCB","updated":"2026-06-08T06:00:00Z",'
        '"note":["n"],"id":["Region","ContentsCode","Tid"],"size":[1,1,2],"dimension":{'
        '"Region":{"label":"region","category":{"index":{"0114":0},"label":{"0114":"Upplands Väsby"}},'
        '"extension":{"elimination":true,"show":"code_value"}},"ContentsCode":{"label":"tabellinnehåll",'
        '"category":{"index":{"A":0},"label":{"A":"In"},"unit":{"A":{"base":"antal","decimals":0}}}},'
        '"Tid":{"label":"år","category":{"index":{"2020":0,"2021":1},"label":{"2020":"2020","2021":"2021"}}}},'
        '"value":[1,2],"role":{"time":["Tid"],"metric":["ContentsCode"]},"extension":{"px":{"decimals":0}}}'
    )
    asked = {"Region": ["0114"], "ContentsCode": ["A"], "Tid": ["2020", "2021"]}
    check_document(recorded, asked, "t")
    table = TABLE.model_copy(update={"measures": {"in_moves": Measure(code="A", label="In")}, "sum_over": []})
    frame, _ = tidy(assemble(asked, [recorded], "t"), table)
    assert frame[["region_code", "region_name", "year"]].to_numpy().tolist() == [
        ["0114", "Upplands Väsby", 2020],
        ["0114", "Upplands Väsby", 2021],
    ]


def test_the_catalogue_covers_what_an_evaluation_needs() -> None:
    catalogue = Catalogue.load()
    names = {table.name for table in catalogue.tables}
    assert {
        "moves",
        "changes",
        "population",
        "population_by_age",
        "households",
        "vacancies",
        "employment",
    } <= names
    assert {"workplaces", "new_companies"} <= names
    for table in catalogue.tables:
        assert table.note
        if not (table.id == "TAB6640" and all(measure.code for measure in table.measures.values())):
            assert table.not_tried, "only TAB6640's codes were read off the live service"
    joined = [table for table in catalogue.tables if table.name == "moves"]
    assert [(t.id, t.first_year, t.last_year, t.noise) for t in joined] == [
        ("TAB1212", 1997, 2024, False),
        ("TAB6640", 2025, None, True),
    ]


def test_a_faulty_catalogue_names_the_key(tmp_path: Any) -> None:
    file = tmp_path / "catalogue.toml"
    file.write_text('[[tables]]\nname = "moves"\n', encoding="utf-8")
    with pytest.raises(SourceError, match=r"tables\.0\.title: Field required"):
        Catalogue.load(file)
    with pytest.raises(SourceError, match="cannot be read"):
        Catalogue.load(tmp_path / "none.toml")
    file.write_text("[[tables", encoding="utf-8")
    with pytest.raises(SourceError, match="no valid TOML"):
        Catalogue.load(file)
