"""What annotation files of others tell of identities and videos, and what they only seem to tell.

Files name infants and videos in members that every lab calls differently, and often in file names
alone. A number that begins anew in each file is no identity: the same number in two files is then
no leak. What could be either is told as a suspicion, never decided.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Final


class Meaning(StrEnum):
    """What a member of an image or annotation stands for."""

    IDENTITY = "identity"
    """Somebody, wherever they appear."""
    VIDEO = "video"
    """A video or session."""
    PERSON = "person"
    """Somebody, or a number of the people within one image."""
    TRACK = "track"
    """Somebody within one video: says nothing beyond it."""


_FIELDS: Final[dict[Meaning, str]] = {
    Meaning.IDENTITY: (
        "infant infant_id baby baby_id child child_id subject subject_id participant"
        " participant_id patient patient_id pseudonym identity identity_id"
    ),
    Meaning.VIDEO: (
        "video video_id video_name vid vid_id clip clip_id sequence sequence_id sequence_name seq"
        " seq_id seq_name session session_id session_name recording recording_id recording_name"
    ),
    Meaning.PERSON: "person person_id individual individual_id",
    Meaning.TRACK: "track track_id tracking_id instance_id",
}
MEANINGS: Final = {name: meaning for meaning, names in _FIELDS.items() for name in names.split()}
"""Members of images and annotations that are looked at, in lower case."""


def _set_of(words: str) -> frozenset[str]:
    return frozenset(words.split())


_SPLIT_WORDS: Final = {
    "train": "train", "training": "train", "trn": "train",
    "val": "val", "valid": "val", "validation": "val", "dev": "val", "minival": "val",
    "test": "test", "testing": "test", "holdout": "test", "heldout": "test", "eval": "test",
}  # fmt: skip
_FOLD_WORDS: Final = frozenset({"fold", "folds", "cv", "kfold"})

_PLAIN_WORDS: Final = frozenset(_SPLIT_WORDS) | _set_of(
    "frame frames fr f img imgs image images im picture pictures pic pics photo photos jpg jpeg"
    " jpegimages png rgb color colour depth gray grey raw coco annotations annotation labels label"
    " cam camera cameras kamera view views gopro left right crop crops out output no nr"
    " dsc dscn dscf dji mvi mov pxl gopr sam"
)
"""Words of file and folder names that say nothing of a video, nor does a number behind them."""

_NOUNS: Final = _set_of(
    "infant infants baby babies newborn child children kid person people subject subjects"
    " participant sample samples data dataset datasets item file files video videos vid vids clip"
    " clips seq sequence session visit scene syn synthetic real"
)
"""Words that say nothing by themselves, but name something with a number: ``baby_03``."""

_WORD: Final = re.compile(r"[^\W_]+")
_NUMBERED: Final = re.compile(r"^(.*?)(\d+)$", re.DOTALL)
_SAMPLED: Final = re.compile(r"[._](?:jpe?g|png|bmp|webp|tiff?)\.rf\.[0-9A-Za-z]{8,}$", re.I)
"""Roboflow makes several files of one image: ``name_jpg.rf.<hash>.jpg``."""

_MIN_NUMBER_DIGITS: Final = 3
"""A number that follows a name without a separator is a frame's from so many digits on: A001."""

_GLOBAL_DIGITS: Final = 12
"""COCO writes its image ids, unique in the whole set, with so many digits."""

MIN_IMAGES_PER_NAME: Final = 1.5
"""With fewer images to a name, names are those of images, not of videos."""


def split_word(name: str) -> str | None:
    """``train``, ``val`` or ``test`` where a name says so; None where it does not.

    ``person_keypoints_train2017`` is ``train``; ``trainval`` is none of them.
    """
    words = _words(name)
    return next((_SPLIT_WORDS[word] for word in words if word in _SPLIT_WORDS), None)


