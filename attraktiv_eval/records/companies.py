"""Companies and organisations across the lists that name them."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from attraktiv_eval.records.groups import Groups, smallest
from attraktiv_eval.records.household_names import places
from attraktiv_eval.records.households import OpenPair
from attraktiv_eval.records.names import NamePair, decided_name, link_names, plain_name

__all__ = ["LinkedNames", "financier_names", "link_companies", "link_financiers", "link_organisations"]

_NEVER = 101.0  # a likeness that no two names have
_TEXT = pd.StringDtype(na_value=np.nan)


@dataclass
class LinkedNames:
    """Rule -> merges, the pairs to decide, and the decisions that could not be applied."""

    counts: dict[str, int] = field(default_factory=dict)
    grey: list[OpenPair] = field(default_factory=list)
    lost: set[tuple[str, str]] = field(default_factory=set)
    #: Every join, a row each, as ``joined_rows.csv`` shows them.
    joined: pd.DataFrame = field(default_factory=pd.DataFrame)


def link_companies(
    frames: dict[str, pd.DataFrame], least: float, grey: float, decided: dict[tuple[str, str], bool]
) -> LinkedNames:
    """Give the rows of companies, contacts and company surveys a ``company_id``, in place."""
    where = {
        "contacts": ("company_number", "company_name"),
        "companies": ("organisation_number", "name"),
        "survey_companies": ("organisation_number", "name"),
    }
    return _link(frames, where, "company_id", "C", (least, grey), decided)


def link_organisations(
    frames: dict[str, pd.DataFrame], least: float, grey: float, decided: dict[tuple[str, str], bool]
) -> LinkedNames:
    """Give the rows of the list of organisations an ``organisation_id``, in place."""
    where = {"organisations": ("organisation_number", "name")}
    return _link(frames, where, "organisation_id", "O", (least, grey), decided)


def link_financiers(
    frames: dict[str, pd.DataFrame],
    own: Sequence[tuple[str, str]],
    grey: float,
    decided: dict[tuple[str, str], bool],
) -> LinkedNames:
    """Name the financiers that a person has said to be one alike, in place; near names are pairs to decide.

    Parameters
    ----------
    own : sequence of (financier, kind)
        As the project's own description names them.
    grey : float
        Least similarity (0-100) of a pair that a person is asked about. No two are joined by it.
    decided : dict
        The decisions on organisations.
    """
    frame = frames.get("funding")
    if frame is None:
        return LinkedNames(lost=set(decided))
    public = list(dict.fromkeys(name for name, _ in own))
    listed = sorted(set(frame["financier"].dropna()) - set(public))
    rows = pd.DataFrame({"name": [*public, *listed]}, dtype=_TEXT)
    rows = rows.assign(
        **{name: pd.Series(pd.NA, rows.index, dtype=_TEXT) for name in ("number", "municipality_code")}
    )
    groups, pairs, lost = link_names(rows, _NEVER, grey, decided)
    said = groups.joins[groups.joins["rule"] == "decided_by_a_person"]
    asked = {int(groups.labels[row]) for row in said["left"]}
    first = rows["name"].groupby(groups.labels).first()
    again = {
        name: str(first[label])
        for name, label in zip(rows["name"], groups.labels, strict=True)
        if label in asked
    }
    before = frame["financier"].copy()
    frame["financier"] = before.replace(again).astype(_TEXT)
    apart = {frozenset(pair) for pair, same in decided.items() if not same}
    named = pd.Series(financier_names(frame, own, apart), index=frame.index, dtype=_TEXT)
    means = {**dict(zip(rows["name"], rows["name"], strict=True)), **dict(zip(before, named, strict=True))}
    every = [*pairs, *_parts_of_several(listed, public, means, decided)]
    open_pairs = [
        OpenPair(*pair)
        for pair in every
        if means[pair.left] != means[pair.right] and not {pair.left, pair.right} <= set(public)
    ]
    return LinkedNames({}, open_pairs, lost, _renamed(frame, before, named, again))


def _parts_of_several(
    listed: Sequence[str], public: Sequence[str], means: dict[str, str], decided: dict[tuple[str, str], bool]
) -> Iterator[NamePair]:
    """Yield the pairs of a name and each of several of the project's own that it may stand for."""
    for name in listed:
        meant = [one for one in public if _is_part(name, one)] if means[name] == name else []
        for one in meant:
            a, b = sorted((decided_name(name), decided_name(one)))
            if (a, b) not in decided:
                yield NamePair(min(name, one), max(name, one), 85.0, "part_of_name", "")


def _renamed(frame: pd.DataFrame, before: pd.Series, named: pd.Series, again: dict[str, str]) -> pd.DataFrame:
    """Return the rows whose financier is counted under another name, as ``joined_rows.csv`` shows them."""
    other = before.notna() & (before != named)
    table = frame.loc[other, ["_file", "_sheet", "_row"]].set_axis(["file", "sheet", "row"], axis=1)
    table.insert(0, "list", "funding")
    table["id"], table["name"] = named[other], before[other]
    table["rule"] = [
        "decided_by_a_person"
        if name in again
        else "same_name"
        if plain_name(name) == plain_name(new)
        else "part_of_name"
        for name, new in zip(table["name"], table["id"], strict=True)
    ]
    return table.assign(score=100.0, joined_with="", joined_with_name=table["id"]).reset_index(drop=True)


