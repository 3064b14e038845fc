"""From key press to the next frame on the screen: ``python -m benchmarks.next_frame``.

The real product, a real Chromium at 1440×900, a recording of 1080p frames (the demo's living room,
enlarged) with two people found in each. Every key press waits until the editor has fetched the
frames ahead, as it has for whoever looks at a frame before going on. Measured in two ways: by the
editor (from the key event's own time stamp to the second animation frame after the switch, by when
the first one has been painted), and by the browser itself (Event Timing: from the key event to the
next paint, in steps of 8 ms). Key presses that met a frame which was not there yet are counted.

The work of a switch is told apart from the waiting for the screen and for other processes: by the
main thread's own clock (Chromium's trace), from the task that handles the key to the end of the one
that makes the frame, whatever runs between them included. The trace is taken in a second walk, as
it costs a little itself.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
from playwright.sync_api import Page, sync_playwright

from backend.core.database.session import transaction
from backend.core.database.tables import Recording
from backend.demo.truth import list_demo_recordings
from backend.domain.workflow import Role, Stage
from benchmarks.main_thread import traced
from benchmarks.table import Row, print_table, within_limit
from tests.e2e.editor import Editor
from tests.e2e.pages import Login
from tests.factories import make_candidates
from tests.fixtures.chromium import find, launch_arguments
from tests.fixtures.server import Person, Server, start_server
from tests.integration.people import Caller

SIZE = (1920, 1080)
SWITCHES, TRACED = 80, 60
"""Key presses by the clock, and such in a trace."""
LIMIT_MS = 50.0
WORK_LIMIT_MS = 16.7
"""One frame of a screen at 60 Hz."""
WATCH = """() => {
  window.keyTimings = [];
  new PerformanceObserver((list) => window.keyTimings.push(...list.getEntries()
    .filter((entry) => entry.name === 'keydown').map((entry) => entry.duration))
  ).observe({type: 'event', durationThreshold: 16});
}"""
SWITCHED = "n => performance.getEntriesByName('frame-switch', 'measure').length === n"
MEASURES = """name => performance.getEntriesByName(name, 'measure')
  .map((entry) => ({ms: entry.duration, prefetched: entry.detail.prefetched}))"""
# The images ahead of the current one: the editor asks for each once, when it fetches it.
FETCHED = """n => performance.getEntriesByType('resource').filter(
  (entry) => /frames\\/\\d+\\/image/.test(entry.name) && entry.responseEnd > 0).length >= n"""


def enlarged(path: Path) -> Path:
    """The demo's living room as a 1080p video."""
    demo = next(demo for demo in list_demo_recordings() if demo.name == "living_room")
    with av.open(str(demo.cameras[0].video)) as source, av.open(str(path), "w") as target:
        stream = target.add_stream("libx264", rate=10, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        for frame in source.decode(video=0):
            larger = frame.reformat(*SIZE, format="yuv420p")
            target.mux(stream.encode(larger))
        target.mux(stream.encode(None))
    return path


def prepare(server: Server, folder: Path) -> tuple[Person, str]:
    """A recording that is being annotated; returns the annotator and its name."""
    maintainer = Caller(server, server.add_person("Mara", [Role.MAINTAINER]))
    annotator = server.add_person("Anna", [Role.ANNOTATOR])
    name = "Living room, enlarged"
    recording_id, job_id = maintainer.import_video(enlarged(folder / "large.mp4"), name)
    job = maintainer.wait_until_ended(job_id)
    if job["error"]:
        raise RuntimeError(job["error"])
    with transaction(server.engine) as session:
        recording = session.get_one(Recording, recording_id)
        make_candidates(session, recording)
        recording.stage = Stage.PRELABELLED.value
        recording.annotator_id = Caller(server, annotator).get("/auth/me")["id"]
    return annotator, name


@dataclass(frozen=True)
class Walked:
    """What was measured of a walk: by the editor, of its own work, and by the browser."""

    switches: list[dict[str, Any]]
    work: list[float]
    timings: list[float]


def walk(page: Page, editor: Editor) -> Walked:
    """Press F again and again."""
    page.evaluate("performance.setResourceTimingBufferSize(5000)")
    page.evaluate(WATCH)
    page.wait_for_function(FETCHED, arg=10)
    begun = len(page.evaluate(MEASURES, "frame-switch"))

    def press(first: int, count: int) -> None:
        for number in range(first, first + count):
            page.keyboard.press("f")
            page.wait_for_function(SWITCHED, arg=begun + number)
            page.wait_for_function(FETCHED, arg=min(10 + number, 149))
        editor.expect_frame(first + count)

    press(1, SWITCHES)
    switches = page.evaluate(MEASURES, "frame-switch")[begun:]
    timings = page.evaluate("window.keyTimings")
    with traced(page) as trace:
        press(SWITCHES + 1, TRACED)
    return Walked(switches, trace.answers(), timings)


def main() -> int:
    with (
        tempfile.TemporaryDirectory(prefix="infantnet-") as name,
        start_server(Path(name) / "data") as server,
        sync_playwright() as playwright,
    ):
        annotator, recording = prepare(server, Path(name))
        browser = playwright.chromium.launch(
            executable_path=find(playwright), args=launch_arguments()
        )
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        work = Login(page, server.url).enter(annotator.email, annotator.password)
        editor = work.take_up("Start", recording)
        walked = walk(page, editor)
        browser.close()
    ready = [m["ms"] for m in walked.switches if m["prefetched"]]
    late = len(walked.switches) - len(ready)
    # The browser tells nothing of presses below 16 ms: they count as 16.
    told = walked.timings + [16.0] * (len(walked.switches) - len(walked.timings))
    title = f"{len(ready)} key presses to prefetched {SIZE[0]}x{SIZE[1]} frames"
    print_table(
        f"{title}, {late} to frames that were not there yet",
        [
            *rows("work of a switch", walked.work, WORK_LIMIT_MS),
            *rows("key press to painted frame", ready, LIMIT_MS),
            *rows("… by the browser's timing", told, LIMIT_MS),
        ],
    )
    return 0


def rows(what: str, milliseconds: list[float], limit: float) -> list[Row]:
    ordered = sorted(milliseconds)
    p95 = ordered[int(0.95 * len(ordered))]
    return [
        within_limit(f"{what}, median", statistics.median(ordered), "ms", limit),
        within_limit(f"{what}, 95th percentile", p95, "ms", limit),
    ]


if __name__ == "__main__":
    sys.exit(main())
