"""What the editor costs the browser's main thread: ``python -m benchmarks.editor_work``.

The real product and a real Chromium at 1440×900, on 1080p frames with two people found in each:
once on a recording of 150 frames, once on one of 20,000 (the same frames again and again, as rows
of their own). Measured is the time of the main thread for scripts, style and layout, as the
operating system counts it for that thread: other work on the machine disturbs it little. The
browser's own painting is not in the first of these, which has no graphics card here:

- a switch to a frame that was fetched before, by F, with what follows it: pictures of the strip,
  lists beside the canvas, and the next frame ahead;
- a move of the pointer while a joint is dragged, also with a main thread that Chromium makes four
  times slower: by its trace all work from the move to the frame that shows it, painting included;
- the memory of scripts and documents after 200 and after 1,000 switches, garbage collected.

A screen at 60 Hz leaves 16.7 ms a frame.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import CDPSession, Page, expect, sync_playwright
from sqlalchemy import text
from sqlalchemy.orm import Session

from backend.core.database.session import transaction
from benchmarks.main_thread import traced
from benchmarks.next_frame import FETCHED, SIZE, SWITCHED, prepare
from benchmarks.table import Row, print_table, within_limit
from tests.e2e.editor import Editor
from tests.e2e.pages import Login
from tests.fixtures.chromium import find, launch_arguments
from tests.fixtures.server import Server, start_server

WORK = ("ScriptDuration", "LayoutDuration", "RecalcStyleDuration")
FRAME_MS = 1000 / 60
SLOWER = 4
"""The factor of a slow computer."""
SWITCHES, MOVES, STEPS = 100, 60, 1000
MORE = 1.15
"""So much larger than after a fifth of the steps may memory be at the end."""
MANY = 20_000
FAR = 1_000_000
"""What ids of copied rows are moved by, each time."""
COPIED: Mapping[str, Mapping[str, int | None]] = {
    "moments": {"id": FAR, "index": None},
    "frames": {"id": FAR, "moment_id": FAR, "position": None, "source_frame": None},
    "candidates": {"id": FAR, "frame_id": FAR},
    "annotations": {"frame_id": FAR, "candidate_id": FAR},
}
"""Tables, and by what their columns move with each copy; none: by the number of frames."""


def multiply(session: Session, frames: int) -> None:
    """Fill the only recording up to so many frames, with copies of its own."""
    base = session.scalar(text("SELECT count(*) FROM frames")) or 1
    copies = frames // base
    for table, moved in COPIED.items():
        columns = session.scalars(
            text(
                "SELECT column_name FROM information_schema.columns WHERE table_name = :table"
                " AND table_schema = current_schema() AND is_generated = 'NEVER'"
            ),
            {"table": table},
        ).all()
        values = [
            f'"{name}" + k * {moved[name] or base}' if name in moved else f'"{name}"'
            for name in columns
        ]
        names = ", ".join(f'"{name}"' for name in columns)
        session.execute(
            text(
                f"INSERT INTO {table} ({names}) OVERRIDING SYSTEM VALUE SELECT {', '.join(values)}"
                f" FROM {table}, generate_series(1, {copies - 1}) AS k"
            )
        )


@dataclass
class Thread:
    """The main thread of a page, and how long it was at work."""

    cdp: CDPSession

    def seconds(self) -> float:
        metrics = self.cdp.send("Performance.getMetrics")["metrics"]
        return sum(float(m["value"]) for m in metrics if m["name"] in WORK)

    def megabytes(self) -> float:
        self.cdp.send("HeapProfiler.collectGarbage")
        return float(self.cdp.send("Runtime.getHeapUsage")["usedSize"]) / 2**20


@contextmanager
def opened(
    server: Server, person: tuple[str, str], recording: str
) -> Iterator[tuple[Page, Editor]]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find(playwright), args=launch_arguments()
        )
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.set_default_timeout(120_000)
        work = Login(page, server.url).enter(*person)
        row = work.row(recording)
        start = row.get_by_text("Start").or_(row.get_by_text("Continue"))
        start.first.click()
        yield page, Editor(page)
        browser.close()


def begin(page: Page) -> Thread:
    cdp = page.context.new_cdp_session(page)
    cdp.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.evaluate("performance.setResourceTimingBufferSize(20000)")
    page.wait_for_function(FETCHED, arg=10)
    return Thread(cdp)


def switch(page: Page, thread: Thread) -> list[float]:
    """Milliseconds of work for each press of F, with what is fetched ahead."""
    worked = []
    begun = page.evaluate("performance.getEntriesByName('frame-switch', 'measure').length")
    for number in range(1, SWITCHES + 1):
        before = thread.seconds()
        page.keyboard.press("f")
        page.wait_for_function(SWITCHED, arg=begun + number)
        page.wait_for_function(FETCHED, arg=10 + number)
        worked.append(1000 * (thread.seconds() - before))
    return worked


def drag(page: Page, editor: Editor, thread: Thread, slower: float) -> list[float]:
    """Milliseconds of work for each move of a dragged joint, on a slower main thread."""
    box = editor.joint("left wrist").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    thread.cdp.send("Emulation.setCPUThrottlingRate", {"rate": slower})
    with traced(page) as trace:
        for number in range(MOVES):
            page.mouse.move(x + 3 * (number % 20), y + 2 * (number % 15))
            page.evaluate("new Promise(go => requestAnimationFrame(() => setTimeout(go)))")
    thread.cdp.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    page.mouse.move(x, y)
    page.mouse.up()
    return trace.answers("pointermove")


def steps(page: Page, thread: Thread) -> tuple[float, float]:
    """Megabytes in use after a fifth of the steps, and after all."""
    early = 0.0
    for number in range(1, STEPS + 1):
        page.keyboard.press("f" if (number // 60) % 2 == 0 else "d")
        if number == STEPS // 5:
            page.wait_for_timeout(1000)
            early = thread.megabytes()
    page.wait_for_timeout(1000)
    return early, thread.megabytes()


def measure(page: Page, editor: Editor, what: str) -> list[Row]:
    thread = begin(page)
    switched = switch(page, thread)
    dragged, slowly = (drag(page, editor, thread, slower) for slower in (1, SLOWER))
    early, late = steps(page, thread)
    return [
        *rows(f"{what}: switch", switched, FRAME_MS),
        *rows(f"{what}: move of a dragged joint", dragged, FRAME_MS),
        *rows(f"{what}: … {SLOWER} times slower", slowly, FRAME_MS),
        within_limit(f"{what}: memory after {STEPS} steps", late, "MB", MORE * early),
    ]


def rows(what: str, milliseconds: list[float], limit: float) -> list[Row]:
    ordered = sorted(milliseconds)
    return [
        within_limit(f"{what}, median", statistics.median(ordered), "ms", limit),
        within_limit(f"{what}, p95", ordered[int(0.95 * len(ordered))], "ms", limit),
    ]


def main() -> int:
    with (
        tempfile.TemporaryDirectory(prefix="infantnet-") as name,
        start_server(Path(name) / "data") as server,
    ):
        annotator, recording = prepare(server, Path(name))
        person = (annotator.email, annotator.password)
        with opened(server, person, recording) as (page, editor):
            found = measure(page, editor, "150 frames")
        with transaction(server.engine) as session:
            multiply(session, MANY)
        with opened(server, person, recording) as (page, editor):
            expect(editor.stage).to_have_accessible_name(f"Frame 1 of {MANY - MANY % 150}")
            found += measure(page, editor, f"{MANY:,} frames")
    print_table(f"Work of the main thread, {SIZE[0]}x{SIZE[1]} frames", found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
