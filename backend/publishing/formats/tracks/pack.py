"""The files of motions: what a recording gives in each format, together in one ZIP archive."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from backend.domain.slugs import slug
from backend.multiview.bodies.model_file import OPEN_BODY, open_body
from backend.publishing.formats.tracks import amass, angles, c3d, trc
from backend.publishing.formats.tracks.layout import (
    PRIOR_ONLY,
    Track,
    filter_names,
    tracks_of,
)
from backend.publishing.formats.tracks.skeleton import repose
from backend.publishing.formats.writing import WriteOptions, Written
from backend.publishing.labelled import BodyFits

Array = NDArray[np.float64]
Files = dict[str, bytes]


@dataclass(frozen=True, slots=True)
class TrackFormat:
    """A format of motions. name: On the command line. title: In words. suffix: Of one file.
    files: Those of a motion by their names, the filtered one first, the stem given."""

    name: str
    title: str
    suffix: str
    files: Callable[[Track, str], Files]


def _amass(track: Track, stem: str) -> Files:
    runs = [rows for rows in track.runs() if len(rows) > 1]
    names = [f"{stem}.amass.npz"] if len(runs) == 1 else [
        f"{stem}_{i:02d}.amass.npz" for i in range(1, len(runs) + 1)
    ]  # fmt: skip
    root = _root(track)
    return {name: amass.write(track, rows, root) for name, rows in zip(names, runs, strict=True)}


def _trc(track: Track, stem: str) -> Files:
    out = {f"{stem}.trc": trc.write(track, track.fitted, f"{stem}.trc")}
    if track.raw is not None:
        out[f"{stem}.raw.trc"] = trc.write(track, track.raw, f"{stem}.raw.trc")
    return out


def _c3d(track: Track, stem: str) -> Files:
    out = {f"{stem}.c3d": c3d.write(track, track.fitted, True)}
    if track.raw is not None:
        out[f"{stem}.raw.c3d"] = c3d.write(track, track.raw, False)
    return out


def _angles(track: Track, stem: str) -> Files:
    raw = None
    if track.raw is not None:
        raw = repose(track.fitted.pose, track.body, track.raw.pose, track.raw.place)
    return {f"{stem}.angles.csv": angles.write(track, raw)}


TRACK_FORMATS: Final[Mapping[str, TrackFormat]] = {
    found.name: found
    for found in (
        TrackFormat("amass", "SMPL sequences in AMASS’ layout (.npz)", ".npz", _amass),
        TrackFormat("trc", "OpenSim’s markers (.trc)", ".trc", _trc),
        TrackFormat("c3d", "C3D points (.c3d)", ".c3d", _c3d),
        TrackFormat("angles", "joint angles (.csv)", ".csv", _angles),
    )
}


def _root(track: Track) -> Array | None:
    """The model's root joint at rest, where the model is the shipped one."""
    if track.body_name != OPEN_BODY:
        return None
    body = open_body()
    if track.body_sha256 and body.sha256 != track.body_sha256:
        return None
    shapes = np.asarray(body.shapedirs, float)
    rest = np.asarray(body.v_template, float) + shapes @ track.betas[: shapes.shape[2]]
    return np.asarray(np.asarray(body.J_regressor, float)[0] @ rest)


def files_of(wanted: TrackFormat, tracks: list[Track]) -> Files:
    """All files of motions by their names, and ``README.txt``."""
    out: Files = {}
    for track in tracks:
        stem = slug(track.name) or "motion"
        taken = sum(1 for name in out if name.startswith(f"{stem}."))
        out |= wanted.files(track, f"{stem}-{taken}" if taken else stem)
    out["README.txt"] = readme(wanted, tracks).encode()
    return out


def readme(wanted: TrackFormat, tracks: list[Track]) -> str:
    """What the files are, which filter they went through, and what nobody saw."""
    lines = [
        f"Motions of fitted bodies: {wanted.title}.",
        "Lengths are metres and z points up, unless the format says otherwise: TRC has millimetres"
        " and y up, C3D millimetres and z up.",
        "Files with .raw, and members or columns that begin with raw or end in _raw, are without"
        " the filter: every moment fitted for itself.",
        PRIOR_ONLY,
        "",
    ]
    for track in tracks:
        holes = track.frames - len(track.moment)
        lines.append(
            f"{track.name}: {len(track.moment)} moments at {track.rate_hz:.4g} Hz, {holes} empty,"
            f" {int(track.bridged.sum())} bridged; filter: {filter_names(track)}."
        )
    return "\n".join(lines) + "\n"


def writer(name: str) -> Callable[[BodyFits, BinaryIO, WriteOptions], Written]:
    """The writer of an export in that format."""
    wanted = TRACK_FORMATS[name]

    def write(fits: BodyFits, target: BinaryIO, options: WriteOptions) -> Written:
        tracks = tracks_of(fits.arrays, "the export")
        write_zip(files_of(wanted, tracks), target)
        return Written(fits=fits.count, notes=notes(tracks))

    return write


def write_zip(files: Files, target: BinaryIO) -> None:
    """Put files into an archive; the same files give the same bytes."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data)


def notes(tracks: list[Track]) -> tuple[str, ...]:
    """What to know of the files."""
    filters = sorted({filter_names(track) for track in tracks})
    holes = sum(track.frames - len(track.moment) for track in tracks)
    told = [f"Filter: {', '.join(filters)}.", PRIOR_ONLY]
    if any(track.raw is not None for track in tracks):
        told.append("What each moment gave for itself is kept beside it, as raw.")
    if holes:
        told.append(f"{holes:,} moments between others have no fit, and are left empty.")
    return tuple(told)
