"""Which annotation file is which split, by file names or as somebody says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from backend.domain.errors import InvalidInput, TooLarge
from backend.domain.splits.file_evidence import is_fold, split_word
from backend.publishing.leaks.reading import printable

MAX_FILES: Final = 200
_MAX_DEPTH: Final = 4
_SUFFIXES: Final = (".json", ".json.gz")
_RELEASE_SIGN: Final = "SHA256SUMS"
_OF_RELEASES: Final = frozenset(
    ("conventions.json", "croissant.json", "masking.json", "statistics.json")
)
"""Files of this program's releases that list no images, beside ``_RELEASE_SIGN``."""

_PREFIXES: Final = ("person_keypoints_", "instances_", "image_info_", "captions_")


@dataclass(frozen=True, slots=True)
class SplitPath:
    """An annotation file and its split.

    Attributes:
        split: Name of the split.
        path: The file.
        shown: What to call the file.
        chosen: Whether somebody named this file; else it was found in a folder, and may be
            something else.
        named: Whether somebody named its split.
    """

    split: str
    path: Path
    shown: str
    chosen: bool
    named: bool = False


def find_split_files(paths: Sequence[Path], named: Mapping[str, Path]) -> list[SplitPath]:
    """The annotation files of a set.

    Args:
        paths: Files and folders. A file's split is the word *train*, *val* or *test* in its name,
            or else in the names of the folders that hold it; or else its own name.
        named: Files and folders whose split somebody named.

    Returns:
        Files by name; several may belong to one split.

    Raises:
        InvalidInput: a path that is not there, a folder without JSON files, or folds of a
            cross-validation, whose training sets overlap on purpose.
        TooLarge: more than ``MAX_FILES`` files.
    """
    found = [
        SplitPath(split, file, _shown(file, path), path.is_file(), named=True)
        for split, path in named.items()
        for file in _files(path)
    ]
    taken = {entry.path.resolve() for entry in found}
    unnamed: list[tuple[Path, Path]] = []
    for path in paths:
        for file in _files(path):
            if file.resolve() not in taken:
                taken.add(file.resolve())
                unnamed.append((file, path))
    if len(found) + len(unnamed) > MAX_FILES:
        fault = f"{len(found) + len(unnamed)} JSON files; at most {MAX_FILES} are compared"
        raise TooLarge(f"{fault}.", fault=fault)
    stems = Counter(_plain_stem(file) for file, _ in unnamed)
    several = len(paths) > 1
    found += [
        SplitPath(
            _split_of(file, _folders(file, path, several), stems),
            file,
            _shown(file, path),
            path.is_file(),
        )
        for file, path in unnamed
    ]
    return found


def _folders(file: Path, given: Path, several: bool) -> tuple[str, ...]:
    """Names of the folders of a file that may tell its split, the outermost first.

    The folder of a whole set may be called ``test_of_march``; it tells nothing of single files.
    """
    if given == file:
        return file.absolute().parent.parts[-1:] if several else ()
    outer = (given.absolute().name,) if several else ()
    return outer + file.relative_to(given).parts[:-1]


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise _invalid(path, "there is no such file or folder")
    found: list[Path] = []
    waiting = [(path, 0)]
    while waiting:
        folder, depth = waiting.pop()
        try:
            entries = sorted(folder.iterdir())
        except OSError as error:
            raise _invalid(folder, f"it cannot be read ({error.strerror})") from error
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_dir() and not entry.is_symlink():
                if depth < _MAX_DEPTH:
                    waiting.append((entry, depth + 1))
            elif entry.name.lower().endswith(_SUFFIXES):
                found.append(entry)
    if (path / _RELEASE_SIGN).is_file():
        found = [file for file in found if file.parent != path or file.name not in _OF_RELEASES]
    if not found:
        raise _invalid(path, "there is no JSON file in it")
    return sorted(found)


def _split_of(file: Path, folders: Sequence[str], stems: Counter[str]) -> str:
    stem = _plain_stem(file)
    # Where all files have names of their own, these tell more than folders.
    names = [stem, *(reversed(folders) if split_word(stem) is None and stems[stem] > 1 else ())]
    word = next((word for name in names if (word := split_word(name)) is not None), None)
    if word is not None and any(is_fold(name) for name in names):
        raise _invalid(
            file,
            "it is of one fold of several; check one fold at a time: --split train=FILE --split"
            " test=FILE",
        )
    if word is not None:
        return word
    return stem if stems[stem] == 1 or not folders else f"{folders[-1]}/{stem}"


def _plain_stem(file: Path) -> str:
    name = file.name
    for suffix in (".gz", ".json", ".coco"):
        if name.lower().endswith(suffix):
            name = name[: -len(suffix)]
    for prefix in _PREFIXES:
        name = name.removeprefix(prefix)
    return printable(name or file.name)


def _shown(file: Path, given: Path) -> str:
    return printable(file.name if file == given else file.relative_to(given).as_posix())


def _invalid(path: Path, fault: str) -> InvalidInput:
    return InvalidInput(f"{path}: {fault}.", file=path.name, fault=fault)
