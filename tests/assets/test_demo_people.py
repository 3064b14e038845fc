"""The people of the demo: dressed, symmetric, and with their feet (or backs) on the ground."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("numba", reason="rendering needs the extra 'synthesis'")
pytest.importorskip("torch", reason="anny needs torch")
pytest.importorskip("anny", reason="building a body needs the extra 'synthesis'")

from assets import choreography, demo
from backend.domain.skeleton import JOINTS, PAIRS
from worker.synthesis import postures
from worker.synthesis.body import PARTS, build_body
from worker.synthesis.motion import complete, grounded, sample, smoothed
from worker.synthesis.outfit import Dressed, Style, cloth_distance

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def infant() -> Dressed:
    return demo.infant(1, Style(), 0.72, 0.95)


def test_a_body_has_the_stature_asked_for() -> None:
    assert build_body(0.0, stature=0.66).stature == pytest.approx(0.66)


def test_left_joints_mirror_right_joints_at_rest(infant: Dressed) -> None:
    joints = infant.body.coco @ infant.body.vertices
    for left, right in PAIRS:
        assert joints[left, 0] > 0.02
        np.testing.assert_allclose(joints[left] * [-1, 1, 1], joints[right], atol=0.002)
    height = {name: joints[k, 2] for k, name in enumerate(JOINTS)}
    assert height["nose"] > height["left_shoulder"] > height["left_hip"] > height["left_ankle"]


def test_trunk_hips_and_thighs_are_always_under_cloth(infant: Dressed) -> None:
    for body in (infant.body, demo.carer(3).body):
        share = body.part_weights[:, [PARTS.index(p) for p in ("thigh.L", "thigh.R")]].sum(axis=1)
        trunk = body.part_weights[:, PARTS.index("torso")] > 0.9
        below_the_neck = body.vertices[:, 2] < body.head("upperarm01.L")[2]
        assert (cloth_distance(body)[(share > 0.9) | (trunk & below_the_neck)] > 0).all()


def test_lying_sitting_and_crawling_infants_touch_the_floor(infant: Dressed) -> None:
    body = infant.body
    poses = [
        postures.supine(body, (0, 0), 0.3, 1.0),
        postures.prone(body, (0, 0), 0.3),
        postures.crawl(body, (0, 0), 0.3, 0.4),
        postures.sitting(body, (0, 0), 0.3, (0.05, -0.13, -0.05), (0.05, -0.13, -0.05)),
    ]
    heights = []
    for pose in grounded(poses, body, infant.surface, sigma=1e-3):
        (surface,) = body.skin(pose.transforms(body), infant.surface)
        assert surface[:, 2].min() == pytest.approx(-0.006, abs=1e-6)
        heights.append((body.coco @ surface)[JOINTS.index("nose"), 2])
    supine, prone, crawling, sitting = heights
    assert max(supine, prone) < sitting
    assert crawling < sitting


def test_hands_and_knees_carry_a_crawling_infant(infant: Dressed) -> None:
    body = infant.body
    (pose,) = grounded([postures.crawl(body, (0, 0), 0.0, 0.1)], body, infant.surface)
    (surface,) = body.skin(pose.transforms(body), infant.surface)
    lowest = {
        part: surface[body.part_weights[:, PARTS.index(part)] > 0.7, 2].min() for part in PARTS
    }
    assert min(lowest["hand.L"], lowest["hand.R"]) < 0.02
    assert min(lowest["shin.L"], lowest["shin.R"]) < 0.02
    assert lowest["torso"] > 0.05


def test_no_joint_jumps_between_frames(infant: Dressed) -> None:
    body = infant.body
    keys = choreography.infant_on_mat(body)
    poses = smoothed(complete(sample(keys, 10, 16)))
    joints = np.stack([body.coco @ body.skin(p.transforms(body), body.vertices)[0] for p in poses])
    speed = np.linalg.norm(np.diff(joints, axis=0), axis=2) * 10
    assert speed.max() < 2.5
