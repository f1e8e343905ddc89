"""What the provenance section states: sources, the plan, three criteria, the run itself, accessibility."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attraktiv_eval.level3 import plan as plan_words
from attraktiv_eval.reporting.figures import style as figure_sources
from attraktiv_eval.reporting.view import escape, known, verdict_of, verdict_text
from attraktiv_eval.texts import in_language, span

if TYPE_CHECKING:
    from attraktiv_eval.reporting.view import View


def _heading(words: str, id: str) -> str:
    return f'<h3 id="{id}">{escape(words)}</h3>'


def _code(value: Any) -> str:
    return f"<code>{escape(value)}</code>" if value else ""


def sources(view: View, run: dict[str, Any]) -> list[str]:
    """Return the tables of official statistics, and every file that went in with its checksum."""
    inputs = run.get("inputs") or getattr(view.evaluation, "inputs", None) or []
    files = [(str(one.get("file", "")), _file(view, one)) for one in inputs]
    lines = "".join(f"<li>{_statistic(view, one)}</li>" for one in view.sources)
    summary = escape(view._("Files read, with SHA-256"))
    return [
        _heading(view._("Sources"), "sources"),
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
        licence=escape(one.get("licence") or _("licence not stated")),
        hash=digest,
    )
    if one.get("noise"):
        told += f". {escape(figure_sources.noise(view, one['noise']))}"
    if one.get("unread"):
        unread = _("In the file and not read: {columns}").format(columns=view.join(one["unread"][:12]))
        told += f". {escape(unread)}"
    told = f"{told}. <strong>{escape(_changed(view))}</strong>" if one.get("changed") else told
    return told + _said_of(view, one)


def _said_of(view: View, one: dict[str, Any]) -> str:
    """Return SCB's mandatory notes on a file's tables, and what the checks found odd in years with noise."""
    notes = [f'<li lang="sv">{escape(note)}</li>' for note in one.get("scb_notes") or []]
    odd = [f'<li lang="en">{escape(remark)}</li>' for remark in one.get("remarks") or []]
    said = (
        (view._("What SCB says of these tables"), notes),
        (view._("Figures with SCB’s noise that stray further than noise usually does"), odd),
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
    none = (
        _("none so far")
        if found.written
        else _("chosen when the report was made; no plan was written before")
    )
    amendments = [
        f"{escape(_when(view, one))}: {_reason(view, one)} {_replaced(view, one)} "
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
        (_("Amendments"), "<br>".join(amendments) or escape(none)),
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


def _reason(view: View, amendment: dict[str, str]) -> str:
    """Return why the plan was amended, in the page's language or else marked as Swedish."""
    if amendment.get("in_run"):
        return escape(plan_words.amendment(amendment, view.language, view.defined))
    text = escape(amendment.get("reason", ""))
    if view.language == "sv":
        return text
    told = amendment.get(f"reason_{view.language}")
    return escape(told) if told else f'<span lang="sv">{text}</span>'


def maryland(view: View) -> str:
    """Return where the comparison, and a draw where there is one, stand on the Maryland scale."""
    if view.evaluation.project.draw is None:
        return view._(
            "Maryland scale: step 3 of 5, before and after with a comparison group. Not higher, because "
            "nobody drew lots about who took part and no natural experiment decided it."
        )
    return view._(
        "Maryland scale: the comparison of counties is step 3 of 5, before and after with a comparison "
        "group. The draw among the applicants is step 5: lots decided who was helped first."
    )


def criteria(view: View) -> list[str]:
    """Return the Maryland level and the answers to the three criteria of the National Audit Office."""
    from attraktiv_eval.reporting import tables

    _ = view._
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
        f"<p>{escape(maryland(view))}</p>",
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
    commit = git.get("commit")
    if not commit:
        return ""
    state = view._("with changes that are not committed") if git.get("dirty") else view._("unchanged")
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


# --- The last section


def provenance(view: View, run: dict[str, Any]) -> str:
    """Return the provenance section as HTML; what the run does not know is left out."""
    parts = [
        *proofs(view, run),
        *sources(view, run),
        *plan(view),
        *criteria(view),
        *run_record(view, run),
        *accessibility(view),
    ]
    inner = "\n".join(part for part in parts if part)
    return f'<div class="provenance">\n{inner}\n</div>'


def definitions(pairs: list[tuple[str, str]]) -> str:
    """Return a list of terms and values (HTML) as a definition list; empty values are left out."""
    inner = "".join(f"<dt>{escape(term)}</dt><dd>{value}</dd>" for term, value in pairs if value)
    return f"<dl>{inner}</dl>" if inner else ""


# --- For each figure of the verdict


def proofs(view: View, run: dict[str, Any]) -> list[str]:
    """Return a block for each goal and level, with the id that the first screen links to."""
    heading = view._("Each figure of the verdict")
    blocks = [f'<h3 id="proofs">{escape(heading)}</h3>']
    for goal in view.evaluation.project.goals:
        for level in (1, 2, 3) if view.followed(goal) else (1,):
            blocks.append(_proof(view, run, goal, level))
    return blocks


