"""Tries a published page by what it carries, and by the inputs where they are at hand.

Four things, each by itself: whether page and files are as they were sealed; whether each number of the page
is one of its figures or a cell of its tables; whether figures and tables agree with each other; and, with
the records and statistics, whether a new computation gives the same figures.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from attraktiv_eval.errors import SourceError
from attraktiv_eval.metrics.level1 import round_cost
from attraktiv_eval.reporting import page as pages
from attraktiv_eval.reporting.evidence import Carried, carried
from attraktiv_eval.reporting.tables import Row, write
from attraktiv_eval.reporting.view import escape
from attraktiv_eval.resources import digest_of
from attraktiv_eval.runs.publication import CRATE, describe_folder, files_of
from attraktiv_eval.texts import number, translator

#: How far a figure computed anew may stand from the printed one: six digits are kept, machines differ less.
_TOLERANCE = 2e-5
_SHOWN = 12  # differences that are told one by one

_DATA = re.compile(r'<data value="([^"]*)">(.*?)</data>', re.DOTALL)
_TABLE = re.compile(r'<table[^>]* id="table-([\w-]+)"[^>]*>(.*?)</table>', re.DOTALL)
_CELL = re.compile(r"<td([^>]*)>(.*?)</td>", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")
_WRITTEN = {
    "sv": re.compile(r"(?<![\w.,])[+−]?\d+(?:[\xa0\u202f]\d{3})*(?:,\d+)?"),
    "en": re.compile(r"(?<![\w.,])[+−]?\d+(?:,\d{3})*(?:\.\d+)?"),
}


@dataclass(frozen=True)
class Check:
    """One thing that was tried: how many of how many hold, and what does not."""

    name: str
    held: int
    asked: int
    faults: tuple[str, ...] = ()

    @property
    def fine(self) -> bool:
        """Whether all of it holds."""
        return not self.faults and self.held == self.asked


@dataclass(frozen=True)
class Verification:
    """What trying a page has found."""

    file: str
    language: str
    seal: str
    made_by: str
    checks: tuple[Check, ...]
    bound: tuple[tuple[str, str, str], ...]

    @property
    def fine(self) -> bool:
        """Whether every check holds."""
        return all(one.fine for one in self.checks)

    def lines(self) -> list[str]:
        """Return the answer in lines: each check, what it found, and what was not tried."""
        _ = translator(self.language)
        told = [f"{self.file}: {self._answer()}", _("seal {seal}").format(seal=self.seal)]
        for one in self.checks:
            told.append(f"{'ok ' if one.fine else 'NOT'} {self._words(one)}")
            told += [f"    {fault}" for fault in one.faults[:_SHOWN]]
            if len(one.faults) > _SHOWN:
                told.append("    " + _("… and {n} more").format(n=len(one.faults) - _SHOWN))
        if any(one.name == "recomputed" and not one.fine for one in self.checks):
            told.append(_("    the report was made by {program}").format(program=self.made_by))
        if not any(one.name in ("inputs", "recomputed") for one in self.checks):
            told.append(_("-   not computed anew: give --records and --statistics, where you have them"))
        return told

    def _answer(self) -> str:
        _ = translator(self.language)
        return _("everything that was tried holds") if self.fine else _("something does not hold")

    def _words(self, one: Check) -> str:
        _ = translator(self.language)
        words = {
            "page": _("the text of the page is as it was sealed"),
            "files": _("{held} of {asked} files and downloads are as they were sealed"),
            "numbers": _("{held} of {asked} numbers in the text are figures or cells that the page carries"),
            "tables": _("{held} of {asked} numbers in the tables are those of their CSV, rounded"),
            "sums": _("{held} of {asked} sums and shares that tie figures and tables together hold"),
            "beside": _(
                "{held} of {asked} files beside the page are those that ro-crate-metadata.json lists"
            ),
            "inputs": _("{held} of {asked} input files are those that the report was made from"),
            "recomputed": _("{held} of {asked} figures come out the same when computed anew"),
        }
        n = {key: number(value, self.language) for key, value in (("held", one.held), ("asked", one.asked))}
        return words[one.name].format(**n)

    def html(self) -> str:
        """Return the answer as a page of its own."""
        _ = translator(self.language)
        title = _("Verification of {file}").format(file=self.file)
        yes, no = _("holds"), _("does not hold")
        rows = [
            Row(escape(self._words(one)), [yes if one.fine else no, "<br>".join(map(escape, one.faults))])
            for one in self.checks
        ]
        heads = [_("What was tried"), _("Answer"), _("What differs")]
        found = write("checks", _("What was tried"), heads, rows)
        numbers = write(
            "numbers",
            _("Where each number of the text comes from"),
            [_("As the page writes it"), _("Value"), _("Figure or cell")],
            [Row(escape(shown), [escape(value), escape(where)]) for shown, value, where in self.bound],
        )
        means = _(
            "A seal that fits says that nothing was changed since the page was made. It does not say who "
            "made it: whoever makes page, evidence and seal anew gets another seal. Compare it with the one "
            "that was written down when the report was registered."
        )
        seal, every = _("Seal"), _("The numbers")
        parts = (
            f'<p class="answer">{escape(self._answer())}.</p>',
            f"<p>{escape(seal)} <code>{escape(self.seal)}</code></p><p>{escape(means)}</p>{found}",
            f'<h2 id="where">{escape(every)}</h2>{numbers}',
        )
        return pages.titled(title, parts, self.language, (), "")


def verify(
    report: Path,
    *,
    records: Path | None = None,
    statistics: Path | None = None,
    project: Path | None = None,
) -> Verification:
    """Try a page.

    Parameters
    ----------
    report : Path
        A report that a run has made; alone, as from a mail, is enough.
    records, statistics, project : Path, optional
        The inputs of the run: with one of them the figures are computed anew, the others as shipped.

    Raises
    ------
    SourceError
        If the file is no page that carries evidence.
    """
    if not report.is_file():
        raise SourceError("no such file", remedy="give the HTML file of a report", file=report)
    held = carried(report.read_bytes(), report.name)
    language = "en" if '<html lang="en">' in held.text else "sv"
    checks = list(sealed(held))
    bound: list[tuple[str, str, str]] = []
    if held.files:
        results = json.loads(held.files["results.json"])
        known = _known(held, results)
        check, bound = _numbers(held, known, language)
        checks += [check, _tables(held, results, language), _sums(held, results)]
        if records or statistics or project:
            checks += _inputs(held, results, project, records, statistics)
    checks += _beside(report.parent)
    return Verification(report.name, language, held.seal, _made_by(held), tuple(checks), tuple(bound))


def _made_by(held: Carried) -> str:
    """Return the program that made the report: another version may well find other figures."""
    run = json.loads(held.files.get("run.json", b"{}"))
    version, commit = (run.get("software") or {}).get("attraktiv-eval"), (run.get("git") or {}).get("commit")
    return " ".join(str(one) for one in ("attraktiv-eval", version, str(commit or "")[:12]) if one)


def sealed(held: Carried) -> Iterator[Check]:
    """Yield whether the page's text, its archive and each download are as they were sealed."""
    same = held.manifest.get("page_sha256") == digest_of(held.text.encode("utf-8"))
    faults = [f"page: {fault}" for fault in held.faults]
    faults += [] if same or held.faults else ["page: text"]
    yield Check("page", int(same), 1, tuple(faults))
    told = dict(held.manifest.get("files") or {})
    wrong = [name for name in {*told, *held.files} if told.get(name) != digest_of(held.files.get(name, b""))]
    named = {Path(name).name: content for name, content in held.files.items()}
    wrong += [name for name, content in held.links if not content or named.get(name, content) != content]
    asked = len(told) + len(held.links)
    yield Check("files", asked - len(wrong), asked, tuple(sorted(wrong)))


