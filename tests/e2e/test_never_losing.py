"""The network is cut, the web server killed, the product stopped: every act arrives, once."""

from __future__ import annotations

import os
import re
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.tables import (
    AnnotationRevision,
    Comment,
    PostureRevision,
    RangeAct,
    Recording,
    User,
    Waiver,
)
from tests.e2e.canvas import JOINTS
from tests.e2e.conftest import Visitor
from tests.e2e.editor import Editor
from tests.e2e.network import KEPT, Faults, forget_network_faults, wait_for_service_worker
from tests.factories import frame_ids_of
from tests.fixtures.server import Server, free_port, start_server
from tests.integration.people import wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e-never-losing")]

NAME = "Living room, one camera (demo)"
PLAYED = 11
"""From here on frames are accepted in playback."""
LAST = 18
"""So many frames are looked at before the network goes: as many as the filmstrip shows."""
SOME_SEEN = re.compile(r"^Accept the [3-9] frames seen")


@dataclass
class Product:
    """The product in one data folder under one address, which can be stopped and started."""

    data_dir: Path
    port: int
    running: ExitStack
    server: Server

    def stop(self) -> None:
        self.running.close()

    def start(self) -> None:
        self.server = self.running.enter_context(begin(self.data_dir, self.port))

    def kill_web_server(self) -> None:
        """End it as a crash does; the supervisor starts another one."""
        number = (self.data_dir / "run" / "web.pid").read_text().split()[0]
        os.kill(int(number), signal.SIGKILL)


def begin(data_dir: Path, port: int) -> AbstractContextManager[Server]:
    settings = {"INFANTNET_DEMO": "1", "INFANTNET_MODELS": "0"}
    return start_server(data_dir, settings, port=port)


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    data_dir, port = tmp_path_factory.mktemp("product"), free_port()
    with ExitStack() as running:
        yield Product(data_dir, port, running, running.enter_context(begin(data_dir, port)))


@pytest.fixture(scope="module")
def server(product: Product) -> Server:
    return product.server


@pytest.fixture
def service_workers() -> Literal["allow", "block"]:
    return "allow"


@dataclass(frozen=True)
class Written:
    """What the database holds of a person's acts on the recording."""

    revisions: Counter[int]
    """How often each frame was written to, by its number from 1."""
    seen: tuple[int, ...]
    """Numbers of the frames that were accepted in playback."""
    comments: tuple[str, ...]
    ranges: tuple[tuple[str, int], ...]
    """Kind and number of changed frames of each act on many frames."""
    postures: int
    waivers: tuple[tuple[int, int], ...]
    """Number of the frame, and joint, of each word on a doubted joint."""


def written(server: Server, name: str) -> Written:
    """Read it all, past the product."""
    with Session(server.engine) as session:
        recording = session.scalars(select(Recording).where(Recording.name == NAME)).one()
        person = session.scalars(select(User.id).where(User.name == name)).one()
        number = {frame: n for n, frame in enumerate(frame_ids_of(session, recording), start=1)}
        revisions = session.execute(
            select(AnnotationRevision.frame_id, AnnotationRevision.playback_fps).where(
                AnnotationRevision.author_id == person
            )
        ).all()
        comments = session.scalars(select(Comment.body).order_by(Comment.id)).all()
        acts = session.scalars(select(RangeAct).order_by(RangeAct.id)).all()
        of_person = PostureRevision.author_id == person
        postures = session.scalars(select(PostureRevision.id).where(of_person)).all()
        waivers = session.scalars(select(Waiver)).all()
        return Written(
            Counter(number[frame] for frame, _ in revisions),
            tuple(number[frame] for frame, fps in revisions if fps is not None),
            tuple(comments),
            tuple((act.kind, act.changed) for act in acts),
            len(postures),
            tuple((number[waiver.frame_id], waiver.joint) for waiver in waivers),
        )


class Annotator:
    """Somebody who does one of everything."""

    def __init__(self, editor: Editor) -> None:
        self.editor = editor
        self.page = editor.page

    def go_to(self, number: int) -> None:
        """By the filmstrip, which shows the frames around."""
        if abs(self.editor.number - number) > 6:
            self.page.keyboard.press("Home")
            self.editor.expect_frame(1)
        self.editor.jump_to(number)

    def nudge(self, number: int) -> None:
        self.go_to(number)
        self.editor.select_joint("nose")
        self.page.keyboard.press("ArrowRight")

    def comment(self, number: int, words: str) -> None:
        self.go_to(number)
        self.editor.comment("left wrist", words)

    def discard(self, first: int, last: int) -> None:
        self.go_to(first)
        self.page.keyboard.press("Shift+I")
        self.go_to(last)
        self.page.keyboard.press("Shift+O")
        self.page.keyboard.press("Shift+X")
        self.page.keyboard.press("6")

    def name_posture(self, number: int, *digits: str) -> None:
        """From a frame to the next change: a group, then a posture in it."""
        self.go_to(number)
        for key in ("Shift+T", *digits, "Shift+T"):
            self.page.keyboard.press(key)

    def wave_through(self, number: int, joint: int) -> None:
        self.go_to(number)
        self.editor.select_joint(JOINTS[joint])
        self.page.keyboard.press("Shift+Q")

    def accept_in_playback(self, first: int) -> None:
        self.go_to(first)
        self.page.keyboard.press("Alt+Enter")
        expect(self.page.get_by_role("button", name=SOME_SEEN)).to_be_visible()
        self.page.keyboard.press("Shift+Enter")
        expect(self.page.get_by_role("button", name=SOME_SEEN)).to_have_count(0)

    def come_back(self) -> Annotator:
        """Load the page anew, whether or not there is a server."""
        self.page.reload()
        return Annotator(Editor(self.page))


