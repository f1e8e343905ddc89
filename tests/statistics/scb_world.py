"""An invented but consistent world of moves, for the stand-in server.

Population, net migration and in-moves are the embedded figures; how they split (own county, other counties,
abroad, ages, sexes, births and deaths) is invented, so that everything sums as SCB's tables do. Nothing here
is statistics.
"""

from __future__ import annotations

import numpy as np

from attraktiv_eval.regions import COUNTIES, county_of
from attraktiv_eval.statistics.panel import Panel

YEARS = np.arange(1997, 2025)
CITY_AREAS = {"0010": "01", "0020": "14", "0030": "12"}
UNFORMED = {"0140": (1999, 1998), "0330": (2003, 2002)}


class World:
    """Counts by region (315: country, large-city areas, counties, municipalities) and year 1997–2024."""

    def __init__(self) -> None:
        panel = Panel.load()
        self.names = dict(zip(panel.table["region_code"], panel.table["region_name"], strict=True))
        self.municipalities = sorted(self.names)
        self.regions = sorted([*self.municipalities, *COUNTIES, *CITY_AREAS, "00"])
        self.names |= COUNTIES | {"00": "Riket", "0010": "Stor-Stockholm", "0020": "Stor-Göteborg"}
        self.names |= {"0030": "Stor-Malmö"}
        self._panel = panel
        self._county = np.array([county_of(code) for code in self.municipalities])
        self._build()
        self._counted: dict[tuple[str, str], np.ndarray] = {}

    def _wide(self, outcome: str) -> np.ndarray:
        wide = self._panel.counts(outcome, "municipality")
        return wide.reindex(index=YEARS, columns=self.municipalities).T.to_numpy()

    def _build(self) -> None:
        people = np.nan_to_num(self._wide("population"))
        net = np.nan_to_num(self._wide("net_migration"))
        formed = np.ones(people.shape, dtype=bool)
        for code, (moves, _) in UNFORMED.items():
            formed[self.municipalities.index(code)] = moves <= YEARS
        invented = np.round(0.06 * people) + 40 + np.abs(net)
        came = np.where(np.isnan(self._wide("in_moves")), invented, self._wide("in_moves"))
        came = np.where(formed, came, 0)
        gone = came - net
        foreign = _allot(net.sum(axis=0), np.where(formed, people, 0))
        immigration = np.where(formed, np.round(0.004 * people) + np.maximum(foreign, 0), 0)
        immigration = np.minimum(immigration, came)
        emigration = immigration - foreign
        own_net = self._own_net(formed)
        alone = np.array([(self._county == county).sum() == 1 for county in self._county])
        smaller = np.minimum(came - immigration, gone - emigration)
        own_in = np.where(alone[:, None], 0, np.round(0.4 * smaller)) * formed
        other_in = came - immigration - own_in
        other_net = net - foreign - own_net
        births = np.round(0.011 * people) * formed
        before = np.concatenate([people[:, :1] - net[:, :1], people[:, :-1]], axis=1)
        change = np.where(formed, people - before, 0)
        self.base = {
            "population": people,
            "change": change,
            "births": births,
            "deaths": births,
            "adjustment": change - net,
            "in_own_county": own_in,
            "out_own_county": own_in - own_net,
            "in_other_counties": other_in,
            "out_other_counties": other_in - other_net,
            "immigration": immigration,
            "emigration": emigration,
        }
        for name, counts in self.base.items():
            assert name in ("change", "adjustment") or (counts >= 0).all(), name

    def _own_net(self, formed: np.ndarray) -> np.ndarray:
        """Small nets inside each county that sum to zero."""
        own = np.zeros(formed.shape)
        for county in COUNTIES:
            rows = np.flatnonzero(self._county == county)
            for y in range(len(YEARS)):
                there = rows[formed[rows, y]]
                if len(there) > 1:
                    small = (np.arange(len(there)) * 7 + y) % 5 - 2.0
                    small[0] -= small.sum()
                    own[there, y] = small
        return own

    def counts(self, measure: str, region: str) -> np.ndarray:
        """Counts by year of a region; NaN where a figure cannot occur. Summed once, and not to be changed."""
        if (measure, region) not in self._counted:
            self._counted[measure, region] = self._count(measure, region)
            self._counted[measure, region].flags.writeable = False
        return self._counted[measure, region]

    def _count(self, measure: str, region: str) -> np.ndarray:
        if measure in self.base:
            inside = measure in ("in_own_county", "out_own_county")
            if inside and len(region) == 2:
                return np.full(len(YEARS), np.nan)
            if region == "00" and "other_counties" in measure:
                return np.full(len(YEARS), np.nan)
            return self.base[measure][self._rows(region)].sum(axis=0)
        if measure in ("domestic_in_moves", "domestic_out_moves"):
            side = measure.split("_")[1]
            other = self.counts(f"{side}_other_counties", region)
            return other if len(region) == 2 else other + self.counts(f"{side}_own_county", region)
        if measure in ("in_moves", "out_moves"):
            side = measure.split("_")[0]
            abroad = self.counts("immigration" if side == "in" else "emigration", region)
            return abroad if region == "00" else abroad + self.counts(f"domestic_{side}_moves", region)
        if measure == "foreign_net":
            return self.counts("immigration", region) - self.counts("emigration", region)
        if measure == "net_migration":
            return self.counts("in_moves", region) - self.counts("out_moves", region)
        if measure in ("net_own_county", "net_other_counties"):
            where = measure.removeprefix("net_")
            return self.counts(f"in_{where}", region) - self.counts(f"out_{where}", region)
        raise KeyError(measure)

    def _rows(self, region: str) -> np.ndarray:
        county = CITY_AREAS.get(region, region)
        if region == "00":
            return np.arange(len(self.municipalities))
        if len(county) == 2:
            return np.flatnonzero(self._county == county)
        return np.array([self.municipalities.index(region)])


def _allot(totals: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Whole numbers by row that sum to each column's total, by weight."""
    shares = np.floor(totals * weights / weights.sum(axis=0))
    for y, rest in enumerate((totals - shares.sum(axis=0)).astype(int)):
        largest = np.argsort(-weights[:, y])[:rest]
        shares[largest, y] += 1
    return shares
