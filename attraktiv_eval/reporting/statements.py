"""What the provenance section states: sources, the plan, three criteria, the run itself, accessibility."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attraktiv_eval.level3 import plan as plan_words
from attraktiv_eval.reporting.display import escape
from attraktiv_eval.reporting.figures import sources as figure_sources
from attraktiv_eval.reporting.provenance import definitions

if TYPE_CHECKING:
    from attraktiv_eval.reporting.view import View

__all__ = ["accessibility", "criteria", "plan", "run_record", "sources"]


def _heading(words: str, id: str) -> str:
    return f'<h3 id="{id}">{escape(words)}</h3>'


def _code(value: Any) -> str:
    return f"<code>{escape(value)}</code>" if value else ""


def sources(view: View, run: dict[str, Any]) -> list[str]:
    """Return the tables of official statistics, and every file that went in with its checksum."""
    _ = view._
    inputs = run.get("inputs") or getattr(view.evaluation, "inputs", None) or []
    files = [(str(one.get("file", "")), _file(view, one)) for one in inputs]
    lines = "".join(f"<li>{_statistic(view, one)}</li>" for one in view.sources)
    summary = escape(_("Files read, with SHA-256"))
    return [
        _heading(_("Sources"), "sources"),
        f"<ul>{lines}</ul>" if lines else "",
        f"<details><summary>{summary}</summary>{definitions(files)}</details>" if files else "",
    ]


def _statistic(view: View, one: dict[str, Any]) -> str:
    _ = view._
    when = view.moment(one.get("updated") or one.get("read")) or _("day of reading not recorded")
    years = f"{one['first_year']}–{one['last_year']}" if one.get("last_year") else ""
    when = ", ".join(part for part in (years, when) if part)
    file, digest = escape(one.get("file", "")), _code(one.get("sha256", ""))
    if not one["tables"]:
        return _("{file}: nothing tells where it comes from; SHA-256 {hash}").format(file=file, hash=digest)
    told = _("{publisher}, {tables}, in {file}, {day}, {licence}; SHA-256 {hash}").format(
        publisher=escape(one.get("publisher") or _("Statistics Sweden (SCB)")),
        tables=escape(view.join(one["tables"])),
        file=file,
        day=escape(when),
        licence=escape(one.get("licence", "")),
        hash=digest,
    )
    if one.get("noise"):
        told += f". {escape(figure_sources.noise(view, one['noise']))}"
    told = f"{told}. <strong>{escape(_changed(view))}</strong>" if one.get("changed") else told
    return told + _said_of(view, one)


def _said_of(view: View, one: dict[str, Any]) -> str:
    """Return SCB's mandatory notes on a file's tables, and what the checks found odd in years with noise."""
    _ = view._
    notes = [f'<li lang="sv">{escape(note)}</li>' for note in one.get("scb_notes") or []]
    odd = [f'<li lang="en">{escape(remark)}</li>' for remark in one.get("remarks") or []]
    said = (
        (_("What SCB says of these tables"), notes),
        (_("Figures with SCB’s noise that stray further than noise usually does"), odd),
    )
    return "".join(
        f"<details><summary>{escape(words)}</summary><ul>{''.join(lines)}</ul></details>"
        for words, lines in said
        if lines
    )


def _file(view: View, one: dict[str, Any]) -> str:
    """Return the hash of a file that was read, and whether it was changed after the fetch."""
    digest = _code(one.get("sha256", ""))
    return f"{digest} {escape(_changed(view))}" if one.get("changed_after_fetch") else digest


def _changed(view: View) -> str:
    return view._("Changed after the fetch: the file is not as it came from the source.")


def plan(view: View) -> list[str]:
    """Return the analysis plan: when it was written, its hash, and every amendment."""
    _ = view._
    found = getattr(getattr(view.evaluation, "county", None), "plan", None)
    if found is None:
        return []
    amendments = [
        f"{escape(_when(view, one))}: {_reason(one, view.language)} {_replaced(view, one)} "
        f"{_code(one.get('replaced_sha256', ''))}"
        for one in found.amendments
    ]
    written = view.moment(found.content.get("written")) or _(
        "Set on the spot by this run; no plan was written before."
    )
    pairs = [
        (_("Statement"), escape(found.statement(view.language))),
        (_("Written"), escape(written)),
        (_("SHA-256 of its file, analysis_plan.toml beside this report"), _code(found.sha256)),
        (_("Amendments"), "<br>".join(amendments) or escape(_("none so far"))),
    ]
    return [_heading(_("The analysis plan"), "plan"), definitions(pairs)]


def _replaced(view: View, amendment: dict[str, str]) -> str:
    """Return what stands before the hash of a replaced plan: its date, where it is known."""
    written = amendment.get("replaced_written")
    if not written:
        return escape(view._("Replaced plan:"))
    return escape(view._("Replaced plan of {day}:").format(day=view.moment(written)))


def _when(view: View, amendment: dict[str, str]) -> str:
    """Return the day of an amendment; one that the run itself makes has none."""
    return view._("In this run") if amendment.get("in_run") else view.moment(amendment.get("date"))


def _reason(amendment: dict[str, str], language: str) -> str:
    """Return why the plan was amended, in the page's language or else marked as Swedish."""
    if amendment.get("in_run"):
        return escape(plan_words.amendment(amendment, language))
    text = escape(amendment.get("reason", ""))
    if language == "sv":
        return text
    told = amendment.get(f"reason_{language}")
    return escape(told) if told else f'<span lang="sv">{text}</span>'


