"""The command line: ``attraktiv-eval``.

Each command imports what it needs when it runs, so that ``--help`` answers at once.
"""

from __future__ import annotations

import gc
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Protocol

import typer
from typer.core import TyperGroup

from attraktiv_eval.errors import EvaluationError, ParameterError, one_of
from attraktiv_eval.resources import one_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from attraktiv_eval.project import Project
    from attraktiv_eval.runs.execution import RunParameters
    from attraktiv_eval.runs.pipeline import RunResult
    from attraktiv_eval.runs.progress import LogFile
    from attraktiv_eval.statistics.scb.client import Client
    from attraktiv_eval.statistics.scb.fetch import Fetched

__all__ = ["app", "main"]

_UsageError: Any = typer.BadParameter.__base__  # typer names it in no public place of its own


class _Commands(TyperGroup):
    """The commands; words that none of them takes are one line, and an interrupt says what is published."""

    def make_context(self, *args: Any, **extra: Any) -> Any:
        """Read the words before a command's name."""
        try:
            return super().make_context(*args, **extra)
        except _UsageError as error:
            raise _in_one_line(error) from None

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command that is named."""
        if args[0] not in self.commands:
            raise ParameterError(
                f"{ctx.command_path} has no command {args[0]!r}", remedy=one_of(self.commands, args[0])
            )
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run a command. Typer itself would end without a word, so the interrupt is taken before it."""
        try:
            return super().invoke(ctx)
        except _UsageError as error:
            raise _in_one_line(error) from None
        except (KeyboardInterrupt, ImportError) as error:
            # A compiled module that is interrupted while it is loaded says that it could not be.
            if not _interrupted(error):
                raise
            typer.echo("interrupted; what was published before stands", err=True)
            # Python keeps in mind an interrupt that came amid an exec of text, as imports have, and kills
            # itself for it at the end instead of returning the code; another exec makes it forget.
            exec("")
            raise typer.Exit(130) from None


def _in_one_line(error: Any) -> Exception:
    """Say which words of a command are wrong, and what it takes; help that was asked for stays help."""
    if type(error).__name__ == "NoArgsIsHelpError":
        return error
    asked = error.ctx.command_path if error.ctx else "attraktiv-eval"
    if hasattr(error, "possibilities"):
        taken = error.ctx.command.get_params(error.ctx)
        options = [name for one in taken for name in (*one.opts, *one.secondary_opts) if name[0] == "-"]
        return ParameterError(
            f"{asked} has no option {error.option_name}", remedy=one_of(options, error.option_name)
        )
    remedy, wrong = f"see {asked} --help", getattr(error, "param", None)
    if wrong is not None:
        option = wrong.opts[0] if wrong.param_type_name == "option" else ""
        words = f"{option} {wrong.metavar or ''}".strip()
        remedy = f"write {words} ({wrong.help.rstrip('.')}), or {remedy}"
    return ParameterError(f"{asked}: {error.format_message().rstrip('.')}", remedy=remedy)


def _interrupted(error: BaseException) -> bool:
    """Whether an interrupt stands behind an error."""
    behind: BaseException | None = error
    while behind is not None:
        if isinstance(behind, KeyboardInterrupt):
            return True
        behind = behind.__cause__ or behind.__context__
    return False


app = typer.Typer(
    cls=_Commands,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Evaluate a regional talent-attraction project: three levels of evidence, never merged.",
)

ProjectOption = Annotated[
    Path | None, typer.Option("--project", metavar="FILE", help="Description of the project (TOML).")
]
RecordsOption = Annotated[
    Path | None,
    typer.Option("--records", metavar="DIR", help="The project's own records; else invented ones."),
]
StatisticsOption = Annotated[
    Path | None, typer.Option("--statistics", metavar="DIR", help="Official statistics; else those shipped.")
]
QuietOption = Annotated[bool, typer.Option("--quiet", help="Say nothing unless something is wrong.")]
LogOption = Annotated[
    Path | None, typer.Option("--log", metavar="FILE", help="Write each step to the end of this file.")
]
OutputOption = Annotated[Path, typer.Option("--output", metavar="DIR", help="Where reports are published.")]
LanguageOption = Annotated[str, typer.Option("--language", help="sv or en.")]
LanguagesOption = Annotated[list[str] | None, typer.Option("--language", help="sv or en; may be repeated.")]
NewFolder = Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder.")]


