"""The invented world behind the example records: who was reached, who moved, who hired, and why."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from typing import TypeVar

import numpy as np
from stdnum import luhn

from attraktiv_eval import resources
from attraktiv_eval.records.pseudonyms import similar_emails

__all__ = ["CLOSED", "Company", "Household", "World", "make_world"]

START, END = date(2020, 1, 1), date(2022, 12, 31)
#: Last day that the project's staff wrote anything in the lists.
CLOSED = date(2023, 3, 15)

#: Share of first contacts by quarter: a slow start, a thin spring of 2020, a peak in the autumn of 2021.
_PACE = [0.05, 0.03, 0.09, 0.11, 0.10, 0.09, 0.12, 0.11, 0.10, 0.08, 0.07, 0.05]
_SYLLABLES = [a + b for a in "bdfghjklmnprstv" for b in "aeiouy"]
_TRADES = [
    "Bygg",
    "Vård",
    "Teknik",
    "Fjäll",
    "Trä",
    "Transport",
    "Mat",
    "Data",
    "Energi",
    "Verkstad",
    "Redovisning",
]
_HOUSEHOLD_STEPS = [0.30, 0.30, 0.21, 0.13, 0.06]
_COMPANY_STEPS = [0.15, 0.26, 0.29, 0.20, 0.10]


@cache
def _places() -> dict[str, list[str]]:
    """Return where the example's people come from and go to, as ``data/example_places.toml`` says."""
    file = resources.find("data/example_places.toml")
    found: dict[str, list[str]] = tomllib.loads(file.read_text(encoding="utf-8"))
    return found


@dataclass
class Household:
    """A household that the project met; ``fate`` is moved, no, unknown, or why it is counted apart."""

    number: int
    email: str
    address: str
    origin: str | None
    country: str | None
    adults: int
    children: int
    contacts: list[date]
    place: str
    fate: str = "no"
    phone: str | None = None
    moved_in: date | None = None
    left: date | None = None
    checks: list[tuple[date, bool]] = field(default_factory=list)
    step: int = 0
    answered: date | None = None
    others: int = 0

    @property
    def reference(self) -> str:
        """The project's own reference."""
        return f"H-{self.number:04d}"


@dataclass
class Company:
    """A company that the project supported; ``hires`` 0 where it found nobody."""

    number: int
    organisation_number: str
    name: str
    place: str
    support: date
    vacancies: int
    candidates: int
    hires: int = 0
    first_hire: date | None = None
    household: int | None = None
    local: str = "unknown"
    stayed: str = "unknown"
    step: int = 0
    answered: date | None = None
    others: int = 0


#: Whoever is asked what would have happened otherwise.
Asked = TypeVar("Asked", Household, Company)


@dataclass
class World:
    """All households and companies, and what nobody in the project can see: the drawn causes."""

    households: list[Household]
    companies: list[Company]
    causes: dict[str, float]


def make_world(rng: np.random.Generator) -> World:
    """Draw an invented world.

    Parameters
    ----------
    rng : Generator
        All draws come from it.
    """
    households = _households(rng, 900)
    _fates(rng, households)
    _residence(rng, [one for one in households if one.moved_in])
    movers = [one for one in households if one.fate == "moved"]
    _answers(rng, movers, _HOUSEHOLD_STEPS, lambda one: one.moved_in)
    stayed = [one for one in households if one.fate == "no"]
    for index in rng.permutation(len(stayed))[:60]:
        one = stayed[int(index)]
        one.step, one.answered = int(rng.integers(1, 6)), _survey_day(rng, one.contacts[0])
    companies = _companies(rng, 260, movers)
    hired = [one for one in companies if one.hires]
    _answers(rng, hired, _COMPANY_STEPS, lambda one: one.first_hire)
    causes = {
        "probability_rank_households": float(rng.random()),
        "probability_rank_companies": float(rng.random()),
        "credit_rank_households": float(rng.random()),
        "credit_rank_companies": float(rng.random()),
        "unanswered_rank_households": float(rng.random()),
        "unanswered_rank_companies": float(rng.random()),
    }
    return World(households, companies, {name: round(value, 6) for name, value in causes.items()})


