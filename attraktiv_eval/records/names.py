"""Which rows are one company or organisation: by number, else by name, with a grey zone for a person."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pandas as pd
from rapidfuzz import fuzz, process

from attraktiv_eval.records.groups import Groups, smallest

__all__ = ["decided_name", "legal_form", "link_names", "plain_name"]

_ROWS = 500
_SHORT = 5  # letters from which a word that differs may be a slip
_FORMS = re.compile(
    r"\b(?:ab|aktiebolag(?:et)?|publ|hb|handelsbolag|kb|kommanditbolag|ek for|ekonomisk forening|"
    r"ideell forening|enskild firma|ef|i likvidation|kommun(?:en)?|municipality)\b"
)


def plain_name(name: str) -> str:
    """Return a name as it is compared: no case, accents, signs or legal form.

    Examples
    --------
    >>> plain_name("Bergs kommun"), plain_name("BERG KOMMUN")
    ('berg', 'berg')
    """
    value = unicodedata.normalize("NFKD", name.casefold())
    value = "".join(sign for sign in value if not unicodedata.combining(sign)).replace("&", " och ")
    value = " ".join(re.sub(r"[^\w\s]|_", " ", value).split())
    bare = " ".join(_FORMS.sub(" ", value).split())
    if bare != value and re.search(r"\bkommun", value) and bare.endswith("s") and " " not in bare:
        bare = bare[:-1]
    return bare or value


_FORM = re.compile(
    r"\b(?:(ab|aktiebolag(?:et)?)|(hb|handelsbolag(?:et)?)|(kb|kommanditbolag(?:et)?)"
    r"|(ek\.? ?for\.?|ekonomisk forening|ek\.? ?för\.?|ekonomisk förening)|(enskild firma|ef))(?!\w)",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"\((\d{6})-?(\d{4})\)\s*$")


def legal_form(name: str) -> str:
    """Return the legal form that a company's name states; empty where it states none.

    Examples
    --------
    >>> legal_form("Nilsson AB"), legal_form("Nilssons handelsbolag"), legal_form("Nilsson")
    ('ab', 'hb', '')
    """
    found = _FORM.search(name)
    return ("ab", "hb", "kb", "ek for", "ef")[found.lastindex - 1] if found and found.lastindex else ""


def decided_name(name: str) -> str:
    """Return a name of a decision as it is compared: with its legal form, or its number where one stands."""
    number = _NUMBERED.search(name)
    if number:
        return f"#{number[1]}{number[2]}"
    return f"{plain_name(name)} {legal_form(name)}".strip()


def _keys(names: pd.Series) -> pd.Series:
    """Return names as they are compared; with the legal form where one name stands with several."""
    plain = names.map(plain_name, na_action="ignore")
    forms = names.map(legal_form, na_action="ignore")
    stated = pd.DataFrame({"plain": plain, "form": forms.where(forms != "")}).dropna().drop_duplicates()
    several = set(stated.loc[stated["plain"].duplicated(), "plain"])
    if not several:
        return plain
    return plain.where(~(plain.isin(several) & (forms != "")), plain + " " + forms)


def link_names(
    rows: pd.DataFrame, least: float, grey: float, decided: dict[tuple[str, str], bool]
) -> tuple[Groups, list[tuple[str, str, float]]]:
    """Join rows with the same number, then names that are equal or alike.

    Parameters
    ----------
    rows : DataFrame
        ``number``, ``name`` and ``municipality_code``, text, missing where not known.
    least, grey : float
        Least similarity (0-100) for a merge, and for a place in the grey zone.
    decided : dict
        Pairs of plain names, smaller first -> same or not.

    Returns
    -------
    Groups and the grey zone as (name, name, score). Two different numbers, and two legal forms, are joined
    by a person's decision only; one name under two numbers is left to a person.
    """
    groups = Groups(len(rows))
    groups.join_equal("same_number", rows["number"])
    plain = _keys(rows["name"])
    known = set(plain.dropna())
    bare = {
        name: name if name in known or name.startswith("#") else _without_form(name)
        for pair in decided
        for name in pair
    }
    decided = {(min(bare[a], bare[b]), max(bare[a], bare[b])): same for (a, b), same in decided.items()}
    _join_by_name(
        groups, rows, plain, "same_name", [(name, name) for name in sorted(plain.dropna().unique())]
    )
    alike, open_pairs = _similar(plain, rows, groups, least, grey, decided)
    said = [pair for pair, same in decided.items() if same]
    _join_by_name(groups, rows, plain, "similar_name", alike)
    _join_decided(groups, rows, plain, said)
    named = plain.notna()
    shown = smallest(rows["name"][named], plain[named].to_numpy(dtype=object))
    label = pd.Series(groups.labels, index=rows.index).groupby(plain).min()
    left_open = [(str(shown[a]), str(shown[b]), score) for a, b, score in open_pairs if label[a] != label[b]]
    return groups, [
        *left_open,
        *_renumbered(groups, rows, plain, decided),
        *_forms_apart(plain, shown, decided),
    ]


def _without_form(name: str) -> str:
    return plain_name(name)


def _join_decided(groups: Groups, rows: pd.DataFrame, plain: pd.Series, said: list[tuple[str, str]]) -> None:
    """Join what a person has said to be the same, whatever its numbers."""
    where = {
        name: int(index[0]) for name, index in pd.Series(range(len(plain))).groupby(plain).indices.items()
    }
    where |= {
        f"#{n}": int(i[0]) for n, i in pd.Series(range(len(rows))).groupby(rows["number"]).indices.items()
    }
    pairs = [(where[a], where[b]) for a, b in said if a in where and b in where]
    found = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    groups.join("decided_by_a_person", found[:, 0], found[:, 1])


def _renumbered(
    groups: Groups, rows: pd.DataFrame, plain: pd.Series, decided: dict[tuple[str, str], bool]
) -> list[tuple[str, str, float]]:
    """Return the pairs of one name under two numbers, as (name (number), name (number), score)."""
    stated = pd.DataFrame(
        {"plain": plain, "number": rows["number"], "name": rows["name"], "group": groups.labels}
    )
    stated = stated[stated["number"].str.fullmatch(r"\d{10}", na=False)].dropna()
    stated = stated.sort_values(["plain", "number", "name"]).drop_duplicates(["plain", "number"])
    found = []
    for _, part in stated[stated["plain"].duplicated(keep=False)].groupby("plain"):
        several = list(zip(part["number"], part["name"], part["group"], strict=True))
        for (a, one, left), (b, other, right) in pairwise(several):
            if left != right and (f"#{a}", f"#{b}") not in decided:
                found.append((f"{one} ({a[:6]}-{a[6:]})", f"{other} ({b[:6]}-{b[6:]})", 90.0))
    return found


def _forms_apart(
    plain: pd.Series, shown: pd.Series, decided: dict[tuple[str, str], bool]
) -> list[tuple[str, str, float]]:
    """Return the pairs of one name in two legal forms, or with and without one."""
    by_name: dict[str, list[str]] = defaultdict(list)
    for name in sorted(set(plain.dropna())):
        by_name[plain_name(str(shown[name]))].append(name)
    return [
        (str(shown[a]), str(shown[b]), 90.0)
        for several in by_name.values()
        for a, b in pairwise(several)
        if (a, b) not in decided
    ]


def _numbers(groups: Groups, rows: pd.DataFrame) -> dict[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    known = rows["number"].notna().to_numpy()
    for group, number in zip(groups.labels[known], rows["number"][known], strict=True):
        found[int(group)].add(number)
    return found


def _join_by_name(
    groups: Groups, rows: pd.DataFrame, plain: pd.Series, rule: str, pairs: list[tuple[str, str]]
) -> None:
    """Join the rows of each pair of names unless their numbers tell them apart."""
    where: dict[str, list[int]] = defaultdict(list)
    for row, name in enumerate(plain):
        if isinstance(name, str):
            where[name].append(row)
    left: list[int] = []
    right: list[int] = []
    numbers = _numbers(groups, rows)
    for a, b in pairs:
        here = sorted({*where.get(a, []), *where.get(b, [])})
        if len({number for row in here for number in numbers.get(int(groups.labels[row]), ())}) > 1:
            here = [row for row in here if not numbers.get(int(groups.labels[row]))]
        left.extend(here[:1] * (len(here) - 1))
        right.extend(here[1:])
    groups.join(rule, np.array(left, dtype=int), np.array(right, dtype=int))


def _similar(
    plain: pd.Series,
    rows: pd.DataFrame,
    groups: Groups,
    least: float,
    grey: float,
    decided: dict[tuple[str, str], bool],
) -> tuple[list[tuple[str, str]], list[tuple[str, str, float]]]:
    """Return the pairs of names that are alike enough, and those in the grey zone.

    At least one of two names must lack a number, digits in the names must agree, and the municipalities
    must not differ.
    """
    names = sorted(plain.dropna().unique())
    numbers = _numbers(groups, rows)
    label, place = _sets(plain, groups.labels), _sets(plain, rows["municipality_code"])
    bare = [name for name in names if not all(numbers.get(int(group)) for group in label[name])]
    if not bare:
        return [], []
    alike, left_open = {}, {}
    for one, other, score in _near(bare, names, grey):
        a, b = sorted((one, other))
        if a == b or re.findall(r"\d+", a) != re.findall(r"\d+", b) or (a, b) in decided:
            continue
        if plain_name(a) == plain_name(b):
            continue  # one name in two legal forms
        apart = bool(place[a] and place[b] and not place[a] & place[b]) or _other_words(a, b)
        if score >= least and not apart:
            alike[a, b] = score
        else:
            left_open[a, b] = score
    for pair in _between_numbers(alike, groups, plain, numbers):
        left_open[pair] = alike.pop(pair)
    return sorted(alike), [(a, b, score) for (a, b), score in sorted(left_open.items())]


def _other_words(a: str, b: str) -> bool:
    """Return whether two names differ in a short word: Åre and Ås are two places, not a slip."""
    one, other = set(a.split()), set(b.split())
    return any(len(word) < _SHORT for word in (one - other) | (other - one))


def _near(bare: list[str], names: list[str], least: float) -> Iterator[tuple[str, str, float]]:
    """Yield the pairs of names at or above a similarity, a block of rows at a time to spare memory."""
    for start in range(0, len(bare), _ROWS):
        block = bare[start : start + _ROWS]
        table = process.cdist(block, names, scorer=fuzz.ratio, score_cutoff=least, dtype=np.float32)
        for i, j in zip(*np.nonzero(table), strict=True):
            yield block[i], names[j], round(float(table[i, j]), 1)


def _sets(plain: pd.Series, values: pd.Series | np.ndarray) -> dict[str, set]:
    """Return name -> the values of its rows, without missing ones."""
    found: dict[str, set] = defaultdict(set)
    for name, value in zip(plain, values, strict=True):
        if isinstance(name, str):
            found[name].update(() if value != value else (value,))
    return found


def _between_numbers(
    alike: dict[tuple[str, str], float], groups: Groups, plain: pd.Series, numbers: dict[int, set[str]]
) -> list[tuple[str, str]]:
    """Return the pairs that would, together, join two different numbers: a person must choose."""
    if not alike:
        return []
    trial = Groups(len(groups.labels))
    first = pd.Series(range(len(plain)), index=plain.index).groupby(plain).min()
    anchor = pd.Series(range(len(plain))).groupby(groups.labels).transform("min").to_numpy()
    trial.join("", anchor, np.arange(len(plain)))
    trial.join("", np.array([first[a] for a, _ in alike]), np.array([first[b] for _, b in alike]))
    inside: dict[int, set[str]] = defaultdict(set)
    for row, group in enumerate(groups.labels):
        inside[int(trial.labels[row])] |= numbers.get(int(group), set())
    return [pair for pair in alike if len(inside[int(trial.labels[first[pair[0]]])]) > 1]