def _say_version(asked: bool) -> None:
    """Say which version runs, and end."""
    if asked:
        from attraktiv_eval import __version__

        typer.echo(f"attraktiv-eval {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Say the version and end.")
    ] = False,
) -> None:
    """Keep the commands as commands even while there are few."""


@app.command()
def run(
    year: Annotated[list[int] | None, typer.Option(help="Evaluation year; may be repeated.")] = None,
    final: Annotated[
        bool | None,
        typer.Option("--final/--no-final", help="Make the final report beside the yearly ones, or not."),
    ] = None,
    records: RecordsOption = None,
    statistics: StatisticsOption = None,
    project: ProjectOption = None,
    assumptions: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Assumptions of this run; else the project's. Nothing else changes."
        ),
    ] = None,
    language: LanguagesOption = None,
    output: OutputOption = Path("outputs"),
    pdf: Annotated[
        bool, typer.Option("--pdf", help="Print each report to PDF, where a Chromium is.")
    ] = False,
    quiet: QuietOption = False,
    log: LogOption = None,
) -> None:
    """Make the yearly evaluations and the final report, and publish them as HTML."""
    from attraktiv_eval.project import Project
    from attraktiv_eval.runs import pipeline
    from attraktiv_eval.runs.execution import checked
    from attraktiv_eval.runs.progress import Bar, LogFile, Quiet

    with LogFile(log) as told:
        described = Project.load(project)
        parameters = checked(
            described,
            years=year,
            final=final,
            languages=language,
            project_file=project,
            records=records,
            statistics=statistics,
            assumptions=assumptions,
            output=output,
            pdf=pdf,
        )
        say = _sayer(told, quiet)
        for line in _not_over(described, all_of_it=not year, final=final):
            say(line)
        with Quiet() if quiet else Bar() as told.shown:
            result = pipeline.run(parameters, described, told)
        _say_result(result, parameters, described, say)


def _say_each(said: Iterable[object]) -> None:
    """Print lines, or the paths of files, one below the other."""
    for one in said:
        typer.echo(str(one))


class _Say(Protocol):
    """Says a line: ``wrong`` to standard error, and even when a run is to be quiet."""

    def __call__(self, line: str, *, wrong: bool = False) -> None: ...


def _sayer(log: LogFile, quiet: bool) -> _Say:
    """Return what says a line and writes it to the log."""

    def say(line: str, *, wrong: bool = False) -> None:
        log.line(line)
        if wrong or not quiet:
            typer.echo(line, err=wrong)

    return say


def _not_over(project: Project, *, all_of_it: bool, final: bool | None) -> Iterator[str]:
    """Say in one line which reports a run of the whole project leaves out, since their time is not over."""
    left = [str(year) for year in project.years if year not in project.years_over]
    if final is None and not project.ended:
        left.append("final")
    if all_of_it and left:
        yield (
            f"not yet: {', '.join(left)}; the project lasts until {project.end}, "
            "and a report is made when its time is over"
        )


