"""The words of the reports: gettext catalogues, and numbers and dates as each language writes them.

English is the language of the message ids; Swedish is the default language of the reports.
Catalogues lie in ``attraktiv_eval/locale``; ``make texts`` brings them up to date.
"""

from __future__ import annotations

import gettext
import math
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache, partial
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from attraktiv_eval.errors import ParameterError
from attraktiv_eval.resources import drawn_plainly, refuse_unknown_parameters

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "LANGUAGES",
    "LONGEST",
    "Answer",
    "Language",
    "about",
    "as_html",
    "day",
    "decimals_for",
    "decimals_that_add",
    "drawn_as_svg",
    "headed",
    "kind_of",
    "moment",
    "number",
    "own_records",
    "percent",
    "show_in",
    "shown_in",
    "span",
    "translator",
    "worded",
]


Language = Literal["sv", "en"]
LANGUAGES: tuple[Language, ...] = ("sv", "en")
_LOCALES = {"sv": "sv_SE", "en": "en_GB"}


#: The language that results show themselves in; the library's own until a notebook says otherwise.
_SHOWN = {"language": "en"}


def show_in(language: str) -> None:
    """Let every result of the library show itself in this language from now on.

    A notebook that papermill executes begins with it, so it is also where a parameter is refused that the
    notebook does not have.

    Raises
    ------
    ParameterError
        If there is no such language, or no such parameter.

    Examples
    --------
    >>> show_in("en")
    """
    refuse_unknown_parameters()
    translator(language)
    _SHOWN["language"] = language


def shown_in() -> str:
    """Return the language that results show themselves in."""
    return _SHOWN["language"]


def translator(language: str) -> Callable[[str], str]:
    """Return the function that turns an English message into the given language.

    Bind it to ``_`` so that Babel finds the messages: ``_ = translator(language)``.
    Fill in values afterwards: ``_("{n} households").format(n=number(n, language))``.
    """
    if not isinstance(language, str) or language not in LANGUAGES:
        raise ParameterError(f"unknown language {language!r:.60}", remedy="choose sv or en")
    return _translator(language)


@cache
def _translator(language: str) -> Callable[[str], str]:
    found = _catalogue(language)

    def said(message: str) -> str:
        text = _Counting(worded(found(message), language))
        text.language = language
        return text

    return said


#: A 1 that is no end of a range, and what it counts: nouns with their ending, and what goes with them.
_ONE = r"(?<![\d.,–])(?<!to )(?<!till )1(?:</data>)?[ \u00a0]"
_COUNTED = {
    "en": re.compile(
        _ONE + r"(?:known |named |participating |real |more )?"
        r"(?:(?:compan|count|municipalit)(?P<ies>ies)|(?:household|person|organisation|participation|move|row|month"
        r"|year|goal|contact|file|table|figure|number|pair|decision|placebo|region|assumption|judgement|check|report"
        r"|applicant|time|case|heading|reference|fault|unit|calculation|comparison|candidate|financier)(?P<s>s))\b"
        r"(?: (?P<verb>are|were|have)\b)?"
    ),
    "sv": re.compile(
        _ONE + r"(?:(?:oläs|läs|kän|belag|namngiv)(?P<before>[dtn]a) )?"
        r"(?:(?:person|organisation|kommun|rad|månad|gång|kontakt|fil|tabell|region|rapport|rubrik|finansiär|enhet"
        r"|kandidat)(?P<er>er)|(?:flytt|bedöm|pröv|beräk)ning(?P<ar>ar)|jämförelse(?P<r>r)|siffr(?P<or>or)"
        r"|(?P<neuter>hushåll|företag|(?:deltag|antag)ande(?P<n>n)))\b"
        r"(?: är (?:läs|kän|belag)(?P<after>[dtn]a)\b)?"
    ),
}
_SINGULAR = {
    "ies": "y",
    "are": "is",
    "were": "was",
    "have": "has",
    "or": "a",
    "da": "d",
    "ta": "t",
    "na": "en",
}
_NEUTER = _SINGULAR | {"da": "t", "na": "et"}


class _Counting(str):
    """A message that is filled in with numbers: what stands after a 1 stands in the singular."""

    __slots__ = ("language",)
    language: str

    def format(self, *values: object, **named: object) -> str:
        return _COUNTED[self.language].sub(_in_singular, super().format(*values, **named))