def _beside(folder: Path) -> Iterator[Check]:
    """Yield whether the files of a published folder are those that its description lists, and it itself."""
    crate = folder / CRATE
    if not crate.is_file():
        return
    try:
        listed = {
            unquote(one["@id"]): one["sha256"]
            for one in json.loads(crate.read_bytes())["@graph"]
            if one["@type"] == "File"
        }
        same = crate.read_bytes() == describe_folder(folder).encode("utf-8")
    except (ValueError, KeyError, TypeError, AttributeError):
        yield Check("beside", 0, 1, (CRATE,))
        return
    found = {name: digest_of(content) for name, content in files_of(folder).items()}
    wrong = sorted(name for name in {*listed, *found} if listed.get(name) != found.get(name))
    asked = len({*listed, *found}) + 1
    wrong += [] if same or wrong else [CRATE]
    yield Check("beside", asked - len(wrong), asked, tuple(wrong))


# --- The numbers of the page


def _known(held: Carried, results: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return where each number stands that the page carries, by its six digits."""
    known: dict[str, list[str]] = {}
    for one in results["figures"]:
        for end in ("value", "low", "high"):
            if one[end] is not None:
                known.setdefault(f"{one[end]:.6g}", []).append(
                    one["id"] if end == "value" else f"{one['id']}, {end}"
                )
    for one in results["verdicts"]:
        for key, value in one["values"].items():
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                known.setdefault(f"{value:.6g}", []).append(f"{one['goal']}, {one['level']}: {key}")
    for name, rows in _csv(held).items():
        for at, row in enumerate(rows, start=2):
            for column, cell in row.items():
                value = _float(cell)
                if value is not None:
                    known.setdefault(f"{value:.6g}", []).append(f"{name}.csv, {column}, {at}")
    return known


def _csv(held: Carried) -> dict[str, list[dict[str, str]]]:
    """Return the tables that the page carries, as text, by their name."""
    return {
        Path(name).stem: list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))
        for name, content in held.files.items()
        if name.endswith(".csv")
    }


def _float(cell: str | None) -> float | None:
    try:
        return float(str(cell).replace(",", "."))
    except ValueError:
        return None


def _parsed(text: str, language: str) -> list[tuple[float, int]]:
    """Return each number in a text as the language writes it, without its sign, and its decimals."""
    found = []
    for token in _WRITTEN[language].findall(text):
        bare = re.sub("[+−\xa0\u202f]", "", token)
        bare = bare.replace(",", ".") if language == "sv" else bare.replace(",", "")
        found.append((float(bare), len(bare.partition(".")[2])))
    return found


def _round(shown: float, decimals: int) -> int:
    """Return the decimals of a number that may be told in whole hundreds or thousands: minus two or three."""
    if decimals or shown < 1e4 or shown % 100:
        return decimals
    return -2 if shown % 1000 or shown < 1e5 else -3


def _rounds_to(value: float, shown: float, decimals: int, scales: Sequence[float]) -> bool:
    """Return whether a value, in one of the scales, is written as shown in so many decimals.

    A value is kept in six digits, so that its last digit may round either way.
    """
    return any(
        abs(abs(value * scale) - shown) <= 0.5 * 10**-decimals + abs(value * scale) * 5e-6 + 1e-9
        for scale in scales
    )


def _numbers(
    held: Carried, known: Mapping[str, list[str]], language: str
) -> tuple[Check, list[tuple[str, str, str]]]:
    """Return whether each number of the text is one that the page carries, and is written as it is."""
    bound, faults = [], []
    every = _DATA.findall(held.text)
    for exact, inner in every:
        shown = unescape(_TAG.sub("", inner))
        values = [float(one) for one in exact.split() if _float(one) is not None]
        where = [known.get(f"{value:.6g}") for value in values]
        parsed = _parsed(shown, language)
        written = all(
            any(_rounds_to(value, told, _round(told, decimals), (1, 100, 1e-3, 1e-6)) for value in values)
            for told, decimals in parsed
        )
        if values and all(where) and parsed and written:
            bound.append((shown, exact, "; ".join(one[0] for one in where if one)))
        else:
            faults.append(f"{shown} ({exact})")
    return Check("numbers", len(bound), len(every), tuple(faults)), bound


def _tables(held: Carried, results: Mapping[str, Any], language: str) -> Check:
    """Return whether the numbers in the tables' columns of numbers are those of their CSV."""
    tables, asked, faults = _csv(held), 0, []
    figures = [one[end] for one in results["figures"] for end in ("value", "low", "high")]
    for id, inner in _TABLE.findall(held.text):
        name = id.split("-fig-")[0].replace("-", "_")
        rows = tables.get(name)
        if rows is None:
            faults.append(f"{name}: no CSV")
            continue
        values = [value for row in rows for cell in row.values() if (value := _float(cell)) is not None]
        values += [
            float(row["n"]) + 1 for row in rows if _float(row.get("n")) is not None
        ]  # ranks count itself
        values += [value for value in figures if value is not None] if name == "goals" else []
        for attributes, cell in _CELL.findall(inner.partition("</thead>")[2]):
            if 'class="number"' not in attributes:
                continue
            text = unescape(_TAG.sub("", cell))
            for shown, decimals in _parsed(text, language):
                asked += 1
                places = _round(shown, decimals) if name == "cost_per_result" else decimals
                if not any(_rounds_to(value, shown, places, (1, 100)) for value in values):
                    faults.append(f"{name}: {text}")
    return Check("tables", asked - len(faults), asked, tuple(faults))


# --- Figures and tables against each other


def _sums(held: Carried, results: Mapping[str, Any]) -> Check:
    """Return whether figures and tables that must agree do."""
    figures = {one["id"]: one for one in results["figures"]}
    pairs = [pair for part in (_of_goals, _of_rows, _of_costs, _of_estimates) for pair in part(held, figures)]
    faults = [
        f"{name}: {left:.6g} ≠ {right:.6g}"
        for name, left, right, least in pairs
        if not _near(left, right, least)
    ]
    return Check("sums", len(pairs) - len(faults), len(pairs), tuple(faults))


def _near(left: float, right: float, least: float = 1e-3) -> bool:
    """Return whether two numbers are the same in the digits that are kept of the largest of their parts."""
    return abs(left - right) <= _TOLERANCE * max(abs(left), abs(right), least)


#: What must agree: its name, both sides, and the size of its parts where that is larger.
Pairs = Iterator[tuple[str, float, float, float]]


def _of_goals(held: Carried, figures: Mapping[str, Any]) -> Pairs:
    """Yield the table of the goals and of the paths to them, beside the figures and their own sums."""
    tables = _csv(held)
    for row in tables.get("goals", []):
        cells = {"target": "goal", "reached": "reached", "known": "known", "unknown": "unknown"}
        for column, figure in cells.items():
            yield from _pair(f"{row['goal']}.{figure}", row.get(column), figures, "value")
        for column, figure, end in (
            ("l2_low", "level2", "low"), ("l2_median", "level2", "value"), ("l2_high", "level2", "high"),
            ("l3_low", "level3", "low"), ("l3_effect", "level3", "value"), ("l3_high", "level3", "high"),
        ):  # fmt: skip
            yield from _pair(f"{row['goal']}.{figure}", row.get(column), figures, end)
    total: dict[str, float] = {}
    for row in tables.get("paths", []):
        count, cumulated = _float(row["count"]), _float(row["cumulated"])
        yield from _pair(f"{row['goal']}.known.{row['year']}", row["cumulated"], figures, "value")
        if count is not None and cumulated is not None and row["goal"] in total:
            yield f"paths, {row['goal']}, {row['year']}", total[row["goal"]] + count, cumulated, 1e-3
        if cumulated is not None:
            total[row["goal"]] = cumulated


def _pair(id: str, cell: str | None, figures: Mapping[str, Any], end: str) -> Pairs:
    """Yield a cell beside the figure that it must be; nothing where either is not known."""
    told, value = figures.get(id, {}).get(end), _float(cell)
    if told is not None and value is not None:
        yield f"{id}, {end}", float(told), value, 1e-3


def _of_rows(held: Carried, figures: Mapping[str, Any]) -> Pairs:
    """Yield the rows of the records: read are kept, merged and rejected."""
    rows = _csv(held).get("accounting", [])
    sums = {
        name: sum(_float(row[name]) or 0 for row in rows) for name in ("read", "kept", "merged", "rejected")
    }
    if rows:
        yield "accounting", sums["read"], sums["kept"] + sums["merged"] + sums["rejected"], 1e-3
        for name, value in sums.items():
            yield from _pair(f"records.{name}", str(value), figures, "value")


def _of_costs(held: Carried, _figures: Mapping[str, Any]) -> Pairs:
    """Yield each cost per result beside cost divided by results."""
    for row in _csv(held).get("cost_per_result", []):
        cost, results, ratio = (_float(row.get(one)) for one in ("cost_low", "results_high", "ratio_low"))
        if cost is not None and ratio is not None and results:
            yield f"cost_per_result, {row['goal']}, {row['level']}", round_cost(cost / results), ratio, 1e-3


def _of_estimates(held: Carried, figures: Mapping[str, Any]) -> Pairs:
    """Yield the actual beside counterfactual and gap, and each estimate beside its figure."""
    tables = _csv(held)
    for row in tables.get("gaps", []):
        actual, other, gap = (_float(row[one]) for one in ("actual", "counterfactual", "gap"))
        if actual is not None and other is not None and gap is not None:
            yield f"gaps, {row['outcome']}, {row['year']}", actual, other + gap, abs(other) + abs(gap)
    for row in tables.get("estimates", []):
        stem = f"county.{row['outcome']}.{row['method']}.{row['pool']}"
        for column, end in (("effect_persons", "value"), ("low", "low"), ("high", "high")):
            yield from _pair(f"{stem}.effect", row.get(column), figures, end)
        yield from _pair(f"{stem}.p_value", row.get("p_value"), figures, "value")


# --- The inputs


def _inputs(
    held: Carried,
    results: Mapping[str, Any],
    project: Path | None,
    records: Path | None,
    statistics: Path | None,
) -> Iterator[Check]:
    """Yield whether the input files are those of the run and, if so, whether it comes out the same."""
    from attraktiv_eval.evaluation import load_inputs
    from attraktiv_eval.evaluation.verbs import compute

    run = json.loads(held.files["run.json"])
    told = {(one["part"], one["file"], one["sha256"]) for one in run["inputs"]}
    folders = {"records": records, "statistics": statistics}
    wrong = [
        f"{part}: {file}"
        for part, file, digest in sorted(told)
        if (folder := folders.get(part)) is not None
        and (folder / file).is_file()
        and digest_of((folder / file).read_bytes()) != digest
    ]
    if wrong:  # what was changed may not be readable any longer
        yield Check("inputs", len(told) - len(wrong), len(told), tuple(wrong))
        return
    inputs = load_inputs(project, records, statistics)
    # by name and content: the shipped folder of statistics is another part where it is given by its name
    told_files = {(file, digest) for _part, file, digest in told}
    found = {(one["file"], one["sha256"]) for one in inputs.files()}
    wrong = sorted({file for file, _sha256 in told_files ^ found})
    yield Check("inputs", len(told_files & found), len(told_files | found), tuple(wrong))
    if not wrong:
        yield _recomputed(results, compute(inputs, None if results["final"] else results["year"]).document)


def _recomputed(results: Mapping[str, Any], made: Mapping[str, Any]) -> Check:
    """Return whether each figure and verdict is what a new computation gives."""
    again = {one["id"]: one for one in made["figures"]}
    faults = []
    compared = [one for one in results["figures"] if one.get("reason") != "suppressed"]
    for one in compared:
        new = again.get(one["id"]) or {}
        if new.get("reason") == "suppressed":
            continue
        for end in ("value", "low", "high"):
            left, right = one[end], new.get(end)
            same = left == right or (None not in (left, right) and _near(float(left), float(right or 0)))
            if not same:
                faults.append(f"{one['id']}, {end}: {left} ≠ {right}")
                break
    rules = {(one["goal"], one["level"]): one["rule"] for one in results["verdicts"]}
    anew = {(one["goal"], one["level"]): one["rule"] for one in made["verdicts"]}
    faults += [
        f"{goal}, {level}: {rule}" for (goal, level), rule in rules.items() if rule != anew.get((goal, level))
    ]
    asked = len(compared) + len(rules)
    return Check("recomputed", asked - len(faults), asked, tuple(faults))