def _day(rng: np.random.Generator) -> date:
    """Return a day of first contact, by the pace of the quarters."""
    quarter = int(rng.choice(12, p=_PACE))
    first = date(2020 + quarter // 4, 1 + 3 * (quarter % 4), 1)
    return first + timedelta(days=int(rng.integers(0, 90)))


def _words(rng: np.random.Generator, n: int, syllables: int) -> list[str]:
    """Return invented words of which no two are a slip of the pen apart."""
    words: list[str] = []
    while len(words) < n:
        made = ["".join(rng.choice(_SYLLABLES, syllables)) for _ in range(n - len(words) + 40)]
        every = list(dict.fromkeys([*words, *made]))
        near = {b for _, b, _ in similar_emails(every)}
        words = [word for word in every if word not in near][:n]
    return words


def _phones() -> list[str]:
    """Return the telephone numbers that the Swedish Post and Telecom Authority keeps for fiction."""
    series = [("070-174{:04d}", 605, 700), ("08-4650{:04d}", 400, 500), ("031-390{:04d}", 600, 700)]
    series += [("040-628{:04d}", 400, 500), ("0980-31{:04d}", 9200, 9300)]
    return [form.format(n) for form, first, last in series for n in range(first, last)]


def _households(rng: np.random.Generator, n: int) -> list[Household]:
    emails, phones = _words(rng, 2 * n, 5), _phones()
    owners = set(rng.choice(n, len(phones), replace=False).tolist())
    origins = _places()["origins"]
    weights = np.linspace(3, 0.6, len(origins))
    found = []
    for i in range(n):
        abroad = rng.random() < 0.07
        grown = int(rng.choice([1, 2, 2, 3], p=[0.45, 0.35, 0.16, 0.04]))
        first = _day(rng)
        gaps = rng.exponential(55, int(rng.poisson(1.1))).astype(int) + 3
        days = [first, *(first + timedelta(days=int(gap)) for gap in np.cumsum(gaps))]
        found.append(
            Household(
                number=i + 1,
                email=f"{emails[i][:4]}.{emails[i][4:]}@example.org",
                address=_address(emails[n + i], i),
                origin=None if abroad else str(rng.choice(origins, p=weights / weights.sum())),
                country=str(rng.choice(_places()["countries"])) if abroad else None,
                adults=grown,
                children=int(rng.choice(4, p=[0.55, 0.18, 0.20, 0.07])) if grown < 3 else 0,
                contacts=[day for day in days if day <= END],
                place=str(rng.choice(_places()["destinations"])),
                phone=phones.pop() if i in owners else None,
            )
        )
    return found


def _address(word: str, i: int) -> str:
    street = f"{word[:6].capitalize()}vägen {1 + i % 97} lgh {1001 + i}"
    return f"{street}, {100 + i % 700} {10 + i % 80} Exempelstad"


def _fates(rng: np.random.Generator, households: list[Household]) -> None:
    """Decide who moved, after how long, who is counted apart and who was lost sight of."""
    early = [one for one in households if one.contacts[0] <= date(2022, 8, 31)]
    order = rng.permutation(len(early))
    fates = ["moved"] * int(rng.integers(292, 309)) + ["before_contact"] * 14 + ["inside_county"] * 17
    fates += ["out_again"] * 9 + ["unknown"] * 40
    for index, fate in zip(order, fates, strict=False):
        one = early[int(index)]
        one.fate = fate
        if fate == "inside_county":
            one.origin, one.country = str(rng.choice(_places()["inside_from"])), None
            one.place = _places()["inside_to"][0]
        if fate == "before_contact":
            one.moved_in = one.contacts[0] - timedelta(days=int(rng.integers(40, 300)))
        elif fate != "unknown":
            last = date(2022, 9, 30) if fate == "out_again" else END
            one.moved_in = _move(rng, one.contacts[0], last)


def _move(rng: np.random.Generator, contact: date, last: date) -> date:
    """Return the day of a move: half a year after the first contact on average, within the project's time."""
    room = (last - contact).days
    days = next((d for d in rng.gamma(2.0, 95, 40) + 21 if d <= room), 0.6 * room)
    return contact + timedelta(days=max(1, int(days)))


def _residence(rng: np.random.Generator, movers: list[Household]) -> None:
    """Let some move out again, and check at 3, 12 and 24 months who still lives there."""
    for one in movers:
        assert one.moved_in is not None
        stay = rng.exponential(1 / 0.0080) * 30.44 + 95  # 7 per cent leave between month 3 and month 12
        if one.fate == "out_again":
            stay = float(rng.integers(30, 75))
        left = one.moved_in + timedelta(days=int(min(stay, 20_000)))
        one.left = left if left <= CLOSED else None
        for months in (3, 12, 24):
            early = int(rng.integers(2, 9)) if months == 3 else int(rng.integers(-10, 11))
            day = one.moved_in + timedelta(days=round(30.44 * months) - early * (1 if months == 3 else -1))
            skipped = rng.random() < 0.05 and one.fate != "out_again"
            if day > CLOSED or skipped:
                continue
            resident = left > day
            one.checks.append((day, resident))
            if not resident:
                break


def _survey_day(rng: np.random.Generator, after: date) -> date:
    """Return a day in December of the year: the survey goes out once a year."""
    first = max(after, date(after.year, 12, 1))
    return first + timedelta(days=int(rng.integers(0, (date(after.year, 12, 31) - first).days + 1)))


def _answers(
    rng: np.random.Generator,
    who: Sequence[Asked],
    steps: list[float],
    when: Callable[[Asked], date | None],
) -> None:
    """Let about half answer; give everyone a step, and some another project that helped."""
    for one in who:
        one.step = int(rng.choice(5, p=steps)) + 1
        one.others = int(rng.choice(3, p=[0.74, 0.20, 0.06]))
        if rng.random() < 0.52:
            after = when(one)
            assert after is not None  # who is asked has moved in, or hired
            one.answered = _survey_day(rng, after)


def _companies(rng: np.random.Generator, n: int, movers: list[Household]) -> list[Company]:
    words = _words(rng, n, 4)
    serials = rng.choice(900_000, n, replace=False)
    free = [int(i) for i in rng.permutation(len(movers))]
    found = []
    for i in range(n):
        body = f"40{2000000 + int(serials[i]) * 3 % 7999999:07d}"[:9]
        support = _day(rng)
        candidates = int(rng.choice(5, p=[0.22, 0.3, 0.24, 0.14, 0.10]))
        one = Company(
            number=i + 1,
            organisation_number=body + luhn.calc_check_digit(body),
            name=f"{words[i].capitalize()} {_TRADES[i % len(_TRADES)]} AB",
            place=str(rng.choice(_places()["destinations"])),
            support=support,
            vacancies=int(rng.poisson(2.2)) + 1,
            candidates=candidates,
        )
        room = (END - support).days
        if candidates and room > 30 and rng.random() < 0.80:
            one.hires = 1 + int(rng.poisson(0.45))
            one.first_hire = support + timedelta(days=int(min(rng.gamma(2.0, 60) + 14, room)))
            one.local = str(rng.choice(["yes", "no", "unknown"], p=[0.2, 0.7, 0.1]))
            if free and rng.random() < 0.4:
                one.household, one.local = movers[free.pop()].number, "no"
            if (CLOSED - one.first_hire).days > 366 and rng.random() < 0.9:
                one.stayed = "yes" if rng.random() < 0.82 else "no"
        found.append(one)
    return found
