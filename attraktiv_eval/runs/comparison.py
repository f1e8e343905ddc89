"""What changed between two published reports, and why: data, assumption, plan, code or libraries."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attraktiv_eval.errors import ParameterError
from attraktiv_eval.regions import pool_name
from attraktiv_eval.runs.publication import Identity
from attraktiv_eval.texts import Answer, number, shown_in, translator

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from attraktiv_eval.evaluation import Evaluation
    from attraktiv_eval.reporting.view import Display

__all__ = [
    "Change",
    "Difference",
    "changes",
    "compare_reports",
    "differ",
    "forget_previous",
    "keep_previous",
    "read_report",
]

_PREVIOUS = ".previous.json"
_SHOWN = 40


@dataclass(frozen=True)
class Change:
    """One thing that differs: an id, and its value in the earlier and in the later report."""

    id: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Difference:
    """What differs between two reports.

    ``figures`` and ``verdicts`` are what moved; ``files``, ``assumptions``, ``software`` and ``code`` are
    what can have moved them. ``unnamed`` says that the runs differ in something that neither names.
    ``outcomes`` are the words, by language, of outcomes that a folder of statistics has of its own.
    """

    before: str
    after: str
    figures: list[Change] = field(default_factory=list)
    verdicts: list[Change] = field(default_factory=list)
    files: list[Change] = field(default_factory=list)
    assumptions: list[Change] = field(default_factory=list)
    software: list[Change] = field(default_factory=list)
    code: Change | None = None
    unnamed: bool = False
    outcomes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def lines(self, language: str) -> list[str]:
        """Return the difference in words, the causes first."""
        _, name = translator(language), _Names(language, self.outcomes)
        lines = [*self._causes(language)]
        if not lines and self.unnamed:
            lines.append(
                _(
                    "Something has changed that neither report names, such as the program where it is no "
                    "checkout."
                )
            )
        elif not lines:
            lines.append(_("Nothing that the report rests on has changed."))
        if not self.figures and not self.verdicts:
            return [*lines, _("No figure has changed.")]
        for change in self.verdicts:
            words = [_verdict_words(value, language) for value in (change.before, change.after)]
            if words[0] != words[1]:  # a figure inside a verdict stands among the figures
                lines.append(f"{name(change.id)}: {words[0]} → {words[1]}")
        for change in self.figures:
            words = [_figure_words(value, language) for value in (change.before, change.after)]
            lines.append(f"{name(change.id)}: {words[0]} → {words[1]}")
        return lines

    def _causes(self, language: str) -> list[str]:
        _ = translator(language)
        lines = []
        for change in self.assumptions:
            values = [_assumption_words(value, language) for value in (change.before, change.after)]
            text = _("Assumption {id} changed from {before} to {after}.")
            lines.append(
                text.format(id=_assumption_name(change.id, language), before=values[0], after=values[1])
            )
        for change in self.files:
            kind = (
                _("New input file: {file}.")
                if change.before is None
                else _("Input file no longer used: {file}.")
                if change.after is None
                else _("Input file changed: {file}.")
            )
            lines.append(kind.format(file=change.id))
        if self.code is not None:
            text = _("The code changed from {before} to {after}.")
            lines.append(text.format(before=self.code.before or "–", after=self.code.after or "–"))
        for change in self.software:
            text = _("{name} changed from version {before} to {after}.")
            lines.append(text.format(name=change.id, before=change.before or "–", after=change.after or "–"))
        return lines


def read_report(folder: Path) -> dict[str, Any]:
    """Return ``{"run": run.json, "results": results.json}`` of a published report.

    Raises
    ------
    ParameterError
        If the folder holds no published report.
    """
    found = {}
    for name in ("run", "results"):
        file = Path(folder) / f"{name}.json"
        try:
            found[name] = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            raise ParameterError(
                "the folder holds no published report",
                remedy="give a folder such as outputs/2021 or outputs/versions/2021-v1",
                file=file,
            ) from None
    return found


def compare_reports(before: Path, after: Path) -> Difference:
    """Return what differs between two folders that a run published.

    Raises
    ------
    ParameterError
        If a folder holds no published report, or the reports are of two projects.
    """
    reports = read_report(before), read_report(after)
    first, second = (Identity.published(one["run"], one["results"]) for one in reports)
    if first.is_other_than(second):
        raise ParameterError(
            f"the reports are of two projects ({first}; {second})",
            remedy="give two reports of one project",
            file=after,
        )
    return differ(*reports)


def differ(before: dict[str, Any], after: dict[str, Any]) -> Difference:
    """Return what differs between two reports as :func:`read_report` gives them."""
    runs = before["run"], after["run"]
    commits = [_code(run) for run in runs]
    return Difference(
        before=runs[0]["run_id"],
        after=runs[1]["run_id"],
        figures=_changes(*(_figures(one["results"]) for one in (before, after))),
        verdicts=_changes(*(_verdicts(one["results"]) for one in (before, after))),
        files=_changes(*(_files(run) for run in runs)),
        assumptions=_changes(*(run.get("assumptions", {}) for run in runs)),
        software=_changes(*(run["software"] for run in runs)),
        code=None if commits[0] == commits[1] else Change("code", *commits),
        unnamed=runs[0]["run_id"] != runs[1]["run_id"],
        outcomes={id: words for run in runs for id, words in run.get("outcomes", {}).items()},
    )


def _changes(before: dict[str, Any], after: dict[str, Any]) -> list[Change]:
    ids = list(dict.fromkeys([*before, *after]))
    return [Change(id, before.get(id), after.get(id)) for id in ids if before.get(id) != after.get(id)]


def _figures(results: dict[str, Any]) -> dict[str, Any]:
    return {one["id"]: [one["value"], one["low"], one["high"]] for one in results["figures"]}


def _verdicts(results: dict[str, Any]) -> dict[str, Any]:
    return {f"{one['goal']}.verdict{one['level']}": one for one in results["verdicts"]}


def _files(run: dict[str, Any]) -> dict[str, Any]:
    return {f"{one['part']}/{one['file']}": one["sha256"] for one in run["inputs"]}


def _code(run: dict[str, Any]) -> str | None:
    git = run.get("git")
    return None if git is None else git["commit"][:12] + ("+" if git["dirty"] else "")


@dataclass(frozen=True)
class _Names:
    """What the figures are called in a language; ``outcomes`` are the words of a folder's own outcomes."""

    language: str
    outcomes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def __call__(self, id: str) -> str:
        """Return what a figure is called; an id that has no words is returned as it is."""
        parts = id.split(".")
        kind = {
            "county": self._county,
            "municipality": self._municipality,
            "municipalities": self._municipalities,
            "months": self._months,
            "money": self._money,
            "records": self._records,
        }.get(parts[0], self._goal)
        said = kind(parts)
        return id if None in said else ", ".join(str(one) for one in said)

    def _outcome(self, id: str) -> str:
        from attraktiv_eval.reporting.labels import word

        own = self.outcomes.get(id, {}).get(self.language)
        return own or word("outcome", id, self.language)

    def _county(self, parts: list[str]) -> list[str | None]:
        from attraktiv_eval.reporting.labels import word

        _ = translator(self.language)
        if parts[1] in ("flow", "control", "other"):
            parts = [parts[0], *parts[2:]]
        if parts[-2] == "change_from":
            since = parts[-1].replace("-", "–")
            return [self._outcome(parts[1]), _("change from {years}").format(years=since)]
        if len(parts) != 5:
            return [None]
        pool = pool_name(parts[3], self.language)
        method = word("method", parts[2], self.language)
        return [self._outcome(parts[1]), method, pool, self._last(parts[-1])]

    def _municipality(self, parts: list[str]) -> list[str | None]:
        _ = translator(self.language)
        first = _("municipality {code}").format(code=parts[1])
        return [first, self._outcome(parts[2]), self._last(parts[-1])]

    def _municipalities(self, parts: list[str]) -> list[str | None]:
        _ = translator(self.language)
        return [_("the municipalities"), *(self._outcome(one) for one in parts[1:-1]), self._last(parts[-1])]

    def _months(self, parts: list[str]) -> list[str | None]:
        _ = translator(self.language)
        first = _("moves by month, {year}").format(year=parts[1])
        words = {"moves": _("moves"), "before": _("the same months before the project")}
        return [first, words.get(parts[-1])]

    def _money(self, parts: list[str]) -> list[str | None]:
        from attraktiv_eval.reporting.labels import word

        _ = translator(self.language)
        kinds = (word("kind", part, self.language) for part in parts[1:-1])
        return [_("money (SEK)"), *kinds, self._last(parts[-1])]

    def _records(self, parts: list[str]) -> list[str | None]:
        _ = translator(self.language)
        linked = [_("joining of records")] if parts[1] == "linkage" else []
        return [_("the project’s records"), *linked, self._last(parts[-1])]

    def _goal(self, parts: list[str]) -> list[str | None]:
        from attraktiv_eval.reporting.labels import word

        _ = translator(self.language)
        goal, last = word("goal", parts[0], self.language), parts[-1]
        if len(parts) < 2:
            return [None]
        if parts[1] == "cost_per_result":
            text = _("{goal}, cost per result at level {n} (SEK)")
            return [text.format(goal=goal, n=last.removeprefix("level"))]
        if parts[1] in ("pace", "known") and len(parts) == 3:
            text = (
                _("even pace by the end of {year}") if parts[1] == "pace" else _("known by the end of {year}")
            )
            return [goal, text.format(year=last)]
        if parts[1:2] == ["level2"] and len(parts) == 3 and last != "high_bound":
            text = _("level 2 by the assumption {id}")
            return [goal, text.format(id=_assumption_name(last, self.language))]
        between = [self._last(one) for one in parts[1:-1] if one != "sentence"]
        return [goal, *between, self._last(last)]

    def _last(self, part: str) -> str | None:
        """Return the words of the last part of an id; None where it has none."""
        _ = translator(self.language)
        return {
            "goal": _("goal"),
            "reached": _("had contact"),
            "known": _("known"),
            "unknown": _("not followed up"),
            "level2": _("level 2"),
            "level3": _("level 3"),
            "high_bound": _("with every unknown counted"),
            "verdict1": _("verdict, level 1"),
            "verdict2": _("verdict, level 2"),
            "verdict3": _("verdict, level 3"),
            "effect": _("effect"),
            "p_value": _("p-value"),
            "rank": _("rank"),
            "smallest_detectable_effect": _("smallest detectable effect"),
            "pre_rmse": _("fit before"),
            "pseudo_effect": _("effect before the project"),
            "true_level": _("true level of the interval"),
            "breakdown": _("how many times the worst drift before it bears"),
            "exaggeration_low": _("how many times a find overstates the goal, at least"),
            "exaggeration_high": _("how many times a find overstates the goal, at most"),
            "cases": _("cases without a project that the sentence was tried on"),
            "wrong": _("how often its sentence is wrong, of 100 cases"),
            "printed_without_effect": _("how often its sentence is printed without an effect, of 100 cases"),
            "decided": _("decided"),
            "paid": _("paid"),
            "cost": _("the whole project’s cost"),
            "told_apart": _("told apart from chance"),
            "by_chance": _("expected by chance"),
            "all": _("number"),
            "compared": _("compared with"),
            "read": _("rows read"),
            "kept": _("rows kept"),
            "merged": _("rows merged"),
            "rejected": _("rows rejected"),
            "precision": _("share of the joined that belong together"),
            "recall": _("share of what belongs together that was joined"),
        }.get(part)


