"""What a household is called, which given names and mailboxes it shows, and which rows decisions speak of."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import numpy as np
import pandas as pd

from attraktiv_eval.errors import RecordError
from attraktiv_eval.records.groups import Groups, smallest
from attraktiv_eval.records.identifiers import (
    Pseudonyms,
    given_names,
    is_nobodys_email,
    is_nobodys_phone,
    surname,
)
from attraktiv_eval.records.reading import DECISIONS
from attraktiv_eval.records.references import Scoped, reference_key

__all__ = ["Settled", "household_ids", "mark_people", "own_names", "places", "settle"]

_TEXT = pd.StringDtype(na_value=np.nan)
_WHO = ("personal_number", "email", "phone", "address", "person_name")


def mark_people(frames: Mapping[str, pd.DataFrame], key: bytes) -> None:
    """Note, before the door is closed, what pseudonyms do not show: given names and addresses of nobody.

    ``_given`` and ``_surname`` hold pseudonyms of the names, ``_no_email`` and ``_no_phone`` whether a
    mailbox or number is a reception's or stands for none (``info@``, ``saknas@``, 000000).
    """
    pseudonyms = Pseudonyms(key)
    for name in ("contacts", "households", "survey_households"):
        frame = frames.get(name)
        if frame is None:
            continue
        for column, field, found in (
            (
                "_given",
                "person_name",
                lambda text: "|".join(sorted(pseudonyms.many("given", given_names(text)))) or None,
            ),
            (
                "_surname",
                "person_name",
                lambda text: pseudonyms("surname", surname(text)),
            ),
            ("_no_email", "email", is_nobodys_email),
            ("_no_phone", "phone", is_nobodys_phone),
        ):
            values = frame[field] if field in frame else pd.Series(pd.NA, index=frame.index, dtype=_TEXT)
            frame[column] = values.map({text: found(text) for text in values.dropna().unique()})


def household_ids(groups: Groups, names: pd.Series, own: pd.Series) -> pd.Series:
    """Return a household id a row: the smallest reference, else the smallest name that a row gives it."""
    best = smallest(names, groups.labels)
    made = smallest(own, groups.labels)
    apart = best.duplicated(keep=False) & best.notna()  # one reference, rows that cannot be of one household
    best = best.where(~apart, best + "~" + made.astype(_TEXT).str[2:8])
    again = best.duplicated(keep=False) & best.notna()
    best = best.where(~again, best + "-" + best.groupby(best).cumcount().add(1).astype(str))
    made = made.where(best.isna())
    twice = made.duplicated(keep=False) & made.notna()
    made = made.where(~twice, made + "-" + made.groupby(made).cumcount().add(1).astype(str))
    labels = pd.Series(groups.labels, index=names.index)
    return labels.map(best.where(best.notna(), made)).astype(_TEXT)


def own_names(people: pd.DataFrame, fingerprints: dict[str, str] | None) -> pd.Series:
    """Return the name that each row would give a household without a reference.

    With a key that is kept the name is made of the pseudonyms that the row holds. Without one
    (``fingerprints``
    given) pseudonyms change from run to run: the name is then made of the file's SHA-256, the sheet and the
    row, so that it stays for as long as the file is unchanged.
    """
    if fingerprints is None:
        parts = [people[column].fillna("") for column in (*_WHO, "origin", "moved_day")]
        texts = ["|".join(values) for values in zip(*parts, strict=True)]
    else:
        rows = zip(people["file"], people["sheet"], people["row"], strict=True)
        texts = [f"{fingerprints.get(file, file)}|{sheet}|{row}" for file, sheet, row in rows]
    short = {text: f"U-{hashlib.sha256(text.encode()).hexdigest()[:12]}" for text in set(texts)}
    return pd.Series([short[text] for text in texts], index=people.index, dtype=_TEXT)


def places(people: pd.DataFrame) -> pd.Series:
    """Return the place of each row as ``joined_rows.csv`` writes it: file, sheet, row."""
    rows = zip(people["file"], people["sheet"], people["row"], strict=True)
    return pd.Series(
        [" ".join(str(part) for part in row if part != "") for row in rows], index=people.index, dtype=_TEXT
    )


class Settled:
    """Decisions as rows: ``same`` and ``different`` pairs, and how many meet nothing (``lost``)."""

    def __init__(self) -> None:
        self.same: list[tuple[int, int]] = []
        self.different: list[tuple[int, int]] = []
        self.lost = 0


def settle(
    people: pd.DataFrame, scoped: Scoped, own: pd.Series, decided: dict[tuple[str, str], bool]
) -> Settled:
    """Find the rows that a person's decisions speak of.

    A household is found by its reference, by the name that it was given where it has none, and by the place
    of
    one of its rows (``file sheet row``, as ``joined_rows.csv`` names it). A reference that several lists hold
    for themselves names nobody without its mark.
    """
    settled = Settled()
    if not decided:
        return settled
    asked = {name for pair in decided for name in pair}
    rows: dict[str, int] = {}
    for names in (places(people), scoped.name, own):
        here = names[names.isin(asked)]
        for row, name in zip(here.index, here, strict=True):
            rows.setdefault(name, int(row))
    left = {name: reference_key(name) for name in asked if name not in rows}
    scopes = scoped.scope[scoped.key.isin(set(left.values()))].groupby(scoped.key).nunique()
    meant = scoped.key[scoped.key.isin(set(left.values()))]
    for row, name in zip(meant.index, meant, strict=True):
        if scopes[name] == 1:
            rows.setdefault(f"\x1f{name}", int(row))
    for pair, same in decided.items():
        a, b = (rows.get(name, rows.get(f"\x1f{left.get(name)}")) for name in pair)
        if a is None or b is None or a == b:
            settled.lost += 1
        else:
            (settled.same if same else settled.different).append((a, b))
    return settled


def refuse_contradictions(groups: Groups, settled: Settled) -> None:
    """Refuse decisions that contradict one another once rows said to be the same are joined.

    Raises
    ------
    RecordError
        If two rows are said to be different and, straight or through others, the same.
    """
    if not settled.same:
        return
    pairs = np.array(settled.same, dtype=np.int64)
    labels = groups.would(pairs[:, 0], pairs[:, 1])
    if any(labels[a] == labels[b] for a, b in settled.different):
        raise RecordError(
            "two households are decided to be different and, through others, the same",
            remedy="change one of the decisions: if A is B and B is C, A cannot differ from C",
            file=DECISIONS,
        )


def split(identity: pd.Series, people: pd.DataFrame, different: list[tuple[int, int]]) -> pd.Series:
    """Give a reference of its own to what a person has parted from others of the same reference.

    The row named second leaves, and with it the rows of the reference that share an e-mail address, number
    or name with it and not with the row named first.
    """
    identity = identity.astype(_TEXT)
    for number, (a, b) in enumerate(sorted(different), 2):
        if not isinstance(identity[a], str) or identity[a] != identity[b]:
            continue
        mine = identity.index[identity == identity[b]]
        who = people.loc[mine, list(_WHO)]
        with_b = (who == people.loc[b, list(_WHO)]).any(axis=1)
        with_a = (who == people.loc[a, list(_WHO)]).any(axis=1)
        leaving = mine[(with_b & ~with_a) | (mine == b)]
        identity[leaving] = f"{identity[b]}/{number}"
    return identity
