"""The door: personal identifiers are replaced by pseudonyms before anything is linked, counted or written.

What can only be seen in the plain text, that two e-mail addresses or two postal addresses differ by a slip of
the pen, is found here too and handed on as pairs of pseudonyms.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import combinations

import numpy as np
import pandas as pd
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from attraktiv_eval.records.identifiers import Pseudonyms, email_key, name_key, personal_number, phone_key
from attraktiv_eval.records.schemas import PERSONAL, kind_of, schemas
from attraktiv_eval.records.traces import find_traces

__all__ = ["SimilarPairs", "close_the_door", "scrub", "similar_addresses", "similar_emails"]

#: Pairs of pseudonyms and their similarity, 0-100.
SimilarPairs = list[tuple[str, str, float]]

_TEXT = pd.StringDtype(na_value=np.nan)
#: A quick look before the long one: eight digits near each other, or an at sign in some form.
_SUSPECT = re.compile(r"(?:\d\D{0,4}){8}|[@\uff20]|[(\[] ?(?:at|snabel)", re.IGNORECASE)
_NO_LETTER = re.compile(r"[\W\d_]")
_WORD = re.compile(r"[^\W\d_]+")
_BLOCK = 60


def close_the_door(frames: dict[str, pd.DataFrame], key: bytes) -> dict[str, SimilarPairs]:
    """Replace every personal identifier in the frames, in place, and return the similar pairs by kind.

    Parameters
    ----------
    frames : dict
        List -> cleaned rows, as :func:`cleaning.clean_sheet` makes them.
    key : bytes
        Key of the pseudonyms.
    """
    pseudonyms = Pseudonyms(key)
    plain: dict[str, set[str]] = {"email": set(), "address": set()}
    replaced: dict[str, dict[str, str]] = defaultdict(dict)
    for name, frame in frames.items():
        traders = _sole_traders(name, frame)
        for column_name, column in schemas()[name].columns.items():
            kind = kind_of(column)
            if kind in PERSONAL:
                values = _replace(frame, column_name, kind, pseudonyms, replaced[kind])
                if kind in plain:
                    plain[kind].update(values)
            elif kind == "organisation_number":
                frame[column_name] = _organisation_numbers(frame[column_name], pseudonyms)
            elif kind in ("reference", "text", "organisation_name"):
                frame[column_name] = _scrubbed(frame[column_name], pseudonyms)
        for number, named in traders.items():
            frame.loc[named, number] = [
                pseudonyms("name", name_key(text)) for text in frame.loc[named, number]
            ]
    return {
        "email": _as_pseudonyms(similar_emails(plain["email"]), replaced["email"]),
        "address": _as_pseudonyms(similar_addresses(plain["address"]), replaced["address"]),
    }


def _sole_traders(name: str, frame: pd.DataFrame) -> dict[str, pd.Series]:
    """Return the column of names -> rows where the number beside it is a person's."""
    pairs = {"contacts": ("company_number", "company_name")}
    number, column = pairs.get(name, ("organisation_number", "name"))
    if number not in frame or column not in frame:
        return {}
    return {
        column: frame[number].str.startswith("person:").fillna(False).astype(bool) & frame[column].notna()
    }


def _replace(
    frame: pd.DataFrame, column: str, kind: str, pseudonyms: Pseudonyms, known: dict[str, str]
) -> Iterable[str]:
    values = frame[column].dropna().unique()
    texts = [name_key(text) for text in values] if kind == "person_name" else list(values)
    table = dict(zip(values, pseudonyms.many(kind, texts), strict=True))
    known.update(table)
    frame[column] = frame[column].map(table).astype(_TEXT)
    return table.keys()


def _organisation_numbers(numbers: pd.Series, pseudonyms: Pseudonyms) -> pd.Series:
    """Return ten digits for an organisation, a pseudonym for a sole trader."""
    table = {}
    for text in numbers.dropna().unique():
        kind, digits = str(text).split(":")
        table[text] = digits if kind == "organisation" else pseudonyms("personal_number", digits)
    return numbers.map(table).astype(_TEXT)


def _scrubbed(texts: pd.Series, pseudonyms: Pseudonyms) -> pd.Series:
    table = {text: scrub(text, pseudonyms) for text in texts.dropna().unique() if _SUSPECT.search(text)}
    table = {text: new for text, new in table.items() if new != text}
    return texts.replace(table).astype(_TEXT) if table else texts


def scrub(text: str, pseudonyms: Pseudonyms) -> str:
    """Return a reference or free text with all that looks personal in it replaced by pseudonyms.

    One number gives one pseudonym however it is written, and the same as in a column of its own.
    """
    parts, end = [], 0
    for trace in find_traces(text, stamps=True):
        kind, value = _compared(text[trace.start : trace.end], trace.kind)
        parts += [text[end : trace.start], pseudonyms(kind, value)]
        end = trace.end
    return "".join([*parts, text[end:]])


