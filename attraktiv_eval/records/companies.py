"""Companies and organisations across the lists that name them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from attraktiv_eval.records.groups import Groups, smallest
from attraktiv_eval.records.household_names import places
from attraktiv_eval.records.households import OpenPair
from attraktiv_eval.records.names import link_names, plain_name

__all__ = ["LinkedNames", "link_companies", "link_organisations"]

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
