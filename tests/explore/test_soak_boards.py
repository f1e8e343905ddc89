"""Hundreds of random choices on each board of the explore notebooks: none fails, and memory stays."""

from __future__ import annotations

import gc
import random
from collections import Counter
from typing import Any

import matplotlib.pyplot as plt
import psutil
import pytest

from attraktiv_eval import explore
from attraktiv_eval.counterfactual import METHODS
from attraktiv_eval.explore.board import Control

pytestmark = pytest.mark.prove

#: Board, and how many choices are tried; the comparisons take longest.
BOARDS = {
    explore.households: 150,
    explore.assumptions: 120,
    explore.data_quality: 80,
    explore.counterfactual: 90,
}
SEED = 20201231
SLOW = {name for name, method in METHODS.items() if method.slow}
#: Growth of the resident memory over the last two thirds of the choices, in MB. A board keeps 64 comparisons.
MOST_GROWTH = 40


def drawn(control: Control, chance: random.Random) -> Any:
    """Return any value that a control can take."""
    if control.kind == "choice":
        values = [value for _, value in control.options if value not in SLOW or chance.random() < 0.1]
        return chance.choice(values)
    if control.kind == "several":
        values = [value for _, value in control.options]
        return tuple(chance.sample(values, chance.choice([0, 1, 2, 5, len(values)])))
    if control.kind == "span":
        return tuple(sorted(chance.choices(range(int(control.low), int(control.high) + 1), k=2)))
    return control.low + control.step * chance.randint(0, round((control.high - control.low) / control.step))


@pytest.mark.parametrize("make", BOARDS, ids=lambda make: make.__name__)
def test_any_choice_is_drawn_or_refused_in_one_line(make: Any) -> None:
    chance, ended = random.Random(SEED), Counter[str]()
    board = make("sv")
    memory = []
    for _ in range(BOARDS[make]):
        turned = chance.sample(board.controls, chance.randint(1, min(3, len(board.controls))))
        shown = list(board.pictures(**board.first | {one.name: drawn(one, chance) for one in turned}))
        last = shown[-1]
        refused = 'role="alert"' in last
        assert "Traceback" not in last and (
            "; remedy: " in last if refused else "import attraktiv_eval" in last
        )
        ended["refused" if refused else "drawn"] += 1
        gc.collect()
        memory.append(psutil.Process().memory_info().rss / 2**20)
    assert ended["drawn"] > BOARDS[make] / 4, (
        ended
    )  # five steps that do not rise, or too few years, are refused
    assert not plt.get_fignums(), "a figure is left open"
    assert memory[-1] - memory[len(memory) // 3] < MOST_GROWTH, [round(one) for one in memory[::10]]
