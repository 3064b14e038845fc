"""Which pictures of several cameras were taken at the same moment."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, UnidentifiedImageError

from backend.domain.errors import InvalidInput

File = tuple[str, Path]
Moments = list[dict[int, File]]

_EXIF, _TAKEN, _FRACTION = 0x8769, 0x9003, 0x9291
_SHARED: Final = 0.6
"""Share of the smallest camera's files that must have partners for names to be believed."""
_APART_S: Final = 1.0
"""Pictures of one moment are at most so far apart by their cameras' clocks."""


class Pairing(StrEnum):
    """By what pictures are matched across cameras."""

    AUTO = "auto"
    ORDER = "order"
    NAME = "name"
    TIME = "time"


def partners(
    cameras: Sequence[Sequence[File]], pairing: Pairing, names: Sequence[str] = ()
) -> tuple[Moments, Pairing, list[str]]:
    """Files of each moment by camera index, how they were matched, and what a person should know.

    Args:
        cameras: Files of each camera in order; none where a camera is missing.
        pairing: ``auto`` takes names where they agree across cameras, else the order.
        names: What to call the cameras.

    Raises:
        InvalidInput: names or times do not tell which pictures belong together.
    """
    label = [names[i] if i < len(names) else f"camera {i + 1}" for i in range(len(cameras))]
    filled = [i for i, files in enumerate(cameras) if files]
    if pairing is Pairing.TIME:
        return _by_time(cameras, filled, label)
    keys = _keys(cameras, filled)
    if pairing is Pairing.NAME and keys is None:
        raise InvalidInput(
            "The pictures' names do not tell which belong together: they need the same name, or the"
            " same last number, in each camera's folder ("
            + "; ".join(f"{label[i]}: {_plain(cameras[i][0][0])}" for i in filled)
            + ").",
            fault="names do not match",
        )
    counts = {len(cameras[i]) for i in filled}
    if keys is not None and (pairing is Pairing.NAME or len(counts) > 1):
        return _by_name(cameras, filled, keys, label)
    notes = []
    if len(counts) > 1:
        notes.append(
            "The cameras have different numbers of files"
            f" ({', '.join(str(len(files)) for files in cameras)}); the n-th of each were "
            "assumed to belong together."
        )
    moments = [
        {i: cameras[i][n] for i in filled if n < len(cameras[i])}
        for n in range(max(counts, default=0))
    ]
    return moments, Pairing.ORDER, notes


def _plain(name: str) -> str:
    """The file's own name, without folders and without a camera before a colon."""
    return re.split(r"[/\\]|: ", name)[-1]


def _keys(cameras: Sequence[Sequence[File]], filled: Sequence[int]) -> dict[int, list[str]] | None:
    """Keys of all files that agree across cameras: whole names, else their last numbers."""
    for key in (_stem, _last_number):
        keys = {i: [key(_plain(name)) for name, _ in cameras[i]] for i in filled}
        if any("" in listed or len(set(listed)) < len(listed) for listed in keys.values()):
            continue
        least = min(map(len, keys.values()), default=0)
        shared = set.intersection(*(set(listed) for listed in keys.values())) if keys else set()
        if least and len(shared) >= _SHARED * least:
            return keys
    return None


def _stem(name: str) -> str:
    return Path(name).stem.lower()


def _last_number(name: str) -> str:
    found = re.findall(r"\d+", Path(name).stem)
    return str(int(found[-1])) if found else ""


def _by_name(
    cameras: Sequence[Sequence[File]], filled: Sequence[int], keys: dict[int, list[str]],
    label: Sequence[str],
) -> tuple[Moments, Pairing, list[str]]:  # fmt: skip
    moments: dict[str, dict[int, File]] = {}
    for i in filled:
        for key, file in zip(keys[i], cameras[i], strict=True):
            moments.setdefault(key, {})[i] = file
    order = sorted(moments, key=lambda k: [int(t) if t.isdigit() else t for t in _split(k)])
    lonely = [
        (label[i], f[0]) for k in order if len(moments[k]) == 1 for i, f in moments[k].items()
    ]
    notes = [f"Pictures were matched by their names: {len(moments)} moments."]
    if lonely:
        shown = ", ".join(f"{camera}: {_plain(name)}" for camera, name in lonely[:5])
        more = f" and {len(lonely) - 5} more" if len(lonely) > 5 else ""
        notes.append(f"No other camera has a picture of that name: {shown}{more}.")
    return [moments[k] for k in order], Pairing.NAME, notes


def _split(key: str) -> list[str]:
    # Numbers stay comparable: text and digits alternate, beginning with text.
    return re.split(r"(\d+)", key)


def _by_time(
    cameras: Sequence[Sequence[File]], filled: Sequence[int], label: Sequence[str]
) -> tuple[Moments, Pairing, list[str]]:
    listed = sorted(
        ((taken_at(name, path, label[i]), i, (name, path)) for i in filled
         for name, path in cameras[i]),
        key=lambda entry: entry[0],
    )  # fmt: skip
    moments: Moments = []
    starts: list[float] = []
    for at, i, file in listed:
        if moments and at - starts[-1] <= _APART_S and i not in moments[-1]:
            moments[-1][i] = file
        else:
            moments.append({i: file})
            starts.append(at)
    alone = sum(len(moment) == 1 for moment in moments)
    notes = [
        f"Pictures were matched by the time at which they were taken: {len(moments)} moments,"
        f" {alone} of one camera only."
    ]
    if len(filled) > 1 and alone > 0.5 * len(moments):
        raise InvalidInput(
            f"{alone} of {len(moments)} pictures have no partner within {_APART_S:g} s: the"
            " cameras' clocks differ."
            f" {_clocks(listed, filled, label)} Match by name or order instead.",
            fault="clocks differ",
        )
    return moments, Pairing.TIME, notes


def _clocks(
    listed: Sequence[tuple[float, int, File]], filled: Sequence[int], label: Sequence[str]
) -> str:
    first = {i: min(at for at, j, _ in listed if i == j) for i in filled}
    apart = [f"{label[b]} {first[b] - first[a]:+.0f} s after {label[a]}" for a, b in
             pairwise(filled)]  # fmt: skip
    return f"First pictures: {', '.join(apart)}."


def taken_at(name: str, path: Path, camera: str) -> float:
    """When a picture was taken by its camera's clock, seconds of some day.

    Raises:
        InvalidInput: the file does not say.
    """
    plain = _plain(name)
    try:
        with Image.open(path) as image:
            entries = image.getexif().get_ifd(_EXIF)
        when = datetime.strptime(str(entries[_TAKEN]), "%Y:%m:%d %H:%M:%S")
    except (OSError, UnidentifiedImageError, KeyError, ValueError, SyntaxError) as error:
        raise InvalidInput(
            f"{camera}: {plain} does not say when it was taken (EXIF); match by name or order.",
            file=f"{camera}: {plain}",
            fault="no time in the picture",
        ) from error
    fraction = str(entries.get(_FRACTION, "")).strip()
    part = float(f"0.{fraction}") if fraction.isdigit() else 0.0
    return float(np.float64((when - datetime(1970, 1, 1)).total_seconds())) + part
