"""An evaluation as texts, tables and figures read it: in one language, with numbers that can be checked."""

from __future__ import annotations

import html as _html
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from attraktiv_eval import texts
from attraktiv_eval.disclosure.suppression import JOINED
from attraktiv_eval.regions import COUNTIES, MUNICIPAL_POOLS, POOLS, names_of_municipalities, pool_name
from attraktiv_eval.reporting import labels
from attraktiv_eval.statistics.outcomes import OUTCOMES, Outcomes

if TYPE_CHECKING:
    import pandas as pd

#: The kind of output by which a run knows what may be published: a piece of a report, its small counts
#: protected.
PROTECTED = "application/x-attraktiv-eval-protected"

_HIDDEN = re.compile(r"<(style|title|desc|svg)\b.*?</\1>", re.DOTALL)
_BETWEEN = re.compile(r"</(td|th|dt|dd|a|text|figcaption)>")
_TAGS = re.compile(r"<[^>]+>")


@dataclass(frozen=True)
class Display:
    """A piece of a report.

    Jupyter shows ``html``; ``str()`` and a terminal show ``text``.
    """

    html: str
    text: str = ""

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/html": self.html, "text/plain": str(self), PROTECTED: "1"}

    def __str__(self) -> str:
        return self.text or plain(self.html)

    def __repr__(self) -> str:
        return str(self)