def _in_singular(found: re.Match[str]) -> str:
    """Return a counted noun in the singular, and the adjectives and the verb that go with it."""
    ends = found.groupdict()
    singular = _NEUTER if ends.pop("neuter", None) else _SINGULAR
    said, start = found[0], found.start()
    for name, plural in sorted(ends.items(), key=lambda end: found.start(end[0]), reverse=True):
        if plural:
            first, last = (end - start for end in found.span(name))
            said = said[:first] + singular.get(plural, "") + said[last:]
    return said


def _catalogue(language: str) -> Callable[[str], str]:
    path = Path(__file__).parent / "locale" / language / "LC_MESSAGES" / "attraktiv_eval.mo"
    if language == "en" or not path.is_file():
        return gettext.NullTranslations().gettext
    with path.open("rb") as file:
        return gettext.GNUTranslations(file).gettext


# --- What the project's region is called: the messages speak of a county, a project may be of another kind;
# and they speak of those who moved or hired, of which its goals may count one alone

_ABOUT: ContextVar[tuple[str, str]] = ContextVar("about", default=("county", ""))

#: Messages about counties whatever the project's region is.
_OF_COUNTIES = re.compile(
    r"länens statistik|enskilda län|single counties|glest befolkat län|sparsely populated county"
    r"|(?:med|from) (?:övriga län|other counties) (?:efter månad|by month)"
)
#: What stands in place of the words for a county, by kind of region and language, in turn; and in
#: place of those for moves and hires where no goal counts the one or the other.
_WORDS: dict[tuple[str, str], tuple[tuple[str, str], ...]] = {
    ("municipality", "en"): (
        (r"county border", "municipal border"),
        (r"(?<!\{)\bcounties\b", "municipalities"),
        (r"(?<!\{)\bcounty\b", "municipality"),
        (
            r"(with|without) (Norrbotten and Västerbotten|\{counties\}) as comparison municipalities",
            r"\1 municipalities of \2 in the comparison",
        ),
        (r", and the sum over municipalities also holds moves inside the municipality", ""),
    ),
    ("municipality", "sv"): (
        (r"länsgränsen", "kommungränsen"),
        (r"det egna länet", "den egna kommunen"),
        (r"det egna, det egna medräknat", "den egna, den egna medräknad"),
        (r"ett tänkt län, sammansatt", "en tänkt kommun, sammansatt"),
        (r"varje jämförelselän", "varje jämförelsekommun"),
        (r"hur ovanligt \{region\}", "hur ovanlig {region}"),
        (r"jämförelselänen|placebolänen", "jämförelsekommunerna"),
        (r"jämförelselän", "jämförelsekommuner"),
        (r"ett annat län", "en annan kommun"),
        (r"annat svenskt län", "annan svensk kommun"),
        (r"vart och ett av länen", "var och en av kommunerna"),
        (r"(ett) enda län\b", "en enda kommun"),
        (r"\bett län är ett enda fall", "en kommun är ett enda fall"),
        (r"\bett läns", "en kommuns"),
        (r"\bett län", "en kommun"),
        (r"(varje|per) län", r"\1 kommun"),
        (r"inget annat län är likt", "ingen annan kommun är lik"),
        (r"det län där", "den kommun där"),
        (r"\bdet (oroligaste|lugnaste) länet behandlat", r"den \1 kommunen behandlad"),
        (r"länet självt", "kommunen själv"),
        (r"länen", "kommunerna"),
        (r"länet", "kommunen"),
        (r"grannlän", "grannkommun"),
        (r"\bläns\b", "kommuners"),
        (r"\blän\b", "kommuner"),
        (
            r"(med|utan) (Norrbotten och Västerbotten|\{counties\}) som jämförelsekommuner",
            r"\1 kommuner i \2 i jämförelsen",
        ),
        (r", och summan över kommunerna rymmer också flyttningar inom kommunen", ""),
    ),
    ("counties", "en"): (
        (r"across the county border into the county", "into the counties from outside them"),
        (r"the county ranks", "the counties rank"),
        (r"one county is one case", "the counties together are one case"),
        (r"one county’s", "the counties’"),
        (r"another county", "other counties"),
        (r"this county gains", "these counties gain"),
        (r"the county itself", "the counties themselves"),
        (r"the county['’]s", "the counties’"),
        (r"the county(?! border)", "the counties"),
        (r"how unusual \{region\} is", "how unusual {region} are"),
        (r"the counties is\b", "the counties are"),
        (r"the counties departs", "the counties depart"),
        (r"its comparison", "their comparison"),
        (r"how far it strayed", "how far they strayed"),
        (r"as far as it did", "as far as they did"),
        (
            r"over its border, because moves between its own",
            "over their borders, because moves between their",
        ),
        (r"rank \{rank\} of \{n\} regions", "rank {rank} of {n} groups of counties"),
        (r"every other region put in", "random groups of other counties put in"),
        (r"puts every other region in", "puts random groups of other counties in"),
        (
            r"nine in ten comparison regions stray from theirs",
            "nine in ten groups of others stray from theirs",
        ),
    ),
    ("counties", "sv"): (
        (r"över länsgränsen in i länet", "in i länen utifrån"),
        (r"ett län är ett enda fall", "länen är tillsammans ett enda fall"),
        (r"ett läns siffror", "länens siffror"),
        (r"ett annat län", "andra län"),
        (r"det egna länet", "de egna länen"),
        (r"det egna, det egna medräknat", "de egna, de egna medräknade"),
        (r"hur ovanligt \{region\}", "hur ovanliga {region}"),
        (r"länet självt", "länen själva"),
        (r"länet", "länen"),
        (r"om regionerna ordnas", "om grupper av län ordnas"),
        (r"varje annan region satt på", "slumpade grupper av andra län satta på"),
        (r"sätter varje annan region på", "sätter slumpade grupper av andra län på"),
        (r"nio av tio jämförelseregioner avviker från sin", "nio av tio grupper av andra avviker från sin"),
    ),
    ("moves", "en"): (
        (r"\b(moved(?: in)?)(?: or| /) hired\b", r"\1"),
        (r"come or hired anyway", "come anyway"),
        (r"moved here, or been hired,", "moved here"),
        (r"households or companies", "households"),
        (r"come, or hired, otherwise", "come otherwise"),
    ),
    ("moves", "sv"): (
        (r"\b(flytta(?:t|de)(?: in)?)(?: eller| /) anställ(?:t|de)\b", r"\1"),
        (r"kommit eller anställt ändå", "kommit ändå"),
        (r"hushåll eller företag", "hushåll"),
        (r"kommit, eller anställt, annars", "kommit annars"),
    ),
    ("hires", "en"): (
        (r"\bmoved(?: in)?(?: or| /) hired\b", "hired"),
        (r"come or hired anyway", "hired anyway"),
        (r"households or companies", "companies"),
        (r"come, or hired, otherwise", "hired otherwise"),
        (r"^who came$", "Who hired"),
        (r"those who would have come anyway", "those that would have hired anyway"),
        (r"those who left again", "hires that did not last"),
    ),
    ("hires", "sv"): (
        (r"\bflytta(t|de)(?: in)?(?: eller| /) (anställ(?:t|de))\b", r"\2"),
        (r"kommit eller anställt ändå", "anställt ändå"),
        (r"hushåll eller företag", "företag"),
        (r"kommit, eller anställt, annars", "anställt annars"),
        (r"^vilka som kom$", "Vilka som anställde"),
        (r"de som skulle ha kommit ändå", "de som skulle ha anställt ändå"),
        (r"de som andra projekt förde hit", "det som andra projekt gjorde"),
        (r"de som har flyttat igen", "anställningar som inte varade"),
    ),
}


