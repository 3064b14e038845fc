"""The same person at the real editor: a browser, the server, the mouse and the keys.

A stretch of a rendered session is imported as a video, its pre-labels are stored as candidates, and
the person of ``annotator.py`` works on it frame by frame in Chromium: reads the joints from the
screen, drags with the mouse, presses the editor's keys. What is counted are real key presses and
drags; what is measured are the annotations in the database afterwards.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Page, sync_playwright
from sqlalchemy import select

from backend.core.database.session import transaction
from backend.core.database.tables import Annotation, Frame, Recording
from backend.domain.estimates import PoseEstimate
from backend.domain.skeleton import JOINTS
from backend.domain.workflow import Role, Stage
from backend.labelling.annotations.proposals import store_candidates
from benchmarks.hour.annotator import Count, Person, exchanged
from benchmarks.hour.methods import Run
from benchmarks.hour.noise import Prelabels
from benchmarks.hour.sessions import FPS, SIZE, Session
from tests.e2e.canvas import Placed, Point, View
from tests.e2e.editor import Editor
from tests.e2e.pages import Login
from tests.fixtures.chromium import find, launch_arguments
from tests.fixtures.server import Person as Account
from tests.fixtures.server import Server, start_server
from tests.integration.people import Caller

Array = NDArray[np.float64]
NAME = "The annotator's hour"
ON_SCREEN = """() => [...document.querySelectorAll('[data-testid=skeleton] [data-joint]')].map(
  (g) => [g.dataset.joint, ...g.getAttribute('transform').match(/-?\\d[\\d.e-]*/g).map(Number)])"""
ANEW = 15
"""With so many joints wrong, he places all from nothing."""
NEAR_PX = 0.6
"""A joint that is so near to where it was put was put there: the mouse has whole pixels."""


def part(session: Session, labels: Prelabels, moments: slice) -> tuple[Session, Prelabels]:
    """The first camera's frames of a stretch."""
    one = slice(0, 1)
    arrays = ("joints2d", "visibility", "area", "adult2d", "adult_visibility", "adult_area",
              "condition")  # fmt: skip
    cut = {name: getattr(session, name)[one, moments] for name in arrays}
    space = {name: getattr(session, name)[moments] for name in ("joints3d", "adult3d", "activity")}
    place = {name: getattr(session, name)[one] for name in ("K", "T_camera_world")}
    names = ("joints", "scores", "other", "other_scores", "fault")
    return (
        replace(session, **cut, **space, **place),
        Prelabels(*(getattr(labels, name)[one, moments] for name in names)),
    )


def work(session: Session, labels: Prelabels, person: Person, images: slice) -> Run:
    """All frames of a stretch of one camera, in the browser.

    Args:
        session: The stretch, of one camera.
        labels: Its pre-labels.
        person: Of the stretch.
        images: Which moments of the rendered session they are.
    """
    with (
        tempfile.TemporaryDirectory(prefix="infantnet-") as folder,
        start_server(Path(folder) / "data") as server,
        sync_playwright() as playwright,
    ):
        account = _prepare(server, Path(folder), session, labels, images)
        browser = playwright.chromium.launch(
            executable_path=find(playwright), args=launch_arguments()
        )
        page = browser.new_page(viewport={"width": 1920, "height": 1080})
        desk = Login(page, server.url).enter(account.email, account.password)
        editor = desk.take_up("Start", NAME)
        began = time.monotonic()
        screen = Screen(page, editor, person)
        for t in range(session.moments):
            editor.expect_frame(t + 1)
            if session.usable[0, t]:
                screen.frame(t, labels.other[0, t])
            elif t + 1 < session.moments:
                page.keyboard.press("f")
        editor.expect_saved()
        seconds = time.monotonic() - began
        browser.close()
        joints = _stored(server, session.moments)
    run = Run("frame by frame, through the editor", joints=joints)
    run.note(session, screen.count, joints)
    run.notes = {"seconds of the browser": seconds, "drags taken back": screen.taken_back}
    return run