def _say_result(result: RunResult, parameters: RunParameters, project: Project, say: _Say) -> None:
    """Say the verdicts, where the reports are, and what the records leave to the evaluator."""
    from attraktiv_eval.runs.progress import as_text, verdict_table
    from attraktiv_eval.texts import number, translator

    language = parameters.languages[0]
    _ = translator(language)
    if parameters.pdf and not result.printed:
        say(_("no Chromium was found: the reports are published without a PDF"), wrong=True)
    folder = "final" if "final" in result.results else list(result.results)[-1]
    say(as_text(verdict_table(result.results[folder], folder, language, project)))
    say(str(result.index))
    if result.rejected:
        say(
            _(
                "{n} rows of the records were rejected: attraktiv-eval check --records DIR --write DIR lists "
                "them in rejected_rows.csv, by file and heading"
            ).format(n=number(result.rejected, language))
        )
    if result.undecided:
        say(
            _(
                "{n} pairs may be the same: attraktiv-eval check --records DIR --write DIR lists them in "
                "decisions.csv beside the lists, to decide there"
            ).format(n=number(result.undecided, language))
        )
    if result.unapplied:
        say(
            _(
                "{n} decisions in decisions.csv could not be applied: no household or company of that name "
                "is found; keep a key, or give the households references, for decisions to hold"
            ).format(n=number(result.unapplied, language)),
            wrong=True,
        )


@app.command()
def check(
    records: Annotated[Path, typer.Option("--records", metavar="DIR", help="The project's own records.")],
    project: ProjectOption = None,
    language: LanguageOption = "sv",
    write: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write rejected_rows.csv here, and decisions.csv if need be."),
    ] = None,
    against: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Last year's folder: say what came, went and changed.")
    ] = None,
    write_settings: Annotated[
        bool, typer.Option("--write-settings", help="Write lists.toml to complete, among the records.")
    ] = False,
) -> None:
    """Say what a run would accept and reject of a folder of records, without running."""
    from attraktiv_eval.project import Project
    from attraktiv_eval.records.check import check as examine

    if write_settings:
        from attraktiv_eval.records.files import write_proposal

        typer.echo(str(write_proposal(records)))
        return
    found = examine(records, Project.load(project))
    _say_each(found.lines(language))
    _say_each(found.write(write) if write else [])
    if against:
        from attraktiv_eval.records.check import compare

        _say_each(compare(against, records, Project.load(project), language))
    raise typer.Exit(found.exit_code)


@app.command()
def workbook(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to write into.")],
    project: ProjectOption = None,
    language: Annotated[list[str] | None, typer.Option(help="sv (else) or en; may be repeated.")] = None,
) -> None:
    """Write an Excel workbook to fill in, one sheet a list, and the same as CSV."""
    from attraktiv_eval.project import Project
    from attraktiv_eval.records.workbook import write_workbook

    for one in _pages_in(language or ["sv"]):
        _say_each(write_workbook(directory, Project.load(project), one))


@app.command()
def fetch(
    table: Annotated[list[str] | None, typer.Option(metavar="NAME", help="A table of the catalogue.")] = None,
    to: Annotated[Path, typer.Option(metavar="DIR", help="Where the statistics go.")] = Path("statistics"),
    base_url: Annotated[str | None, typer.Option(metavar="URL", help="Another PxWebApi 2 service.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be fetched.")] = False,
    again: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="A table to ask for anew, though it is held.")
    ] = None,
    search: Annotated[
        str | None,
        typer.Option(metavar="WORDS", help="List the tables that the service finds; fetch nothing."),
    ] = None,
    show: Annotated[
        list[str] | None, typer.Option(metavar="TAB", help="List what is in a table; fetch nothing.")
    ] = None,
    query: Annotated[
        str | None,
        typer.Option(metavar="FILE|URL", help="Make a draft for the catalogue of a query; fetch nothing."),
    ] = None,
    kolada: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A key figure of Kolada in the catalogue, in the place of SCB."),
    ] = None,
    groups: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="SCB's groups of municipalities, such as la_2018, for donor pools."
        ),
    ] = None,
    advertisements: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Count a file of historical job advertisements; fetch nothing."),
    ] = None,
) -> None:
    """Fetch official statistics from SCB, check them, and lay them where --statistics finds them."""
    from attraktiv_eval.runs.progress import PartsBar
    from attraktiv_eval.statistics.scb.client import BASE_URL, Client
    from attraktiv_eval.statistics.scb.fetch import fetch as bring
    from attraktiv_eval.statistics.scb.fetch import need_the_extra

    if advertisements:
        from attraktiv_eval.statistics.other_publishers import count_advertisements

        _say_fetched([count_advertisements(advertisements, to)])
        return
    need_the_extra()

    def client_of(address: str) -> Client:
        return Client(
            address, on_wait=lambda seconds, why: typer.echo(f"waiting {seconds:.0f} s: {why}", err=True)
        )

    if search is not None or show or query is not None:
        _look_up(client_of, base_url, search, show or [], query, table or [])
        return
    if kolada:
        from attraktiv_eval.statistics.other_publishers import BASE_URL as KOLADA_URL
        from attraktiv_eval.statistics.other_publishers import fetch_indicators

        if table or groups:
            raise ParameterError(
                "--kolada and --table name figures of two services", remedy="run the command once for each"
            )
        address = base_url or KOLADA_URL
        _say_fetched(fetch_indicators(kolada, to, address, dry_run, client=client_of(address)))
        return
    address = base_url or BASE_URL
    client = client_of(address)
    if groups:
        from attraktiv_eval.statistics.scb.fetch import fetch_groups

        _say_fetched(fetch_groups(groups, to, address, dry_run, client=client))
        if not table:
            return
    with PartsBar() as bar:
        found = bring(table, to, address, dry_run, bar.advance, client=client, again=again or ())
    _say_fetched(found)