@contextmanager
def about(kind: str, counted: Collection[str] = ()) -> Iterator[None]:
    """Let the messages speak of a region of this kind, and of what the goals count.

    Parameters
    ----------
    kind : {"county", "municipality", "counties"}
    counted : collection of str, optional
        Such as ``{"households"}``: then nothing is said of hires; ``{"companies"}``: nothing of moves.

    Examples
    --------
    >>> with about("municipality"):
    ...     translator("en")("Deviation of the county")
    'Deviation of the municipality'
    """
    moves, hires = bool({"households", "persons"} & set(counted)), "companies" in counted
    before = _ABOUT.set((kind, "" if moves == hires else "moves" if moves else "hires"))
    try:
        yield
    finally:
        _ABOUT.reset(before)


def kind_of(code: str) -> str:
    """Return the kind of a region by its code: "23", "2321", or "20+21" for several counties."""
    if "+" in code:
        return "counties"
    return "municipality" if len(code) == 4 else "county"


def worded(text: str, language: str) -> str:
    """Return a message in the words of the region and the goals that it is about; see :func:`about`."""
    of = _ABOUT.get()
    return text if of == ("county", "") else _worded(text, language, *of)


@cache
def _worded(text: str, language: str, *about: str) -> str:
    of_counties = _OF_COUNTIES.search(text)
    for kind in about[1:] if of_counties else about:
        for pattern, words in _WORDS.get((kind, language), ()):
            text = re.sub(pattern, partial(_as, words), text, flags=re.IGNORECASE)
    return text


