"""The tables on the stand-in's shelf: the shapes of SCB's, with invented figures."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from scb_world import YEARS, World

UPDATED = "2026-06-08T06:00:00Z"
SINGLE = [*map(str, range(100)), "100+"]
FIVE = ["-4", *(f"{a}-{a + 4}" for a in range(5, 100, 5)), "100+5"]
MOVES = {
    "BE0101AU": ("Inflyttningar", "in_moves"),
    "BE0101AV": ("Utflyttningar", "out_moves"),
    "BE0101AX": ("Invandringar", "immigration"),
    "BE0101AY": ("Utvandringar", "emigration"),
    "BE0101AZ": ("Flyttningsöverskott", "net_migration"),
    "BE0101A1": ("Invandringsöverskott", "foreign_net"),
    "BE0101A2": ("Inrikes inflyttningar", "domestic_in_moves"),
    "BE0101A3": ("Inrikes utflyttningar", "domestic_out_moves"),
    "BE0101A4": ("Inrikes flyttningsöverskott", "domestic_net"),
}
CHANGES = {
    "100": ("folkmängd", "population"),
    "110": ("folkökning", "change"),
    "115": ("födda", "births"),
    "130": ("döda", "deaths"),
    "140": ("samtliga inflyttningar", "in_moves"),
    "150": ("samtliga utflyttningar", "out_moves"),
    "160": ("inflyttningar från kommuner inom länet", "in_own_county"),
    "170": ("inflyttningar från övriga län", "in_other_counties"),
    "175": ("invandringar", "immigration"),
    "190": ("utflyttningar till kommuner inom länet", "out_own_county"),
    "200": ("utflyttningar till övriga län", "out_other_counties"),
    "220": ("utvandringar", "emigration"),
    "230": ("flyttningsöverskott totalt", "net_migration"),
    "240": ("flyttningsöverskott eget län", "net_own_county"),
    "250": ("flyttningsöverskott övriga Sverige", "net_other_counties"),
    "260": ("invandringsöverskott", "foreign_net"),
    "270": ("justeringspost", "adjustment"),
}
SEXES = {"1": "män", "2": "kvinnor"}


class Refused(Exception):
    def __init__(self, status: int, title: str) -> None:
        super().__init__(title)
        self.status, self.title = status, title


@cache
def world() -> World:
    return World()


@cache
def _counts(measure: str, noise: int) -> np.ndarray:
    """Counts by region and year; a noisy table has one year, 2025, near to 2024."""
    own = world()
    if measure == "domestic_net":
        return _counts("domestic_in_moves", noise) - _counts("domestic_out_moves", noise)
    exact = np.array([own.counts(measure, region) for region in own.regions])
    if not noise:
        return exact
    wobble = np.random.default_rng(noise + sum(map(ord, measure))).integers(-2, 3, exact[:, -1:].shape)
    if measure.startswith("net_"):
        wobble = wobble // 2
    return np.maximum(exact[:, -1:] + wobble, exact[:, -1:].clip(max=0))


def _split(counts: np.ndarray, parts: int) -> np.ndarray:
    """Whole parts that sum to the whole, along a new first axis."""
    low = np.floor(np.nan_to_num(np.abs(counts)) / parts) * np.sign(np.nan_to_num(counts))
    shares = np.repeat(low[None], parts, axis=0)
    shares[-1] = counts - low * (parts - 1)
    return shares


class Table:
    """One table: variables with codes and labels, and the figure of each cell."""

    def __init__(
        self, id: str, label: str, folder: str, variables: dict[str, dict[str, str]], *, noise: int = 0
    ) -> None:
        self.id, self.label, self.folder, self.noise = id, label, folder, noise
        self.variables, self.updated = variables, UPDATED
        self.eliminable: set[str] = {"Region"}
        self.symbols: dict[tuple[str, ...], str] = {}
        self.changed: dict[tuple[str, ...], float] = {}

    def metadata(self) -> dict[str, Any]:
        return self._head({name: list(codes) for name, codes in self.variables.items()})

    def _head(self, selection: dict[str, list[str]]) -> dict[str, Any]:
        dimension = {}
        for name, codes in selection.items():
            labels = self.variables[name]
            dimension[name] = {
                "label": name.lower(),
                "category": {
                    "index": {code: i for i, code in enumerate(codes)},
                    "label": {code: labels[code] for code in codes},
                },
                "extension": {"elimination": name in self.eliminable, "show": "value", "codelists": []},
            }
        return {
            "version": "2.0",
            "class": "dataset",
            "label": self.label,
            "note": ["Uppgifterna har en liten   slumpmässig\r\n osäkerhet.", "Av mindre vikt."],
            "source": "SCB",
            "updated": self.updated,
            "role": {"time": ["Tid"], "metric": ["ContentsCode"]},
            "id": list(selection),
            "size": [len(codes) for codes in selection.values()],
            "dimension": dimension,
            "extension": {
                "noteMandatory": {"0": bool(self.noise)},
                "px": {"tableid": self.id, "decimals": 0},
            },
        }

    def selection(self, asked: dict[str, str], body: dict | None) -> dict[str, list[str]]:
        if body and body.get("selection"):
            wanted = {one["variableCode"]: list(one["valueCodes"]) for one in body["selection"]}
        else:
            wanted = {k[11:-1]: v.split(",") for k, v in asked.items() if k.startswith("valueCodes[")}
        if not wanted:  # the default selection: without regions, and status 200
            return {name: list(codes)[:1] for name, codes in self.variables.items() if name != "Region"}
        for name in wanted:
            if name not in self.variables:
                raise Refused(400, "Non-existent variable")
        chosen = {}
        for name, labels in self.variables.items():
            if name not in wanted:
                if name not in self.eliminable:
                    raise Refused(400, "Missing selection for mandantory variable")
                continue
            chosen[name] = [code for word in wanted[name] for code in _expand(word, list(labels))]
            if len(set(chosen[name])) < len(chosen[name]):
                raise Refused(500, "An error has occurred")
        return chosen

    def document(self, selection: dict[str, list[str]]) -> dict[str, Any]:
        values = self.values(selection)
        document = self._head(selection)
        flat = values.reshape(-1)
        document["value"] = [None if np.isnan(v) else int(v) if v == int(v) else float(v) for v in flat]
        status = {str(i): "." for i in np.flatnonzero(np.isnan(flat))}
        for cell, symbol in self.symbols.items():
            places = [
                codes.index(c) if c in codes else -1
                for c, codes in zip(cell, selection.values(), strict=True)
            ]
            if min(places) >= 0:
                i = int(np.ravel_multi_index(places, values.shape))
                document["value"][i], status[str(i)] = None, symbol
        if status:
            document["status"] = status
        return document

    def values(self, selection: dict[str, list[str]]) -> np.ndarray:
        cube = self._cube(selection)
        for cell, value in self.changed.items():
            places = [
                codes.index(c) if c in codes else -1
                for c, codes in zip(cell, selection.values(), strict=True)
            ]
            if min(places) >= 0:
                cube[tuple(places)] = value
        return cube

    def _cube(self, selection: dict[str, list[str]]) -> np.ndarray:
        names = (
            MOVES
            | CHANGES
            | {"BE0101N1": ("Folkmängd", "population"), "000007ME": ("Folkmängd", "population")}
        )
        names |= {code: MOVES[old] for code, old in zip(NOISY, MOVES, strict=True)}
        variable = "Forandringar" if "Forandringar" in selection else "ContentsCode"
        own = world()
        rows = [own.regions.index(code) for code in selection.get("Region", ["00"])]
        first = YEARS[0] if not self.noise else 2025
        columns = [int(code[:4]) - first for code in selection["Tid"]]
        base = np.stack(
            [_counts(names[c][1], self.noise)[np.ix_(rows, columns)] for c in selection[variable]]
        )
        axes = [variable, "Region", "Tid"]
        for name in selection:
            if name in axes:
                continue
            whole, parts = self._parts(name)
            split = _split(base, len(parts)) if parts else base[None]
            base = np.stack([base if code in whole else split[parts.index(code)] for code in selection[name]])
            axes = [name, *axes]
        if "Region" not in selection:  # summed away
            base, axes = base.sum(axis=axes.index("Region")), [axis for axis in axes if axis != "Region"]
        return base.transpose([axes.index(name) for name in selection])

    def _parts(self, name: str) -> tuple[set[str], list[str]]:
        """Codes that stand for the whole, and those that it is split into."""
        codes = list(self.variables[name])
        if name == "Alder" and self.noise:
            return {"TOT1", "TotSA"}, [code for code in codes if code in FIVE]
        if name == "Alder":
            return {"tot"}, SINGLE
        if name in ("Kon", "Civilstand"):
            whole = {"TotSa", "SC", "1+2"}
            return whole, [code for code in codes if code not in whole]
        return set(codes), []


NOISY = [f"0000086{c}" for c in "BF9" + "7" + "8" + "ADEC"]


def _expand(word: str, codes: list[str]) -> list[str]:
    if word == "*":
        return codes
    for name, pick in (("top(", lambda n: codes[-n:]), ("bottom(", lambda n: codes[:n])):
        if word.startswith(name):
            return pick(int(word[len(name) : -1]))
    if word.startswith("from("):
        return [code for code in codes if code >= word[5:-1]]
    if word not in codes:
        raise Refused(400, "Non-existent value")
    return [word]


class Shelf:
    """The tables of the stand-in."""

    def __init__(self) -> None:
        own = world()
        self.codelists: dict[str, dict[str, Any]] = {}
        regions = {code: own.names[code] for code in own.regions}
        plain = {code: name for code, name in regions.items() if code not in ("0010", "0020", "0030")}
        ages = {**{age: f"{age} år" for age in SINGLE}, "tot": "totalt ålder"}
        fives = {"TOT1": "totalt, samtliga åldrar", **{age: f"{age} år" for age in FIVE}}
        years = {str(year): str(year) for year in YEARS}
        new = {"2025": "2025"}
        both = {**SEXES, "TotSa": "totalt, samtliga män och kvinnor"}
        moves = {code: label for code, (label, _) in MOVES.items()}
        changes = {code: label for code, (label, _) in CHANGES.items()}
        civil = {"OG": "ogifta", "G": "gifta", "SK": "skilda", "ÄNKL": "änkor/änklingar"}
        since = {year: year for year in years if year >= "2000"}
        noisy = dict(zip(NOISY, moves.values(), strict=True))
        title = "Flyttningar efter region, ålder och kön"
        self.tables = {
            t.id: t
            for t in (
                Table("TAB1212", title, "BE0101J", _variables(regions, ages, SEXES, moves, years)),
                Table("TAB6640", title, "BE0101J", _variables(regions, fives, both, noisy, new), noise=1),
                Table(
                    "TAB5169",
                    "Befolkningsstatistik",
                    "BE0101G",
                    _changes(plain, changes, since, "1+2", "000002Z9"),
                ),
                Table(
                    "TAB6481",
                    "Befolkningsstatistik",
                    "BE0101G",
                    _changes(plain, changes, new, "TotSa", "0000079"),
                    noise=2,
                ),
                Table(
                    "TAB638", "Folkmängden", "BE0101A", _people(plain, civil, ages, SEXES, "BE0101N1", years)
                ),
                Table(
                    "TAB5557",
                    "Folkmängden",
                    "BE0101A",
                    _people(
                        plain, {"SC": "totalt", **civil}, {"TotSA": "totalt", **fives}, both, "000007ME", new
                    ),
                    noise=3,
                ),
            )
        }
        self.extra = 0

    def table(self, id: str) -> Table:
        if id not in self.tables:
            raise Refused(404, "Not Found")
        return self.tables[id]

    def info(self, table: Table) -> dict[str, Any]:
        periods = list(table.variables["Tid"])
        return {
            "id": table.id,
            "label": table.label,
            "updated": table.updated,
            "firstPeriod": periods[0],
            "lastPeriod": periods[-1],
            "discontinued": None,
            "paths": [[{"id": "XX"}, {"id": table.folder}]],
            "language": "sv",
        }

    def search(self, asked: dict[str, str]) -> dict[str, Any]:
        words = asked.get("query", "").lower().split()
        found = [t for t in self.tables.values() if all(word in t.label.lower() for word in words)]
        size = min(int(asked.get("pageSize", "20")), 2)
        page = int(asked.get("pageNumber", "1"))
        return {
            "language": "sv",
            "tables": [self.info(t) for t in found[(page - 1) * size : page * size]],
            "page": {
                "pageNumber": page,
                "pageSize": size,
                "totalElements": len(found),
                "totalPages": max(1, -(-len(found) // size)),
            },
        }

    def codelist(self, id: str) -> dict[str, Any]:
        if id in self.codelists:
            return self.codelists[id]
        if id != "vs_RegionLän07":
            raise Refused(404, "Not Found")
        own = world()
        values = [{"code": c, "label": own.names[c]} for c in own.regions if len(c) == 2 and c != "00"]
        return {"id": id, "label": "Län", "language": "sv", "type": "Valueset", "values": values}


def _variables(regions, ages, sexes, contents, years) -> dict[str, dict[str, str]]:  # type: ignore[no-untyped-def]
    return {"Region": regions, "Alder": ages, "Kon": sexes, "ContentsCode": contents, "Tid": years}


def _changes(regions, changes, years, sex, content) -> dict[str, dict[str, str]]:  # type: ignore[no-untyped-def]
    period = {"hel": "hela året"}
    return {
        "Region": regions,
        "Forandringar": changes,
        "Period": period,
        "Kon": {**SEXES, sex: "totalt"},
        "ContentsCode": {content: "Antal personer"},
        "Tid": years,
    }


def _people(regions, civil, ages, sexes, content, years) -> dict[str, dict[str, str]]:  # type: ignore[no-untyped-def]
    return {
        "Region": regions,
        "Civilstand": civil,
        "Alder": ages,
        "Kon": sexes,
        "ContentsCode": {content: "Folkmängd"},
        "Tid": years,
    }


class Vacancies(Table):
    """Invented vacancies by county, sector and quarter, in a table that only a search finds."""

    def __init__(self) -> None:
        own = world()
        counties = {code: own.names[code] for code in own.regions if len(code) == 2}
        quarters = {f"{year}K{q}": f"{year}K{q}" for year in range(2006, 2025) for q in range(1, 5)}
        variables = {
            "Region": counties,
            "Sektor": {"1": "offentlig sektor", "2": "privat sektor", "T": "totalt"},
            "ContentsCode": {"J1": "Lediga jobb", "J2": "Felmarginal ±"},
            "Tid": quarters,
        }
        super().__init__("TAB9001", "Lediga jobb region sektor kvartal", "AM9906O", variables)

    def _cube(self, selection: dict[str, list[str]]) -> np.ndarray:
        size = [len(codes) for codes in selection.values()]
        region, sector, _, _ = np.indices(size)
        quarter = np.array([int(code[-1]) for code in selection["Tid"]])
        return (100.0 * (region + 1) + 10 * sector + quarter).astype(float)


class Households(Table):
    """Invented households by region; the last year carries noise."""

    def __init__(self) -> None:
        own = world()
        self.noisy = np.random.default_rng(5).integers(-3, 4, len(own.regions))
        variables = {
            "Region": {code: own.names[code] for code in own.regions if code not in ("0010", "0020", "0030")},
            "ContentsCode": {"000000M4": "Antal hushåll", "000000M5": "Antal personer per hushåll"},
            "Tid": {str(year): str(year) for year in range(2011, 2026)},
        }
        super().__init__("TAB4374", "Antal hushåll och personer per hushåll", "BE0101S", variables)

    def _cube(self, selection: dict[str, list[str]]) -> np.ndarray:
        people = _counts("population", 0)
        own = world()
        cube = np.zeros([len(codes) for codes in selection.values()])
        for i, code in enumerate(selection["Region"]):
            row = own.regions.index(code)
            for k, year in enumerate(selection["Tid"]):
                parts = [r for r in own.regions if len(r) == 4 and r[:2] == code] or [code]
                column = min(int(year), 2024) - YEARS[0]
                households = sum(np.floor(people[own.regions.index(r)][column] / 2) for r in parts)
                households += self.noisy[row] if year == "2025" else 0
                cube[i, :, k] = [households if c == "000000M4" else 2.0 for c in selection["ContentsCode"]]
        return cube