def _say_fetched(found: list[Fetched]) -> None:
    """Print what happened to each table; leave with 2 where one is missing."""
    for one in found:
        typer.echo(
            " ".join(
                filter(
                    None, [f"{one.name}: {one.state}, {one.cells} cells,", f"{one.calls} calls", one.message]
                )
            )
        )
    if any(one.state == "failed" for one in found):
        typer.echo("some tables are missing; remedy: see above why; the others are there", err=True)
        raise typer.Exit(2)


def _look_up(
    client_of: Callable[[str], Client],
    base_url: str | None,
    search: str | None,
    show: list[str],
    query: str | None,
    table: list[str],
) -> None:
    """Print what the service has, or a draft for the catalogue; nothing is fetched."""
    from attraktiv_eval.statistics.scb.client import BASE_URL
    from attraktiv_eval.statistics.scb.draft import draft, read_query, search_lines, show_lines

    asked = None if query is None else read_query(query, table[0] if table else None)
    client = client_of(base_url or (asked.base_url if asked else None) or BASE_URL)
    if search is not None:
        typer.echo("\n".join(search_lines(client, search)))
    for id in show:
        typer.echo("\n".join(show_lines(client, id)))
    if asked is not None:
        text, told = draft(asked, client)
        typer.echo(text, nl=False)
        typer.echo(told, err=True)


@app.command()
def plan(
    amend: Annotated[
        str | None, typer.Option(metavar="REASON", help="Why an existing plan is changed.")
    ] = None,
    amend_en: Annotated[
        str | None, typer.Option(metavar="REASON", help="The same in English, for the English reports.")
    ] = None,
    project: ProjectOption = None,
    statistics: StatisticsOption = None,
    to: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The plan; else beside the project.")
    ] = None,
    follow_up: Annotated[
        str | None,
        typer.Option(metavar="FIRST-LAST", help="Plan the years after the project instead, as 2023-2027."),
    ] = None,
) -> None:
    """Set the primary specification by rule, from the years before the project (takes minutes)."""
    from attraktiv_eval import resources
    from attraktiv_eval.level3.plan import write_plan
    from attraktiv_eval.project import Project
    from attraktiv_eval.runs.progress import PartsBar
    from attraktiv_eval.statistics.panel import Panel

    described = Project.load(project)
    beside = resources.find("data/project.toml") if project is None else project
    if follow_up is not None:
        _plan_follow_up(described, project, statistics, follow_up, to, amend or amend_en)
        return
    file = to or beside.with_name("analysis_plan.toml")
    with PartsBar() as bar:
        made = write_plan(
            Panel.load(statistics), described, file, amend, amend_en=amend_en, n_jobs=-1, advance=bar.advance
        )
    typer.echo(made.sentence("en"))


