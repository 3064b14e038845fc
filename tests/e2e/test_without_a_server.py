"""The network goes, the log-in ends, somebody else logs in: what was done arrives, once."""

from __future__ import annotations

import os
import re
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

import pytest
from playwright.sync_api import Page, TimeoutError, expect
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from backend.core.database.session import transaction
from backend.core.database.tables import (
    Annotation,
    AnnotationRevision,
    Candidate,
    LoginSession,
    Recording,
    User,
)
from backend.domain.workflow import Role, Stage
from tests.backend.cli.conftest import command
from tests.e2e.conftest import Visitor
from tests.e2e.editor import Editor
from tests.e2e.network import KEPT, Faults, forget_network_faults, wait_for_service_worker
from tests.factories import frame_ids_of, make_candidates
from tests.fixtures.server import ROOT, Person, Server
from tests.worker.bench import video

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e-empty")]

NAME = "Hall"
A_MOMENT_MS = 3_000
NOSE, LEFT_WRIST = 0, 9


@pytest.fixture(scope="module")
def server_environment() -> dict[str, str]:
    return {"INFANTNET_MODELS": "0"}


@pytest.fixture
def service_workers() -> Literal["allow", "block"]:
    return "allow"


@dataclass(frozen=True)
class Hall:
    """A recording in which Ann annotates."""

    server: Server
    id: int
    ann: Person
    frames: list[int]

    def states(self, *numbers: int) -> list[str]:
        """Of the frames with these numbers, as the server has them."""
        with Session(self.server.engine) as session:
            found = {
                a.frame_id: a.state
                for a in session.scalars(
                    select(Annotation).where(Annotation.recording_id == self.id)
                )
            }
        return [found[self.frames[number - 1]] for number in numbers]

    def revisions(self, number: int) -> int:
        """How often people wrote to a frame."""
        return len(self.authors(number))

    def authors(self, number: int) -> list[str]:
        """Who wrote to a frame, by e-mail."""
        with Session(self.server.engine) as session:
            of_people = select(User.email).join(
                AnnotationRevision, AnnotationRevision.author_id == User.id
            )
            frame = AnnotationRevision.frame_id == self.frames[number - 1]
            return list(session.scalars(of_people.where(frame)))

    def moved(self, number: int, joint: int) -> float:
        """How far a joint lies to the right of where the model saw it, in pixels."""
        with Session(self.server.engine) as session:
            annotation = session.get_one(Annotation, self.frames[number - 1])
            candidate = session.get_one(Candidate, annotation.candidate_id)
            assert annotation.keypoints is not None
            return annotation.keypoints[3 * joint] - candidate.skeleton[3 * joint]

    def give_to(self, person: Person) -> None:
        """From now on this person annotates."""
        whose = select(User.id).where(User.email == person.email).scalar_subquery()
        with transaction(self.server.engine) as session:
            session.execute(
                update(Recording).where(Recording.id == self.id).values(annotator_id=whose)
            )

    def end_log_ins(self) -> None:
        """As time does."""
        with transaction(self.server.engine) as session:
            session.execute(delete(LoginSession))


