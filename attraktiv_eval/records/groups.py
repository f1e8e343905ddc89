"""Rows joined into groups, rule by rule, with a count of what each rule joined."""

from __future__ import annotations

import numpy as np
import pandas as pd

__all__ = ["Groups", "smallest"]


def smallest(values: pd.Series, by: pd.Series | np.ndarray) -> pd.Series:
    """Return the smallest text of each group, missing where it has none, whatever the order of the rows.

    The same as ``values.groupby(by).min()``, which takes a Python call a group for text.
    """
    codes, texts = pd.factorize(values.to_numpy(dtype=object), sort=True)
    order = pd.Series(np.where(codes < 0, len(texts), codes))
    best = order.groupby(np.asarray(by)).min()
    found = np.array([*texts, None], dtype=object)[best.to_numpy()]
    return pd.Series(pd.array(found, dtype=pd.StringDtype(na_value=np.nan)), index=best.index)


class Groups:
    """A partition of rows that rules make coarser.

    Parameters
    ----------
    size : int
        Number of rows; each begins as a group of its own.

    Notes
    -----
    ``counts`` holds rule -> how many groups fewer there were after it. The result does not depend on the
    order of the rows.
    """

    def __init__(self, size: int) -> None:
        self.labels = np.arange(size)
        self.counts: dict[str, int] = {}
        self._lefts: list[np.ndarray] = []
        self._rights: list[np.ndarray] = []
        self._said: list[tuple[str, np.ndarray]] = []

    @property
    def n(self) -> int:
        """Number of groups."""
        return int(self.labels.max()) + 1 if len(self.labels) else 0

    @property
    def joins(self) -> pd.DataFrame:
        """Return every join: left and right (rows), rule, score."""
        parts = [
            pd.DataFrame({"left": left, "right": right, "rule": rule, "score": scores})
            for left, right, (rule, scores) in zip(self._lefts, self._rights, self._said, strict=True)
        ]
        columns = ["left", "right", "rule", "score"]
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)

    def join(self, rule: str, left: np.ndarray, right: np.ndarray, score: float | np.ndarray = 100.0) -> None:
        """Join row ``left[i]`` with row ``right[i]`` for every i; ``score`` (0-100): how alike they are."""
        before = self.n
        if len(left):
            a, b = np.asarray(left, dtype=np.int64), np.asarray(right, dtype=np.int64)
            new = self.labels[a] != self.labels[b]
            self._lefts.append(a[new])
            self._rights.append(b[new])
            self._said.append((rule, np.broadcast_to(np.asarray(score, dtype=float), a.shape)[new]))
            self.labels = self.would(a[new], b[new])
        self.counts[rule] = self.counts.get(rule, 0) + before - self.n

    def would(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return the label of each row as it would be if the rows were joined too."""
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        a, b = self.labels[left], self.labels[right]
        graph = coo_array((np.ones(len(a), dtype=np.int8), (a, b)), shape=(self.n, self.n))
        _, labels = connected_components(graph, directed=False)
        return labels[self.labels]

    def join_equal(self, rule: str, keys: pd.Series) -> None:
        """Join all rows with the same key; rows without a key stay as they are."""
        known = keys.notna().to_numpy()
        rows = np.flatnonzero(known)
        codes, _ = pd.factorize(keys.to_numpy(dtype=object)[known])
        first = np.full(codes.max() + 1 if len(codes) else 0, -1)
        first[codes[::-1]] = rows[::-1]
        anchors = first[codes]
        different = anchors != rows
        self.join(rule, anchors[different], rows[different])
