from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from backend.domain.errors import InvalidInput
from backend.multiview.bodies.model_file import open_body
from tests.fixtures.fitting import Sampled, four_cameras, sample_moments
from worker.fitting.result import SessionFit
from worker.fitting.session import fit_session
from worker.fitting.warm import WarmStart


@pytest.fixture(scope="module")
def sampled() -> Sampled:
    return sample_moments(2)


@pytest.fixture(scope="module")
def fitted(sampled: Sampled) -> SessionFit:
    return fit_session(open_body(), [*four_cameras()], sampled.joints)


def test_joints_of_another_shape_are_refused(sampled: Sampled) -> None:
    with pytest.raises(InvalidInput, match=r"joints are 2 × 4 × 16 × 3"):
        fit_session(open_body(), [*four_cameras()], sampled.joints[:, :, :16])


def test_more_views_than_cameras_are_refused(sampled: Sampled) -> None:
    with pytest.raises(InvalidInput, match="joints of 4 views, but 3 cameras"):
        fit_session(open_body(), [*four_cameras()[:3]], sampled.joints)


def test_a_session_without_a_placed_camera_is_refused(sampled: Sampled) -> None:
    unplaced = [replace(camera, T_camera_world=None) for camera in four_cameras()]
    with pytest.raises(InvalidInput, match="no view has both"):
        fit_session(open_body(), [*unplaced], sampled.joints)


def test_only_absent_joints_are_refused(sampled: Sampled) -> None:
    with pytest.raises(InvalidInput, match="no view has both"):
        fit_session(open_body(), [*four_cameras()], np.zeros_like(sampled.joints))


def test_three_joints_are_too_few(sampled: Sampled) -> None:
    joints = sampled.joints.copy()
    joints[:, :, 3:] = 0
    with pytest.raises(InvalidInput, match="no moment has 4 joints"):
        fit_session(open_body(), [*four_cameras()], joints)


def test_an_unknown_kind_is_refused(sampled: Sampled) -> None:
    with pytest.raises(InvalidInput, match="kind is 'score'"):
        fit_session(open_body(), [*four_cameras()], sampled.joints, "score")


def test_visibilities_beyond_two_are_refused(sampled: Sampled) -> None:
    joints = sampled.joints.copy()
    joints[0, 0, 0, 2] = 3
    with pytest.raises(InvalidInput, match="not 0, 1 or 2"):
        fit_session(open_body(), [*four_cameras()], joints)


def test_confidences_in_percent_are_refused(sampled: Sampled) -> None:
    joints = sampled.joints.copy()
    joints[..., 2] = 95
    with pytest.raises(InvalidInput, match=r"outside 0\.\.1"):
        fit_session(open_body(), [*four_cameras()], joints, "confidence")


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        ({"times": [0.0, 0.0]}, "times do not increase"),
        ({"times": [0.0]}, "times are not 2 numbers"),
        ({"floor": (0, 0, 0, 1)}, "floor is not a plane"),
        ({"floor": (0, 0, 1)}, "floor is not a plane"),
        ({"masks": [[None] * 4]}, "masks of 1 moments"),
        ({"masks": [[np.ones((4, 4), bool), None, None, None], [None] * 4]}, "is \\(4, 4\\) px"),
        ({"scan": [np.zeros((5, 2)), None]}, "not points × 3"),
        ({"scan": [np.full((5, 3), 900.0), None]}, "units metres"),
        ({"only": [0]}, "after a first fit"),
    ],
)
def test_settings_that_contradict_the_joints_are_refused(
    sampled: Sampled, settings: dict[str, Any], fault: str
) -> None:
    with pytest.raises(InvalidInput, match=fault):
        fit_session(open_body(), [*four_cameras()], sampled.joints, **settings)


def test_an_earlier_fit_of_another_body_is_refused(sampled: Sampled, fitted: SessionFit) -> None:
    other = replace(fitted, body_sha256="0" * 64, body_name="smil")
    with pytest.raises(InvalidInput, match=r"another body model \(smil\)"):
        fit_session(open_body(), [*four_cameras()], sampled.joints, start=WarmStart.of(other))


def test_moments_beyond_the_session_cannot_be_fitted_again(
    sampled: Sampled, fitted: SessionFit
) -> None:
    with pytest.raises(InvalidInput, match=r"outside 0\.\.1"):
        fit_session(
            open_body(), [*four_cameras()], sampled.joints, start=WarmStart.of(fitted), only=[2]
        )