def _plan_follow_up(
    described: Project,
    project: Path | None,
    statistics: Path | None,
    years: str,
    to: Path | None,
    amend: str | None,
) -> None:
    """Write the plan for the years after the project and say its hash."""
    from attraktiv_eval.design.follow_up import write_follow_up
    from attraktiv_eval.statistics.panel import Panel

    if amend is not None:
        raise ParameterError(
            "the plan of a follow-up is not amended",
            remedy="write another beside it with --to, and say why there",
        )
    file = to or (Path() if project is None else project.parent) / "follow_up_plan.toml"
    plan = None if project is None else project.with_name("analysis_plan.toml")
    made = write_follow_up(
        Panel.load(statistics), described, years, file, plan=plan if plan and plan.exists() else None
    )
    typer.echo(str(file))
    typer.echo(f"hash: {made.sha256}")
    typer.echo("tell it to somebody before the figures appear, or attraktiv-eval register add")


@app.command()
def diff(
    before: Annotated[Path, typer.Argument(metavar="RUN_A", help="Folder of the earlier report.")],
    after: Annotated[Path, typer.Argument(metavar="RUN_B", help="Folder of the later report.")],
    language: LanguageOption = "sv",
) -> None:
    """Say what changed between two published reports, and why."""
    from attraktiv_eval.runs.comparison import compare_reports

    _say_each(compare_reports(before, after).lines(language))


@app.command()
def verify(
    report: Annotated[Path, typer.Argument(metavar="FILE", help="The HTML page of a report.")],
    records: RecordsOption = None,
    statistics: StatisticsOption = None,
    project: ProjectOption = None,
    page: Annotated[
        Path | None, typer.Option("--page", metavar="FILE", help="Write the answer as a page of its own.")
    ] = None,
) -> None:
    """Try a report by what it carries, and by its inputs where given: 0 holds, 1 does not, 2 no report."""
    from attraktiv_eval.runs.verification import verify as examine

    found = examine(report, records=records, statistics=statistics, project=project)
    _say_each(found.lines())
    if page is not None:
        page.write_text(found.html(), encoding="utf-8", newline="\n")
        typer.echo(str(page))
    if not found.fine:
        raise typer.Exit(1)


@app.command()
def explore(
    language: Annotated[str, typer.Option(help="Prose and panels in sv or en.")] = "sv",
    folder: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where your notebooks lie; else explore/.")
    ] = None,
    records: RecordsOption = None,
    statistics: StatisticsOption = None,
    project: ProjectOption = None,
    port: Annotated[int | None, typer.Option(help="Port of JupyterLab; else the first free one.")] = None,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open a browser, or print the address only.")
    ] = True,
) -> None:
    """Open JupyterLab on the explore notebooks: households, comparison, assumptions, data quality."""
    from attraktiv_eval.explore.board import open_lab

    where = folder or Path("explore" if language == "sv" else f"explore-{language}")
    code = open_lab(
        where,
        language=language,
        browser=browser,
        port=port,
        project=project,
        records=records,
        statistics=statistics,
    )
    raise typer.Exit(code)


