"""An export of the product is a ground truth as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.domain.boxes import Box
from backend.domain.evaluation.evaluate import Options, evaluate
from backend.domain.keypoints import Joint, Skeleton, Visibility
from backend.domain.pixels import PixelRule
from backend.publishing.evaluation.predictions_file import read_predictions
from backend.publishing.evaluation.truth_file import read_truth
from backend.publishing.formats.coco_writer import write as write_coco
from backend.publishing.formats.writing import WriteOptions
from backend.publishing.labelled import LabelledFrame, LabelledImage
from tests.backend.publishing.evaluation.files import write

JOINTS = tuple(Joint(10.5 + 20 * j, 30.5 + 10 * j, Visibility.VISIBLE) for j in range(17))


@pytest.mark.parametrize("pixels", PixelRule)
def test_results_that_are_right_are_right_however_the_export_counts_pixels(
    tmp_path: Path, pixels: PixelRule
) -> None:
    frames = [
        LabelledFrame(
            LabelledImage(i, f"v/{i}.jpg", 640, 480, facts={"infant": f"B{i}", "age_months": 7}),
            joints=Skeleton(JOINTS) if i < 8 else None,
            box=Box(0, 0, 400, 300) if i < 8 else None,
        )
        for i in range(1, 9)
    ]
    with (tmp_path / "export.json").open("wb") as file:
        write_coco(frames, file, WriteOptions("test", version="1", pixels=pixels))
    truth = read_truth(tmp_path / "export.json")
    # Models count the index of a pixel: half a pixel less than inside of the product.
    flat = [value for j in JOINTS for value in (j.x - 0.5, j.y - 0.5, 1.0)]
    results = [
        {"image_id": i, "category_id": 1, "keypoints": flat, "score": 0.9} for i in range(1, 8)
    ]
    read = read_predictions(write(tmp_path, "results.json", results), truth)
    found = evaluate(truth.truths, read.predictions, Options(by=("age",), resamples=50))
    assert found.measures["AJPE"].value == pytest.approx(0, abs=1e-6)
    assert found.measures["AP"].value == pytest.approx(1)
    assert found.settings["clusters"] == "infant"
    assert [part.name for part in found.parts["age"]] == ["6–9 months"]
    assert any("the area of 7 of 7 people is their box's" in note for note in truth.notes)
    assert bool(read.notes) is (pixels is PixelRule.CONTINUOUS)
