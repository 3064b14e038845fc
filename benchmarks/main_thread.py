"""What a page's main thread does between a key and the paint that answers it: Chromium's trace.

A screen's frame waits for that thread. How long it works is told by the thread's own clock, so that
other work on the machine, and the waiting for the screen, are not in it. Counted are the task that
handles the key, all that runs before the next frame is made, and the task that makes that frame:
scripts, style, layout, painting on this thread and the handing over to the compositor.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page

CATEGORIES = ["-*", "toplevel", "devtools.timeline"]
_TASK = "ThreadControllerImpl::RunTask"
_FRAME = "Layerize"
"""The last step of a frame on this thread."""


@dataclass
class Trace:
    """Events of a trace, once it has ended."""

    events: list[dict[str, Any]] = field(default_factory=list)

    def answers(self, event: str = "keydown") -> list[float]:
        """Milliseconds of work from each event of this type to the frame that follows it."""
        thread = self._thread(event)
        mine = sorted((e for e in self.events if _thread_of(e) == thread), key=lambda e: e["ts"])
        tasks = [e for e in mine if e["name"] == _TASK and "tdur" in e]
        frames = _times(mine, _FRAME)
        found = []
        for at in _dispatched(mine, event):
            made = next((t for t in frames if t > at), None)
            if made is not None:
                found.append(sum(_within(task, at, made) for task in tasks) / 1000)
        return found

    def _thread(self, event: str) -> tuple[int, int]:
        for one in self.events:
            if one["name"] == "EventDispatch" and one["args"]["data"]["type"] == event:
                return _thread_of(one)
        raise RuntimeError(f"The trace holds no {event}.")


def _thread_of(event: dict[str, Any]) -> tuple[int, int]:
    return int(event["pid"]), int(event["tid"])


def _times(events: Sequence[dict[str, Any]], name: str) -> list[float]:
    return [float(e["ts"]) for e in events if e["name"] == name]


def _dispatched(events: Sequence[dict[str, Any]], event: str) -> list[float]:
    """When events were handled; what bubbles to several listeners is one."""
    return [
        float(e["ts"])
        for e in events
        if e["name"] == "EventDispatch" and e["args"]["data"]["type"] == event
    ]


def _within(task: dict[str, Any], first: float, last: float) -> float:
    """Microseconds of a task that lies between two times, or holds one of them."""
    begun, ended = float(task["ts"]), float(task["ts"]) + float(task["dur"])
    return float(task["tdur"]) if ended >= first and begun <= last else 0.0


@contextmanager
def traced(page: Page) -> Iterator[Trace]:
    """Trace what a page does meanwhile."""
    browser = page.context.browser
    assert browser is not None
    trace = Trace()
    browser.start_tracing(page=page, screenshots=False, categories=CATEGORIES)
    try:
        yield trace
    finally:
        trace.events += json.loads(browser.stop_tracing())["traceEvents"]
