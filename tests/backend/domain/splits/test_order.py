"""Splits are listed as people read them."""

from __future__ import annotations

from backend.domain.splits.order import reading_order


def test_training_comes_first_and_nobodys_split_last() -> None:
    given = ["", "test", "vault", "train", "val"]
    assert sorted(given, key=reading_order) == ["train", "val", "test", "vault", ""]


def test_folds_are_listed_by_their_numbers() -> None:
    folds = [f"fold_{i}" for i in (10, 2, 1)]
    assert sorted(folds, key=reading_order) == ["fold_1", "fold_2", "fold_10"]