def folder_split(file_name: str) -> str | None:
    """The split that the folders of a file name tell; the outermost that does counts.

    ``images/train2017/a.jpg`` is ``train``; ``a_train.jpg`` tells nothing.
    """
    *folders, _ = _parts(file_name)
    return next((word for part in folders if (word := split_word(part)) is not None), None)


def is_fold(name: str) -> bool:
    """Whether a name is that of a fold of a cross-validation."""
    return not _FOLD_WORDS.isdisjoint(_words(name))


def original_name(file_name: str) -> str:
    """An image's name without folders of its split, ending, and what tools hang on.

    Two splits keep their own folders: ``train/A_01.jpg`` and ``val/A_01.png`` are both ``a_01``.
    """
    *folders, file = _parts(file_name)
    kept = [part for part in folders if not _is_plain(part)]
    return "/".join([*kept, _stem(file)]).casefold()


def is_copy(file_name: str) -> bool:
    """Whether a name says that its image was made from another one, which it names."""
    return _SAMPLED.search(PurePosixPath(file_name).stem) is not None


def is_mere_number(file_name: str) -> bool:
    """Whether a name is a running number, which another folder may use for another image."""
    *folders, file = _parts(file_name)
    stem = _stem(file)
    if any(not _is_plain(part) for part in folders):
        return False
    found = _NUMBERED.match(stem)
    return found is not None and len(found[2]) < _GLOBAL_DIGITS and _is_plain(found[1])


def video_of_name(file_name: str) -> str | None:
    """The video that a frame's file name tells: all before the frame's number.

    ``visit_3/cam1/000123.jpg`` is of ``visit_3``, ``val/clipA_frame_0007.jpg`` of ``clipa``;
    ``frame_0007.jpg``, ``000000123456.jpg`` and names without a number tell nothing.
    """
    *folders, file = _parts(file_name)
    stem = _stem(file)
    words = list(_WORD.finditer(stem))
    while len(words) > 1 and words[-1][0].casefold() in _PLAIN_WORDS:
        words.pop()
    found = _NUMBERED.match(stem[: words[-1].end()] if words else "")
    if found is None:
        return None
    before, number = found[1], found[2]
    named = _WORD.findall(before)
    apart = not named or not before[-1].isalnum() or _is_plain(named[-1])
    if not apart and len(number) < _MIN_NUMBER_DIGITS:
        return None
    while named and _is_plain(named[-1]):
        named.pop()
    while named and named[0].casefold() in _SPLIT_WORDS:
        named.pop(0)
    kept = [part for part in folders if not _is_plain(part)]
    return "/".join([*kept, *(["_".join(named)] if named else [])]).casefold() or None


def numbered_anew(values: Iterable[Collection[str]]) -> bool:
    """Whether every file numbers for itself: 0, 1, 2, … or 1, 2, 3, … without a gap in each.

    The same number in two such files may mean the same or not.

    Args:
        values: The different values of each split.
    """
    for of_split in values:
        if not all(value.isascii() and value.isdigit() and len(value) < 10 for value in of_split):
            return False
        numbers = sorted(map(int, of_split))
        if not numbers or numbers[0] > 1 or numbers[-1] - numbers[0] + 1 != len(set(numbers)):
            return False
    return True


def _parts(file_name: str) -> list[str]:
    path = PurePosixPath(file_name.replace("\\", "/"))
    parts = [part for part in path.parts if part not in ("/", ".", "..") and part[1:] != ":"]
    return parts or [""]


def _stem(file: str) -> str:
    return _SAMPLED.sub("", PurePosixPath(file).stem)


def _is_plain(part: str) -> bool:
    """Whether a part of a name says nothing of a video: ``images``, ``train2017``, ``camera_2``."""
    words = [word.casefold() for word in _WORD.findall(part)]
    after_plain = False
    for word in words:
        letters = word.rstrip("0123456789")
        if not letters:
            if not after_plain:
                return False
            continue
        after_plain = letters in _PLAIN_WORDS
        if not after_plain and word not in _NOUNS:
            return False
    return True


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", text.casefold())
