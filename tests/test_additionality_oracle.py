"""Level 2 once more, in plain loops over the same draws: equal to the ninth decimal."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pytest

from attraktiv_eval import resources
from attraktiv_eval.additionality import simulation
from attraktiv_eval.additionality.simulation import Inputs, Observed, observe, simulate
from attraktiv_eval.assumptions import Assumptions
from attraktiv_eval.project import Project
from attraktiv_eval.records import load_records

DRAWS = 200
CLOSE = pytest.approx


def quantile(u: float, low: float, mode: float, high: float) -> float:
    """Return the quantile of the triangular distribution, from its distribution function turned round."""
    if high <= low:
        return mode
    if u * (high - low) < mode - low:
        return low + math.sqrt(u * (high - low) * (mode - low))
    return high - math.sqrt((1 - u) * (high - low) * (high - mode))


def one_draw(
    observed: Observed, p: list[float], q: list[float], v: float, credit: list[float], kept: float
) -> tuple[float, float, float]:
    """Return N2, and N2 with all the unanswered at 0 and at 1, household by household."""
    told, total = 0.0, 0
    for step in range(5):
        for others, n in enumerate(observed.counts[step]):
            told += n * credit[others]
            total += n
    overall = told / total if total else 1.0
    means = []
    for step in range(5):
        credits = [credit[m] for m, n in enumerate(observed.counts[step]) for _ in range(int(n))]
        means.append(sum(credits) / len(credits) if credits else overall)
    answered = 0.0
    people = 0
    for step in range(5):
        for others, n in enumerate(observed.counts[step]):
            for _ in range(int(n)):
                answered += p[step] * credit[others]
                people += 1
        for _ in range(int(observed.untold[step])):
            answered += p[step] * means[step]
            people += 1
    silent = 0.0
    for _ in range(observed.moved - people):
        silent += v * sum(q[step] * p[step] * means[step] for step in range(5))
    return kept * (answered + silent), kept * answered, kept * (answered + observed.moved - people)


@pytest.fixture(scope="module")
def material():
    project = Project.load()
    records = load_records(resources.find("data/records_example"), project)
    return records, project, Assumptions.load()


@pytest.mark.parametrize("goal", ["households", "companies"])
@pytest.mark.parametrize("until", [date(2021, 12, 31), date(2022, 12, 31)])
def test_every_draw_is_the_sum_over_its_households(
    goal: str, until: date, material, monkeypatch: pytest.MonkeyPatch
) -> None:
    records, project, assumptions = material
    place = assumptions["departure_position"]
    observed = observe(records, project, goal, until, (place.low, place.value, place.high))
    assert observed is not None
    assert observed.answered > 20
    inputs = Inputs.of(assumptions, goal)
    seen: dict[str, list] = {"net": [], "triangular": []}

    def listen(name: str) -> None:
        inner = getattr(simulation, name)

        def told(*given):
            found = inner(*given)
            seen[name].append((given, found))
            return found

        monkeypatch.setattr(simulation, name, told)

    for name in seen:
        listen(name)
    drawn = simulate(observed, inputs, seed=7, draws=DRAWS)
    assert len(seen["net"]) == 1
    _, p, q, v, credits = seen["net"][0][0]
    kept = [r * (1 - lost) for r, lost in zip(drawn.retention, drawn.lost, strict=True)]
    for (uniform, *ends), values in seen["triangular"]:
        assert values.tolist() == CLOSE([quantile(float(u), *ends) for u in uniform], abs=1e-9)
    used = {tuple(ends) for (_, *ends), _ in seen["triangular"]}
    assert {(step.low, step.mode, step.high) for step in inputs.steps} <= used
    for i in range(DRAWS):
        assert sum(q[i]) == CLOSE(1, abs=1e-9)
        whole = one_draw(
            observed, p[i].tolist(), q[i].tolist(), float(v[i]), credits[i].tolist(), float(kept[i])
        )
        assert (drawn.net[i], drawn.none[i], drawn.every[i]) == CLOSE(whole, abs=1e-9)
    rng = np.random.default_rng(7)
    rng.random((4, DRAWS))
    rng.dirichlet(observed.by_step + 0.5, size=DRAWS)
    assert drawn.retention.tolist() == CLOSE(share_draws(observed.retention, rng), abs=1e-9)
    if observed.local is not None:
        assert drawn.lost.tolist() == CLOSE(share_draws(observed.local, rng), abs=1e-9)
    else:
        assert (drawn.lost == 0).all() == (goal == "households")


def share_draws(share, rng: np.random.Generator) -> list[float]:
    """Return what the definition gives for a share: its triangle, and the error of a forecast of the rest."""
    us = rng.random(DRAWS)
    if share is None:
        return [1.0] * DRAWS
    errors = [0.0] * DRAWS
    if share.open and share.size:
        n, r = share.size, share.value
        errors = [math.sqrt(share.open) * (b - r) for b in rng.beta(n * r + 0.5, n * (1 - r) + 0.5, DRAWS)]
    spread = [quantile(float(u), share.low, share.value, share.high) for u in us]
    return [min(max(one + error, 0.0), 1.0) for one, error in zip(spread, errors, strict=True)]