@app.command()
def new(
    directory: NewFolder,
    name: Annotated[str | None, typer.Option(help="What the project is called.")] = None,
    region: Annotated[
        str | None, typer.Option(help="County, several as 20+21, or municipality, by code or name.")
    ] = None,
    start: Annotated[str | None, typer.Option(help="First day, as 2020-01-01.")] = None,
    end: Annotated[str | None, typer.Option(help="Last day, as 2022-12-31.")] = None,
    goal: Annotated[
        list[str] | None, typer.Option(metavar="KIND=NUMBER", help="Such as persons=300; may be repeated.")
    ] = None,
    organisation: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME[=KIND]",
            help="Such as 'Växjö kommun=municipality'; may be repeated, empty for none.",
        ),
    ] = None,
    language: Annotated[list[str] | None, typer.Option(help="Of the workbook: sv (else) or en.")] = None,
) -> None:
    """Describe a project of one's own: project.toml, folders and workbook; asks for what is missing."""
    from attraktiv_eval.runs.new_project import ask, check_place, make_project

    languages = _pages_in(language or ["sv"])
    check_place(directory)
    answers = ask(name, region, start, end, goal, organisation)
    _say_each(make_project(directory, answers, languages))
    described = directory / "project.toml"
    guessed = [f"{one.name} ({one.kind})" for one in answers.organisations if one.guessed]
    if guessed:
        typer.echo(f"guessed from the name, correct it in project.toml if wrong: {', '.join(guessed)}")
    typer.echo("next: put your decision's own words into project.toml, and fill in the workbook")
    typer.echo(f"then: attraktiv-eval plan --project {described}")
    typer.echo(f"then: attraktiv-eval run --project {described} --output {directory / 'outputs'}")


@app.command()
def portfolio(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Description of the portfolio (TOML).")],
    output: OutputOption = Path("outputs/portfolio"),
    workers: Annotated[int, typer.Option(min=1, help="Processes on this machine.")] = 1,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="A Dask scheduler, such as tcp://host:8786.")
    ] = None,
    quiet: QuietOption = False,
    log: LogOption = None,
) -> None:
    """Run many projects, years and languages; a broken run goes on where it stopped."""
    from attraktiv_eval.runs.portfolio import Portfolio, run_portfolio
    from attraktiv_eval.runs.progress import LogFile, Quiet, ReportBar

    with LogFile(log) as told:
        described, say = Portfolio.load(file), _sayer(told, quiet)
        with Quiet() if quiet else ReportBar() as told.shown:
            outcomes = run_portfolio(described, output, workers=workers, scheduler=scheduler, teller=told)
        failed = [one for one in outcomes if one.state == "failed"]
        for one in failed:
            say(f"{one.id}: {one.error}", wrong=True)
        made = sum(one.state == "made" for one in outcomes)
        say(f"{made} made, {len(outcomes) - made - len(failed)} unchanged, {len(failed)} failed")
        say(str(output / "index.html"))
    if failed:
        raise typer.Exit(2)


def _pages_in(asked: list[str] | None) -> list[str]:
    """Return the languages that a page is written in, both unless some are asked for; refuse others."""
    from attraktiv_eval.texts import LANGUAGES, translator

    languages = list(dict.fromkeys(asked or LANGUAGES))
    for one in languages:
        translator(one)
    return languages


@app.command()
def design(
    directory: NewFolder,
    region: Annotated[list[str], typer.Option(help="County by code or name, such as 07; may be repeated.")],
    years: Annotated[str, typer.Option(metavar="FIRST-LAST", help="The project's years, as 2027-2029.")],
    goal: Annotated[str, typer.Option(metavar="NUMBER", help="Households that are promised, as 400.")],
    contacts: Annotated[
        str, typer.Option(metavar="NUMBER", help="Households that it expects to be in contact with.")
    ] = "0",
    budget: Annotated[str | None, typer.Option(metavar="SEK", help="What it may cost.")] = None,
    moves_anyway: Annotated[
        str | None, typer.Option(metavar="SHARE", help="Of the contacts, without a project; else 0.12.")
    ] = None,
    name: Annotated[str, typer.Option(help="What the project is called.")] = "",
    statistics: StatisticsOption = None,
    language: LanguagesOption = None,
) -> None:
    """Say before a project what each design could see of its goal, and write a draft with a hashed plan."""
    from attraktiv_eval.design import compare_designs, write_design
    from attraktiv_eval.design.compared import read_request
    from attraktiv_eval.runs.new_project import check_place
    from attraktiv_eval.statistics.panel import Panel

    languages = _pages_in(language)
    asked = read_request(region, years, goal, contacts, budget, moves_anyway)
    check_place(directory)
    compared = compare_designs(asked, Panel.load(statistics))
    written = write_design(compared, directory, languages, name)
    from attraktiv_eval.design.page import restated, visible

    typer.echo(visible(compared, languages[0]))
    typer.echo(restated(compared, languages[0]))
    _say_each(written)


