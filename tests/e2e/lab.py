"""A small lab whose rendered recordings are approved: what a release is made of.

Each of the demo's videos stands for another infant. They are imported by the product; joints,
masks and boxes are the renderer's, saved as people save them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.session import transaction
from backend.core.database.tables import Frame, Recording, User
from backend.demo.truth import CameraTruth, FrameTruth, PersonTruth, load_truth
from backend.domain import masks
from backend.domain.boxes import infant_box
from backend.domain.consents import Consent
from backend.domain.estimates import PoseEstimate
from backend.domain.keypoints import Skeleton
from backend.domain.operations import MoveJoint
from backend.domain.workflow import Role, Stage
from backend.labelling.annotations.service import store_candidates
from backend.labelling.boxes.service import BoxProposal, store_proposal
from tests.factories import accept, annotation_of, discard, edit
from tests.fixtures.server import Person, Server
from tests.integration.people import Caller

EVERY = 40
WRONG = tuple(range(5, 15))
"""Joints that an annotator put beside the infant, in one frame: shoulders to knees."""
WRONG_BY = 60.0
"""How far, in pixels to the right and down."""


@dataclass(frozen=True)
class Lab:
    """Who works there, and the recording of each infant."""

    maintainer: Person
    annotator: Person
    inspector: Person
    recordings: dict[str, int]


def cameras() -> dict[str, CameraTruth]:
    """The video of each infant, by pseudonym."""
    films = [camera for name in ("living_room", "play_mat") for camera in load_truth(name).cameras]
    return {f"H{number:02d}": film for number, film in enumerate(films, start=1)}


def open_lab(server: Server, wrong: str) -> Lab:
    """Bring all recordings to where they are approved.

    Args:
        server: The running product.
        wrong: The infant in whose last frame ten joints are wrong.
    """
    maintainer = server.add_person("Mara", [Role.MAINTAINER])
    annotator = server.add_person("Anna", [Role.ANNOTATOR])
    inspector = server.add_person("Ines", [Role.INSPECTOR])
    caller = Caller(server, maintainer)
    begun = {pseudonym: _import(caller, pseudonym, film) for pseudonym, film in cameras().items()}
    for _, job in begun.values():
        assert caller.wait_until_ended(job)["state"] == "succeeded"
    recordings = {pseudonym: recording for pseudonym, (recording, _) in begun.items()}
    for pseudonym, recording_id in recordings.items():
        _approve(server, recording_id, cameras()[pseudonym], with_fault=pseudonym == wrong)
    return Lab(maintainer, annotator, inspector, recordings)


def _import(caller: Caller, pseudonym: str, film: CameraTruth) -> tuple[int, int]:
    answer = caller.post(
        "/recordings/import",
        {
            "kind": "video",
            "name": f"Visit of {pseudonym}",
            "source": "home_visit",
            "age_months": 9,
            "infant": {"pseudonym": pseudonym},
            "consent": Consent.RESEARCH_AND_RELEASE.value,
            "cameras": [{"name": "camera 1", "upload_id": caller.upload(film.camera.video)}],
            "sampling": {"mode": "every", "value": EVERY},
        },
    )
    return answer["recording"]["id"], answer["job"]["id"]


def _approve(server: Server, recording_id: int, film: CameraTruth, *, with_fault: bool) -> None:
    with transaction(server.engine) as session:
        users = {user.name: user for user in session.scalars(select(User))}
        recording = session.get_one(Recording, recording_id)
        recording.annotator_id = users["Anna"].id
        recording.inspector_id = users["Ines"].id
        recording.stage = Stage.ANNOTATING.value
        frames = session.scalars(
            select(Frame).where(Frame.recording_id == recording_id).order_by(Frame.position)
        ).all()
        truth = {frame.id: film.frames[frame.source_frame or 0] for frame in frames}
        seen = {key: one.infant for key, one in truth.items() if one.infant is not None}
        store_candidates(
            session,
            {key: [estimate(infant)] for key, infant in seen.items()},
            dict.fromkeys(seen, 0),
            model="rendered",
            simulated=True,
        )
        for frame in frames:
            if frame.id in seen:
                accept(session, users["Anna"], frame.id)
            else:
                discard(session, users["Anna"], frame.id)
        if with_fault:
            spoil(session, users["Anna"], max(seen))
        recording.stage = Stage.BOXING.value
        session.flush()
        for key, infant in seen.items():
            flat = annotation_of(session, key).keypoints
            assert flat is not None
            store_proposal(session, key, proposal(infant, Skeleton.from_flat(flat), truth[key]))
        recording.stage = Stage.APPROVED.value


def estimate(infant: PersonTruth) -> PoseEstimate:
    """The infant as a model that is never wrong sees it."""
    x0, y0, x1, y1 = infant.box or (0.0, 0.0, 1.0, 1.0)
    return PoseEstimate(
        keypoints=infant.joints2d,
        scores=np.where(infant.visibility > 0, 0.9, 0.1),
        score=0.95,
        box=(x0, y0, x1 - x0, y1 - y0),
    )


def spoil(session: Session, annotator: User, frame_id: int) -> None:
    """Put ten joints of a frame beside the infant."""
    flat = annotation_of(session, frame_id).keypoints
    assert flat is not None
    joints = Skeleton.from_flat(flat).joints
    moves = [
        MoveJoint(joint, joints[joint].x + WRONG_BY, joints[joint].y + WRONG_BY) for joint in WRONG
    ]
    edit(session, annotator, frame_id, *moves)


def proposal(infant: PersonTruth, made_from: Skeleton, frame: FrameTruth) -> BoxProposal:
    """Mask and box of what was rendered."""
    pixels = masks.decode(infant.mask)
    return BoxProposal(
        made_from=made_from,
        box=infant_box(pixels, made_from, frame.width, frame.height),
        mask_counts=infant.mask["counts"],
        mask_area=infant.area,
        mask_score=1.0,
        consistency=1.0,
        flagged=False,
        attempts=("rendered",),
        model="rendered",
    )