@pytest.fixture(scope="module")
def hall(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Hall:
    file = tmp_path_factory.mktemp("hall") / f"{NAME}.mp4"
    file.write_bytes(video(10, 320, 240))
    maintainer = server.add_person("Mara", [Role.MAINTAINER])
    words = ("import", "video", file, "--infant", "B11", "--name", NAME, "--consent", "research")
    known = {"INFANTNET_URL": server.url, "INFANTNET_TOKEN": maintainer.token}
    subprocess.run(command(*words, "--every", 1), env=os.environ | known, cwd=ROOT, check=True)
    ann = server.add_person("Ann", [Role.ANNOTATOR])
    with transaction(server.engine) as session:
        recording = session.scalars(select(Recording).where(Recording.name == NAME)).one()
        make_candidates(session, recording)
        session.execute(
            update(Recording)
            .where(Recording.id == recording.id)
            .values(
                stage=Stage.ANNOTATING.value,
                annotator_id=select(User.id).where(User.email == ann.email).scalar_subquery(),
            )
        )
        return Hall(server, recording.id, ann, frame_ids_of(session, recording))


def open_editor(visit: Visitor, hall: Hall, number: int) -> Editor:
    recording = visit().enter(hall.ann.email, hall.ann.password).to_recordings().open(NAME)
    recording.frame(number).click()
    editor = Editor(recording.page)
    editor.expect_frame(number)
    return editor


def test_the_first_page_that_a_browser_opened_opens_again_without_a_network(
    hall: Hall, visit: Visitor, faults: Faults
) -> None:
    work = visit().enter(hall.ann.email, hall.ann.password)
    wait_for_service_worker(work.page)
    recording = work.to_recordings().open(NAME)
    recording.frame(4).click()
    page = recording.page
    Editor(page).expect_frame(4)

    page.context.set_offline(True)
    page.reload()
    Editor(page).expect_frame(4)

    page.context.set_offline(False)
    forget_network_faults(faults)


def test_the_editor_opens_and_works_without_a_network_and_nothing_is_sent_twice(
    hall: Hall, visit: Visitor, faults: Faults
) -> None:
    editor = open_editor(visit, hall, 1)
    page = editor.page
    wait_for_service_worker(page)
    page.reload()  # through the service worker, which keeps what comes
    editor = Editor(page)
    editor.go_to(3)
    editor.go_to(1)
    editor.accept()
    editor.expect_frame(2)
    editor.expect_saved()
    assert hall.states(1, 2) == ["accepted", "undecided"]

    page.context.set_offline(True)
    editor.accept()
    editor.expect_frame(3)
    expect(page.get_by_text(KEPT)).to_be_visible()
    page.reload()
    editor = Editor(page)
    editor.expect_frame(3)
    expect(page.get_by_text(KEPT)).to_be_visible()
    editor.go_to(2)
    editor.expect_state("Accepted")
    editor.go_to(1)
    editor.expect_state("Accepted")
    editor.go_to(3)
    editor.accept()
    expect(page.get_by_text(KEPT)).to_be_visible()

    page.context.set_offline(False)
    editor.expect_saved()
    assert hall.states(1, 2, 3) == ["accepted"] * 3
    assert [hall.revisions(number) for number in (1, 2, 3)] == [1, 1, 1]
    forget_network_faults(faults)


def test_after_the_log_in_ended_logging_in_again_sends_what_waits_and_leads_back(
    hall: Hall, visit: Visitor, faults: Faults
) -> None:
    editor = open_editor(visit, hall, 4)
    hall.end_log_ins()
    editor.accept()
    page = editor.page
    log_in_again(page, hall)
    editor = Editor(page)
    editor.expect_saved()
    assert hall.states(4) == ["accepted"]
    assert hall.revisions(4) == 1
    forget_network_faults(faults, "401")


def log_in_again(page: Page, hall: Hall) -> None:
    """By the words at the top of the editor, where the page did not go there by itself."""
    at_top = page.get_by_role("button", name=re.compile("^logged out"))
    again = page.get_by_role("dialog").get_by_role("button", name="Log in again")
    form = page.get_by_label("Password")
    while not form.is_visible():
        expect(at_top.or_(again).or_(form).first).to_be_visible()
        # While the hand is on its way the page may go there by itself.
        with suppress(TimeoutError):
            if again.is_visible():
                again.click(timeout=A_MOMENT_MS)
            elif at_top.is_visible():
                at_top.click(timeout=A_MOMENT_MS)
    page.get_by_label("E-mail").fill(hall.ann.email)
    form.fill(hall.ann.password)
    page.get_by_role("button", name="Log in").click()


def test_what_an_earlier_visit_left_is_sent_from_any_page(
    hall: Hall, visit: Visitor, faults: Faults
) -> None:
    editor = open_editor(visit, hall, 5)
    hall.end_log_ins()
    editor.accept()
    page, context = editor.page, editor.page.context
    expect(page.get_by_text(KEPT).or_(page.get_by_label("Password"))).to_be_visible()
    page.close()

    page = context.new_page()
    page.goto(f"{hall.server.url}/recordings")
    log_in_again(page, hall)
    expect(page.get_by_text("1 change from your last visit saved")).to_be_visible()
    assert hall.states(5) == ["accepted"]
    forget_network_faults(faults, "401")


def test_nothing_is_written_in_the_name_of_somebody_who_logged_in_beside(
    hall: Hall, visit: Visitor, faults: Faults
) -> None:
    editor = open_editor(visit, hall, 6)
    bob = hall.server.add_person("Bob", [Role.ANNOTATOR])
    beside = editor.page.context.new_page()
    answer = beside.request.post(
        f"{hall.server.url}/api/v1/auth/login", data={"email": bob.email, "password": bob.password}
    )
    assert answer.ok
    editor.accept()
    expect(editor.page.get_by_text(KEPT).or_(editor.page.get_by_label("Password"))).to_be_visible()
    assert hall.revisions(6) == 0

    log_in_again(editor.page, hall)
    Editor(editor.page).expect_saved()
    assert hall.states(6) == ["accepted"]
    assert hall.authors(6) == [hall.ann.email]
    forget_network_faults(faults, "401")


def test_two_people_write_to_one_frame_while_one_has_no_network_and_both_are_kept(
    hall: Hall, visit: Visitor, faults: Faults
) -> None:
    editor = open_editor(visit, hall, 7)
    page = editor.page
    page.context.set_offline(True)
    nudge(editor, "nose")
    expect(page.get_by_text(KEPT)).to_be_visible()

    ben = hall.server.add_person("Ben", [Role.ANNOTATOR])
    hall.give_to(ben)
    recording = visit().enter(ben.email, ben.password).to_recordings().open(NAME)
    recording.frame(7).click()
    other = Editor(recording.page)
    nudge(other, "left wrist")
    other.expect_saved()

    page.context.set_offline(False)
    refused = page.get_by_role("button", name=re.compile("1 change refused, kept on this computer"))
    expect(refused).to_be_visible()
    assert hall.authors(7) == [ben.email]
    hall.give_to(hall.ann)
    refused.click()
    page.get_by_role("dialog").get_by_role("button", name="Try again now").click()
    page.keyboard.press("Escape")
    editor.expect_saved()
    assert sorted(hall.authors(7)) == sorted([hall.ann.email, ben.email])
    assert (hall.moved(7, NOSE), hall.moved(7, LEFT_WRIST)) == (1.0, 1.0)
    forget_network_faults(faults, "403", "412")


def nudge(editor: Editor, joint: str) -> None:
    """Move a joint one pixel to the right."""
    editor.select_joint(joint)
    editor.page.keyboard.press("ArrowRight")