def financier_names(
    listed: pd.DataFrame, own: Sequence[tuple[str, str]], apart: Collection[frozenset[str]] = ()
) -> list[str]:
    """Return the financier of each row as the project's own description names it, where it is the same.

    Parameters
    ----------
    listed : DataFrame
        ``financier`` and ``kind``, a row each.
    own : sequence of (financier, kind)
    apart : collection of pairs of names
        As they are compared; two that a person has parted are two.
    """
    by_kind: dict[str, list[str]] = {}
    for name, kind in own:
        by_kind.setdefault(kind, []).append(name)
    known = list(dict.fromkeys(name for name, _ in own))
    pairs = dict.fromkeys(zip(listed["financier"], listed["kind"], strict=True))
    found = {
        (name, kind): _own_name(str(name), by_kind.get(kind, []), apart)
        or _own_name(str(name), known, apart)
        or name
        for name, kind in pairs
        if isinstance(name, str)
    }
    parted = {name for pair in apart for name in pair}
    spelt: dict[str, str] = {}

    def form(name: str) -> str:
        return decided_name(name) if decided_name(name) in parted else plain_name(name)

    for name in sorted({str(name) for name in found.values()}):
        spelt.setdefault(form(name), name)  # of several spellings of one, the first
    named = {key: name if name in known else spelt[form(str(name))] for key, name in found.items()}
    return [named.get(key, key[0]) for key in zip(listed["financier"], listed["kind"], strict=True)]


def _own_name(name: str, known: Sequence[str], apart: Collection[frozenset[str]]) -> str | None:
    """Return the one of the known names that is meant, or None where none or several could be."""
    mine = {decided_name(name), plain_name(name)}
    known = [
        one
        for one in known
        if not any(
            frozenset((a, b)) in apart for a in mine for b in (decided_name(one), plain_name(one)) if a != b
        )
    ]
    same = [one for one in known if plain_name(one) == plain_name(name)]
    if same:
        return same[0]
    meant = [one for one in known if _is_part(name, one)]
    return meant[0] if len(set(meant)) == 1 else None


def _is_part(one: str, other: str) -> bool:
    """Return whether one name says the other with words added."""
    words, others = set(plain_name(one).split()), set(plain_name(other).split())
    return bool(words) and bool(others) and (words <= others or others <= words)


def _link(
    frames: dict[str, pd.DataFrame],
    where: dict[str, tuple[str, str]],
    column: str,
    letter: str,
    limits: tuple[float, float],
    decided: dict[tuple[str, str], bool],
) -> LinkedNames:
    parts = []
    for name, (number, text) in where.items():
        if name in frames:
            frame = frames[name]
            part = pd.DataFrame({"list": name, "number": frame[number], "name": frame[text]})
            use = name == "companies" and "municipality_code" in frame
            part["municipality_code"] = (
                frame["municipality_code"] if use else pd.Series(pd.NA, frame.index, dtype=_TEXT)
            )
            part["position"] = np.arange(len(frame))
            part[["file", "sheet", "row"]] = frame[["_file", "_sheet", "_row"]].to_numpy()
            parts.append(part[part["number"].notna() | part["name"].notna()])
    if not parts:
        return LinkedNames(lost=set(decided))
    rows = pd.concat(parts, ignore_index=True)
    rows["place"] = places(rows)
    groups, open_pairs, lost = link_names(rows, *limits, decided)
    ids = _ids(rows, groups.labels, letter)
    for name in where:
        if name in frames:
            mine = rows["list"] == name
            found = pd.Series(pd.NA, index=range(len(frames[name])), dtype=_TEXT)
            found.iloc[rows.loc[mine, "position"].to_numpy()] = ids[mine].to_numpy()
            frames[name][column] = found.to_numpy()
            frames[name][column] = frames[name][column].astype(_TEXT)
    return LinkedNames(
        groups.counts, [OpenPair(*pair) for pair in open_pairs], lost, _joined(groups, rows, ids)
    )


def _ids(rows: pd.DataFrame, labels: np.ndarray, letter: str) -> pd.Series:
    """Return the group's smallest number, else an id made of its smallest plain name."""
    group = pd.Series(labels, index=rows.index)
    number = smallest(rows["number"], labels)
    plain = smallest(rows["name"].map(plain_name, na_action="ignore"), labels)
    made = plain.map(lambda name: f"{letter}-{_short(name)}", na_action="ignore").astype(_TEXT)
    twice = made.duplicated(keep=False) & number.isna()
    made = made.where(~twice, made + "-" + made.groupby(made).cumcount().add(1).astype(str))
    return group.map(number.where(number.notna(), made)).astype(_TEXT)


def _joined(groups: Groups, rows: pd.DataFrame, ids: pd.Series) -> pd.DataFrame:
    """Return every join of two rows: where both stand, their id, the rule, and how alike they are."""
    joins = groups.joins
    left, right = joins["left"].to_numpy(dtype=np.int64), joins["right"].to_numpy(dtype=np.int64)
    table = rows.iloc[right][["list", "file", "sheet", "row"]].reset_index(drop=True)
    table["id"] = ids.to_numpy()[right]
    name, where = rows["name"].to_numpy(dtype=object), rows["place"].to_numpy(dtype=object)
    table["name"], table["rule"], table["score"] = name[right], joins["rule"], joins["score"]
    table["joined_with"], table["joined_with_name"] = where[left], name[left]
    return table.sort_values(["id", "file", "sheet", "row", "rule"], ignore_index=True)


def _short(name: str) -> str:
    """Return ten digits that stand for a name; no secret, since a company's name is none."""
    return hashlib.sha256(name.encode()).hexdigest()[:10]
