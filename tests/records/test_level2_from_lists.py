"""Level 2 from lists as they are sent: who was never followed up, and words that say no."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from attraktiv_eval.additionality import Contribution, contribute
from attraktiv_eval.assumptions import Assumptions
from attraktiv_eval.project import Project
from attraktiv_eval.records import Records

HEAD = "household reference,adults,first contact,moved,moved in,origin municipality,destination municipality"
MOVERS = range(1, 101)


def _contributed(
    load: Callable[..., Records], stay: Callable[[int], str] | None = None, other: str = "no"
) -> Contribution:
    """A hundred movers who all answered; how each was followed up, and what they say of other projects."""
    survey = [
        "household reference,answer,other projects,date",
        *(f'{i},4,"{other}",2021-12-01' for i in MOVERS),
    ]
    rows = [f"{i},1,2021-01-01,yes,2021-05-01,Stockholm,Östersund" for i in MOVERS]
    head = HEAD
    if stay is not None:
        head, rows = f"{HEAD},still resident,checked", [f"{row},{stay(i)}" for i, row in enumerate(rows, 1)]
    lists = {"households.csv": "\n".join([head, *rows]), "survey_households.csv": "\n".join(survey)}
    records = load(lists)
    return contribute(records, Project.load(), Assumptions.load(), "households", date(2022, 12, 31))


def _ends(found: Contribution) -> tuple[int, int]:
    assert found.low is not None
    assert found.high is not None
    return round(found.low), round(found.high)


LEFT, HERE = "no,2021-12-20", "yes,2022-06-20"


def test_followed_up_to_the_end_the_range_is_28_to_44(load: Callable[..., Records]) -> None:
    found = _contributed(load, lambda i: LEFT if i <= 40 else HERE)
    assert _ends(found) == (28, 44)


@pytest.mark.parametrize("seen", [0, 1], ids=["none of the rest", "one of the rest"])
def test_forty_left_and_the_rest_never_checked_shows_both_ends(
    seen: int, load: Callable[..., Records]
) -> None:
    """Nobody knows of the others: all may have stayed, as above, or all have left."""
    found = _contributed(load, lambda i: LEFT if i <= 40 else HERE if i <= 40 + seen else ",")
    assert _ends(found) == (0, 44)
    kept = found.filters.set_index("filter").loc["retention"]
    assert (round(kept["kept_low"], 4), kept["kept_high"]) == (seen / 100, 0.6)


def test_where_nobody_is_followed_up_nothing_is_deducted_and_both_ends_are_told(
    load: Callable[..., Records],
) -> None:
    for stay in (None, lambda i: ","):
        found = _contributed(load, stay)
        assert _ends(found) == (46, 73)
        kept = found.filters.set_index("filter").loc["retention"]
        assert (kept["basis"], kept["kept_low"], kept["kept_high"], kept["known"]) == (
            "not_followed_up",
            0,
            1,
            0,
        )
        assert {"not_followed_left", "not_followed_stayed"} <= set(found.bounds["case"])


@pytest.mark.parametrize("said", ["Nej", "Nej, inga", "Inga", "Nej tack", "nej!", "Inte vad jag vet"])
def test_words_that_name_no_other_project_are_one_answer(said: str, load: Callable[..., Records]) -> None:
    assert _ends(_contributed(load, other=said)) == (46, 73)


def test_an_answer_between_two_steps_is_told_and_never_read(load: Callable[..., Records]) -> None:
    survey = 'household reference,answer,date\n1,3.5,2021-12-01\n2,"3,5",2021-12-01\n3,4-5,2021-12-01\n'
    survey += "4,5 av 10,2021-12-01\n5,4,2021-12-01\n"
    rows = [f"{i},1,2021-01-01,yes,2021-05-01,Stockholm,Östersund" for i in range(1, 6)]
    records = load({"households.csv": "\n".join([HEAD, *rows]), "survey_households.csv": survey})
    assert records.survey_households["answer"].tolist() == [4]
    assert records.rejected["row"].tolist() == [2, 3, 4, 5]
