"""DeepLabCut's tables as rows of numbers, out of CSV and of the H5 files of labelled images.

The H5 file is pandas' fixed layout, which is read without pandas: ``axis0_level*`` and
``axis0_label*`` hold the headings, ``axis1*`` the rows' names, ``block0_values`` the numbers.
Predictions come in pandas' table layout, whose headings are a pickle: it is not opened, because it
could run code.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from backend.domain.errors import InvalidInput
from backend.publishing.formats.hdf5 import Hdf5, opened

MAX_COLUMNS: Final = 100_000
_HEADINGS: Final = ("scorer", "individuals", "bodyparts", "coords")
_KEYS: Final = ("df_with_missing", "keypoints")


@dataclass(frozen=True, slots=True)
class Column:
    """What one column holds; ``individual`` is empty where the table has none."""

    individual: str
    bodypart: str
    coord: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its name in one or three parts, where it stands, and its numbers (NaN: empty)."""

    name: tuple[str, ...]
    where: str
    values: NDArray[np.float64] | None


class CsvTable:
    """A table out of a CSV file.

    Raises:
        InvalidInput: it is none of DeepLabCut's.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        head: dict[str, list[str]] = {}
        self._skipped = 0
        for line in self._lines():
            key = line[0].strip().casefold() if line else ""
            if key not in _HEADINGS:
                break
            head[key] = line
            self._skipped += 1
        if not {"bodyparts", "coords"} <= head.keys():
            raise _invalid(path, "the headings bodyparts and coords are wanted")
        self._names = next((i for i, cell in enumerate(head["coords"]) if i and cell.strip()), 1)
        width = len(head["coords"])
        if any(len(line) != width for line in head.values()) or width > MAX_COLUMNS:
            raise _invalid(path, "its headings have different numbers of columns")
        blank = [""] * width
        parts = [head.get("individuals", blank), head["bodyparts"], head["coords"]]
        self.columns = [
            Column(*(part[i].strip() for part in parts)) for i in range(self._names, width)
        ]

    def rows(self) -> Iterator[Row]:
        """Its rows."""
        for number, line in enumerate(self._lines(), 1):
            if number <= self._skipped or not any(cell.strip() for cell in line):
                continue
            where = f"row {number}"
            name = tuple(line[: self._names])
            cells = line[self._names :]
            numbers = _numbers(cells) if len(cells) == len(self.columns) else None
            yield Row(name, where, numbers)

    def _lines(self) -> Iterator[list[str]]:
        try:
            with self._path.open(encoding="utf-8-sig", newline="") as file:
                yield from csv.reader(file, strict=True)
        except UnicodeDecodeError as error:
            raise _invalid(self._path, "it is not UTF-8 text") from error
        except csv.Error as error:
            raise _invalid(self._path, f"this is no CSV ({error})") from error


class H5Table:
    """A table out of an H5 file of labelled images; see :class:`CsvTable`."""

    def __init__(self, path: Path, most: int) -> None:
        with opened(path, most) as file:
            key = next((key for key in _KEYS if file.has(key)), None)
            if key is None:
                raise _invalid(path, "there is no table of DeepLabCut's in it")
            if file.has(f"{key}/table"):
                raise _invalid(
                    path,
                    "the headings of this file of predictions are a pickle, which could run code;"
                    " take the .csv that DeepLabCut writes beside it (save_as_csv)",
                )
            heads = _axis(file, f"{key}/axis0", _HEADINGS)
            self._names = _axis(file, f"{key}/axis1", ())
            self._values = np.asarray(file.array(f"{key}/block0_values"), np.float64)
        width = len(heads[0]) if heads else 0
        if len(heads) not in (3, 4) or self._values.shape != (len(self._names[0]), width):
            raise _invalid(path, "its headings and its numbers do not fit together")
        individuals = heads[1] if len(heads) == 4 else [""] * width
        parts = zip(individuals, heads[-2], heads[-1], strict=True)
        self.columns = [Column(*part) for part in parts]

    def rows(self) -> Iterator[Row]:
        """Its rows."""
        for i, values in enumerate(self._values):
            yield Row(tuple(part[i] for part in self._names), f"row {i + 1}", values)


def _axis(file: Hdf5, path: str, headings: Sequence[str]) -> list[list[str]]:
    """The names along an axis, a list for each level."""
    if not file.has(f"{path}_level0"):
        return [_texts(file.array(path))]
    levels = []
    for number in range(max(4, len(headings))):
        if not file.has(f"{path}_level{number}"):
            break
        names = _texts(file.array(f"{path}_level{number}"))
        labels = np.asarray(file.array(f"{path}_label{number}"))
        if labels.dtype.kind not in "iu" or (labels >= len(names)).any() or (labels < 0).any():
            raise file.invalid(f"{path} is damaged")
        levels.append([names[label] for label in labels.tolist()])
    return levels


def _texts(values: NDArray[Any]) -> list[str]:
    if values.ndim != 1 or values.dtype.kind not in "SUiu":
        return []
    return [
        value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
        for value in values.tolist()
    ]


def _numbers(cells: Sequence[str]) -> NDArray[np.float64] | None:
    """Numbers with NaN for empty cells; None where a cell is neither."""
    numbers = np.full(len(cells), math.nan)
    for i, cell in enumerate(cells):
        if cell and not cell.isspace():
            try:
                numbers[i] = float(cell)
            except ValueError:
                return None
    return numbers


def _invalid(path: Path, fault: str) -> InvalidInput:
    return InvalidInput(f"{path.name}: {fault}.", file=path.name, fault=fault)
