"""Money: unknown amounts stay unknown; cost per result is a range."""

from __future__ import annotations

import math
from datetime import date

import pandas as pd
import pytest

from attraktiv_eval.metrics import cost_per_result, funding_table
from attraktiv_eval.metrics.level1 import cost_range, round_cost
from attraktiv_eval.records import load_records

UNTIL = date(2021, 12, 31)


def test_decisions_come_from_the_project_and_unknown_amounts_stay_unknown(records_of, project):
    table = funding_table(records_of(), project, UNTIL)
    grant = table[table["kind"] == "grant"]
    assert grant["decided_sek"].item() == 19_283_329
    assert table.loc[table["kind"] == "in_kind", "decided_sek"].isna().all()
    assert table["paid_sek"].isna().all()


def test_payments_up_to_the_day_are_added_by_financier_and_kind(records_of, project):
    name = project.funding[0].financier
    rows = [
        {"financier": name, "kind": "grant", "decided_sek": 1, "paid_sek": 100.0, "date": "2020-06-30"},
        {"financier": name, "kind": "grant", "decided_sek": None, "paid_sek": 50.4, "date": "2021-06-30"},
        {"financier": name, "kind": "grant", "decided_sek": None, "paid_sek": 999.0, "date": "2022-06-30"},
        {"financier": "Z", "kind": "cash", "decided_sek": 70.0, "paid_sek": None, "date": "2020-06-30"},
    ]
    table = funding_table(records_of(funding=rows), project, UNTIL).set_index(["financier", "kind"])
    assert table.loc[(name, "grant"), "decided_sek"] == 19_283_329
    assert table.loc[(name, "grant"), "paid_sek"] == 150
    assert table.loc[("Z", "cash"), "decided_sek"] == 70
    assert pd.isna(table.loc[("Z", "cash"), "paid_sek"])
    assert len(table) == len(project.funding) + 1


def test_cost_per_result_by_hand():
    funding = pd.DataFrame(
        {"financier": list("abc"), "kind": "cash", "decided_sek": [100, None, 40], "paid_sek": [80, 50, None]}
    )
    assert cost_range(funding) == (130, 190)
    spans = {("households", 1): (10, 13), ("households", 2): (0.0, 5.0), ("households", 3): None}
    table = cost_per_result(funding, spans).set_index("level")
    assert table.loc[1, ["ratio_low", "ratio_high"]].to_list() == pytest.approx([10.0, 19.0])
    assert table.loc[2, "ratio_low"] == 26
    assert pd.isna(table.loc[2, "ratio_high"])
    assert 3 not in table.index


def test_without_payments_the_decided_amount_is_the_cost():
    funding = pd.DataFrame({"financier": ["a"], "kind": ["cash"], "decided_sek": [100], "paid_sek": [None]})
    assert cost_range(funding) == (100, 100)


def test_a_financier_by_a_shorter_name_is_the_projects_own(records_of, project):
    """The same decision in the project's description and in a list is counted once."""
    own = project.funding[0]
    rows = [
        {
            "financier": "Tillväxtmedel",
            "kind": own.kind,
            "decided_sek": own.decided_sek,
            "paid_sek": 5.0,
            "date": "2021-01-01",
        },
        {
            "financier": "JÄMTKRAFT AB",
            "kind": "cash",
            "decided_sek": None,
            "paid_sek": 7.0,
            "date": "2021-01-01",
        },
        {
            "financier": "Jamtkraft",
            "kind": "cash",
            "decided_sek": None,
            "paid_sek": 8.0,
            "date": "2021-02-01",
        },
    ]
    table = funding_table(records_of(funding=rows), project, UNTIL)
    stated = sum(one.decided_sek or 0 for one in project.funding)
    assert int(table["decided_sek"].sum()) == stated
    assert not table.duplicated(["financier", "kind"]).any()
    assert int(table["paid_sek"].sum()) == 20


def test_a_payment_without_a_day_beside_a_decided_amount_is_told(tmp_path, project):
    (tmp_path / "finansiering.csv").write_text(
        "Finansiär;Slag;Beslutat;Utbetalt;Datum\nA;Kontant;100;5;\nB;Kontant;100;5;2021-01-01\nC;Kontant;;5;\n",
        encoding="utf-8",
    )
    found = load_records(tmp_path, project, key=b"a key for tests, 32 bytes long..")
    told = dict(zip(found.notes["kind"], found.notes["value"], strict=True))
    assert told["paid_without_day"] == "1" and told["not_used_no_day"] == "1"
    assert int(funding_table(found, project, UNTIL)["paid_sek"].sum()) == 5


def test_a_cost_per_result_has_three_digits_and_never_becomes_none():
    told = {10.4: 10, 999.6: 1000, 68_499.9: 68_500, 154_588.0: 155_000, 1_857_040.0: 1_860_000, 23e6: 23e6}
    assert {value: round_cost(value) for value in told} == told
    assert math.isnan(round_cost(float("nan"))) and round_cost(math.inf) == math.inf


def test_a_list_without_money_has_no_cost():
    """As the county that is compared as if it had had the project: its list says 0 and 0."""
    funding = pd.DataFrame({"decided_sek": [0, None], "paid_sek": [0, 0]})
    assert all(math.isnan(one) for one in cost_range(funding))
