"""Which split an image is of that the measured one does not have: most often, a mixed-up split."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Final

from backend.domain.errors import InvalidInput, TooLarge
from backend.publishing.evaluation.documents import elements, members
from backend.publishing.evaluation.faults import Faults
from backend.publishing.evaluation.truth_file import Key, read_id
from backend.publishing.formats.image_places import KEYPOINTS_PREFIX

_MAX_FILES: Final = 20


class OtherSplits:
    """The images or bodies of a set that are not measured, by their ids.

    Args:
        load: Gives the split of each id; called at the first id that is not known.
    """

    def __init__(self, load: Callable[[], Mapping[Key, str]] = dict) -> None:
        self._load = load

    @cached_property
    def _splits(self) -> Mapping[Key, str]:
        return self._load()

    def of(self, key: Key | None) -> str | None:
        """The split of an id, or None."""
        return None if key is None else self._splits.get(key)

    def fault(self, what: str, key: Key | None) -> str:
        """What is wrong with an id that the measured split does not have."""
        split = self.of(key)
        if split is None:
            return f"{what} that the ground truth does not have"
        return f"{what} of the split “{split}” (choose {split} to measure these)"


def others_beside(truth: Path) -> OtherSplits:
    """The images of the other files in a truth's folder."""
    return OtherSplits(lambda: _images_beside(truth))


def _images_beside(truth: Path) -> dict[Key, str]:
    found: dict[Key, str] = {}
    files = sorted(file for file in truth.parent.glob("*.json") if file != truth)
    for file in islice(files, _MAX_FILES):
        split = file.stem.removeprefix(KEYPOINTS_PREFIX)
        try:
            with members(file, Faults(file.name)) as document:
                for member, value in document:
                    if member == "images":
                        ids = (
                            read_id(image.get("id"))
                            for image in elements(value, member, Faults(file.name))
                            if isinstance(image, dict)
                        )
                        found.update(dict.fromkeys((key for key in ids if key is not None), split))
        except (InvalidInput, TooLarge, OSError):
            continue  # it need not be of this set
    return found
