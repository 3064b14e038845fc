"""HDF5 files that people bring, opened with care.

Nothing is followed out of the file (external links, external storage, virtual datasets), and what a
dataset takes in memory is held against a limit before it is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import h5py
import numpy as np

from backend.domain.errors import InvalidInput
from backend.publishing.formats.reading import check_size

MAX_BYTES: Final = 2 << 30
"""Most that one dataset may take once it is read."""
MAX_TEXTS: Final = 1_000_000
_MAX_TEXT_BYTES: Final = 256 << 20
_BROKEN: Final = (OSError, ValueError, KeyError, TypeError, RuntimeError, OverflowError)
"""What the library raises for one damaged file or another."""


class Hdf5:
    """An open file.

    Args:
        file: As h5py opened it.
        name: What to call it in errors.
    """

    def __init__(self, file: h5py.File, name: str) -> None:
        self._file = file
        self._name = name

    def has(self, path: str) -> bool:
        """Whether there is something of that name in the file itself."""
        part = self._file
        for name in path.strip("/").split("/"):
            if not isinstance(part, h5py.Group) or name not in part:
                return False
            if not isinstance(part.get(name, getlink=True), h5py.HardLink):
                raise self.invalid(f"{path} leads out of the file")
            part = part[name]
        return True

    def attribute(self, path: str, name: str) -> Any:
        """An attribute, or None."""
        if not self.has(path):
            return None
        try:
            return self._file[path].attrs.get(name)
        except _BROKEN as error:
            raise self.invalid(f"{path} is damaged") from error

    def array(self, path: str) -> np.ndarray[Any, Any]:
        """A dataset of numbers or records, read whole.

        Raises:
            InvalidInput: it is missing, damaged, too large, or leads out of the file.
        """
        found = self._dataset(path)
        if found.dtype.hasobject:
            raise self.invalid(f"{path} holds no numbers")
        try:
            return np.asarray(found[()])
        except _BROKEN as error:
            raise self.invalid(f"{path} is damaged") from error

    def texts(self, path: str) -> list[str]:
        """A dataset of texts; empty where it is missing.

        Raises:
            InvalidInput: as :meth:`array`.
        """
        if not self.has(path):
            return []
        found = self._dataset(path)
        if found.ndim != 1 or len(found) > MAX_TEXTS:
            raise self.invalid(f"{path} is no list of texts")
        texts, total = [], 0
        try:
            for i in range(len(found)):
                value = found[i]
                text = value.decode("utf-8") if isinstance(value, bytes) else str(value)
                total += len(text)
                if total > _MAX_TEXT_BYTES:
                    raise self.invalid(f"{path} is too large")
                texts.append(text)
        except _BROKEN as error:
            raise self.invalid(f"{path} is damaged") from error
        return texts

    def invalid(self, fault: str) -> InvalidInput:
        """The error that refuses the file."""
        return InvalidInput(f"{self._name}: {fault}.", file=self._name, fault=fault)

    def _dataset(self, path: str) -> h5py.Dataset:
        if not self.has(path):
            raise self.invalid(f"{path} is missing")
        found = self._file[path]
        if not isinstance(found, h5py.Dataset):
            raise self.invalid(f"{path} is no dataset")
        if found.is_virtual or found.external:
            raise self.invalid(f"{path} leads out of the file")
        if found.size * found.dtype.itemsize > MAX_BYTES:
            raise self.invalid(f"{path} is larger than {MAX_BYTES >> 20} MiB")
        return found


@contextmanager
def opened(path: Path, most: int) -> Iterator[Hdf5]:
    """Open a file to read.

    Raises:
        InvalidInput: it is no HDF5 file.
        TooLarge: it has more than ``most`` bytes.
    """
    check_size(path, most)
    try:
        file = h5py.File(path, "r")
    except _BROKEN as error:
        fault = "this is no HDF5 file, or it is damaged"
        raise InvalidInput(f"{path.name}: {fault}.", file=path.name, fault=fault) from error
    with file:
        yield Hdf5(file, path.name)