def recording_id(page: Page, server: Server) -> int:
    found = page.request.get(f"{server.url}/api/v1/recordings").json()["items"]
    return next(int(one["id"]) for one in found if one["name"] == NAME)


def infer_nothing(page: Page, server: Server) -> None:
    """Joints stay the pre-labels, whose doubts are the ones to be waved through."""
    answer = page.request.patch(
        f"{server.url}/api/v1/recordings/{recording_id(page, server)}/propagation",
        data={"enabled": False},
        headers={"X-Infantnet": "1"},
    )
    assert answer.ok, answer.text()


def doubted(page: Page, server: Server) -> tuple[int, int]:
    """A frame whose joints nobody else touches, by number, and a joint doubted by itself in it."""
    recording = f"{server.url}/api/v1/recordings/{recording_id(page, server)}"
    frames = page.request.get(f"{recording}/frames").json()["frames"]
    number = {frame["id"]: frame["position"] + 1 for frame in frames}

    def look() -> tuple[int, int] | None:
        found = page.request.get(f"{recording}/suspicions").json()
        for frame in found["frames"] if found["waiting"] == 0 else ():
            at = number[frame["frame_id"]]
            alone = [one["joint"] for one in frame["joints"] if one["doubt"] == "unsure"]
            if PLAYED <= at <= LAST and alone and len(alone) == len(frame["joints"]):
                return at, alone[0]
        return None

    return wait_for("a doubted joint", look)


def test_every_act_arrives_once_through_a_cut_a_kill_and_a_stop(
    product: Product, visit: Visitor, faults: Faults
) -> None:
    work = visit().enter_as("Anna Annotator")
    expect(work.row(NAME)).to_contain_text("Simulated pre-labels")
    anna = Annotator(work.take_up("Start", NAME))
    page = anna.page
    infer_nothing(page, product.server)
    wait_for_service_worker(page)
    anna = anna.come_back()  # through the service worker, which keeps what comes
    frame, joint = doubted(page, product.server)
    anna.editor.go_to(LAST)

    page.context.set_offline(True)
    anna.nudge(3)
    anna.comment(3, "without a network")
    anna.discard(5, 8)
    anna.name_posture(1, "1", "1")
    anna.wave_through(frame, joint)
    anna.accept_in_playback(PLAYED)
    all_of_it = "offline: 5 changes and 1 comment kept on this computer"
    expect(page.get_by_text(KEPT)).to_contain_text(all_of_it)
    anna = anna.come_back()
    expect(page.get_by_text(KEPT)).to_contain_text(all_of_it)
    page.context.set_offline(False)
    anna.editor.expect_saved()

    anna.nudge(4)
    product.kill_web_server()
    anna.comment(4, "while nobody listens")
    anna.name_posture(3, "2", "1")
    anna.discard(1, 2)
    anna.editor.expect_saved()

    product.stop()
    anna.nudge(4)
    anna.comment(4, "while it is stopped")
    anna.name_posture(5, "1", "2")
    anna = anna.come_back()
    expect(page.get_by_text(KEPT)).to_contain_text("2 changes and 1 comment")
    product.start()
    page.get_by_text(KEPT).click()
    page.get_by_role("dialog").get_by_role("button", name="Try again now").click()
    page.keyboard.press("Escape")
    anna.editor.expect_saved()

    found = written(product.server, "Anna Annotator")
    assert found.comments == ("without a network", "while nobody listens", "while it is stopped")
    assert found.ranges == (("verdict", 4), ("playback", len(found.seen)), ("verdict", 2))
    assert found.waivers == ((frame, joint),)
    assert found.postures == 3
    assert len(found.seen) >= 3
    by_hand = Counter({1: 1, 2: 1, 3: 1, 4: 2, 5: 1, 6: 1, 7: 1, 8: 1})
    assert found.revisions == by_hand + Counter(set(found.seen))
    forget_network_faults(faults)
