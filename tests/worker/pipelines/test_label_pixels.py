"""Labels of COCO files lie where the picture has what they mean: pixel rules and Exif turns."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from sqlalchemy.orm import Session

from backend.core.database.tables import Candidate, Frame, Job, JobLog, Recording
from backend.core.storage import open_store
from backend.domain import masks
from backend.domain.keypoints import Skeleton
from backend.domain.orientation import Orientation, upright_points
from backend.domain.outlines import mask_of
from backend.domain.pixels import PixelRule, skeleton_to_outside
from backend.domain.skeleton import EDGES, JOINTS
from backend.publishing.formats.label_source import PersonSource
from tests.worker.bench import Bench

NOSE = (31, 11)
"""Column and row of the one bright pixel of the stored picture."""
WIDE, SQUARE = (64, 40), (48, 48)


def photo(size: tuple[int, int], orientation: int = 1, fmt: str = "PNG") -> bytes:
    """A dark picture with one bright pixel, which Exif turns."""
    pixels = np.zeros((size[1], size[0], 3), np.uint8)
    pixels[NOSE[1], NOSE[0]] = 255
    exif = Image.Exif()
    exif[0x0112] = orientation
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, fmt, exif=exif)
    return buffer.getvalue()


def coco(
    *images: tuple[str, tuple[int, int], tuple[float, float]], info: Any = None, **person: Any
) -> dict[str, Any]:
    """A file with one infant in each image, by name, said size and place of the nose."""
    return {
        "info": info or {},
        "images": [
            {"id": i, "file_name": name, "width": w, "height": h}
            for i, (name, (w, h), _) in enumerate(images, 1)
        ],
        "annotations": [
            {
                "id": i,
                "image_id": i,
                "category_id": 1,
                "keypoints": [x, y, 2] + [0] * 48,
                "num_keypoints": 1,
                "bbox": [x - 3, y - 3, 8, 6],
                "area": 40,
                "iscrowd": 0,
            }
            | person
            for i, (_, _, (x, y)) in enumerate(images, 1)
        ],
        "categories": [
            {"id": 1, "name": "infant", "keypoints": list(JOINTS),
             "skeleton": [[a + 1, b + 1] for a, b in EDGES]}
        ],
    }  # fmt: skip


def brightest(bench: Bench, frame: Frame) -> tuple[float, float]:
    """Middle of the brightest pixel of a frame as it is stored, in continuous coordinates."""
    data = open_store(bench.settings).read(frame.image_key)
    pixels = np.asarray(Image.open(io.BytesIO(data)).convert("L")).astype(int)
    row, column = np.unravel_index(int(pixels.argmax()), pixels.shape)
    return float(column) + 0.5, float(row) + 0.5


def nose(candidate: Candidate) -> tuple[float, float]:
    return candidate.skeleton[0], candidate.skeleton[1]


def said(job: Job) -> str:
    assert job.result is not None
    return " ".join(job.result["warnings"])


@pytest.mark.parametrize(("size", "labels"), [(WIDE, "stored"), (WIDE, "upright"),
                                              (SQUARE, "stored"), (SQUARE, "upright")])  # fmt: skip
def test_a_joint_lies_on_the_pixel_that_it_was_put_on_in_all_orientations(
    bench: Bench, size: tuple[int, int], labels: str
) -> None:
    for orientation in Orientation:
        place = NOSE
        if labels == "upright":
            x, y = upright_points(np.add(NOSE, 0.5), orientation, size)
            place = (int(x), int(y))
        shown = size if labels == "stored" else orientation.upright_size(size)
        tells = orientation == 1 or (orientation.swaps_sides and size == WIDE)
        job = bench.images(
            ("a.png", photo(size, orientation)),
            coco=coco(("a.png", shown, place)),
            choices={} if tells else {"exif": labels},
            name=f"orientation {orientation}",
        )
        assert job.error is None
        frame, candidate = bench.all(Frame)[-1], bench.all(Candidate)[-1]
        assert (frame.width, frame.height) == orientation.upright_size(size)
        assert np.hypot(*np.subtract(nose(candidate), brightest(bench, frame))) < 1e-9
        if orientation != 1:
            assert f"labels are in {labels} pixels" in said(job)
            assert ("mirrors" in said(job)) is orientation.mirrors


def test_what_nothing_tells_is_asked_and_nothing_is_made_before_the_answer(bench: Bench) -> None:
    for orientation, size in ((3, WIDE), (2, WIDE), (4, WIDE), (6, SQUARE), (8, SQUARE)):
        job = bench.images(("a.png", photo(size, orientation)), coco=coco(("a.png", size, NOSE)))
        assert job.state == "failed"
        for words in ("a.png", f"orientation {orientation}", "--exif stored", "--exif upright"):
            assert words in str(job.error)
        bench.assert_nothing_is_left()


def test_a_first_pass_lists_the_photographs_that_must_be_asked_about(bench: Bench) -> None:
    files = [("a.png", photo(SQUARE, 6)), ("b.png", photo(WIDE, 6)), ("c.png", photo(WIDE))]
    file = coco(("a.png", SQUARE, NOSE), ("b.png", WIDE, NOSE), ("c.png", WIDE, NOSE))
    report = bench.first_pass(*files, coco=file).result
    assert report is not None
    assert (report["turned"]["images"], report["turned"]["unknown"]) == (2, 1)
    assert report["turned"]["examples"] == ["a.png: orientation 6, 48 x 48"]
    assert "The sizes of others suggest: stored." in report["refused"]
    answered = bench.first_pass(*files, coco=file, exif="stored").result
    assert answered is not None
    assert (answered["turned"]["unknown"], answered["refused"]) == (0, None)


def test_sizes_are_not_believed_where_joints_reach_beyond_them(bench: Bench) -> None:
    # The size of the stored picture, the joints of the upright one.
    job = bench.images(("a.png", photo(WIDE, 6)), coco=coco(("a.png", WIDE, (20, 60))))
    assert "--exif" in str(job.error)


def test_a_reduced_size_tells_by_its_shape(bench: Bench) -> None:
    small = (WIDE[0] // 2, WIDE[1] // 2)
    # The middle of the bright pixel, in pixels of the reduced picture.
    place = ((NOSE[0] + 0.5) / 2, (NOSE[1] + 0.5) / 2)
    job = bench.images(
        ("a.png", photo(WIDE, 8)),
        coco=coco(("a.png", small, place)),
        choices={"odd": {"image_size_differs": "map"}},
    )
    assert job.error is None
    assert "stored pixels, as their sizes" in said(job)
    assert nose(bench.all(Candidate)[0]) == brightest(bench, bench.all(Frame)[0])


def test_half_a_pixel_scales_with_the_picture(bench: Bench) -> None:
    big = (WIDE[0] * 2, WIDE[1] * 2)
    # Of the four pixels that show the bright one, the first: indices of an enlarged picture.
    job = bench.images(
        ("a.png", photo(WIDE)),
        coco=coco(("a.png", big, (2 * NOSE[0], 2 * NOSE[1]))),
        choices={"odd": {"image_size_differs": "map"}},
    )
    assert job.error is None
    assert nose(bench.all(Candidate)[0]) == (NOSE[0] + 0.25, NOSE[1] + 0.25)


def test_photographs_without_labels_are_only_turned(bench: Bench) -> None:
    file = coco(("b.png", WIDE, NOSE))
    file["images"].append({"id": 9, "file_name": "a.png", "width": 48, "height": 48})
    job = bench.images(("a.png", photo(SQUARE, 3)), ("b.png", photo(WIDE)), coco=file)
    assert job.error is None
    assert "Exif" not in said(job)
    assert bench.images(("z.png", photo(SQUARE, 3)), name="no labels").error is None


def test_boxes_outlines_and_masks_turn_with_the_picture(bench: Bench) -> None:
    outline = [5.0, 4.0, 30.0, 4.0, 30.0, 20.0, 5.0, 20.0]
    inside = mask_of([outline], *WIDE)
    for orientation, turn in _AS_PILLOW.items():
        seen = np.asarray(Image.fromarray(inside).transpose(turn), dtype=bool)
        rows, columns = np.nonzero(seen)
        for name, segmentation in (("outline", [outline]), ("mask", masks.encode(inside))):
            job = bench.images(
                ("a.png", photo(WIDE, orientation)),
                coco=coco(("a.png", WIDE, NOSE), bbox=[5, 4, 25, 16], segmentation=segmentation),
                choices={"exif": "stored"},
                name=f"{name} {orientation}",
            )
            assert job.error is None
            candidate = bench.all(Candidate)[-1]
            assert candidate.box[:2] == [columns.min(), rows.min()]
            assert candidate.box[2:] == [np.ptp(columns) + 1, np.ptp(rows) + 1]
            found = PersonSource.from_json(candidate.source).mask
            assert found is not None
            size = seen.shape[::-1]
            turned = masks.decode(found) if isinstance(found, dict) else mask_of(found, *size)
            assert np.array_equal(turned, seen)


_AS_PILLOW = {
    3: Image.Transpose.ROTATE_180,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@pytest.mark.parametrize(
    ("place", "info", "choice", "stored", "words"),
    [
        ((31, 11), {}, None, (31.5, 11.5), "whole numbers"),
        ((31.0, 11.0), {}, None, (31.5, 11.5), "whole numbers"),
        ((31.25, 11), {}, None, (31.25, 11.0), "the centre of the first pixel, say so"),
        ((31.25, 11), {}, "index", (31.75, 11.5), "as was chosen"),
        ((31, 11), {}, "continuous", (31.0, 11.0), "as was chosen"),
        ((31.25, 11), {"infantnet": {"pixels": "index"}}, None, (31.75, 11.5), "declares"),
        ((31, 11), {"infantnet": {"pixels": "continuous"}}, None, (31.0, 11.0), "declares"),
        ((31, 11), {"infantnet": {"export_id": 3}}, None, (31.0, 11.0), "declares"),
        ((31, 11), {"infantnet": {"rendered": True}}, None, (31.0, 11.0), "declares"),
        ((31, 11), {"infantnet": "a name"}, None, (31.5, 11.5), "whole numbers"),
    ],
)
def test_joints_come_in_by_the_rule_of_their_file_and_it_is_said(
    bench: Bench,
    place: tuple[float, float],
    info: dict[str, Any],
    choice: str | None,
    stored: tuple[float, float],
    words: str,
) -> None:
    job = bench.images(
        ("a.png", photo(WIDE)),
        coco=coco(("a.png", WIDE, place), info=info),
        choices={"pixels": choice} if choice else {},
    )
    assert job.error is None
    assert nose(bench.all(Candidate)[0]) == stored
    assert words in said(job)
    assert any(words in line.message for line in bench.all(JobLog))
    # Boxes are edges, whatever joints are.
    assert bench.all(Candidate)[0].box == [place[0] - 3, place[1] - 3, 8, 6]
    source = bench.all(Recording)[0].label_source
    assert source["pixels"] == ("continuous" if stored[0] == place[0] else "index")


def test_results_of_models_are_read_as_coco_s_joints(bench: Bench) -> None:
    results = [
        {"image_id": "a", "category_id": 1, "keypoints": [31.25, 11.5, 0.9] + [0] * 48,
         "score": 0.8}
    ]  # fmt: skip
    job = bench.images(("a.png", photo(WIDE)), coco=results)
    assert job.error is None
    assert nose(bench.all(Candidate)[0]) == (31.75, 12.0)


def test_joints_beyond_the_border_stay_and_are_counted(bench: Bench) -> None:
    file = coco(("a.png", WIDE, NOSE))
    file["annotations"][0]["keypoints"][3:12] = [-2, 5, 2, 64, 40, 1, 63, 39, 2]
    job = bench.images(("a.png", photo(WIDE)), coco=file)
    flat = bench.all(Candidate)[0].skeleton
    assert flat[3:12] == [-1.5, 5.5, 2, 64.5, 40.5, 1, 63.5, 39.5, 2]
    assert "2 joints of 1 image lie beyond its border and were kept as placed." in said(job)


coordinates = st.one_of(
    st.integers(0, 63).map(float), st.integers(-50_000, 80_000).map(lambda n: n / 1000)
)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    places=st.lists(st.tuples(coordinates, coordinates), min_size=17, max_size=17),
    marks=st.lists(st.integers(0, 2), min_size=17, max_size=17).filter(any),
    rule=st.sampled_from([None, *PixelRule]),
)
def test_export_after_import_gives_the_joints_back(
    bench: Bench, places: list[tuple[float, float]], marks: list[int], rule: PixelRule | None
) -> None:
    keypoints = [
        value
        for (x, y), v in zip(places, marks, strict=True)
        for value in ((x, y, v) if v and (x, y) != (0, 0) else (0, 0, 0))
    ]
    file = coco(("a.png", WIDE, NOSE), keypoints=keypoints)
    if not any(keypoints[2::3]):
        return
    job = bench.images(
        ("a.png", photo(WIDE)),
        coco=file,
        choices={"pixels": rule} if rule else {},
        name=f"round {len(bench.all(Recording))}",
    )
    assert job.error is None
    with Session(bench.engine) as session:
        recording = session.get_one(Recording, job.recording_id)
        assert recording.label_source is not None
        stored = bench.all(Candidate)[-1].skeleton
        out = skeleton_to_outside(
            Skeleton.from_flat(stored), PixelRule(recording.label_source["pixels"])
        )
    assert np.allclose(out.to_flat(), keypoints, rtol=0, atol=1e-9)