def _verdict_words(value: dict[str, Any] | None, language: str) -> str:
    from attraktiv_eval.findings import Verdict, verdict_short

    return "–" if value is None else verdict_short(Verdict(**value), language)


def _figure_words(value: list[float | None] | None, language: str) -> str:
    if value is None or value[0] is None:
        return "–"
    held = [one for one in value if one is not None]
    words = [number(one, language, 0 if abs(one) >= 100 or one == round(one) else 2) for one in held]
    if len(words) < 3:
        return words[0]
    if value[0] == value[1]:  # a range without a middle
        return f"{words[1]}; {words[2]}"
    return f"{words[0]} ({words[1]}; {words[2]})"


def _assumption_name(id: str, language: str) -> str:
    """Return the words of a shipped assumption with its id, which is what the file is searched for."""
    from attraktiv_eval.assumptions import Assumptions
    from attraktiv_eval.reporting.labels import WORDS, word

    shipped = Assumptions.load()
    if id not in shipped:
        return word("assumption", id, language) if id in WORDS["assumption"] else id
    _ = translator(language)
    return _("“{words}” ({id})").format(words=getattr(shipped[id], language), id=id)


def _assumption_words(value: list[float] | None, language: str) -> str:
    if value is None:
        return "–"
    low, middle, high = (number(one, language, 2) for one in value)
    return f"{middle} ({low}; {high})"