draw_app = typer.Typer(
    cls=_Commands,
    no_args_is_help=True,
    help="Draw applicants by lot, sealed beforehand, so that anyone can draw again.",
)
app.add_typer(draw_app, name="draw")
DrawFolder = Annotated[Path, typer.Argument(metavar="DIR", help="The folder of the draw.")]
KeyOption = Annotated[
    Path | None, typer.Option("--key", metavar="FILE", help="Key of the pseudonyms; else DIR.key.")
]


@draw_app.command("seal")
def draw_seal(
    directory: NewFolder,
    list_file: Annotated[Path, typer.Option("--list", metavar="FILE", help="Applicants, a row each.")],
    plan_file: Annotated[Path, typer.Option("--plan", metavar="FILE", help="The plan, with its hash.")],
    id_heading: Annotated[str, typer.Option("--id", metavar="HEADING", help="What names an applicant.")],
    value: Annotated[str, typer.Option(metavar="WORDS", help="Which public value will be drawn from.")],
    value_day: Annotated[str, typer.Option(metavar="DAY", help="The day it is published, as 2027-02-06.")],
    strata: Annotated[
        list[str] | None, typer.Option(metavar="HEADING", help="Draw within its values; may be repeated.")
    ] = None,
    share: Annotated[float, typer.Option(help="Share that is served first.")] = 0.5,
    key: KeyOption = None,
) -> None:
    """Seal list, plan, share and strata before the public value is known."""
    from attraktiv_eval.design.draw import read_day, seal
    from attraktiv_eval.evaluation.draw import read_sealed

    files = seal(
        list_file,
        plan_file,
        directory,
        id_heading=id_heading,
        public_value=value,
        value_day=read_day(value_day, "--value-day"),
        strata=strata or (),
        share=share,
        key_file=key,
    )
    _say_each(files)
    typer.echo(f"seal: {read_sealed(directory)[0]['sha256']}")
    typer.echo(f"next: tell others the seal before {value_day}, or attraktiv-eval register add")
    typer.echo(f"keep {files[-1]} apart: with it a list can be joined to the pseudonyms")


@draw_app.command("open")
def draw_open(
    directory: DrawFolder,
    value: Annotated[str, typer.Option(metavar="VALUE", help="The public value, as it was published.")],
) -> None:
    """Draw, now that the public value is there; once."""
    from attraktiv_eval.design.draw import open_draw

    _say_each(open_draw(directory, value))


@draw_app.command("check")
def draw_check(
    directory: DrawFolder,
    sealed: Annotated[str, typer.Option("--seal", metavar="HASH", help="As told beforehand.")] = "",
    plan_file: Annotated[
        Path | None, typer.Option("--plan", metavar="FILE", help="The plan that it was sealed with.")
    ] = None,
) -> None:
    """Draw again and compare byte for byte; a changed list or a second draw is found."""
    from attraktiv_eval.evaluation.draw import DRAWN, check_draw

    found = check_draw(directory, sealed, plan_file)
    for line in found:
        typer.echo(line, err=True)
    if found:
        raise typer.Exit(2)
    typer.echo("the draw holds" if (directory / DRAWN).exists() else "the seal holds; nothing is drawn yet")


