"""A release's folder as shards for training: tars of samples, as WebDataset reads them.

A sample is an image, its labels as JSON, and its mask where the release has one as a file; the part
of a member's name before its first dot is the sample's key (github.com/webdataset/webdataset,
"The WebDataset Format"). Shards are made by whoever trains, from the files of a release, and are no
part of it: a release that held them would hold every image twice, and how large they are is for the
training machine to say. The same folder and size give the same bytes.
"""

from __future__ import annotations

import hashlib
import io
import shutil
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO, Final

import orjson

from backend.domain.errors import InvalidInput
from backend.publishing.formats.json_stream import JsonFault, JsonStream

DEFAULT_BYTES: Final = 1_000_000_000
"""Large enough to be read in one go from a disk or S3, small enough to be shuffled by."""

_BLOCK: Final = tarfile.BLOCKSIZE


@dataclass(frozen=True, slots=True)
class Shard:
    """One tar.

    Attributes:
        file: Its name.
        samples: How many images.
        bytes: Its size.
        sha256: Hex digits.
    """

    file: str
    samples: int
    bytes: int
    sha256: str


def write_shards(
    folder: Path,
    out: Path,
    *,
    max_bytes: int = DEFAULT_BYTES,
    progress: Callable[[int], None] = lambda done: None,
) -> dict[str, list[Shard]]:
    """Write shards of every split of an unpacked release; the folder appears when all is written.

    Args:
        folder: The release's folder.
        out: The folder to make.
        max_bytes: A shard ends before it would become larger; one sample always fits.
        progress: Told how many samples are written.

    Returns:
        Shards by split.

    Raises:
        InvalidInput: the folder is no release with images, a file of it is missing or damaged, or
            ``out`` is there already.
    """
    files = sorted((folder / "annotations").glob("*.json"))
    if not files:
        raise _invalid(folder, "there are no annotations: this is not the folder of a release")
    if out.exists():
        raise _invalid(out, "it is there already: move it away, or name another folder")
    draft = out.with_name(f"{out.name}.making")
    if draft.exists():
        shutil.rmtree(draft)
    draft.mkdir(parents=True)
    try:
        found = _write(folder, files, draft, max_bytes, progress)
        draft.replace(out)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return found


def _write(
    folder: Path, files: list[Path], draft: Path, max_bytes: int, progress: Callable[[int], None]
) -> dict[str, list[Shard]]:
    done = 0
    found: dict[str, list[Shard]] = {}
    for path in files:
        writer = _Shards(draft, path.stem, max_bytes)
        try:
            for sample in _samples(folder, path):
                writer.add(sample)
                done += 1
                progress(done)
            writer.end()
            found[path.stem] = writer.written
            (draft / path.name).write_bytes(_about(path, writer.written))
        except JsonFault as error:
            raise _invalid(path, str(error)) from error
    return found


Sample = list[tuple[str, Path | bytes]]
"""Members by name, in order."""


def _samples(folder: Path, path: Path) -> Iterator[Sample]:
    with path.open("rb") as first, path.open("rb") as second:
        labelled = groupby(_array(second, "annotations"), key=lambda found: found.get("image_id"))
        waiting = next(labelled, None)
        for image in _array(first, "images"):
            annotations: list[Any] = []
            if waiting is not None and waiting[0] == image["id"]:
                annotations = list(waiting[1])
                waiting = next(labelled, None)
            yield _sample(folder, image, annotations)
        if waiting is not None:
            raise _invalid(path, "annotations do not stand in the order of their images")


def _array(file: BinaryIO, wanted: str) -> Iterator[Any]:
    for name, value in JsonStream(file).members():
        if name == wanted and isinstance(value, Iterator):
            yield from value


def _sample(folder: Path, image: dict[str, Any], annotations: list[Any]) -> Sample:
    key, name = f"{image['id']:012d}", Path(image["file_name"])
    if name.is_absolute() or ".." in name.parts:
        raise _invalid(name, "it leads out of the release's folder")
    labels = orjson.dumps({"image": image, "annotations": annotations}, option=orjson.OPT_SORT_KEYS)
    members: Sample = [(f"{key}{name.suffix}", folder / name), (f"{key}.json", labels)]
    if name.parts[0] == "images":
        mask = folder / Path("masks", *name.parts[1:]).with_suffix(".png")
        if mask.is_file():
            members.append((f"{key}.mask.png", mask))
    return members


def _about(path: Path, shards: list[Shard]) -> bytes:
    """What the annotations say of all their images, and the shards."""
    told: dict[str, Any] = {}
    with path.open("rb") as file:
        for name, value in JsonStream(file).members():
            if name in ("info", "licenses", "categories"):
                told[name] = list(value) if isinstance(value, Iterator) else value
    told["shards"] = [
        {"file": s.file, "samples": s.samples, "bytes": s.bytes, "sha256": s.sha256} for s in shards
    ]
    return orjson.dumps(told, option=orjson.OPT_INDENT_2) + b"\n"


@dataclass
class _Shards:
    """Writes samples into one tar after another."""

    folder: Path
    split: str
    max_bytes: int
    written: list[Shard] = field(default_factory=list)
    _tar: tarfile.TarFile | None = None
    _samples: int = 0
    _bytes: int = 0

    def add(self, sample: Sample) -> None:
        loaded = [(name, _content(data)) for name, data in sample]
        size = sum(_BLOCK + len(data) + -len(data) % _BLOCK for _, data in loaded)
        if self._tar is not None and _closed(self._bytes + size) > self.max_bytes:
            self.end()
        if self._tar is None:
            self._tar = tarfile.open(self._path, "w", format=tarfile.USTAR_FORMAT)  # noqa: SIM115
        for name, data in loaded:
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(data), 0o644
            self._tar.addfile(info, io.BytesIO(data))
        self._samples += 1
        self._bytes += size

    def end(self) -> None:
        """Close the tar that is being written, if there is one."""
        if self._tar is None:
            return
        self._tar.close()
        with self._path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        self.written.append(
            Shard(self._path.name, self._samples, self._path.stat().st_size, sha256)
        )
        self._tar, self._samples, self._bytes = None, 0, 0

    @property
    def _path(self) -> Path:
        return self.folder / f"{self.split}-{len(self.written):06d}.tar"


def _closed(size: int) -> int:
    """Bytes of a tar with members of that size: two blocks end it, and it is padded to records."""
    return -(-(size + 2 * _BLOCK) // tarfile.RECORDSIZE) * tarfile.RECORDSIZE


def _content(data: Path | bytes) -> bytes:
    if isinstance(data, bytes):
        return data
    try:
        return data.read_bytes()
    except FileNotFoundError as error:
        raise _invalid(data, "the file is missing: shards need the release with its images") from (
            error
        )


def _invalid(path: Path, fault: str) -> InvalidInput:
    return InvalidInput(f"{path}: {fault}.", file=path.name, fault=fault)