def keep_previous(published: Path, staged: Path) -> None:
    """Lay what the coming report replaces beside it, for :func:`changes`; nothing where there is none."""
    if (published / "results.json").is_file():
        text = json.dumps(read_report(published), ensure_ascii=False)
        (staged / _PREVIOUS).write_text(text, encoding="utf-8", newline="\n")


def forget_previous(staged: Path) -> None:
    """Remove what :func:`keep_previous` laid there; called before a folder is published."""
    (staged / _PREVIOUS).unlink(missing_ok=True)


def changes(
    folder: str | Path | Evaluation = "",
    language: str | None = None,
    *,
    before: str | Path | Evaluation | None = None,
) -> Display | Answer:
    """Show what changed since an earlier report, and why.

    Parameters
    ----------
    folder : str, Path or Evaluation
        A published report, or an evaluation. Within a run it is where the run writes; empty outside one.
    language : {"sv", "en"}, optional
        None is the one that :func:`attraktiv_eval.show_in` was told.
    before : str, Path or Evaluation, optional
        The earlier report, such as last year's; unless given the one that a run's report replaces.

    Raises
    ------
    ParameterError
        If a folder holds no published report, or the reports are of two projects.

    Examples
    --------
    >>> changes("", "en")
    This report was not made by a run, so it replaces none.
    """
    from attraktiv_eval.reporting.view import Display, escape, paragraphs

    language = shown_in() if language is None else language
    _ = translator(language)
    if before is not None:
        return _answer(_report(before), _report(folder), language)
    if not isinstance(folder, str | Path):
        raise ParameterError("there is nothing to compare with", remedy="give before=, an earlier report")
    file = Path(folder) / _PREVIOUS
    if not str(folder):
        return Display(paragraphs(_("This report was not made by a run, so it replaces none.")))
    if not file.is_file():
        return Display(paragraphs(_("This is the first report of its kind; there is none to compare with.")))
    earlier = json.loads(file.read_text(encoding="utf-8"))
    lines = differ(earlier, read_report(Path(folder))).lines(language)
    more = len(lines) - _SHOWN
    if more > 0:
        lines = [*lines[:_SHOWN], _("… and {n} more").format(n=number(more, language))]
    intro = _("Compared with version {n}, first the causes, then what they moved:")
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    intro = intro.format(n=number(earlier["run"]["version"], language))
    return Display(f"{paragraphs(escape(intro))}<ul>{items}</ul>")


