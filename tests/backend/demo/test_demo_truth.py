"""The shipped demo: videos and ground truth agree with each other and with the product's rules."""

from __future__ import annotations

import av
import numpy as np
import pytest

from backend.demo.truth import ASSETS, RecordingTruth, list_demo_recordings, load_truth
from backend.domain import masks
from backend.domain.errors import InvalidInput, NotFound

NAMES = ("play_mat", "living_room")


@pytest.fixture(scope="module", params=NAMES)
def truth(request: pytest.FixtureRequest) -> RecordingTruth:
    return load_truth(request.param)


def people(truth: RecordingTruth, every: int = 1):
    for view in truth.cameras:
        for frame in view.frames[::every]:
            for person in frame.people:
                yield view.camera, frame, person


def test_both_recordings_are_listed_four_cameras_first() -> None:
    listed = list_demo_recordings()
    assert [r.name for r in listed] == list(NAMES)
    assert [len(r.cameras) for r in listed] == [4, 1]
    assert all(r.rendered and r.licence == "CC0-1.0" for r in listed)


def test_the_assets_stay_within_eight_megabytes() -> None:
    assert sum(p.stat().st_size for p in ASSETS.iterdir()) <= 8_000_000


def test_every_video_decodes_to_one_image_per_frame_of_truth(truth: RecordingTruth) -> None:
    for view in truth.cameras:
        with av.open(str(view.camera.video)) as container:
            sizes = [(f.width, f.height) for f in container.decode(video=0)]
            stream = container.streams.video[0]
            assert stream.codec_context.name == "h264"
            assert float(stream.average_rate) == truth.recording.fps
        assert len(sizes) == len(view.frames) == truth.recording.frames
        assert set(sizes) == {(view.camera.width, view.camera.height)}


def test_world_joints_project_onto_the_image_joints(truth: RecordingTruth) -> None:
    for camera, _, person in people(truth, every=5):
        points = person.joints3d @ camera.T_camera_world[:3, :3].T + camera.T_camera_world[:3, 3]
        assert (points[:, 2] > 0).all()
        xy = (points @ camera.K.T)[:, :2] / points[:, 2:]
        np.testing.assert_allclose(xy, person.joints2d, atol=0.01)


def test_visibility_is_zero_exactly_outside_the_image(truth: RecordingTruth) -> None:
    for camera, _, person in people(truth):
        xy = person.joints2d
        inside = np.all((xy >= 0) & (xy < [camera.width, camera.height]), axis=1)
        np.testing.assert_array_equal(person.visibility > 0, inside)


def test_masks_have_the_stated_area_and_hold_the_visible_joints(truth: RecordingTruth) -> None:
    held = []
    for _, _, person in people(truth, every=7):
        mask = masks.decode(person.mask)
        assert int(mask.sum()) == person.area
        xy = person.joints2d[person.visibility == 2].astype(int)
        held.extend(mask[xy[:, 1], xy[:, 0]])
    assert np.mean(held) > 0.97


def test_boxes_are_the_smallest_around_mask_and_hidden_joints(truth: RecordingTruth) -> None:
    for camera, _, person in people(truth, every=7):
        mask = masks.decode(person.mask)
        hidden = person.joints2d[person.visibility == 1]
        rows, cols = np.nonzero(mask)
        if not len(rows) and not len(hidden):
            assert person.box is None
            continue
        xs = [
            *hidden[:, 0],
            *(cols[:1] * 0 + cols.min() if len(cols) else []),
            *([cols.max() + 1] if len(cols) else []),
        ]
        ys = [*hidden[:, 1], *([rows.min(), rows.max() + 1] if len(rows) else [])]
        expected = np.clip(
            [min(xs), min(ys), max(xs), max(ys)],
            0,
            [camera.width, camera.height, camera.width, camera.height],
        )
        np.testing.assert_allclose(person.box, expected, atol=0.01)


def test_what_moves_in_the_video_lies_where_the_masks_say() -> None:
    """Two decoded frames differ mostly inside the union of their masks, dilated for shadows."""
    view = load_truth("play_mat").cameras[0]
    with av.open(str(view.camera.video)) as container:
        images = [f.to_ndarray(format="gray").astype(int) for f in container.decode(video=0)]
    for a, b in ((20, 100), (60, 140), (100, 155)):
        changed = np.abs(images[a] - images[b]) > 40
        union = np.zeros(changed.shape, bool)
        for k in (a, b):
            infant = view.frames[k].infant
            assert infant is not None
            union |= masks.decode(infant.mask)
        inside, outside = changed[union].mean(), changed[~union].mean()
        assert inside > 0.35
        assert outside < 0.08


def test_cameras_look_at_the_same_infant_at_the_same_moment() -> None:
    truth = load_truth("play_mat")
    for k in (0, 77, 159):
        joints = [view.frames[k].infant.joints3d for view in truth.cameras]
        assert all(np.array_equal(j, joints[0]) for j in joints)


def test_the_infant_is_large_and_on_the_floor() -> None:
    for camera, _, person in people(load_truth("play_mat"), every=4):
        assert person.box is not None
        x0, y0, x1, y1 = person.box
        assert max(x1 - x0, y1 - y0) >= 0.35 * camera.height
        assert -0.01 < person.joints3d[:, 2].min() < 0.16


def test_the_living_room_shows_every_condition_and_an_adult() -> None:
    frames = load_truth("living_room").cameras[0].frames
    assert {f.condition for f in frames} == {"ok", "blur", "dark", "empty"}
    assert any(p.kind == "adult" for f in frames for p in f.people)
    assert all((f.infant is None) == (f.condition == "empty") for f in frames)


def test_an_unknown_name_is_not_found() -> None:
    with pytest.raises(NotFound, match="no_such"):
        load_truth("no_such")


def test_damaged_truth_is_refused_by_name(tmp_path) -> None:
    for path in ASSETS.glob("living_room.*"):
        data = path.read_bytes()
        (tmp_path / path.name).write_bytes(data[:500] if path.suffix == ".npz" else data)
    with pytest.raises(InvalidInput, match=r"living_room\.truth\.npz"):
        load_truth("living_room", tmp_path)
