"""What a COCO file tells of who and what is in its images; joints and masks are passed over.

Any file with an array ``images`` is read: keypoints, boxes, captions or none. The text is read in
pieces; memory holds the names of its images and the different values of what is compared.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final, Protocol

from backend.domain.errors import InvalidInput, TooLarge
from backend.domain.limits import MAX_JSON_BYTES
from backend.domain.splits.file_evidence import MEANINGS, Meaning
from backend.publishing.formats.foreign import advice_for_bytes, advice_for_json
from backend.publishing.formats.json_stream import JsonFault, JsonStream
from backend.publishing.formats.label_source import NAMESPACE
from backend.publishing.leaks.split_signs import SplitSigns, SplitsInside

MAX_IMAGES: Final = 3_000_000
"""In one file."""

_MAX_TEXT: Final = 500
_NAMES: Final = ("file_name", "path", "filename", "name", "coco_url")

OWN_INFANT: Final = f"{NAMESPACE}.infant"
OWN_RECORDING: Final = f"{NAMESPACE}.recording"
OWN: Final = {OWN_INFANT: Meaning.IDENTITY, OWN_RECORDING: Meaning.VIDEO}
"""What files of the product carry."""


class NoCoco(InvalidInput):
    """The file is sound JSON, but lists no images."""


@dataclass(slots=True)
class Values:
    """The different values of one member in one file.

    Attributes:
        meaning: What it stands for.
        counts: Images or annotations by value.
        images: For each value the number of an image, or, for members of annotations, an image's
            id as text.
        in_images: Whether it is a member of images.
    """

    meaning: Meaning
    in_images: bool
    counts: Counter[str] = field(default_factory=Counter)
    images: dict[str, int | str] = field(default_factory=dict)


@dataclass(slots=True)
class SplitFile:
    """One annotation file.

    Attributes:
        shown: What it is called.
        names: File name of each image, in the file's order.
        ids: Id of each image, as text.
        hashes: SHA-256 of each image as the file declares it, else None.
        annotations: How many there are.
        values: By member, such as ``subject_id`` or ``annotations.person_id``.
        most_people: By member of annotations, most annotations with it in one image.
        unusable: Elements of ``images`` without a name.
        inside: Which image is of which split, where the file says so and holds several.
    """

    shown: str
    names: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    hashes: list[str | None] = field(default_factory=list)
    annotations: int = 0
    values: dict[str, Values] = field(default_factory=dict)
    most_people: dict[str, int] = field(default_factory=dict)
    unusable: int = 0
    inside: SplitsInside | None = None


def read_split_file(
    path: Path,
    shown: str,
    *,
    extra: Mapping[str, Meaning] | None = None,
    ignored: Collection[str] = (),
) -> SplitFile:
    """Read one file as one split.

    Args:
        path: JSON, also packed by gzip.
        shown: What to call it.
        extra: Members that somebody says stand for identities or videos, beside the usual ones.
        ignored: Members that are not looked at.

    Raises:
        NoCoco: sound JSON without images.
        InvalidInput: no JSON, or damaged.
        TooLarge: more text or images than are read.
    """
    meanings = _meanings(extra, ignored)
    reader = _Reader(shown, meanings, ignored)
    signs = SplitSigns()
    _read(path, shown, lambda stream: _walk(stream, shown, _WholeSink(reader, signs)))
    reader.file.inside = signs.found()
    return reader.finish()


def read_apart(
    path: Path,
    shown: str,
    inside: SplitsInside,
    *,
    extra: Mapping[str, Meaning] | None = None,
    ignored: Collection[str] = (),
) -> dict[str, SplitFile]:
    """Read one file that holds several splits, each by itself.

    Args:
        path: As :func:`read_split_file`.
        shown: As there.
        inside: Which image is of which split, as that function found it.
        extra: As there.
        ignored: As there.

    Returns:
        By split. Images of no split, and their annotations, are in none.

    Raises:
        InvalidInput: as there.
    """
    meanings = _meanings(extra, ignored)
    readers = {name: _Reader(shown, meanings, ignored) for name in inside.counts}
    sink = _SplitSink(readers, inside)
    _read(path, shown, lambda stream: _walk(stream, shown, sink))
    return {name: reader.finish() for name, reader in readers.items()}


def _meanings(extra: Mapping[str, Meaning] | None, ignored: Collection[str]) -> dict[str, Meaning]:
    known = {**MEANINGS, **(extra or {})}
    return {name: known[name] for name in known if name not in ignored}


def _read(path: Path, shown: str, walk: Callable[[JsonStream], None]) -> None:
    try:
        size = path.stat().st_size
        if size > MAX_JSON_BYTES:
            fault = f"the file has {size >> 20:,} MiB, the limit is {MAX_JSON_BYTES >> 20:,} MiB"
            raise TooLarge(f"{shown}: {fault}.", file=shown, fault=fault)
        with path.open("rb") as file:
            start = file.read(4096)
            advice = advice_for_bytes(start, shown) if start else "the file is empty (0 bytes)"
            if advice:
                raise _invalid(shown, advice)
            file.seek(0)
            walk(JsonStream(file, max_bytes=MAX_JSON_BYTES))
    except JsonFault as error:
        raise _invalid(shown, str(error)) from error
    except OSError as error:
        raise _invalid(shown, f"it cannot be read ({error.strerror})") from error


def _walk(stream: JsonStream, shown: str, sink: _Sink) -> None:
    """Hand everything that a file lists to whoever takes it."""
    if stream.root() == "array":
        raise NoCoco(
            f"{shown}: this is a list, such as COCO results; the images are listed"
            " in the file of the annotations.",
            file=shown,
            fault="it lists no images",
        )
    members: dict[str, Any] = {}
    takers = {"images": sink.image, "annotations": sink.annotation, "videos": sink.video}
    for key, value in stream.members():
        if not isinstance(value, Iterator):
            members[key] = value
            sink.other(key, value)
            continue
        members[key] = None
        take = takers.get(key, partial(sink.other_element, key))
        for i, element in enumerate(value):
            if i == 0:
                members[key] = element
            take(element)
    if not sink.listed:
        fault = advice_for_json(members) or "it lists no images"
        raise NoCoco(f"{shown}: {fault}.", file=shown, fault=fault)


class _Sink(Protocol):
    """Takes what a file lists; ``listed``: whether there were images."""

    listed: bool

    def image(self, element: Any) -> None: ...
    def annotation(self, element: Any) -> None: ...
    def video(self, element: Any) -> None: ...
    def other(self, key: str, value: Any) -> None: ...
    def other_element(self, key: str, element: Any) -> None: ...


class _WholeSink:
    """Takes a file as one split, and what it says of splits."""

    def __init__(self, reader: _Reader, signs: SplitSigns) -> None:
        self.listed = False
        self._reader = reader
        self._signs = signs

    def image(self, element: Any) -> None:
        self.listed = True
        found = element if isinstance(element, dict) else {}
        self._signs.image(found, _text(found.get("id")) or "", _name_of(found) or "")
        self._reader.image(element)

    def annotation(self, element: Any) -> None:
        if isinstance(element, dict):
            self._signs.annotation(element, _text(element.get("image_id")) or "")
        self._reader.annotation(element)

    def video(self, element: Any) -> None:
        self._reader.video(element)

    def other(self, key: str, value: Any) -> None:
        self._signs.top(key, value)

    def other_element(self, key: str, element: Any) -> None:
        self._signs.top_element(key, element)


class _SplitSink:
    """Hands each image, and its annotations, to the readers of its splits."""

    def __init__(self, readers: Mapping[str, _Reader], inside: SplitsInside) -> None:
        self.listed = False
        self._readers = readers
        self._of = iter(inside.of)
        self._by_id = dict(zip(inside.ids, inside.of, strict=True))

    def image(self, element: Any) -> None:
        self.listed = True
        for name in next(self._of, ()):
            self._readers[name].image(element)

    def annotation(self, element: Any) -> None:
        image = _text(element.get("image_id")) if isinstance(element, dict) else None
        for name in self._by_id.get(image or "", ()):
            self._readers[name].annotation(element)

    def video(self, element: Any) -> None:
        for reader in self._readers.values():
            reader.video(element)

    def other(self, key: str, value: Any) -> None:
        """Read once already."""

    def other_element(self, key: str, element: Any) -> None:
        """Read once already."""


def _name_of(image: Mapping[str, Any]) -> str | None:
    told = (image.get(member) for member in _NAMES)
    return next((text for text in told if isinstance(text, str) and text.strip()), None)


class _Reader:
    def __init__(
        self, shown: str, meanings: Mapping[str, Meaning], ignored: Collection[str]
    ) -> None:
        self.file = SplitFile(shown)
        self.meanings = meanings
        self.own = {name: meaning for name, meaning in OWN.items() if name not in ignored}
        self.videos: dict[str, str] = {}
        self.people: dict[str, Counter[str]] = {}

    def finish(self) -> SplitFile:
        if not self.file.names:
            raise _invalid(self.file.shown, "none of its images has a file name")
        self._name_videos()
        self.file.most_people = {
            name: max(counts.values(), default=0) for name, counts in self.people.items()
        }
        return self.file

    def image(self, element: Any) -> None:
        file = self.file
        found = element if isinstance(element, dict) else {}
        name = _name_of(found)
        if name is None or len(name) > 10 * _MAX_TEXT:
            file.unusable += 1
            return
        if len(file.names) >= MAX_IMAGES:
            fault = f"there are more than {MAX_IMAGES:,} images"
            raise TooLarge(f"{file.shown}: {fault}.", file=file.shown, fault=fault)
        number = len(file.names)
        file.names.append(printable(name.strip()))
        file.ids.append(_text(found.get("id")) or "")
        own = found.get(NAMESPACE)
        own = own if isinstance(own, dict) else {}
        sha256 = own.get("sha256", found.get("sha256"))
        file.hashes.append(
            sha256.lower() if isinstance(sha256, str) and len(sha256) == 64 else None
        )
        self._own(own, number)
        self._members(found, number, "")

    def _own(self, own: Mapping[str, Any], number: int) -> None:
        infant, recording = _text(own.get("infant")), _text(own.get("recording"))
        if infant is not None and OWN_INFANT in self.own:
            self._note(OWN_INFANT, Meaning.IDENTITY, infant, number)
        if recording is not None and OWN_RECORDING in self.own:
            key = _text(own.get("recording_id"))
            named = recording if key is None else f"{recording} (no. {key})"
            self._note(OWN_RECORDING, Meaning.VIDEO, named, number)

    def annotation(self, element: Any) -> None:
        self.file.annotations += 1
        if isinstance(element, dict):
            image = _text(element.get("image_id"))
            self._members(element, image or "", "annotations.")

    def video(self, element: Any) -> None:
        if isinstance(element, dict):
            key = _text(element.get("id"))
            named = next(
                (text for m in ("file_name", "name") if (text := _text(element.get(m)))), None
            )
            if key is not None and named is not None and len(self.videos) < MAX_IMAGES:
                self.videos[key] = named

    def _members(self, element: Mapping[str, Any], image: int | str, prefix: str) -> None:
        members: list[tuple[str, Any]] = list(element.items())
        attributes = element.get("attributes")
        if isinstance(attributes, dict):
            members += [(f"attributes.{name}", value) for name, value in attributes.items()]
        for name, value in members:
            plain = name.removeprefix("attributes.")
            meaning = self.meanings.get(plain) or self.meanings.get(plain.casefold())
            if meaning is None:
                continue
            text = _text(value)
            if text is None:
                continue
            self._note(prefix + name, meaning, text, image)
            if prefix:
                self.people.setdefault(prefix + name, Counter())[str(image)] += 1

    def _note(self, name: str, meaning: Meaning, value: str, image: int | str) -> None:
        values = self.file.values.get(name)
        if values is None:
            in_images = isinstance(image, int)
            values = self.file.values[name] = Values(meaning, in_images)
        values.counts[value] += 1
        values.images.setdefault(value, image)

    def _name_videos(self) -> None:
        """Numbers of videos, which begin anew in each file, become the names listed for them."""
        if not self.videos:
            return
        for name in [n for n, v in self.file.values.items() if v.meaning is Meaning.VIDEO]:
            values = self.file.values[name]
            if name.rpartition(".")[2].casefold() not in ("video_id", "vid_id", "vid"):
                continue
            if values.counts.keys() <= self.videos.keys():
                named = Values(Meaning.VIDEO, values.in_images)
                for value, count in values.counts.items():
                    named.counts[self.videos[value]] += count
                    named.images.setdefault(self.videos[value], values.images[value])
                del self.file.values[name]
                self.file.values["videos.name"] = named


def printable(text: str) -> str:
    """A text without lone surrogates, which no file name and no output can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _text(value: Any) -> str | None:
    """A name or a whole number as text; None for anything else."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        value = int(value)
    if isinstance(value, int):
        return str(value) if abs(value) < 10**40 else None
    if isinstance(value, str) and value.strip() and len(value) <= _MAX_TEXT:
        return printable(value.strip())
    return None


def _invalid(shown: str, fault: str) -> InvalidInput:
    return InvalidInput(f"{shown}: {fault}.", file=shown, fault=fault)
