"""The statistics of a release as tables of its datasheet, with bars of text as plots.

What was not counted when a release was frozen has no table. Numbers are written with fixed digits,
so that the same statistics give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from backend.domain.releases.statistics import spot_of
from backend.domain.skeleton import JOINTS
from backend.publishing.releases.datasheet_plots import between, shaded, stacked


def lines(statistics: Mapping[str, Any]) -> list[str]:
    """All tables, each with an empty line behind it.

    Args:
        statistics: As ``contents.statistics.count`` gave them, in this version or an earlier one.
    """
    found: list[str] = []
    for title, head, rows in (
        (
            "Joints by visibility",
            ("joint", "visible", "occluded", "absent", ""),
            _joints(statistics),
        ),
        ("Ages", ("months", "split", "frames", "infants", ""), _ages(statistics)),
        ("Postures", ("posture", "split", "frames", ""), _postures(statistics)),
        ("Image sizes", ("pixels", "images", ""), _images(statistics)),
        ("Box sizes", ("% of the image's side", "split", "boxes", ""), _boxes(statistics)),
        (
            _SEEN,
            ("joint", "frames", "to the right", "up", "spread"),
            _poses(statistics),
        ),
        (
            "Body fits",
            ("joint", "5th percentile", "median", "95th percentile", ""),
            _fits(statistics),
        ),
        ("Body shapes", ("body", "direction", "mean", "deviation", ""), _shapes(statistics)),
        (
            "People",
            ("person", "role", "frames", "versions saved", "minutes between saves"),
            _people(statistics),
        ),
    ):
        table = list(rows)
        if table:
            found += [f"### {title}", "", *_about(title), *_table(head, table), ""]
        if table and title == _SEEN:
            found += ["All joints together, the shoulders above:", "", *_map(statistics), ""]
    return found


_SEEN = "Joints seen from the torso"
_WORDS = {
    "Joints by visibility": "Bars: █ visible, ▒ occluded, ░ absent.",
    _SEEN: "Mean place and spread, in torso lengths from the middle of the"
    " hips, turned so that the shoulders are above it. Joints are named by the infant's own left"
    " and right; *to the right* is the picture's.",
    "Body fits": "By how many degrees each joint is turned from the body's rest. Bars: from the 5th"
    " to the 95th percentile, on an axis from 0° to 180°.",
    "Body shapes": "Over runs. Bars: mean and one deviation to each side, on an axis from −3 to 3.",
    "People": "Numbers as in `provenance.parquet`. Pauses above five minutes are not counted.",
}


def _about(title: str) -> list[str]:
    return [_WORDS[title], ""] if title in _WORDS else []


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [
        "| " + " | ".join(head) + " |",
        "|" + "---|" * len(head),
        *("| " + " | ".join(row) + " |" for row in rows),
    ]


def _joints(statistics: Mapping[str, Any]) -> Iterable[Sequence[str]]:
    sides = list((statistics.get("joints") or {}).values())
    if not sides:
        return
    for joint in JOINTS:
        absent, occluded, visible = (sum(side[joint][i] for side in sides) for i in range(3))
        bar = stacked((visible, "█"), (occluded, "▒"), (absent, "░"))
        yield _plain(joint), f"{visible:,}", f"{occluded:,}", f"{absent:,}", bar


def _ages(statistics: Mapping[str, Any]) -> Iterable[Sequence[str]]:
    for row, bar in _with_bars(statistics.get("ages"), "frames"):
        months = "unknown" if row["months"] is None else str(row["months"])
        yield months, row["split"], f"{row['frames']:,}", f"{row['infants']:,}", bar


def _postures(statistics: Mapping[str, Any]) -> Iterable[Sequence[str]]:
    for row, bar in _with_bars(statistics.get("postures"), "frames"):
        yield _plain(row["posture"]), row["split"], f"{row['frames']:,}", bar


def _images(statistics: Mapping[str, Any]) -> Iterable[Sequence[str]]:
    for row, bar in _with_bars(statistics.get("image_sizes"), "images"):
        yield f"{row['width']} × {row['height']}", f"{row['images']:,}", bar


def _boxes(statistics: Mapping[str, Any]) -> Iterable[Sequence[str]]:
    for row, bar in _with_bars(statistics.get("box_sizes"), "boxes"):
        low = 10 * row["tenth"]
        yield f"{low}–{low + 10}", row["split"], f"{row['boxes']:,}", bar


def _poses(statistics: Mapping[str, Any]) -> Iterable[Sequence[str]]:
    found = statistics.get("pose_map")
    if not found:
        return
    for joint, counts in zip(JOINTS, found["counts"], strict=True):
        spot = spot_of(counts, found["reach"])
        if spot is not None:
            places = (f"{value:z.1f}" for value in (spot.right, spot.up, spot.spread))
            yield _plain(joint), f"{spot.placed:,}", *places


def _fits(statistics: Mapping[str, Any]) -> Iterable[Sequence[str]]:
    for row in (statistics.get("fits") or {}).get("angles", ()):
        angles = row["low"], row["middle"], row["high"]
        bar = between(*angles, first=0, last=180)
        yield _plain(row["joint"]), *(f"{angle:.0f}°" for angle in angles), bar


def _shapes(statistics: Mapping[str, Any]) -> Iterable[Sequence[str]]:
    for body, shape in ((statistics.get("fits") or {}).get("shapes") or {}).items():
        spreads = zip(shape["mean"], shape["deviation"], strict=True)
        for number, (mean, deviation) in enumerate(spreads, start=1):
            bar = between(mean - deviation, mean, mean + deviation, first=-3, last=3)
            yield body, str(number), f"{mean:z.2f}", f"{deviation:.2f}", bar


def _map(statistics: Mapping[str, Any]) -> list[str]:
    found = statistics["pose_map"]
    return ["```", *shaded(found["counts"], found["cells"]), "```"]


def _people(statistics: Mapping[str, Any]) -> Iterable[Sequence[str]]:
    for row in (statistics.get("work") or {}).get("people") or ():
        saved = (row.get("versions"), row.get("minutes"))
        told = ("–" if value is None else f"{value:,}" for value in saved)
        yield str(row["person"]), row["role"], f"{row['frames']:,}", *told


def _with_bars(
    rows: Sequence[Mapping[str, Any]] | None, of: str
) -> Iterable[tuple[Mapping[str, Any], str]]:
    """Each row with a bar of one of its numbers; the largest has the longest."""
    most = max((int(row[of]) for row in rows or ()), default=0)
    for row in rows or ():
        yield row, stacked((int(row[of]), "█"), (most - int(row[of]), ""))


def _plain(name: str) -> str:
    return name.replace("_", " ")