def _as(words: str, found: re.Match[str]) -> str:
    """Return words in the place of others, with a capital where those began with one."""
    filled = found.expand(words)
    return filled[:1].upper() + filled[1:] if found[0][:1].isupper() else filled


def number(value: float, language: str, decimals: int = 0, *, signed: bool = False) -> str:
    """Return a number as the language writes it: 1 234,5 in Swedish, 1,234.5 in English.

    Missing values become an en dash. ``signed`` puts a plus sign before positive numbers;
    negative numbers carry a true minus sign. The spaces in Swedish numbers do not break.

    Examples
    --------
    >>> number(-1234.5, "en", 1), number(7, "sv", signed=True)
    ('−1,234.5', '+7')
    """
    from babel.numbers import format_decimal

    if value is None or value != value:
        return "–"
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    rounded = round(float(value), decimals)
    text = format_decimal(abs(rounded), format=pattern, locale=_LOCALES[language])
    sign = "−" if rounded < 0 else ("+" if signed and rounded > 0 else "")
    return sign + text


def decimals_that_add(first: float, second: float, difference: float, most: int = 6) -> int:
    """Return the fewest decimals in which the first less the second prints as the difference.

    Examples
    --------
    >>> decimals_that_add(482.0, -438.0, 920.0), decimals_that_add(1.4, 0.6, 0.8)
    (0, 1)
    """
    for decimals in range(most):
        printed = [round(float(value), decimals) for value in (first, second, difference)]
        if abs(printed[0] - printed[1] - printed[2]) < 0.5 * 10**-decimals:
            return decimals
    return most


def in_language(stem: str, language: str, ending: str = "html") -> str:
    """Return a file's name in a language: ``index.html`` in Swedish, ``index.en.html`` in English."""
    return f"{stem}.{ending}" if language == "sv" else f"{stem}.{language}.{ending}"


def percent(share: float, language: str, decimals: int = 0) -> str:
    """Return a share between 0 and 1 as per cent: 12,3 % in Swedish, 12.3% in English."""
    if share is None or share != share:
        return "–"
    text = number(100 * share, language, decimals)
    return f"{text}\u00a0%" if language == "sv" else f"{text}%"


def span(low: float, high: float, language: str, decimals: int = 0) -> str:
    """Return a range: 61–118; with a negative end in words: −789 till 1 601; of equal ends one number.

    Examples
    --------
    >>> span(61, 118, "sv"), span(-7, 16, "en"), span(0, 0.2, "sv")
    ('61–118', '−7 to 16', '0')
    """
    first, last = number(low, language, decimals), number(high, language, decimals)
    if first == last:
        return first
    if low < 0 or high < 0:
        return f"{first} till {last}" if language == "sv" else f"{first} to {last}"
    return f"{first}–{last}"


def day(value: date, language: str) -> str:
    """Return a date in words: 31 december 2022, 31 December 2022."""
    from babel.dates import format_date

    return format_date(value, format="d MMMM y", locale=_LOCALES[language])


def moment(value: object, language: str) -> str:
    """Return a day, or a day and time in UTC, in words; text that is neither is returned as it is.

    Examples
    --------
    >>> moment("2026-11-26T21:01:06+00:00", "en"), moment("2026-11-23", "en"), moment("unknown", "en")
    ('26 November 2026, 21:01 UTC', '23 November 2026', 'unknown')
    """
    from babel.dates import format_datetime

    text = str(value)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return text
    if len(text) <= len("2026-11-23"):
        return day(found.date(), language)
    if found.tzinfo is not None:
        found = found.astimezone(UTC)
    pattern = "d MMMM y 'kl.' HH:mm" if language == "sv" else "d MMMM y, HH:mm"
    zone = " UTC" if found.tzinfo is not None else ""
    return format_datetime(found, format=pattern, locale=_LOCALES[language]) + zone


