"""What the public functions are given, checked with the package's own errors."""

from __future__ import annotations

import inspect
import math
import numbers
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from attraktiv_eval.errors import DesignError

__all__ = ["known_method", "known_options", "positive", "processes", "whole_number"]


def known_method(method: Any, methods: Any) -> str:
    """Return the name of a method; refuse what is none."""
    if isinstance(method, str) and method in methods:
        return method
    raise DesignError(f"unknown method {method!r}", remedy=f"choose one of {', '.join(methods)}")


@lru_cache(maxsize=64)
def _options(function: Callable[..., Any]) -> tuple[str, ...]:
    parameters = inspect.signature(function).parameters.values()
    return tuple(one.name for one in parameters if one.kind is inspect.Parameter.KEYWORD_ONLY)


def known_options(function: Callable[..., Any], method: str, options: dict[str, Any]) -> None:
    """Refuse options that a method does not have."""
    unknown = [name for name in options if name not in _options(function)]
    if unknown:
        known = ", ".join(_options(function)) or "none"
        raise DesignError(
            f"{method} has no option {', '.join(unknown)}", remedy=f"leave it out; its options: {known}"
        )


def whole_number(value: Any, name: str, least: int = 0) -> int:
    """Return a whole number of at least ``least``."""
    whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    if whole and int(value) >= least:
        return int(value)
    raise DesignError(
        f"{name} is {value!r}, not a whole number of at least {least}",
        remedy=f"give {name} as a whole number, such as {max(least, 1)}",
    )


def processes(n_jobs: Any) -> int:
    """Return a number of processes as joblib takes it: 1 or more, or −1 for as many as there are cores."""
    whole = isinstance(n_jobs, numbers.Integral) and not isinstance(n_jobs, bool)
    if whole and int(n_jobs) != 0:
        return int(n_jobs)
    raise DesignError(
        f"n_jobs is {n_jobs!r}, not a number of processes",
        remedy="give 1 for this process, or -1 for as many as there are cores",
    )


def positive(value: Any, name: str) -> float:
    """Return a number above 0; infinity is one."""
    real = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if real and float(value) > 0 and not math.isnan(float(value)):
        return float(value)
    raise DesignError(
        f"{name} is {value!r}", remedy="give a penalty above 0, or leave it out to choose it by rule"
    )
