"""The command line beside the people: it imports, runs models, and fetches what they finished."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pycocotools.coco import COCO

from backend.core.accounts.demo import DEMO_PASSWORD
from tests.fixtures.server import ROOT, Person, Server, free_port
from tests.integration.people import Caller, wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("integration")]
Command = Callable[..., subprocess.CompletedProcess[str]]
DEMO = "Living room, one camera (demo)"


@pytest.fixture
def infantnet(server: Server, tmp_path: Path) -> Command:
    """The command on the server's machine, where it needs no log-in."""
    foreign = ("INFANTNET_", "XDG_", "DATABASE_URL", "REDIS_URL")
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(foreign)}
    here = {"HOME": str(tmp_path), "INFANTNET_DATA": str(server.data_dir)}

    def run(*words: object, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "backend.cli", *map(str, words)],
            env=inherited | here | environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    return run


def result(done: subprocess.CompletedProcess[str]) -> Any:
    """What a command that went well printed as JSON."""
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout + done.stderr, "colours or moving bars in a pipe"
    return json.loads(done.stdout)


def test_a_video_is_imported_and_pre_labels_without_weights_end_with_1_and_say_why(
    infantnet: Command, short_video: Path
) -> None:
    imported = result(
        infantnet("import", "video", short_video, "--infant", "B07", "--every", 4,
                  "--name", "by command", "--json")
    )  # fmt: skip
    assert imported["job"]["state"] == "succeeded"
    assert (imported["recording"]["stage"], imported["recording"]["frames"]) == ("ingested", 2)

    prelabels = infantnet("prelabel", "by command", "--model", "rtmo-l")
    assert prelabels.returncode == 1
    assert "infantnet weights pull rtmo-l" in prelabels.stderr

    failed = result(infantnet("jobs", "list", "--recording", "by command", "--json"))[0]
    assert (failed["kind"], failed["state"]) == ("prelabel", "failed")


def test_what_people_finished_in_the_demo_is_fetched_as_coco(
    infantnet: Command, server: Server, maintainer: Caller, tmp_path: Path
) -> None:
    wait_for(
        "the demo to be imported",
        lambda: any(r["name"] == DEMO for r in ready(maintainer.get("/recordings")["items"])),
    )
    listed = result(infantnet("recordings", "list", "--stage", "prelabelled", "--json"))
    assert DEMO in [r["name"] for r in listed]
    annotator, inspector = (
        Caller(server, Person(email, DEMO_PASSWORD, token(infantnet, email)))
        for email in ("annotator@demo.local", "inspector@demo.local")
    )
    recording = result(infantnet("recordings", "show", DEMO, "--json"))
    kept, discarded = annotate(annotator, recording["id"])
    early = infantnet("export", "coco", "--session", DEMO, "--out", tmp_path / "early.json")
    assert early.returncode == 1
    assert not (tmp_path / "early.json").exists()
    inspect(inspector, recording["id"])

    out = tmp_path / "demo.json"
    export = result(infantnet("export", "coco", "--session", DEMO, "--out", out, "--json"))

    coco = COCO(str(out))
    assert len(coco.imgs) == len(coco.anns) == export["images"] == len(kept)
    assert min(coco.anns) >= 1
    places = [a["keypoints"][0::3] + a["keypoints"][1::3] for a in coco.anns.values()]
    # COCO counts pixels, the product continuously: half a pixel lies between them.
    wanted = [[j[axis] - 0.5 * (j["v"] > 0) for axis in "xy" for j in joints] for joints in kept]
    assert [[round(v, 2) for v in p] for p in places] == [[round(v, 2) for v in p] for p in wanted]
    counts = result(infantnet("recordings", "show", DEMO, "--json"))["counts"]
    assert counts["discarded"] == discarded > 0


def ready(recordings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that can be annotated."""
    return [r for r in recordings if r["stage"] == "prelabelled"]


def token(infantnet: Command, email: str) -> str:
    made = infantnet("users", "token", "--email", email, INFANTNET_PASSWORD=DEMO_PASSWORD)
    assert made.returncode == 0, made.stderr
    return made.stdout.strip()


def annotate(annotator: Caller, recording_id: int) -> tuple[list[list[dict[str, Any]]], int]:
    """Keep every frame in which an infant was proposed, discard the others, submit.

    Returns:
        The joints of the kept frames in their order, absent ones at 0, and how many were discarded.
    """
    annotator.post(f"/recordings/{recording_id}/events", {"event": "start_annotating"})
    kept, discarded = [], 0
    for item in annotator.get(f"/recordings/{recording_id}/frames")["frames"]:
        annotation = annotator.get(f"/frames/{item['id']}")["annotation"]
        if annotation["joints"] is None:
            decision = {"type": "setVerdict", "verdict": "discard", "reason": "no_infant"}
            discarded += 1
        else:
            decision = {"type": "setVerdict", "verdict": "keep"}
            kept.append([j if j["v"] else {"x": 0, "y": 0, "v": 0} for j in annotation["joints"]])
        answer = annotator.http.post(
            f"/frames/{item['id']}/operations",
            json={"operation_id": str(uuid.uuid4()), "operations": [decision]},
            headers={"If-Match": f'"{annotation["version"]}"'},
        )
        assert answer.status_code == 200, answer.text
    annotator.post(f"/recordings/{recording_id}/events", {"event": "submit"})
    return kept, discarded


def inspect(inspector: Caller, recording_id: int) -> None:
    """Approve joints, then boxes."""
    events = f"/recordings/{recording_id}/events"
    frames = inspector.get(f"/recordings/{recording_id}/frames")["frames"]
    looks = [{"frame_id": frame["id"], "seconds": 2.0} for frame in frames]
    inspector.post(f"/recordings/{recording_id}/looks", {"round": 1, "looks": looks})
    inspector.post(f"/recordings/{recording_id}/marks", {"mark": "good"})
    inspector.post(events, {"event": "approve_keypoints"})
    inspector.wait_for_stage(recording_id, "boxed")
    inspector.post(events, {"event": "start_box_review"})
    remaining = {"include_flagged": True}
    inspector.post(f"/recordings/{recording_id}/boxes/approve-remaining", remaining)
    inspector.post(events, {"event": "approve"})


def test_a_wrong_use_ends_with_2(infantnet: Command, short_video: Path) -> None:
    both = infantnet("import", "video", short_video, "--infant", "A", "--every", 2, "--fps", 3)
    assert both.returncode == 2
    assert "either --every or --fps" in both.stderr


def test_a_server_that_does_not_answer_ends_with_3(infantnet: Command) -> None:
    away = infantnet("--server", f"http://127.0.0.1:{free_port()}", "jobs", "list")
    assert away.returncode == 3
    assert "infantnet up" in away.stderr


def test_a_wrong_token_ends_with_4(infantnet: Command, server: Server) -> None:
    stranger = infantnet("jobs", "list", INFANTNET_URL=server.url, INFANTNET_TOKEN="inft_wrong")
    assert stranger.returncode == 4
    assert stranger.stdout == ""