def criteria(view: View) -> list[str]:
    """Return the Maryland level and the answers to the three criteria of the National Audit Office."""
    from attraktiv_eval.reporting import tables

    _ = view._
    maryland = _(
        "Maryland scale: step 3 of 5, before and after with a comparison group. Not higher, because nobody "
        "drew lots about who took part and no natural experiment decided it."
    )
    asks = _("The National Audit Office (RiR 2020:30) asks three things of an effect evaluation:")
    answers = [
        (
            _("A counterfactual"),
            _("Comparison regions, at level 3. Asking participants is not one, and level 2 says so."),
        ),
        (
            _("Reasons for the statistical assumptions"),
            _(
                "Every assumption has a range and a reference; the fit before the project, placebos in other "
                "regions and in earlier years are shown."
            )
            + _assumed(view),
        ),
        (
            _("Reasons for the choice of method"),
            _(
                "The primary method is the one that erred least on regions and years without the project; "
                "the analysis plan above says when it was set."
            ),
        ),
    ]
    return [
        _heading(_("How strong the evidence can be"), "criteria"),
        f"<p>{escape(maryland)}</p>",
        f"<p>{escape(asks)}</p>",
        definitions([(term, escape(words)) for term, words in answers]),
        tables.html(view, "identification"),
    ]


def _assumed(view: View) -> str:
    """Return the identifying assumptions by name, for the second criterion."""
    rows = view.table("identification")
    if rows is None:
        return ""
    text = view._(
        "The comparison assumes: {assumptions}. The table of what it assumes says what speaks for and "
        "against."
    )
    named = "; ".join(one[0].lower() + one[1:] for one in rows[view.language])
    return " " + text.format(assumptions=named)


def run_record(view: View, run: dict[str, Any]) -> list[str]:
    """Return what the run says of itself: id, version, diary number, time, program, seeds."""
    _ = view._
    software = run.get("software") or {}
    parameters = run.get("parameters") and {**run["parameters"], "language": view.language}
    replaces = _("version {n}").format(n=run["replaces"]) if run.get("replaces") else ""
    pairs = [
        (_("Run"), _code(run.get("run_id") or getattr(view.evaluation, "run_id", ""))),
        (_("Version"), escape(run.get("version") or "")),
        (_("Replaces"), escape(replaces)),
        (_("Diary number"), escape(view.evaluation.project.diary_number or _("not filled in"))),
        (_("Data until"), escape(view.day(view.evaluation.until))),
        (_("Started"), escape(view.moment(run.get("started")))),
        (_("Program"), _program(view, run.get("git") or {})),
        (_("Software"), escape(", ".join(f"{key} {value}" for key, value in sorted(software.items())))),
        (_("Parameters"), escape(_pairs(parameters))),
        (_("Seeds"), escape(_pairs(run.get("seeds")))),
        (_("Changed in the notebook"), escape(", ".join(getattr(view.evaluation, "changed", ())))),
    ]
    return [_heading(_("The run"), "run"), definitions(pairs)]


def _pairs(found: Any) -> str:
    return ", ".join(f"{key} = {value or '–'}" for key, value in (found or {}).items())


def _program(view: View, git: dict[str, Any]) -> str:
    _ = view._
    commit = git.get("commit")
    if not commit:
        return ""
    state = _("with changes that are not committed") if git.get("dirty") else _("unchanged")
    return f"{_code(str(commit)[:12])}, {escape(state)}"


def accessibility(view: View) -> list[str]:
    """Return the accessibility statement and the line of contact, from the project's description."""
    _ = view._
    of = view.evaluation.project
    contact = of.accessibility.get("contact") or of.contact
    text = _(
        "The report is built to follow {standard}, and its template is tested against it by machine. Figures "
        "have a text and a table; the report can be read by keyboard, enlarged, in the dark and on paper."
    ).format(standard=of.accessibility.get("standard") or "WCAG 2.1 AA")
    named = of.accessibility.get(f"law_{view.language}", "")
    law = _("The report falls under {law}.").format(law=named) if named else ""
    if contact:
        line = _("Report what does not work to {contact}.").format(contact=contact)
    else:
        line = _("The Region has not yet filled in whom to contact about faults in the report.")
    return [
        _heading(_("Accessibility and contact"), "accessibility"),
        f"<p>{escape(text)}</p>",
        f"<p>{escape(law)}</p>" if law else "",
        f"<p>{escape(line)}</p>",
    ]
