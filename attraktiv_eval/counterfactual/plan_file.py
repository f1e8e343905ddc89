"""The layout of the plan's file: TOML that a reader can check line by line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attraktiv_eval.counterfactual.plan import digest

if TYPE_CHECKING:
    from attraktiv_eval.counterfactual.plan import Plan

__all__ = ["text_of"]

HEAD = """\
# The analysis plan: which specification is the primary one, and which are as good.
# Written by: attraktiv-eval plan. Not to be edited by hand; the hash would no longer agree.
# The rule: among all methods and three donor pools, the lowest root mean square error of pretended effects
# in other counties and in years before the project (error, per 1,000 inhabitants and year). Equivalent: as
# good as the best in at least 10 % of the paired resamples of the counties (p_value), never fewer than the
# three best. confidence_set: p-value of the model confidence set, in which each is compared with each. wins:
# share of the resamples in which a candidate is the best of all. See docs, and the module
# attraktiv_eval.counterfactual.candidates.
"""


def text_of(plan: Plan) -> str:
    """Return the text of the file of a plan, the sum of what it says last among the single values."""
    content = dict(plan.content)
    outcomes, amendments = content.pop("outcome", []), content.pop("amendment", [])
    left_out = content.pop("left_out", {})
    lines = [HEAD, *_pairs(content), f'sha256 = "{digest(plan.content)}"']
    if left_out:
        lines += ["", "[left_out]", *_pairs(left_out)]
    for one in amendments:
        lines += ["", "[[amendment]]", *_pairs(one)]
    for one in outcomes:
        rows = [f"  {_value(candidate)}," for candidate in one["candidate"]]
        single = {key: value for key, value in one.items() if key != "candidate"}
        lines += ["", "[[outcome]]", *_pairs(single), "candidate = [", *rows, "]"]
    return "\n".join(lines) + "\n"


def _pairs(values: Mapping[str, Any]) -> list[str]:
    return [f"{key} = {_value(value)}" for key, value in values.items()]


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(_pairs(value)) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_value(one) for one in value) + "]"
    if isinstance(value, (int, float)):
        return repr(value)
    plain = str(value).replace("\\", "\\\\").replace('"', '\\"')
    kept = "".join(char if ord(char) >= 32 and ord(char) != 127 else " " for char in plain)
    return f'"{kept}"'