class Screen:
    """The person's eyes and hands at the editor."""

    def __init__(self, page: Page, editor: Editor, person: Person) -> None:
        self.page, self.editor, self.person = page, editor, person
        self.count = Count()
        self.taken_back = 0.0
        self.view: View = editor.view(*SIZE)
        box = editor.stage.bounding_box()
        assert box is not None
        self.corner = np.array([box["x"], box["y"]])

    def shown(self) -> Array:
        """(17, 2) px of the image, as drawn; NaN where there is none."""
        out = np.full((17, 2), np.nan)
        for name, x, y in self.page.evaluate(ON_SCREEN):
            at = (np.array([x, y]) + self.corner - (self.view.left, self.view.top)) / self.view.zoom
            out[JOINTS.index(name)] = at
        return out

    def frame(self, t: int, other: Array) -> None:
        """Look, mend, accept."""
        person, count = self.person, self.count
        person.look(0, t, count)
        shown = self.shown()
        if np.isfinite(shown).any():
            self._rearrange(t, shown, other)
            shown = self.shown()
        if person.wrong(0, t, shown) >= ANEW:
            self._place(t)
        else:
            self._drag_all(t)
        person.press(count)
        self.page.keyboard.press("Space")

    def _drag_all(self, t: int) -> None:
        tried: set[int] = set()
        while True:
            shown = self.shown()
            away = self.person.misplaced(0, t, shown)
            away[list(tried)] = 0
            if away.max() <= 1:
                return
            joint = int(np.argmax(away))
            if not self._drag(t, joint, shown):
                tried.add(joint)

    def _rearrange(self, t: int, shown: Array, other: Array) -> None:
        wrong = self.person.wrong(0, t, shown)
        if np.isfinite(other).all() and self.person.wrong(0, t, other) <= wrong - 5:
            self._key("]")
            shown = self.shown()
            wrong = self.person.wrong(0, t, shown)
        mirrored = exchanged(shown, np.arange(17))
        if wrong >= 2 and self.person.wrong(0, t, mirrored) <= wrong - 2:
            self._key("s")

    def _key(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.page.wait_for_timeout(30)
        self.count.corrections += 1
        self.count.exchanges += 1

    def _drag(self, t: int, joint: int, shown: Array) -> bool:
        self.person.drag(0, t, joint, shown, self.count)
        to = self._place_of(t, joint)
        if np.isfinite(shown[joint]).all():
            start = Point(*(shown[joint] * self.view.zoom + (self.view.left, self.view.top)))
            self.editor.drag(start, self.view.on_screen(to))
            self.page.wait_for_timeout(20)
            after = self.shown()
            if np.linalg.norm(after[joint] - (to.x, to.y)) <= NEAR_PX:
                return True
            if np.array_equal(after, shown, equal_nan=True):
                return False
            # Another joint lay on top: taken back.
            self.page.keyboard.press("Control+z")
            self.person.press(self.count)
            self.taken_back += 1
        return self._by_list(t, joint, to)

    def _by_list(self, t: int, joint: int, to: Point) -> bool:
        """Choose the joint in the list first; then the mouse takes that one."""
        name = JOINTS[joint].replace("_", " ")
        self.editor.select_joint(name)
        self.count.keys += 1
        shown = self.shown()
        if not np.isfinite(shown[joint]).all():
            return False
        start = Point(*(shown[joint] * self.view.zoom + (self.view.left, self.view.top)))
        self.editor.drag(start, self.view.on_screen(to))
        self.page.wait_for_timeout(20)
        return bool(np.linalg.norm(self.shown()[joint] - (to.x, to.y)) <= NEAR_PX)

    def _place_of(self, t: int, joint: int) -> Point:
        x, y = np.clip(self.person.belief[0, t, joint], 0, SIZE)
        return Point(float(x), float(y))

    def _place(self, t: int) -> None:
        """All joints from nothing, as the guide asks."""
        placed = []
        for joint in range(17):
            at, inside = self._place_of(t, joint), bool(self.person.inside[0, t, joint])
            placed.append(Placed(at.x, at.y, 2 if inside else 0))
        blank = np.full((17, 2), np.nan)
        self.person.press(self.count)
        for inner in np.flatnonzero(self.person.inside[0, t]).tolist():
            self.person.drag(0, t, inner, blank, self.count)
        self.editor.place(placed, self.view)


def _prepare(
    server: Server, folder: Path, session: Session, labels: Prelabels, images: slice
) -> Account:
    maintainer = Caller(server, server.add_person("Mara", [Role.MAINTAINER]))
    annotator = server.add_person("Anna", [Role.ANNOTATOR])
    recording_id, job_id = maintainer.import_video(_video(folder, session, images), NAME)
    job = maintainer.wait_until_ended(job_id)
    if job["error"]:
        raise RuntimeError(job["error"])
    with transaction(server.engine) as db:
        frames = _frames(db, recording_id)
        people = {f.id: _people(labels, t) for t, f in enumerate(frames)}
        chosen = {key: 0 for key, found in people.items() if found}
        store_candidates(db, people, chosen, model="like-rtmo-l", simulated=True)
        recording = db.get_one(Recording, recording_id)
        recording.stage = Stage.PRELABELLED.value
        recording.annotator_id = Caller(server, annotator).get("/auth/me")["id"]
    return annotator


def _frames(db, recording_id: int | None = None) -> list[Frame]:  # type: ignore[no-untyped-def]
    query = select(Frame).order_by(Frame.position)
    if recording_id is not None:
        query = query.where(Frame.recording_id == recording_id)
    return list(db.scalars(query))


def _people(labels: Prelabels, t: int) -> list[PoseEstimate]:
    pairs = ((labels.joints, labels.scores, 0.9), (labels.other, labels.other_scores, 0.7))
    found = []
    for joints, scores, score in pairs:
        if np.isfinite(joints[0, t]).all():
            (left, top), (right, bottom) = joints[0, t].min(axis=0), joints[0, t].max(axis=0)
            box = (float(left), float(top), float(right - left), float(bottom - top))
            found.append(PoseEstimate(joints[0, t], scores[0, t], score, box))
    return found


def _video(folder: Path, session: Session, images: slice) -> Path:
    path = folder / "hour.mp4"
    with av.open(str(path), "w") as target:
        stream = target.add_stream("libx264", rate=FPS, options={"crf": "16", "preset": "fast"})
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        for moment in range(images.start, images.stop):
            image = np.ascontiguousarray(session.image(0, moment))
            target.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        target.mux(stream.encode(None))
    return path


def _stored(server: Server, moments: int) -> Array:
    joints = np.full((1, moments, 17, 2), np.nan)
    with transaction(server.engine) as db:
        rows = db.execute(
            select(Frame.position, Annotation.keypoints).join(
                Annotation, Annotation.frame_id == Frame.id
            )
        ).all()
    for position, flat in rows:
        if flat is not None and position < moments:
            values = np.array(flat).reshape(17, 3)
            joints[0, position] = np.where(values[:, 2:] > 0, values[:, :2], np.nan)
    return joints
