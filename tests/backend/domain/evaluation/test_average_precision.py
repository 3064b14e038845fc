"""AP and AR are pycocotools' own, whatever is in the files."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.domain.evaluation.average_precision import Curves
from backend.domain.evaluation.matching import match, pair
from backend.domain.evaluation.samples import Predictions, Truths, no_predictions
from tests.backend.domain.evaluation.coco_sets import (
    Records,
    by_pycocotools,
    columns,
    make_set,
    numbers_of,
)

sets = st.builds(
    make_set,
    seed=st.integers(0, 2**32 - 1),
    images=st.integers(1, 8),
    categories=st.integers(1, 2),
    most_people=st.integers(1, 5),
    most_predicted=st.integers(1, 24),
    boxes=st.booleans(),
)


def numbers(truths: Truths, predictions: Predictions) -> dict[str, float]:
    curves = Curves(truths, predictions, match(truths, predictions))
    return {name: float(values[0]) for name, values in curves.summary().items()}


def same(ours: dict[str, float], theirs: dict[str, float]) -> None:
    assert list(ours) == list(theirs)
    np.testing.assert_allclose(
        list(ours.values()), list(theirs.values()), rtol=0, atol=1e-9, equal_nan=True
    )


@settings(max_examples=150, deadline=None)
@given(sets)
def test_all_ten_numbers_are_those_of_pycocotools(made: tuple[dict[str, Any], Records]) -> None:
    truth, results = made
    if results:  # pycocotools cannot read an empty list
        same(numbers(*columns(truth, results)), numbers_of(by_pycocotools(truth, results)))


@settings(max_examples=60, deadline=None)
@given(sets)
def test_similarities_are_those_of_pycocotools_to_the_last_bit(
    made: tuple[dict[str, Any], Records],
) -> None:
    truth, results = made
    if not results:
        return
    theirs = by_pycocotools(truth, results)
    truths, predictions = columns(truth, results)
    found = 0
    for batch in pair(truths, predictions).batches:
        for rows, oks in zip(batch.truths, batch.oks, strict=True):
            image = truths.image_ids[truths.image[rows[0]]]
            known = theirs.ious[image, int(truths.category[rows[0]]) + 1]
            assert np.array_equal(oks, known)
            found += known.size
    assert found == sum(np.size(known) for known in theirs.ious.values())


@settings(max_examples=60, deadline=None)
@given(sets)
def test_every_prediction_is_given_to_the_same_person(made: tuple[dict[str, Any], Records]) -> None:
    truth, results = made
    if not results:
        return
    truths, predictions = columns(truth, results)
    matches = match(truths, predictions)
    ours = {}
    for place, row in enumerate(matches.kept.tolist()):
        people = matches.truth[:, :, place]
        ids = np.where(people >= 0, np.array([*truths.ids, 0])[people], 0)
        ours[row + 1] = (ids, matches.ignored[:, :, place])
    seen = 0
    areas = [[0, 1e10], [1024, 9216], [9216, 1e10]]
    for image in by_pycocotools(truth, results).evalImgs:
        if image is None:
            continue
        a = areas.index([float(x) for x in image["aRng"]])
        for d, number in enumerate(image["dtIds"]):
            ids, ignored = ours[number]
            assert np.array_equal(ids[a], image["dtMatches"][:, d])
            assert np.array_equal(ignored[a], image["dtIgnore"][:, d])
            seen += 1
    assert seen == 3 * len(matches.kept)


@settings(max_examples=60, deadline=None)
@given(sets, st.integers(0, 2**32 - 1))
def test_an_infant_drawn_twice_counts_as_if_its_images_were_there_twice(
    made: tuple[dict[str, Any], Records], seed: int
) -> None:
    truth, results = made
    rng = np.random.default_rng(seed)
    # Copies of a prediction follow one another; with ties pycocotools would mix those of an image.
    for result, score in zip(results, rng.permutation(len(results)), strict=True):
        result["score"] = float(score)
    truths, predictions = columns(truth, results)
    group = rng.integers(0, 3, truths.images)
    weights = rng.integers(0, 3, (4, 3)).astype(np.int32)
    drawn = Curves(truths, predictions, match(truths, predictions), group, clusters=3)
    values = drawn.summary(weights)
    for r, row in enumerate(weights):
        again, found = _repeated(truth, results, row[group])
        if not found:
            continue
        ours = {name: float(values[name][r]) for name in values}
        same(ours, numbers_of(by_pycocotools(again, found)))


def _repeated(
    truth: dict[str, Any], results: Records, times: np.ndarray
) -> tuple[dict[str, Any], Records]:
    """Each image so many times, copies side by side."""
    again: dict[str, Any] = {"images": [], "annotations": [], "categories": truth["categories"]}
    found: Records = []
    for i, image in enumerate(sorted(truth["images"], key=lambda image: image["id"])):
        for copy in range(times[i]):
            number = 10 * i + copy + 1
            again["images"].append({"id": number})
            for person in truth["annotations"]:
                if person["image_id"] == image["id"]:
                    new = len(again["annotations"]) + 1
                    again["annotations"].append(person | {"id": new, "image_id": number})
            found += [r | {"image_id": number} for r in results if r["image_id"] == image["id"]]
    return again, found


def test_parts_leave_the_other_images_out() -> None:
    truth, results = make_set(5, 6, 1, 3, 4, False)
    truths, predictions = columns(truth, results)
    kept = set(truths.image_ids[:3])
    part = np.where(np.arange(6) < 3, 0, -1)
    curves = Curves(truths, predictions, match(truths, predictions), part)
    fewer = truth | {
        "images": [i for i in truth["images"] if i["id"] in kept],
        "annotations": [p for p in truth["annotations"] if p["image_id"] in kept],
    }
    theirs = by_pycocotools(fewer, [r for r in results if r["image_id"] in kept])
    same({name: float(v[0]) for name, v in curves.summary().items()}, numbers_of(theirs))


def test_nobody_predicted_is_zero_and_nobody_there_is_no_number() -> None:
    truth, _ = make_set(1, 4, 1, 3, 1, False)
    for person in truth["annotations"]:
        person |= {"iscrowd": 0, "area": 5000.0, "num_keypoints": 9}
    truths, _ = columns(truth, [])
    found = numbers(truths, no_predictions())
    assert found["AP"] == found["AR"] == found["AP_M"] == 0
    assert np.isnan(found["AP_L"])


def test_only_the_twenty_surest_of_an_image_are_taken() -> None:
    truth, _ = make_set(4, 1, 1, 4, 1, False)
    person = truth["annotations"][0]
    person |= {"iscrowd": 0, "num_keypoints": 17, "keypoints": [50, 50, 2] * 17, "area": 5000.0}
    truth["annotations"] = [person]
    image = person["image_id"]
    wrong = {"image_id": image, "category_id": 1, "keypoints": [900, 900, 1] * 17, "score": 0.9}
    right = wrong | {"keypoints": [50, 50, 1] * 17, "score": 0.8}
    for count, reached in ((19, 1.0), (20, 0.0)):
        results = [*[dict(wrong)] * count, right]
        truths, predictions = columns(truth, results)
        assert numbers(truths, predictions)["AR"] == reached
        same(numbers(truths, predictions), numbers_of(by_pycocotools(truth, results)))