@draw_app.command("analyse")
def draw_analyse(
    directory: DrawFolder,
    outcomes: Annotated[Path, typer.Option(metavar="FILE", help="Who moved, and who was helped.")],
    key: KeyOption = None,
    language: LanguagesOption = None,
) -> None:
    """Say what the draw shows: evidence of its own kind, beside the three levels."""
    from attraktiv_eval.design.page import write_draw
    from attraktiv_eval.evaluation.draw import analyse_folder
    from attraktiv_eval.reporting.draw import draw_sentence

    languages = _pages_in(language)
    result = analyse_folder(directory, outcomes, key)
    _say_each(write_draw(result, directory, languages))
    typer.echo(draw_sentence(result, languages[0]))


register_app = typer.Typer(
    cls=_Commands,
    no_args_is_help=True,
    help="Keep plans in a folder to which entries are only added, each chained.",
)
app.add_typer(register_app, name="register")
RegisterFolder = Annotated[Path, typer.Argument(metavar="REGISTER", help="The register's folder.")]


@register_app.command("add")
def register_add(
    register: RegisterFolder,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What is entered, taken up as it is.")],
    kind: Annotated[str, typer.Option(help="plan, amendment, seal, draw or report.")] = "plan",
    title: Annotated[str, typer.Option(help="What it is called.")] = "",
    due: Annotated[
        str | None, typer.Option(metavar="DAY", help="When the report on a plan is due, as 2030-05-01.")
    ] = None,
    of: Annotated[int | None, typer.Option(metavar="ENTRY", help="The plan's entry.")] = None,
) -> None:
    """Enter a plan, an amendment, a sealed draw, what was drawn, or a report."""
    from attraktiv_eval.design.draw import read_day
    from attraktiv_eval.design.register import add_entry, check_register, write_pages

    day = None if due is None else read_day(due, "--due")
    entry = add_entry(register, file, kind, title=title, due=day, of=of)
    write_pages(register, check_register(register), ["sv", "en"])
    typer.echo(f"entry {entry.place}: {entry.sha256}")
    typer.echo("keep this hash elsewhere: with it anyone can tell later that nothing was changed")


@register_app.command("check")
def register_check(
    register: RegisterFolder,
    known: Annotated[
        list[str] | None, typer.Option(metavar="HASH", help="A hash that was kept; may be repeated.")
    ] = None,
) -> None:
    """Find entries that were changed, taken out, put in or dated back; write the register's page."""
    from attraktiv_eval.design.register import check_register, write_pages

    if not register.is_dir():
        raise ParameterError("there is no such register", remedy="correct the path", file=register)
    checked = check_register(register, known or ())
    for line in checked.wrong:
        typer.echo(line, err=True)
    _say_each(write_pages(register, checked, ["sv", "en"]))
    for place, state in checked.states.items():
        typer.echo(f"plan {place}: {state.replace('_', ' ')}")
    if checked.wrong:
        raise typer.Exit(2)
    typer.echo(f"the register holds; entries: {len(checked.entries)}, newest {checked.newest}")


@app.command()
def doctor(output: OutputOption = Path("outputs")) -> None:
    """Check Python, the notebook kernel, the locale and write rights, one line each."""
    from attraktiv_eval.runs.execution import examine

    lines = examine(output)
    for line in lines:
        typer.echo(f"{'ok ' if line.fine else 'NOT'}  {line.name}: {line.told}")
    if not all(line.fine for line in lines):
        raise typer.Exit(2)


def main() -> None:
    """Run the command line; an error that the user can mend is one line and exit code 2."""
    one_thread()
    gc.set_threshold(20_000, 20, 20)  # as in the kernels of a run
    warnings.filterwarnings("ignore", "IPython parent")  # without a HOME it takes a folder of its own
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        app(prog_name="attraktiv-eval")
    except EvaluationError as error:
        typer.echo(error.one_line(), err=True)
        sys.exit(2)
    except OSError as error:
        if error.strerror is None:  # a library's own kind of error, and no word of the system
            raise
        told = EvaluationError(
            f"the file or folder cannot be used ({error.strerror})",
            remedy="check its path, your rights to it and the space on the disk",
            file=error.filename if isinstance(error.filename, str) else None,
        )
        typer.echo(told.one_line(), err=True)
        sys.exit(2)