def plain(markup: str) -> str:
    """Return the words of a piece of HTML, a line a block."""
    text = _HIDDEN.sub("", markup)
    text = re.sub(r"</(p|h\d|tr|li|figcaption|caption|summary|strong)>", "\n", text)
    text = _html.unescape(_TAGS.sub("", _BETWEEN.sub(" ", text)))
    lines = (re.sub("[ \t]+", " ", line).strip(" ") for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def escape(text: object) -> str:
    """Return text that may stand between tags or in a quoted attribute."""
    return _html.escape(str(text), quote=True)


def paragraphs(*parts: str, lead: bool = True) -> str:
    """Return HTML paragraphs; the first one is the section's answer."""
    kept = [part for part in parts if part]
    first = [f'<p class="answer">{kept[0]}</p>'] if kept and lead else [f"<p>{part}</p>" for part in kept[:1]]
    return "\n".join(first + [f"<p>{part}</p>" for part in kept[1:]])


# --- An evaluation as texts, tables and figures read it


class View:
    """An evaluation in one language.

    Numbers made by :meth:`n`, :meth:`span` and :meth:`share` stand in ``<data value="...">``: a reader sees
    214, a test reads the exact value and looks it up in ``results.json``.
    """

    def __init__(self, evaluation: Any, language: str) -> None:
        self.evaluation = evaluation
        self.language = language
        self._: Callable[[str], str] = texts.translator(language)

    def table(self, name: str) -> pd.DataFrame | None:
        """Return a table of the run, or None where the run has none or it is empty."""
        found = self.evaluation.tables.get(name)
        return None if found is None or found.empty else found

    def rows(self, name: str, **equal: object) -> pd.DataFrame | None:
        """Return the rows of a table where each given column has its given value; None where none is left."""
        found = self.table(name)
        if found is None:
            return None
        for column, value in equal.items():
            if column not in found:
                return None
            found = found[found[column] == value]
        return None if found.empty else found

    def row(self, name: str, **equal: object) -> pd.Series | None:
        """Return the first such row, or None."""
        found = self.rows(name, **equal)
        return None if found is None else found.iloc[0]

    def word(self, vocabulary: str, key: object) -> str:
        """Return the word for an id; the project's own words for phases, areas and municipalities.

        Categories that were merged to guard small counts stand under their ids joined: all are named.
        """
        own, id = self._project_words.get(vocabulary, {}), str(key)
        if id in own or JOINED not in id:
            return own.get(id) or labels.word(vocabulary, key, self.language)
        first, *rest = [self.word(vocabulary, one) for one in id.split(JOINED)]
        names = vocabulary in ("municipality_code", "region_code")
        return self.join([first, *(one if names else one[:1].lower() + one[1:] for one in rest)])

    @cached_property
    def _project_words(self) -> dict[str, dict[str, str]]:
        project = self.evaluation.project
        assumptions = self.evaluation.assumptions
        return {
            "phase": {part.id: getattr(part, self.language) for part in project.phases},
            "goal": {
                goal.id: getattr(goal, f"name_{self.language}")
                or labels.word("goal", goal.counts, self.language)
                for goal in project.goals.values()
            },
            "area": {part.id: getattr(part, self.language) for part in project.areas},
            "municipality_code": dict(project.region.municipalities),
            "assumption": {
                key: texts.worded(getattr(assumptions[key], self.language), self.language)
                for key in assumptions
            },
            "region_code": COUNTIES | names_of_municipalities(),
            "pool": {key: pool_name(key, self.language) for key in (*POOLS, *MUNICIPAL_POOLS)},
            "outcome": {id: one.short(self.language) for id, one in self.defined.items()},
        }

    # Numbers -----------------------------------------------------------------------------------------

    def number(self, value: float, decimals: int = 0, *, signed: bool = False) -> str:
        """Return a number as bare text; a missing one as an en dash."""
        return texts.number(_float(value), self.language, decimals, signed=signed)

    def n(self, value: float, decimals: int = 0, *, signed: bool = False) -> str:
        """Return a number as HTML that carries its exact value."""
        exact = _float(value)
        shown = escape(self.number(exact, decimals, signed=signed))
        return shown if exact != exact else f'<data value="{exact:.6g}">{shown}</data>'

    def span(self, low: float, high: float, decimals: int = 0) -> str:
        """Return a range as HTML that carries both exact ends."""
        first, last = _float(low), _float(high)
        shown = texts.span(first, last, self.language, decimals)
        return f'<data value="{first:.6g} {last:.6g}">{escape(shown)}</data>'

    def share(self, value: float, decimals: int = 0) -> str:
        """Return a share as per cent, as HTML that carries its exact value."""
        exact = _float(value)
        return f'<data value="{exact:.6g}">{escape(texts.percent(exact, self.language, decimals))}</data>'

    def day(self, value: Any) -> str:
        """Return a date in words."""
        return texts.day(value, self.language)

    def moment(self, value: Any) -> str:
        """Return a day, with its time where known, in words."""
        return texts.moment(value, self.language) if value else ""

    def join(self, parts: list[str]) -> str:
        """Return parts as a list in words: a, b and c."""
        if len(parts) < 2:
            return "".join(parts)
        word = self._("and")
        return f"{', '.join(parts[:-1])} {word} {parts[-1]}"

    # What most sections ask -----------------------------------------------------------------------------

    @property
    def first_year(self) -> int:
        """The first year of the window: the project's first year."""
        return int(self.evaluation.project.years[0])

    @property
    def year(self) -> int:
        """The last year that is evaluated; for the final report the project's last year."""
        return int(self.evaluation.year or self.evaluation.until.year)

    @property
    def running(self) -> bool:
        """Whether the project goes on after the report's last day."""
        return bool(self.evaluation.until < self.evaluation.project.end)

    def by_now(self, sentence: str) -> str:
        """Return a sentence on what is known; of a running project with the day until which it is known."""
        if not self.running:
            return sentence
        day = self.day(self.evaluation.until)
        return self._("Known until {day}: {sentence}").format(day=day, sentence=sentence)

    @property
    def outcome(self) -> str:
        """The primary outcome: what the goal on households is compared by."""
        county = getattr(self.evaluation, "county", None)
        return str(getattr(county, "outcome", None) or self.defined.municipal)

    @cached_property
    def defined(self) -> Outcomes:
        """The outcomes that this run knows: the package's own, and those of its folder of statistics."""
        found = (getattr(self.evaluation, name, None) for name in ("county", "companies"))
        choices = (getattr(one, "choice", None) for one in found)
        return next((one.defined for one in choices if one is not None), OUTCOMES)

    def counted(self, unit: str) -> str:
        """Return what the statistics count, as it stands after a number."""
        own = (one for one in self.defined.values() if one.unit == unit)
        return next((one.unit_words(self.language) for one in own), unit)

    @property
    def sources(self) -> list[dict[str, Any]]:
        """The files of official statistics: file, tables (a list), sha256, and what else is known."""
        found = getattr(self.evaluation, "sources", None) or []
        return [{**one, "tables": _as_list(one.get("tables"))} for one in found]

    @property
    def window(self) -> str:
        """The years that the report asks about in words: 2020–2022, or 2020."""
        first, last = self.first_year, self.year
        return str(first) if first == last else f"{first}–{last}"

    @property
    def place(self) -> str:
        """The name of the project's region; the names of several, joined in the report's language."""
        of = self.evaluation.project.region
        return str(of.name).replace(" och ", " " + self._("and") + " ") if of.several else str(of.name)

    def years(self, row: Any) -> str:
        """Return the years that a row of estimates compares, in words; else those of the report."""
        if not known(row.get("window_last")):
            return self.window
        first, last = int(row["window_first"]), int(row["window_last"])
        return str(first) if first == last else f"{first}–{last}"

    def found(self, row: Any, **own: str) -> dict[str, str]:
        """Return what a sentence says of an estimate as HTML: outcome, years, deviation and range."""
        effect, span = self.n(row["effect_persons"], signed=True), self.span(row["low"], row["high"])
        outcome = self.word("outcome", row["outcome"])
        return {"outcome": outcome, "years": self.years(row), "n": effect, "range": span} | own

    def estimate(self, outcome: str = "") -> pd.Series | None:
        """Return the primary estimate of an outcome; of the primary outcome unless another is named."""
        return self.row("estimates", outcome=outcome or self.outcome, primary=True)

    @property
    def main_goal(self) -> str:
        """The goal that the report leads with."""
        return self.evaluation.project.main_goal

    def counts(self, goal: str) -> str:
        """Return what a goal counts: households, persons, companies, organisations or participations."""
        return str(self.evaluation.project.goals[goal].counts)

    def unit(self, goal: str) -> str:
        """Return what stands after a goal's number: households, companies ..."""
        of = self.evaluation.project.goals[goal]
        return getattr(of, f"unit_{self.language}") or labels.unit(of.counts, self.language)

    def followed(self, goal: str) -> bool:
        """Return whether levels 2 and 3 can say anything of a goal."""
        return bool(self.evaluation.project.goals[goal].followed)

    def goal(self, goal: str) -> pd.Series | None:
        """Return a goal's row: target, known, unknown, the range of level 2 and the estimate of level 3."""
        return self.row("goals", goal=goal)

    def missing(self, name: str) -> bool:
        """Return whether a list of records is missing."""
        return name in (self.evaluation.missing or [])


def known(value: Any) -> bool:
    """Return whether a cell holds a number."""
    exact = _float(value)
    return exact == exact


def _float(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return float("nan")


def _as_list(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else [str(one) for one in value or []]


# --- The verdicts in words, as the rules of findings give them


def verdict_of(view: View, goal: str, level: int) -> Any | None:
    """Return the verdict of a goal at a level, or None where the run made none."""
    return (view.evaluation.verdicts.get(goal) or {}).get(level)


def verdict_text(view: View, goal: str, level: int) -> str:
    """Return the verdict in words as HTML; empty where there is none."""
    return escape(verdict_said(view, goal, level))


def verdict_said(view: View, goal: str, level: int) -> str:
    """Return the verdict in words; empty where there is none."""
    from attraktiv_eval.findings import verdict_words

    verdict = verdict_of(view, goal, level)
    return "" if verdict is None else verdict_words(verdict, view.language)


def worth_text(view: View, goal: str) -> str:
    """Return what the printed sentence of level 3 is worth as HTML; empty where it was never judged."""
    from attraktiv_eval.level3.method_validation import worth_of

    _ = view._
    verdict = verdict_of(view, goal, 3)
    found = None if verdict is None or verdict.values.get("unit") else worth_of(verdict.rule)
    if found is not None and getattr(view.evaluation.project.region, "kind", "county") != "county":
        return _("How often this sentence is wrong has been tried for single counties alone.")
    if found is None:
        return ""
    if found.claims:
        text = _(
            "This verdict was tried on {n} real cases without any project, with effects of known size "
            "added. It was wrong in at most {share} of 100 such cases."
        )
        return text.format(n=view.n(found.cases), share=view.n(100 * found.wrong, 1))
    text = _(
        "This verdict was tried on {n} real cases without any project. It was given in {share} of "
        "100. It claims nothing of an effect, so it cannot be wrong about one."
    )
    return text.format(n=view.n(found.cases), share=view.n(100 * found.idle, 1))


def draw_text(view: View, goal: str) -> str:
    """Return how unlike the draw of the county may have been before the answer changes, as HTML."""
    verdict = verdict_of(view, goal, 3)
    factor = float("nan") if verdict is None else float(verdict.values.get("draw_factor") or "nan")
    if verdict is None or not math.isfinite(factor):
        return ""
    if verdict.values["low"] > 0 or verdict.values["high"] < 0:
        text = view._(
            "All counties are taken to have been equally likely to get the project. Had those that "
            "deviate as much been {n} times as likely, the deviation could no longer be told apart "
            "from chance."
        )
    else:
        text = view._(
            "All counties are taken to have been equally likely to get the project. Only if those "
            "that deviate less had been {n} times as likely could the deviation be told apart from "
            "chance."
        )
    return text.format(n=view.n(factor, 1))


def hardness_text(view: View, goal: str) -> str:
    """Return how much drift the answer bears and how much a find overstates, as HTML."""
    return " ".join(text for text in (_breakdown(view, goal), _exaggeration(view, goal)) if text)


def _breakdown(view: View, goal: str) -> str:
    verdict = verdict_of(view, goal, 3)
    value = float("nan") if verdict is None else float(verdict.values.get("breakdown", "nan"))
    if not math.isfinite(value):
        return ""
    if value == 0:
        return view._(
            "The breakdown value is {n}: the interval of the primary method holds zero even if county "
            "and comparison would have kept together without the project."
        ).format(n=view.n(0))
    text = view._(
        "The breakdown value is {n}: the interval of the primary method would hold zero if the "
        "county drifted away from the comparison {n} times as far as it did at most before the "
        "project."
    )
    return text.format(n=view.n(value, 1))


def _exaggeration(view: View, goal: str) -> str:
    from attraktiv_eval.findings import aim_words

    verdict = verdict_of(view, goal, 3)
    if verdict is None:
        return ""
    low, high = (float(verdict.values.get(f"exaggeration_{end}", "nan")) for end in ("low", "high"))
    if not (math.isfinite(low) and math.isfinite(high)):
        return ""
    text = view._(
        "Suppose that the true effect was as large as {aim}. An estimate that stood out from "
        "chance would then, by the equally good methods, on average be {n} times as large as the "
        "truth."
    )
    ends = [view.n(end, 1) for end in (low, high)]
    return text.format(
        aim=aim_words(verdict, view.language, view.n), n=ends[0] if ends[0] == ends[1] else "–".join(ends)
    )
