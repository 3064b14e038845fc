"""Which file a label file means by a name: one rule for all imports.

A name was written on one machine and the file was packed on another. In between, letter case,
Unicode form, slashes, ``./``, a drive, a folder in front and the archive's character set change.
Names are compared in stages from sure to doubtful. Within a stage a match counts only if one file
fits the name and no other name fits that file as well; anything else is ambiguous and is said, not
guessed. No file is given to two names.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import unquote

Parts = tuple[str, ...]

IMAGE_SUFFIXES: Final = frozenset((".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"))
"""Extensions of the images read here, in lower case."""

MAX_SHOWN: Final = 5
"""So many of several fitting files are named."""


def _words_of(text: str) -> frozenset[str]:
    return frozenset(text.split())


_CONTAINERS: Final = _words_of(
    "images image img imgs frames pictures pics photos data dataset datasets upload"
    " uploads media files file default jpegimages obj_train_data"
)
"""Folders whose name says only that there are pictures in them."""

_WRITTEN_AS: Final = ("cp437", "cp850", "latin-1", "cp1252")
_MEANT_AS: Final = (
    "utf-8", "cp932", "euc_jp", "gb18030", "big5", "cp949", "cp1252", "latin-1", "cp850", "cp437",
    "cp1251", "cp866",
)  # fmt: skip


class How(StrEnum):
    """How a name found its file, from sure to doubtful, or why it did not."""

    EXACT = "exact"
    SPELLING = "spelling"
    ENCODING = "encoding"
    FOLDER = "folder"
    OTHER_FOLDER = "other_folder"
    OTHER_EXTENSION = "other_extension"
    NUMBER = "number"
    TRAILING_NUMBER = "trailing_number"
    AMBIGUOUS = "ambiguous"
    MISSING = "missing"


HOW_TITLES: Final[Mapping[How, str]] = {
    How.EXACT: "the same name",
    How.SPELLING: "another letter case, Unicode form, or slashes",
    How.ENCODING: "the archive's names are in another character set",
    How.FOLDER: "one folder more or fewer in front of the name",
    How.OTHER_FOLDER: "the same file name in another folder",
    How.OTHER_EXTENSION: "the same name with another extension",
    How.NUMBER: "the file is named after the image id",
    How.TRAILING_NUMBER: "the file name ends with the image id",
    How.AMBIGUOUS: "more than one file or name fits",
    How.MISSING: "no file of that name",
}


@dataclass(frozen=True, slots=True)
class NameMatch:
    """What was found for one name.

    Attributes:
        how: How it was found; doubtful stages are proposals that a person must accept.
        files: The file; up to ``MAX_SHOWN`` that fit an ambiguous name; none for a missing one.
    """

    how: How
    files: tuple[str, ...] = ()


def parts_of(name: str) -> Parts:
    """A name's folders and file name in one spelling: Unicode NFC, case folded, without drive,
    host, ``.``, ``..`` and slashes of either kind."""
    text = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
    if "local-files/?d=" in text:  # Label Studio's address of a file on its own disk
        text = text.rsplit("local-files/?d=", 1)[1]
    if re.match(r"https?://", text):
        text = re.split(r"[?#]", text, maxsplit=1)[0]
    parts: list[str] = []
    for part in (piece.strip() for piece in text.replace("\\", "/").split("/")):
        if part == ".." and parts:
            parts.pop()
        elif part not in ("", ".", "..") and not (not parts and part.endswith(":")):
            parts.append(part)
    return tuple(parts)


def other_spellings(name: str) -> list[str]:
    """What a name may have been before it was read in the wrong character set.

    Zip archives without the UTF-8 flag are read as code page 437, whatever they were written in:
    Shift-JIS in Japan, 850 or 1252 in Europe.
    """
    if name.isascii():
        return []
    found: dict[str, None] = {}
    for written in _WRITTEN_AS:
        try:
            raw = name.encode(written)
        except UnicodeEncodeError:
            continue
        for meant in _MEANT_AS:
            try:
                found[raw.decode(meant)] = None
            except UnicodeDecodeError:
                continue
    found.pop(name, None)
    return list(found)


def match_names(wanted: Sequence[str], present: Sequence[str]) -> list[NameMatch]:
    """Find the file that each name means.

    Stages: the same text; the same spelling (``parts_of``); a spelling in another character set;
    one path is the end of the other, so that folders were added or taken away in front, or differ
    only in folders such as ``images/``; the same file name elsewhere; the same but the extension.
    The longest common end counts.

    Args:
        wanted: Names as a label file writes them, each once.
        present: Paths of the image files, each once.

    Returns:
        One match for each name, in their order.
    """
    return _Matching(wanted, present).run()


def match_numbers(ids: Iterable[int], present: Sequence[str]) -> dict[int, NameMatch]:
    """Find the file of image ids where a file tells no names: ``000000000139.jpg`` is image 139.

    Returns:
        NUMBER where the whole file name is the id, TRAILING_NUMBER where its last digits are,
        AMBIGUOUS or MISSING.
    """
    whole: dict[int, list[str]] = {}
    trailing: dict[int, list[str]] = {}
    for path in present:
        stem = re.split(r"[/\\]", path)[-1].rpartition(".")[0]
        digits = re.search(r"\d{1,18}$", stem)
        if digits:
            table = whole if digits[0] == stem else trailing
            table.setdefault(int(digits[0]), []).append(path)

    def one(number: int) -> NameMatch:
        for how, table in ((How.NUMBER, whole), (How.TRAILING_NUMBER, trailing)):
            files = table.get(number, [])
            if len(files) == 1:
                return NameMatch(how, (files[0],))
            if files:
                return NameMatch(How.AMBIGUOUS, tuple(files[:MAX_SHOWN]))
        return NameMatch(How.MISSING)

    return {number: one(number) for number in ids}


def _without_containers(parts: Parts) -> Parts:
    start = 0
    while start < len(parts) - 1 and parts[start] in _CONTAINERS:
        start += 1
    return parts[start:]


def _without_extension(parts: Parts) -> Parts:
    stem, dot, suffix = parts[-1].rpartition(".") if parts else ("", "", "")
    return (*parts[:-1], stem) if dot and f".{suffix}" in IMAGE_SUFFIXES else parts


def _spellings(name: str) -> list[Parts]:
    """A wanted name as it stands, and with its ``%20`` read as addresses write them."""
    plain = parts_of(name)
    decoded = parts_of(unquote(name)) if "%" in name else plain
    return [plain] if decoded == plain else [plain, decoded]


Entry = tuple[Parts, int]
"""One spelling of a file's path, and the file's number."""

Fit = tuple[int, list[int]]
"""How many parts a name has in common with files, and those files.

