"""From a rate to persons, and from persons to households: here and nowhere else."""

from __future__ import annotations

from typing import Protocol

from attraktiv_eval.counterfactual.persons import effect_in_persons, rate_in_persons

__all__ = ["effect_in_persons", "households_from_persons", "rate_in_persons"]


class _Range(Protocol):
    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...


def households_from_persons(low: float, high: float, assumption: _Range) -> tuple[float, float]:
    """Return the smallest and largest of the four quotients of the ends and the persons per household.

    ``assumption`` has ``low`` and ``high`` persons per household that moves in. An unbounded end stays so.
    """
    quotients = [persons / size for persons in (low, high) for size in (assumption.low, assumption.high)]
    return min(quotients), max(quotients)
