"""In which order splits are listed for people."""

from __future__ import annotations

from typing import Final

from backend.domain.splits.file_evidence import split_word

_FIRST: Final = {"train": 0, "val": 1, "test": 2}


def reading_order(name: str) -> tuple[int, int, str]:
    """A key for sorting: training, validation, test, then others; nobody's split comes last.

    Shorter names come before longer ones, so that ``fold_2`` comes before ``fold_10``.
    """
    word = split_word(name)
    return (_FIRST[word] if word else 3 if name else 4, len(name), name)