The same files are always the same list, so that a file name that is in every folder costs nothing
per name.
"""


class _Index:
    """Files by their whole path, and by each end of it."""

    def __init__(self, entries: Iterable[Entry], *, ends: bool) -> None:
        self._whole: dict[Parts, list[int]] = {}
        self._ends: dict[Parts, list[int]] = {}
        for parts, file in entries:
            self._whole.setdefault(parts, []).append(file)
            if ends:
                for start in range(len(parts)):
                    self._ends.setdefault(parts[start:], []).append(file)

    def same(self, parts: Parts) -> Fit | None:
        """Files of this very path."""
        return self._longest((self._whole,), parts)

    def nested(self, parts: Parts) -> Fit | None:
        """Files whose path ends with this one, else those with the longest path that is its end."""
        return self._longest((self._ends, *[self._whole] * (len(parts) - 1)), parts)

    def anywhere(self, parts: Parts) -> Fit | None:
        """Files with the longest common end of at least the file name."""
        return self._longest((self._ends,) * len(parts), parts)

    def _longest(self, tables: Iterable[Mapping[Parts, list[int]]], parts: Parts) -> Fit | None:
        for start, table in enumerate(tables):
            files = table.get(parts[start:])
            if files:
                return len(parts) - start, files
        return None


class _Matching:
    """The names that have no file yet, stage after stage."""

    def __init__(self, wanted: Sequence[str], present: Sequence[str]) -> None:
        self._wanted = wanted
        self._present = present
        self._found: dict[int, NameMatch] = {}
        self._free = set(range(len(present)))

    def run(self) -> list[NameMatch]:
        place = {path: i for i, path in enumerate(self._present)}
        for i, name in enumerate(self._wanted):
            if name in place:
                self._found[i] = NameMatch(How.EXACT, (name,))
                self._free.discard(place[name])
        if self._open():
            plain = [(parts_of(self._present[i]), i) for i in self._free]
            self._stage(How.SPELLING, plain, _Index.same)
        if self._open():
            respelled = [
                (parts_of(text), i)
                for i in self._free
                for text in other_spellings(self._present[i])
            ]
            every = [*plain, *respelled]
            bare = [(_without_containers(parts), i) for parts, i in every]
            stems = [(_without_extension(parts), i) for parts, i in bare]
            self._stage(How.ENCODING, respelled, _Index.same)
            self._stage(How.FOLDER, plain, _Index.nested)
            self._stage(How.ENCODING, respelled, _Index.nested)
            self._stage(How.FOLDER, bare, _Index.nested, _without_containers)
            self._stage(How.OTHER_FOLDER, every, _Index.anywhere)
            self._stage(
                How.OTHER_EXTENSION, stems, _Index.nested,
                lambda parts: _without_extension(_without_containers(parts)),
            )  # fmt: skip
        missing = NameMatch(How.MISSING)
        return [self._found.get(i, missing) for i in range(len(self._wanted))]

    def _open(self) -> bool:
        return len(self._found) < len(self._wanted) and bool(self._free)

    def _stage(
        self,
        how: How,
        entries: Iterable[Entry],
        look_up: Callable[[_Index, Parts], Fit | None],
        change: Callable[[Parts], Parts] = lambda parts: parts,
    ) -> None:
        if not self._open():
            return
        free = ((parts, file) for parts, file in entries if parts and file in self._free)
        index = _Index(free, ends=look_up is not _Index.same)
        fits: dict[int, Fit] = {}
        for i, name in enumerate(self._wanted):
            if i not in self._found:
                ways = (look_up(index, change(parts)) for parts in _spellings(name) if parts)
                found = [way for way in ways if way is not None]
                if found:
                    fits[i] = max(found, key=lambda fit: fit[0])
        self._settle(how, fits)

    def _settle(self, how: How, fits: Mapping[int, Fit]) -> None:
        """Give files to the names that they fit alone; say what is ambiguous."""
        groups: dict[int, tuple[int, set[int], list[int]]] = {}
        for i, (length, files) in fits.items():
            if id(files) not in groups:
                groups[id(files)] = length, set(files), []
            groups[id(files)][2].append(i)
        longest: dict[int, int] = {}
        for length, unique, _ in groups.values():
            for file in unique:
                longest[file] = max(longest.get(file, 0), length)
        suitors = dict.fromkeys(longest, 0)
        for length, unique, names in groups.values():
            for file in unique:
                suitors[file] += len(names) * (length == longest[file])
        for length, unique, names in groups.values():
            if all(length < longest[file] for file in unique):
                continue  # Other names have more in common with these files.
            file = min(unique)
            if len(unique) == 1 and suitors[file] == 1:
                match = NameMatch(how, (self._present[file],))
            else:
                shown = sorted(self._present[file] for file in unique)[:MAX_SHOWN]
                match = NameMatch(How.AMBIGUOUS, tuple(shown))
            self._found.update(dict.fromkeys(names, match))
        self._free -= longest.keys()
