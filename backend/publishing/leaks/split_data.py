"""One split with all its annotation files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from backend.domain.splits.file_evidence import Meaning
from backend.publishing.leaks.reading import SplitFile


@dataclass(slots=True)
class SplitData:
    """A split as its files tell it.

    Attributes:
        name: Its name.
        files: Its files; keypoints and boxes of the same images often stand in two.
        names: Different file names of images; a number of an image is a place in this list.
    """

    name: str
    files: Sequence[SplitFile]
    names: list[str] = field(default_factory=list)
    _by_id: dict[str, str] | None = None

    def __post_init__(self) -> None:
        self.names = list(dict.fromkeys(name for file in self.files for name in file.names))

    @property
    def annotations(self) -> int:
        """Of all its files."""
        return sum(file.annotations for file in self.files)

    def members(self) -> dict[str, Meaning]:
        """Members of its files that stand for infants, videos or people."""
        return {name: values.meaning for file in self.files for name, values in file.values.items()}

    def values(self, member: str) -> Counter[str]:
        """How often each value of a member is there, over all files."""
        counts: Counter[str] = Counter()
        for file in self.files:
            if member in file.values:
                counts.update(file.values[member].counts)
        return counts

    def covered(self, member: str) -> tuple[int, int]:
        """How many images, or annotations for a member of these, have the member; of how many."""
        have = of = 0
        for file in self.files:
            values = file.values.get(member)
            in_images = not member.startswith("annotations.")
            have += values.counts.total() if values else 0
            of += len(file.names) if in_images else file.annotations
        return have, of

    def most_people(self, member: str) -> int:
        """Most annotations with the member in one image."""
        return max((file.most_people.get(member, 0) for file in self.files), default=0)

    def example(self, member: str, value: str) -> str:
        """File name of an image with this value; empty where it cannot be told."""
        for file in self.files:
            values = file.values.get(member)
            image = values.images.get(value) if values else None
            if isinstance(image, int):
                return file.names[image]
            if image is not None and image in self.ids():
                return self.ids()[image]
        return ""

    def hashes(self) -> dict[str, str]:
        """Declared SHA-256 by file name."""
        return {
            name: sha256
            for file in self.files
            for name, sha256 in zip(file.names, file.hashes, strict=True)
            if sha256 is not None
        }

    def ids(self) -> dict[str, str]:
        """File name by image id."""
        if self._by_id is None:
            self._by_id = {
                key: name
                for file in self.files
                for key, name in zip(file.ids, file.names, strict=True)
                if key
            }
        return self._by_id