def _report(given: str | Path | Evaluation) -> dict[str, Any]:
    """Return a report as :func:`read_report` does; of an evaluation what it says of itself."""
    if isinstance(given, str | Path):
        return read_report(Path(given))
    return {"run": {"run_id": given.run_id, "inputs": given.inputs}, "results": given.document}


def _compared(before: dict[str, Any], after: dict[str, Any]) -> Difference:
    """Return what differs between two reports of one project, of what both tell of themselves."""
    names = [one["results"]["project"] for one in (before, after)]
    if names[0] != names[1]:
        raise ParameterError("the reports are of two projects", remedy="give two reports of one project")
    runs = [one["run"] for one in (before, after)]
    both = {key for key in runs[0] if key in runs[1]}
    told = [{"software": {}} | {key: run[key] for key in run if key in both} for run in runs]
    return differ({**before, "run": told[0]}, {**after, "run": told[1]})


def _answer(before: dict[str, Any], after: dict[str, Any], language: str) -> Answer:
    """Return the verdicts and figures that moved between two reports; the sentences tell the causes."""
    import pandas as pd

    _, found = translator(language), _compared(before, after)
    years = [str(one["results"]["year"] or _("final report")) for one in (before, after)]
    heads = years if years[0] != years[1] else [_("before"), _("after")]
    name = _Names(language, found.outcomes)
    rows = [
        (one.id, _verdict_words(one.before, language), _verdict_words(one.after, language))
        for one in found.verdicts
    ]
    rows += [
        (one.id, _figure_words(one.before, language), _figure_words(one.after, language))
        for one in found.figures
    ]
    moved = [(name(id), *words) for id, *words in rows if words[0] != words[1]]
    said = _("From {before} to {after}: {n} verdicts and figures moved.").format(
        before=years[0], after=years[1], n=number(len(moved), language)
    )
    causes = found._causes(language)
    if not causes and years[0] != years[1]:
        causes = [_("Both reports rest on the same files: what moved comes of the later year.")]
    table = pd.DataFrame(moved, columns=[_("What"), *heads])
    caption = _("Verdicts and figures that moved")
    draw = partial(_draw_known, before["results"], after["results"], heads, name)
    return Answer(" ".join([said, *causes[:_SHOWN]]), table, caption, draw)


def _draw_known(
    before: dict[str, Any], after: dict[str, Any], heads: list[str], name: _Names, ax: Axes
) -> None:
    """Draw what was known of each goal in two reports, a pair of bars a goal."""
    known = [
        {id: value[0] for id, value in _figures(one).items() if id.endswith(".known")}
        for one in (before, after)
    ]
    ids = [id for id in known[1] if id in known[0]]
    for at, (head, colour) in enumerate(zip(heads, ("#b9bcc0", "#1f5a7a"), strict=True)):
        counts = [known[at][id] or 0 for id in ids]
        ax.barh([place + 0.4 * at for place in range(len(ids))], counts, height=0.4, color=colour, label=head)
    ax.set_yticks([place + 0.2 for place in range(len(ids))], [name(id) for id in ids])
    ax.invert_yaxis()
    ax.legend(frameon=False)
