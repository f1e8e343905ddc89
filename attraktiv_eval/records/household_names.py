"""What a household is called, and which households a person's decisions speak of."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd

from attraktiv_eval.records.groups import Groups, smallest

__all__ = ["household_ids", "reference_key", "settle"]

_TEXT = pd.StringDtype(na_value=np.nan)


def reference_key(references: pd.Series) -> pd.Series:
    """Return references as they are compared: capitals, letters and digits only."""
    return references.str.upper().str.replace(r"[^0-9A-ZÅÄÖ]", "", regex=True).mask(lambda text: text == "")


def household_ids(
    groups: Groups, people: pd.DataFrame, fingerprints: dict[str, str] | None = None
) -> pd.Series:
    """Return a household id a row: the smallest reference, else a name made of what the row holds.

    With a key that is kept the name is made of the smallest pseudonym. Without one (``fingerprints`` given)
    pseudonyms change from run to run: the name is then made of the file's SHA-256, the sheet and the row, so
    that it stays for as long as the file is unchanged.
    """
    labels = pd.Series(groups.labels, index=people.index)
    best = smallest(people["household_id"], groups.labels)
    if best.notna().all():
        return labels.map(best).astype(_TEXT)
    nameless = best.isna().to_numpy()[groups.labels]
    made = smallest(_own_names(people, fingerprints).where(nameless), groups.labels)
    twice = made.duplicated(keep=False) & made.notna()
    made = made.where(~twice, made + "-" + made.groupby(made).cumcount().add(1).astype(str))
    return labels.map(best.where(best.notna(), made)).astype(_TEXT)


def _own_names(people: pd.DataFrame, fingerprints: dict[str, str] | None) -> pd.Series:
    """Return the name that each row would give a household without a reference."""
    if fingerprints is None:
        key = people["personal_number"]
        for column in ("email", "phone", "address", "person_name"):
            key = key.fillna(people[column])
        return ("U-" + key.str[1:13]).astype(_TEXT)
    places = zip(people["file"], people["sheet"], people["row"], strict=True)
    names = [_short(f"{fingerprints.get(file, file)}|{sheet}|{row}") for file, sheet, row in places]
    return pd.Series(names, index=people.index, dtype=_TEXT)


def _short(place: str) -> str:
    return f"U-{hashlib.sha256(place.encode()).hexdigest()[:12]}"


def settle(
    groups: Groups,
    people: pd.DataFrame,
    decided: dict[tuple[str, str], bool],
    fingerprints: dict[str, str] | None = None,
) -> tuple[dict[tuple[int, int], bool], int]:
    """Find the rows that a person's decisions speak of.

    A household is found by its id, and by the reference or name of any of its rows: it may have grown since.

    Returns
    -------
    dict of (row, row) -> same or not, and the number of decisions that name a household that is not found.
    """
    if not decided:
        return {}, 0
    rows: dict[str, int] = {}
    for names in (
        household_ids(groups, people, fingerprints),
        people["household_id"],
        _own_names(people, fingerprints),
    ):
        for row, name in zip(people.index, names, strict=True):
            if isinstance(name, str):
                rows.setdefault(name, int(row))
    plain = reference_key(pd.Series(sorted({name for pair in decided for name in pair}), dtype=_TEXT))
    written = dict(zip(sorted({name for pair in decided for name in pair}), plain, strict=True))
    settled, lost = {}, 0
    for pair, same in decided.items():
        a, b = (rows.get(name, rows.get(written[name])) for name in pair)
        if a is None or b is None:
            lost += 1
        else:
            settled[a, b] = same
    return settled, lost