# --- How the library's results show themselves in a notebook

#: A table shows at most so many rows; what is left out is said.
LONGEST = 20


def own_records(invented: bool) -> str:
    """Return the line that stands over an evaluator's own small counts."""
    _ = translator(shown_in())
    if invented:
        return _("The records are invented examples.")
    return _(
        "Small counts are shown here as they are, since the records are your own: do not pass this on. What "
        "the report shows and a run publishes is protected."
    )


def headed(table: pd.DataFrame, headings: Mapping[str, str]) -> pd.DataFrame:
    """Return the named columns of a table under their headings, in this order."""
    kept = [name for name in headings if name in table]
    return table[kept].rename(columns=dict(headings))


def as_html(sentences: Sequence[str], tables: Mapping[str, pd.DataFrame]) -> str:
    """Return sentences and captioned tables as HTML.

    Parameters
    ----------
    sentences : sequence of str
    tables : mapping of caption to DataFrame
        At most :data:`LONGEST` rows of each are shown; an empty one is left out.

    Examples
    --------
    >>> as_html(["Nothing was found."], {})
    '<p>Nothing was found.</p>'
    """
    told = [f"<p>{escape(sentence)}</p>" for sentence in sentences if sentence]
    return "\n".join([*told, *(_table(caption, one) for caption, one in tables.items() if len(one))])


def drawn_as_svg(draw: Callable[[Any], object], label: str) -> str:
    """Return a figure as SVG with the same bytes each time.

    Parameters
    ----------
    draw : callable
        Draws on the axes that it is given.
    label : str
        What the figure says, for those who cannot see it.
    """
    import io

    with drawn_plainly({"svg.hashsalt": "attraktiv_eval", "svg.fonttype": "none"}):
        from matplotlib.figure import Figure

        figure = Figure(figsize=(7, 3.6), layout="constrained")
        draw(figure.subplots())
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    opening = f'<svg role="img" aria-label="{escape(label)}" '
    drawing = re.sub(r"(?s)^.*?<svg ", lambda _found: opening, buffer.getvalue(), count=1)
    return f"<figure>{drawing}</figure>"


@dataclass(frozen=True)
class Answer:
    """What a question gives: a sentence, a table and a picture, shown by a notebook as it is.

    Attributes
    ----------
    sentence : str
    table : DataFrame
    caption : str
        Of the table.
    draw : callable
        Draws the picture on the axes that it is given.
    headings : mapping, optional
        The words of the table's columns; those that have none are called as in the table.
    """

    sentence: str
    table: pd.DataFrame
    caption: str
    draw: Callable[[Any], object] = field(repr=False)
    headings: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Return the sentence and the table, as a terminal shows them."""
        return f"{self.sentence}\n{self.table.to_string(index=False)}"

    def _repr_html_(self) -> str:
        """Return the sentence, the picture and the table, as a notebook shows them."""
        picture = drawn_as_svg(self.draw, self.sentence) if len(self.table) else ""
        table = self.table.rename(columns=dict(self.headings))
        return as_html([self.sentence], {}) + picture + as_html([], {self.caption: table})


def _table(caption: str, table: pd.DataFrame) -> str:
    left_out = len(table) - LONGEST
    _ = translator(shown_in())
    words = _("the first {shown} of {all} rows").format(shown=LONGEST, all=len(table))
    note = f" ({words})" if left_out > 0 else ""
    head = f'<caption style="text-align:left">{escape(caption)}{note}</caption>'
    shown = table.head(LONGEST).to_html(
        index=False, border=0, na_rep="–", float_format=lambda value: f"{value:.4g}"
    )
    return shown.replace("<thead>", f"{head}<thead>", 1)


def decimals_for(*values: float) -> int:
    """Return how many decimals show three figures of the largest of these values, none to four."""
    largest = max((abs(value) for value in values if math.isfinite(value)), default=0.0)
    return 2 if largest == 0 else min(4, max(0, 2 - math.floor(math.log10(largest))))