def _compared(text: str, kind: str) -> tuple[str, str]:
    """Return the kind of pseudonym and the form in which what was found is compared."""
    if kind == "email":
        return "email", email_key(re.sub(r"\s*[(\[].*[)\]]\s*|\uff20", "@", text)) or text.casefold()
    if kind == "telephone":
        return "phone", phone_key(re.sub(r"[^\d+()]", "", text)) or text
    value = re.sub(r"[^0-9A-Z+]", "", text.upper())
    digits = value.replace("+", "")
    written = digits[:-4] + ("+" if "+" in value else "") + digits[-4:]
    return "personal_number", personal_number(written) or _twelve(digits, "+" in value)


def _twelve(number: str, over_100: bool) -> str:
    """Return a number with its century, as :func:`identifiers.personal_number` takes it to be."""
    if len(number) != 10:
        return number
    this = date.today().year
    born = this // 100 * 100 + int(number[:2])
    born -= 100 * ((born > this) + over_100)
    return f"{born}{number[2:]}"


def _as_pseudonyms(pairs: Iterable[tuple[str, str, float]], table: dict[str, str]) -> SimilarPairs:
    found = ((table[a], table[b], score) for a, b, score in pairs)
    return sorted((min(a, b), max(a, b), score) for a, b, score in found)


def similar_emails(emails: Iterable[str]) -> list[tuple[str, str, float]]:
    """Return pairs of addresses one slip apart: a sign wrong, missing, added, or two exchanged.

    Two addresses one slip apart share the address itself or a form with one sign left out; so only those
    that share such a form are compared (blocking), never all pairs. Where the words that differ each stand in
    other addresses too, they are two names and no slip.
    """
    texts = sorted(emails)
    forms: list[int] = []
    owners: list[int] = []
    for index, text in enumerate(texts):
        own = {text, *(text[:i] + text[i + 1 :] for i in range(len(text)))}
        forms.extend(hash(form) for form in own)
        owners.extend([index] * len(own))
    pairs: set[tuple[int, int]] = set()
    for group in _groups(np.array(forms, dtype=np.int64), np.array(owners, dtype=np.int64)):
        if len(group) <= _BLOCK:
            pairs.update(combinations(sorted(group), 2))
    borne = Counter(word for text in texts for word in set(_WORD.findall(text)))
    found = []
    for a, b in sorted(pairs):
        if OSA.distance(texts[a], texts[b], score_cutoff=1) == 1 and not (
            _numbered(texts[a], texts[b]) or _names_of_others(texts[a], texts[b], borne)
        ):
            score = 100 * (1 - 1 / max(len(texts[a]), len(texts[b])))
            found.append((texts[a], texts[b], round(score, 1)))
    return found


def _numbered(a: str, b: str) -> bool:
    """Return whether two addresses differ in digits or signs only: kim1@ and kim2@ are two, not a slip."""
    return _NO_LETTER.sub("", a) == _NO_LETTER.sub("", b)


def _names_of_others(a: str, b: str, borne: Counter[str]) -> bool:
    """Return whether both spell a word that other addresses spell too: berg@ and borg@ are names, no slip."""
    one, other = set(_WORD.findall(a)), set(_WORD.findall(b))
    return all(any(borne[word] > 1 for word in words) for words in (one - other, other - one))


def _groups(keys: np.ndarray, owners: np.ndarray) -> Iterator[list[int]]:
    """Yield the owners of each key that has more than one."""
    if len(keys) == 0:
        return
    order = np.argsort(keys, kind="stable")
    keys, owners = keys[order], owners[order]
    starts = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]])
    sizes = np.diff(np.r_[starts, len(keys)])
    for start, size in zip(starts[sizes > 1], sizes[sizes > 1], strict=True):
        yield owners[start : start + size].tolist()


def similar_addresses(addresses: Iterable[str], least: float = 80.0) -> list[tuple[str, str, float]]:
    """Return pairs of postal addresses with the same numbers whose words are alike.

    Only addresses with the same numbers in the same order, house, flat and post code, are compared.
    """
    blocks: dict[str, list[str]] = defaultdict(list)
    for text in sorted(addresses):
        blocks[" ".join(re.findall(r"\d+\w?", text))].append(text)
    found = []
    for block in blocks.values():
        if 1 < len(block) <= _BLOCK:
            for a, b in combinations(block, 2):
                score = fuzz.ratio(a, b)
                if score >= least:
                    found.append((a, b, round(score, 1)))
    return found
