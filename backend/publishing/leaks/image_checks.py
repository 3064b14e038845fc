"""Whether the same image, or nearly the same, is in two splits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from backend.domain.errors import TooLarge
from backend.domain.quality import near_duplicate
from backend.domain.splits.file_evidence import (
    is_copy,
    is_mere_number,
    numbered_anew,
    original_name,
)
from backend.domain.splits.near_duplicates import (
    find_changed_duplicates,
    find_near_duplicates,
    half_turned,
    mirrored,
)
from backend.publishing.leaks.pictures import Picture, SplitPictures
from backend.publishing.leaks.report import MAX_FINDINGS, Check, CheckKind, Finding
from backend.publishing.leaks.split_data import SplitData

Read = Mapping[str, SplitPictures] | None

_CHANGES: Final = {", mirrored": mirrored, ", upside down": half_turned}


def check_names(splits: Sequence[SplitData], pictures: Read) -> tuple[Check, list[str]]:
    """The same file name or image id in two splits, and what else is worth knowing.

    Where both image files are at hand and differ, one name does not make them one image.
    """
    check = Check(CheckKind.NAME)
    places: dict[str, dict[str, int]] = {}
    for split in splits:
        for number, name in enumerate(split.names):
            places.setdefault(original_name(name), {}).setdefault(split.name, number)
    of = {split.name: split for split in splits}
    numbers = {split.name: [n for n in split.names if is_mere_number(n)] for split in splits}
    anew = all(numbers.values()) and numbered_anew(
        [{_digits(name) for name in names} for names in numbers.values()]
    )
    different = unclear = 0
    for key, where in places.items():
        if len(where) < 2:
            continue
        examples = {split: of[split].names[number] for split, number in where.items()}
        same = _same_picture(where, pictures)
        mere = any(is_mere_number(name) for name in examples.values())
        if same is False and not any(is_copy(name) for name in examples.values()):
            different += 1
        elif same is not True and mere and anew:
            unclear += 1
        else:
            sure = same is True or not mere
            check.add(Finding("file_name", key, dict.fromkeys(where, 1), examples, sure))
    total = sum(len(split.names) for split in splits)
    if unclear < min(len(split.names) for split in splits):
        check.used.append(f"file names of {total:,} images, without folders of splits")
    notes = _check_ids(check, splits)
    if unclear:
        check.notes.append(
            f"{unclear:,} names are running numbers that begin anew in each split; without the"
            " images nobody can tell whether they are the same."
        )
    if different:
        notes.append(f"{different:,} file names are in two splits for images that differ.")
    return check, notes


def _check_ids(check: Check, splits: Sequence[SplitData]) -> list[str]:
    ids = {split.name: split.ids() for split in splits}
    seen = Counter(key for names in ids.values() for key in names)
    clashing: list[tuple[str, dict[str, str]]] = []
    for key, times in seen.items():
        if times > 1:
            examples = {split: names[key] for split, names in ids.items() if key in names}
            if len({original_name(name) for name in examples.values()}) > 1:
                clashing.append((key, examples))
    if not clashing:
        return []
    if numbered_anew(list(ids.values())):
        return [
            f"{len(clashing):,} image ids stand for different images in two splits, because each"
            " file counts anew: no leak, but the files cannot be joined as they are."
        ]
    check.notes.append(
        "Image ids do not count anew in each file, and some are in two splits under different"
        " file names."
    )
    for key, examples in clashing:
        check.add(Finding("image id", key, dict.fromkeys(examples, 1), examples, sure=False))
    return []


def _digits(name: str) -> str:
    digits = "".join(c for c in original_name(name) if c.isascii() and c.isdigit())
    return str(int(digits)) if digits else name


def _same_picture(where: Mapping[str, int], pictures: Read) -> bool | None:
    """Whether files of one name are one image; None where not all are at hand."""
    found = [pictures[s].found.get(number) if pictures else None for s, number in where.items()]
    known = [picture for picture in found if picture is not None]
    if len(known) < len(found):
        return None
    return any(_alike(a, b) for i, a in enumerate(known) for b in known[:i])


def _alike(a: Picture, b: Picture) -> bool:
    if a.sha256 == b.sha256:
        return True
    if a.difference_hash is None or b.difference_hash is None:
        return False
    return near_duplicate(a.difference_hash, b.difference_hash)


def check_contents(splits: Sequence[SplitData], pictures: Read) -> Check:
    """The same image, byte by byte, in two splits."""
    check = Check(CheckKind.CONTENT)
    declared = {split.name: split.hashes() for split in splits}
    with_hashes = sum(len(hashes) for hashes in declared.values())
    if with_hashes:
        total = sum(len(split.names) for split in splits)
        check.used.append(
            f"the SHA-256 that the files declare, of {with_hashes:,} of {total:,} images"
        )
        _same_hashes(check, "declared sha256", declared)
    if pictures is None:
        check.notes.append("Image files were not looked at.")
        return check
    _tell_missing(check, splits, pictures)
    read = {
        split.name: {
            split.names[number]: picture.sha256
            for number, picture in pictures[split.name].found.items()
        }
        for split in splits
    }
    if sum(map(bool, read.values())) > 1:
        check.used.append(f"image files ({_read(splits, pictures)})")
        _same_hashes(check, "sha256", read)
    return check


def _same_hashes(check: Check, by: str, hashes: Mapping[str, Mapping[str, str]]) -> None:
    places: dict[str, dict[str, list[str]]] = {}
    for split, names in hashes.items():
        for name, sha256 in names.items():
            places.setdefault(sha256, {}).setdefault(split, []).append(name)
    for sha256, where in places.items():
        if len(where) > 1:
            counts = {split: len(names) for split, names in where.items()}
            examples = {split: names[0] for split, names in where.items()}
            check.add(Finding(by, sha256, counts, examples))


def check_near_duplicates(splits: Sequence[SplitData], pictures: Read, max_distance: int) -> Check:
    """Images that nearly repeat each other in two splits: scaled, encoded anew, the next frame.

    Augmented sets hold images mirrored and upside down: those are looked for as well.
    """
    check = Check(CheckKind.NEAR_DUPLICATE)
    if pictures is None:
        check.notes.append("Image files were not looked at.")
        return check
    hashes: list[int] = []
    groups: list[int] = []
    names: list[str] = []
    for group, split in enumerate(splits):
        for number, picture in pictures[split.name].found.items():
            if picture.difference_hash is not None:
                hashes.append(picture.difference_hash)
                groups.append(group)
                names.append(split.names[number])
    if lacking := sum(len(split.names) for split in splits) - len(hashes):
        check.notes.append(f"{lacking:,} images without a readable file were not compared.")
    if len(set(groups)) < 2:
        return check
    check.used.append(
        f"difference hashes up to {max_distance} of 64 bits apart, also mirrored and upside down,"
        f" not cropped or turned by a quarter ({_read(splits, pictures)})"
    )
    taken = np.array(hashes, dtype=np.uint64)
    try:
        found = find_near_duplicates(taken, groups, max_distance=max_distance)
        changed = {
            word: find_changed_duplicates(taken, groups, change, max_distance=max_distance)
            for word, change in _CHANGES.items()
        }
    except TooLarge as error:
        check.add(Finding("dhash", error.message, {s.name: len(s.names) for s in splits}, {}))
        return check
    if found.flat:
        check.notes.append(
            f"{found.flat:,} images are too flat to compare: one colour, or light from a side."
        )
    seen = np.zeros(0, np.int64)
    total = 0
    for word, pairs in {"": found, **changed}.items():
        ends = pairs.first * len(hashes) + pairs.second
        # A picture that looks the same from both sides was found before.
        new = np.flatnonzero(~np.isin(ends, seen))
        seen = np.concatenate([seen, ends[new]])
        total += int(pairs.pairs[new].sum())
        order = new[np.argsort(pairs.distance[new], kind="stable")]
        for at in order[:MAX_FINDINGS]:
            both = (int(pairs.first[at]), int(pairs.second[at]))
            where = {splits[groups[i]].name: names[i] for i in both}
            what = f"{int(pairs.distance[at])} of 64 bits apart{word}"
            check.add(Finding("dhash", what, dict.fromkeys(where, 1), where))
    check.found = total
    return check


def _tell_missing(
    check: Check, splits: Sequence[SplitData], pictures: Mapping[str, SplitPictures]
) -> None:
    for split in splits:
        its = pictures[split.name]
        if its.missing:
            first = split.names[its.missing[0]]
            check.notes.append(
                f"{split.name}: {len(its.missing):,} of {len(split.names):,} image files were not"
                f" found, first {first}."
            )
        if its.unreadable:
            number, fault = next(iter(its.unreadable.items()))
            check.notes.append(
                f"{split.name}: {len(its.unreadable):,} image files cannot be read, first"
                f" {split.names[number]} ({fault})."
            )


def _read(splits: Sequence[SplitData], pictures: Mapping[str, SplitPictures]) -> str:
    return "; ".join(
        f"{split.name}: {len(pictures[split.name].found):,} of {len(split.names):,}"
        for split in splits
    )
