"""Which rows are one household: exact rules first, then fuzzy ones, each named and counted.

Rules, in order. Exact: the same in all that tells who it is, and the same day; the same reference; personal
number; e-mail address; telephone number; a partner's e-mail address; the same name in one municipality or
at the same address. Then: two at one address, where no third household is known there and the contacts lie
within a year. Fuzzy: an address spelt almost the same (same condition), an e-mail address with one slip where
something else agrees too. What the fuzzy rules leave open goes to the grey zone. A telephone number or e-mail
address that more than three households share (a reception, an employer's mailbox) links nobody.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from attraktiv_eval.records.door import SimilarPairs
from attraktiv_eval.records.groups import Groups
from attraktiv_eval.records.household_names import household_ids, reference_key, settle

__all__ = ["Linked", "link_households", "reference_key"]

_TEXT = pd.StringDtype(na_value=np.nan)
_SHARED = 3  # more references or personal numbers than this behind one e-mail or telephone: nobody's own
_YEAR = np.timedelta64(366, "D")
_PLACE = ("file", "sheet", "row")
_COLUMNS = [
    "household_id",
    "personal_number",
    "email",
    "phone",
    "partner_email",
    "person_name",
    "address",
    "origin_code",
    "municipality_code",
    "date",
]


class Linked:
    """Rows of contacts, households and surveys with the household each belongs to.

    ``rows`` has list, position (row of that list's frame) and household_id; ``counts`` rule -> merges;
    ``grey`` pairs (left, right, score); ``shared`` how many keys were too common to link by; ``lost`` how
    many decisions name a household that is not found.
    """

    def __init__(
        self, rows: pd.DataFrame, counts: dict[str, int], grey: list, shared: int, lost: int = 0
    ) -> None:
        self.rows, self.counts, self.grey, self.shared, self.lost = rows, counts, grey, shared, lost

    @property
    def by_reference(self) -> dict[str, str]:
        """Reference as compared -> household id."""
        known = self.rows.dropna(subset=["reference"])
        return dict(zip(known["reference"], known["household_id"], strict=True))

    def of(self, name: str, size: int) -> pd.Series:
        """Return the household of each row of a list, missing where the row is no household's."""
        ids = pd.Series(pd.NA, index=range(size), dtype=_TEXT)
        mine = self.rows[self.rows["list"] == name]
        ids.iloc[mine["position"].to_numpy()] = mine["household_id"].to_numpy()
        return ids


def link_households(
    frames: dict[str, pd.DataFrame],
    similar: dict[str, SimilarPairs],
    least: float,
    grey: float,
    decided: dict[tuple[str, str], bool],
    fingerprints: dict[str, str] | None = None,
) -> Linked:
    """Join the rows of one household.

    Parameters
    ----------
    frames : dict
        List -> rows with pseudonyms; contacts, households and survey_households are used.
    similar : dict
        ``email`` and ``address`` -> pairs of pseudonyms and their similarity.
    least, grey : float
        Least similarity (0-100) for a merge, and for a place in the grey zone.
    decided : dict
        Pairs of household references, smaller first -> same or not, from ``decisions.csv``.
    fingerprints : dict, optional
        File -> its SHA-256, where the key of the pseudonyms is lost with the run: a household without a
        reference is then named after the row that it stands on, so that decisions on it hold.
    """
    people = _people(frames)
    groups = Groups(len(people))
    shared = 0
    groups.join_equal("same_row", pd.util.hash_pandas_object(people[_COLUMNS], index=False))
    for rule, column in (
        ("same_reference", "household_id"),
        ("same_personal_number", "personal_number"),
    ):
        groups.join_equal(rule, people[column])
    for rule, column in (("same_email", "email"), ("same_phone", "phone")):
        keys, n = _own(people, column)
        shared += n
        people[column] = keys
        groups.join_equal(rule, keys)
    _join_partners(groups, people)
    groups.join_equal("same_name_and_place", _name_and_place(people))
    _join_address(groups, people, "same_address", people["address"])
    alike = _alike(people["address"], [pair for pair in similar.get("address", []) if pair[2] >= least])
    _join_address(groups, people, "similar_address", alike)
    settled, lost = settle(groups, people, decided, fingerprints)
    open_pairs = _join_similar_emails(groups, people, similar.get("email", []), (least, grey), settled)
    same = [pair for pair, one in settled.items() if one]
    rows = np.array(same, dtype=int).reshape(-1, 2)
    groups.join("decided_by_a_person", rows[:, 0], rows[:, 1])
    ids = household_ids(groups, people, fingerprints)
    table = people[["list", "position"]].assign(household_id=ids, reference=people["household_id"])
    return Linked(table, groups.counts, _grey(open_pairs, ids, settled), shared, lost)


def _people(frames: dict[str, pd.DataFrame]) -> pd.DataFrame:
    parts = []
    for name in ("contacts", "households", "survey_households"):
        frame = frames.get(name)
        if frame is None or frame.empty:
            continue
        part = frame.reindex(columns=_COLUMNS)
        if name == "households":
            part["date"] = frame["first_contact"]
            part["municipality_code"] = frame["destination_code"]
        part["household_id"] = reference_key(part["household_id"].astype(_TEXT))
        part.insert(0, "list", name)
        part.insert(1, "position", np.arange(len(frame)))
        part[list(_PLACE)] = frame[[f"_{one}" for one in _PLACE]].to_numpy()
        who = part[["household_id", "personal_number", "email", "phone", "person_name", "address"]]
        parts.append(part[who.notna().any(axis=1)])
    if not parts:
        return _nobody()
    people = pd.concat(parts, ignore_index=True)
    people["date"] = people["date"].astype("datetime64[ns]")
    for column in _COLUMNS[:-1]:
        people[column] = people[column].astype(_TEXT)
    return people


def _nobody() -> pd.DataFrame:
    columns = {name: pd.Series(dtype=_TEXT) for name in ("list", *_PLACE, *_COLUMNS)}
    return pd.DataFrame(
        {**columns, "position": pd.Series(dtype=int), "date": pd.Series(dtype="datetime64[ns]")}
    )


def _own(people: pd.DataFrame, column: str) -> tuple[pd.Series, int]:
    """Return the keys without those that too many households share, and how many those are."""
    known = people[people[column].notna()]
    by = known.groupby(column)[["household_id", "personal_number"]].nunique()
    common = by.index[(by > _SHARED).any(axis=1)]
    keys = people[column].where(~people[column].isin(common)) if len(common) else people[column]
    return keys, len(common)


def _join_partners(groups: Groups, people: pd.DataFrame) -> None:
    """Join a contact with the rows of the partner whose e-mail address it gives."""
    named = people[people["partner_email"].notna()]
    first = people[people["email"].notna()].drop_duplicates("email").reset_index().set_index("email")["index"]
    target = named["partner_email"].map(first)
    known = target.notna().to_numpy()
    groups.join("partner_email", named.index.to_numpy()[known], target.to_numpy()[known].astype(np.int64))


def _name_and_place(people: pd.DataFrame) -> pd.Series:
    place = people["address"].fillna(people["origin_code"])
    return (people["person_name"] + "|" + place).astype(_TEXT)


def _alike(addresses: pd.Series, pairs: SimilarPairs) -> pd.Series:
    """Return for each address the smallest of those it is similar to, directly or through others."""
    names = sorted({name for a, b, _ in pairs for name in (a, b)})
    if not names:
        return pd.Series(pd.NA, index=addresses.index, dtype=_TEXT)
    place = {name: index for index, name in enumerate(names)}
    same = Groups(len(names))
    same.join("", np.array([place[a] for a, _, _ in pairs]), np.array([place[b] for _, b, _ in pairs]))
    first = pd.Series(names).groupby(same.labels).transform("min")
    return addresses.map(dict(zip(names, first, strict=True))).astype(_TEXT)


def _join_address(groups: Groups, people: pd.DataFrame, rule: str, addresses: pd.Series) -> None:
    """Join the two groups at an address, if there are just two and their contacts lie within a year."""
    frame = pd.DataFrame({"address": addresses, "group": groups.labels, "date": people["date"]})
    first = frame.groupby("group")["date"].min()
    here = frame.dropna(subset=["address"]).reset_index().drop_duplicates(["address", "group"])
    size = here.groupby("address")["group"].transform("size")
    pairs = here[size == 2].sort_values(["address", "index"])
    left, right = pairs.iloc[::2], pairs.iloc[1::2]
    days = np.abs(first.loc[left["group"]].to_numpy() - first.loc[right["group"]].to_numpy())
    near = days <= _YEAR
    groups.join(rule, left["index"].to_numpy()[near], right["index"].to_numpy()[near])


def _join_similar_emails(
    groups: Groups,
    people: pd.DataFrame,
    pairs: SimilarPairs,
    limits: tuple[float, float],
    settled: dict[tuple[int, int], bool],
) -> list[tuple[int, int, float]]:
    """Join rows whose e-mail addresses are a slip apart if name, origin or municipality agrees too."""
    first = people[people["email"].notna()].drop_duplicates("email").reset_index().set_index("email")["index"]
    known = [(first[a], first[b], score) for a, b, score in pairs if a in first.index and b in first.index]
    if not known:
        groups.join("similar_email", np.array([], dtype=int), np.array([], dtype=int))
        return []
    labels = groups.labels
    decided = {frozenset((labels[a], labels[b])) for a, b in settled}
    least, grey = limits
    left, right, join, left_open = [], [], [], []
    facts = _facts(people, labels)
    for a, b, score in known:
        if labels[a] == labels[b] or score < grey or frozenset((labels[a], labels[b])) in decided:
            continue
        sure = score >= least and _agree(facts, labels[a], labels[b])
        join.append(sure)
        left.append(a)
        right.append(b)
        if not sure:
            left_open.append((a, b, score))
    chosen = np.array(join, dtype=bool)
    groups.join("similar_email", np.array(left, dtype=int)[chosen], np.array(right, dtype=int)[chosen])
    return left_open


def _facts(people: pd.DataFrame, labels: np.ndarray) -> dict[str, dict[int, set[str]]]:
    """Return column -> group -> the values its rows hold."""
    facts: dict[str, dict[int, set[str]]] = {}
    for column in ("person_name", "origin_code", "personal_number"):
        found: dict[int, set[str]] = {}
        values = people[column]
        for group, value in zip(labels[values.notna()], values.dropna(), strict=True):
            found.setdefault(int(group), set()).add(value)
        facts[column] = found
    return facts


def _agree(facts: dict[str, dict[int, set[str]]], a: int, b: int) -> bool:
    """Return whether two groups share a name or an origin, and no personal numbers tell them apart."""
    numbers = facts["personal_number"]
    if a in numbers and b in numbers:
        return False
    return any(
        facts[column].get(a, set()) & facts[column].get(b, set()) for column in ("person_name", "origin_code")
    )


def _grey(
    pairs: list[tuple[int, int, float]], ids: pd.Series, settled: dict[tuple[int, int], bool]
) -> list[tuple[str, str, float]]:
    decided = {tuple(sorted((str(ids[a]), str(ids[b])))) for a, b in settled}
    found: dict[tuple[str, str], float] = {}
    for a, b, score in pairs:
        left, right = sorted((str(ids[a]), str(ids[b])))
        if left != right and (left, right) not in decided:
            found[left, right] = max(score, found.get((left, right), 0))
    return [(left, right, score) for (left, right), score in sorted(found.items())]