def _proof(view: View, run: dict[str, Any], goal: str, level: int) -> str:
    _ = view._
    title = f"{view.word('goal', goal)}, {view.word('level', level)}"
    pairs = [
        (_("Figure"), _figure(view, goal, level)),
        (_("Verdict"), verdict_text(view, goal, level)),
        (_("Definition"), escape(definition(view, goal, level))),
        (_("Source"), _source(view, goal, level)),
        (_("Assumptions"), _assumptions(view, goal, level)),
        (_("Made in"), _notebook(view, run, goal, level)),
    ]
    return f'<section id="proof-{goal}-{level}"><h4>{escape(title)}</h4>{definitions(pairs)}</section>'


def definition(view: View, goal: str, level: int) -> str:
    """Return what a figure of the verdict counts or estimates."""
    _ = view._
    told = {
        ("households", 1): _(
            "Households that moved across the county border into the county after their first contact "
            "with the project."
        ),
        ("households", 2): _(
            "Of these, the expected number that would not have moved in within 24 months without the project."
        ),
        ("households", 3): _(
            "In-moves of the county against comparison regions over the years compared, turned into "
            "households."
        ),
        ("companies", 1): _("Companies that made at least one hire through the project."),
        ("companies", 2): _(
            "Of these, the expected number that would not have hired without the project, less hires who "
            "already lived and worked in the county."
        ),
        ("companies", 3): _("Official statistics on companies’ access to labour against comparison regions."),
        ("organisations", 1): _("Named organisations, each counted once."),
    }
    found = told.get((view.counts(goal), level))
    return found or str(getattr(view.evaluation.project.goals[goal], f"label_{view.language}"))


def _figure(view: View, goal: str, level: int) -> str:
    """Return the figure itself; its interval beside it. Empty where the run has none."""
    row = view.goal(goal)
    if row is None:
        return ""
    unit = escape(view.unit(goal))
    if level == 1:
        return f"{view.n(row['known'])} {unit}" if known(row["known"]) else ""
    value, low, high = [
        row[name]
        for name in (("l2_median", "l2_low", "l2_high"), ("l3_effect", "l3_low", "l3_high"))[level - 2]
    ]
    if not known(value):
        return ""
    if level == 2:
        text = view._("{n} {unit} (in nine of ten calculations {range})")
    else:
        text = view._("{n} {unit} (90 per cent interval {range})")
    return text.format(n=view.n(value), unit=unit, range=view.span(low, high))


def _source(view: View, goal: str, level: int) -> str:
    _ = view._
    verdict = verdict_of(view, goal, level)
    if level == 3 and (verdict is None or verdict.rule == "not_tested"):
        return escape(_("none in this report"))
    if level == 3:
        words = _("official statistics, with table, date and checksum")
    else:
        words = _("the project’s own records, with checksums")
    return f'<a href="#sources">{escape(words)}</a>'


def _assumptions(view: View, goal: str, level: int) -> str:
    """Return the assumptions that the figure rests on, in words, each once."""
    of = view.evaluation.assumptions
    used: list[str] = []
    if level == 1 and view.followed(goal):
        used = ["linkage_score", "linkage_grey_zone"]
    if level == 2:
        used = list(getattr(view.evaluation.contributions.get(goal), "assumptions", ()))
    if level == 3 and view.counts(goal) == "households" and view.table("estimates") is not None:
        used = ["persons_per_moving_household"]
    size = getattr(view.evaluation, "household_size", None)
    said = []
    for key in used:
        scale, _step, step = key.rpartition("_")
        if key.startswith("would_not_have_") and step.isdigit():
            said.append(escape(view.word("assumption", scale)))
        elif key == "persons_per_moving_household" and size is not None and size.source == "records":
            words = view._("{what} {value} ({range}), the records’ own mean")
            # rounded: the exact mean of one report beside another's would tell of one household
            ends = span(size.low, size.high, view.language, 1)
            what = escape(view.word("assumption", key))
            said.append(words.format(what=what, value=view.number(size.value, 1), range=ends))
        elif key in of:
            words = escape(view.word("assumption", key))
            fine = 2 if abs(of[key].high) < 10 else 0
            said.append(
                f"{words} {view.n(of[key].value, fine)} ({view.span(of[key].low, of[key].high, fine)})"
            )
    return "; ".join(dict.fromkeys(said))


def _notebook(view: View, run: dict[str, Any], goal: str, level: int) -> str:
    name = escape(notebook_name(view, run))
    companies = level == 3 and view.counts(goal) == "companies"
    section = "level3_companies" if companies else f"level{level}"
    words = view._("the cell that shows {section}, figure {id} in results.json").format(
        section=f"<code>{section}</code>", id=f"<code>{escape(figure_id(goal, level))}</code>"
    )
    return f'<a href="{name}" data-section="{section}">{name}</a>, {words}'


def figure_id(goal: str, level: int) -> str:
    """Return the id in ``results.json`` of a goal's figure at a level."""
    return f"{goal}.known" if level == 1 else f"{goal}.level{level}"


def notebook_name(view: View, run: dict[str, Any]) -> str:
    """Return the file name of the executed notebook, as DESIGN names it."""
    if run.get("notebook"):
        return str(run["notebook"])
    stem = "final_report" if view.evaluation.final else "evaluation"
    return in_language(stem, view.language, "ipynb")
