"""The folder of checkpoints, against a real HTTP server on this machine."""

from __future__ import annotations

import hashlib
import json
import random
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from backend.domain.errors import (
    Cancelled,
    Conflict,
    InvalidInput,
    NotFound,
    WeightsMissing,
)
from backend.models.checkpoints.designs import WeightKind
from backend.models.checkpoints.files import UNTRAINED_MARK
from backend.models.checkpoints.registry import DEMO_POSE, KNOWN, KnownWeights
from backend.models.checkpoints.store import WeightStore
from tests.checkpoint_files import write_checkpoint_of


def write_checkpoint(path: Path, seed: int = 1, mark: str = "") -> bytes:
    """A zip archive shaped like PyTorch's, about 3 MB of incompressible numbers."""
    return write_checkpoint_of(path, {"weight": (750, 1000)}, seed=seed, mark=mark)


@dataclass
class Origin:
    """What the test's server holds and how it misbehaves."""

    body: bytes
    etag: str | None = '"v1"'
    break_after: list[int] = field(default_factory=list)
    status: int | None = None
    requests: list[dict[str, str]] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def origin(tmp_path: Path) -> Iterator[Origin]:
    state = Origin(write_checkpoint(tmp_path / "published.pth"))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.requests.append(dict(self.headers))
            if state.status is not None:
                self.send_error(state.status)
                return
            start = 0
            if (
                "Range" in self.headers
                and state.etag is not None
                and self.headers.get("If-Range") == state.etag
            ):
                start = int(self.headers["Range"].removeprefix("bytes=").removesuffix("-"))
            rest = state.body[start:]
            self.send_response(206 if start else 200)
            if start:
                last = len(state.body) - 1
                self.send_header("Content-Range", f"bytes {start}-{last}/{len(state.body)}")
            self.send_header("Content-Length", str(len(rest)))
            if state.etag is not None:
                self.send_header("ETag", state.etag)
            self.end_headers()
            if state.break_after:
                rest = rest[: state.break_after.pop(0)]
            self.wfile.write(rest)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
    state.url = f"http://127.0.0.1:{server.server_address[1]}/model.pth"
    yield state
    server.shutdown()
    server.server_close()


@pytest.fixture
def store(tmp_path: Path, origin: Origin) -> WeightStore:
    digest = hashlib.sha256(origin.body).hexdigest()
    return WeightStore(
        tmp_path / "weights",
        {
            "model": KnownWeights(
                "model", WeightKind.POSE, "t", origin.url, digest[:8], len(origin.body), "test"
            ),
            "other": KnownWeights(
                "other", WeightKind.SEGMENT, "t", origin.url, "f" * 64, None, "test"
            ),
        },
        retry_pause_seconds=0.01,
    )


def leftovers(store: WeightStore) -> set[str]:
    return {path.name for path in store.folder.iterdir() if not path.name.endswith(".lock")}


def test_all_but_what_ships_is_listed_as_absent_in_a_fresh_folder(tmp_path: Path) -> None:
    listed = WeightStore(tmp_path / "none").list()
    assert [status.name for status in listed] == list(KNOWN)
    ships = [name for name, known in KNOWN.items() if known.shipped and known.shipped.is_file()]
    assert DEMO_POSE in ships
    assert [status.name for status in listed if status.present] == ships


def test_the_hash_in_an_rtmo_file_name_is_the_start_of_the_registered_hash() -> None:
    for known in KNOWN.values():
        if known.kind is WeightKind.POSE and known.shipped is None:
            assert known.url.rsplit("-", 1)[1].split("_")[0] == known.sha256[:8]


def test_an_absent_checkpoint_error_says_how_to_get_it(store: WeightStore) -> None:
    with pytest.raises(WeightsMissing, match=r"infantnet weights pull model.*weights add model"):
        store.require("model")


def test_an_unknown_name_lists_the_known_ones(store: WeightStore) -> None:
    with pytest.raises(NotFound, match="model, other"):
        store.pull("modle")


def test_a_pulled_checkpoint_is_the_published_file_and_reports_its_progress(
    store: WeightStore, origin: Origin
) -> None:
    seen: list[tuple[int, int | None]] = []
    status = store.pull("model", progress=lambda done, total: seen.append((done, total)))
    assert status.present
    assert status.published
    assert status.source == "downloaded"
    assert status.sha256 == hashlib.sha256(origin.body).hexdigest()
    assert store.require("model").read_bytes() == origin.body
    assert seen[0] == (0, len(origin.body))
    assert seen[-1] == (len(origin.body), len(origin.body))
    assert leftovers(store) == {store.status("model").path.name, "model.json"}


def test_pulling_again_asks_nothing_of_the_server(store: WeightStore, origin: Origin) -> None:
    store.pull("model")
    store.pull("model")
    assert len(origin.requests) == 1


def test_a_broken_connection_is_taken_up_where_it_broke(store: WeightStore, origin: Origin) -> None:
    origin.break_after = [1_200_000, 700_000]
    store.pull("model")
    assert store.require("model").read_bytes() == origin.body
    assert [r.get("Range") for r in origin.requests] == [None, "bytes=1200000-", "bytes=1900000-"]


def test_a_cancelled_pull_keeps_its_bytes_and_the_next_one_carries_on(
    store: WeightStore, origin: Origin
) -> None:
    done: list[int] = []
    with pytest.raises(Cancelled):
        store.pull(
            "model",
            progress=lambda bytes_done, _: done.append(bytes_done),
            cancelled=lambda: done[-1] > 1_000_000,
        )
    kept = store.status("model").partial_bytes
    assert kept > 1_000_000
    store.pull("model")
    assert origin.requests[-1]["Range"] == f"bytes={kept}-"
    assert store.require("model").read_bytes() == origin.body


def test_a_file_that_changed_on_the_server_is_fetched_from_the_start(
    store: WeightStore, origin: Origin
) -> None:
    final = origin.body
    origin.body, origin.etag, origin.break_after = b"\0" * 2_000_000, '"v0"', [900_000]
    with pytest.raises(Cancelled):
        store.pull("model", cancelled=lambda: store.status("model").partial_bytes > 500_000)
    origin.body, origin.etag, origin.break_after = final, '"v1"', []
    store.pull("model")
    assert store.require("model").read_bytes() == final


def test_a_server_without_versions_is_never_resumed_but_read_again(
    store: WeightStore, origin: Origin
) -> None:
    origin.etag, origin.break_after = None, [1_000_000]
    store.pull("model")
    assert "Range" not in origin.requests[1]
    assert store.require("model").read_bytes() == origin.body


def test_a_server_that_always_breaks_gives_up_with_a_clear_message_and_keeps_the_bytes(
    store: WeightStore, origin: Origin
) -> None:
    origin.break_after = [400_000] + [0] * 10
    with pytest.raises(Conflict, match=r"could not be downloaded.*400,000 bytes are kept"):
        store.pull("model")
    assert store.status("model").partial_bytes == 400_000


def test_a_wrong_hash_removes_what_arrived(
    store: WeightStore, origin: Origin, tmp_path: Path
) -> None:
    origin.body = write_checkpoint(tmp_path / "tampered.pth", seed=2)
    with pytest.raises(InvalidInput, match="not the published checkpoint model: its SHA-256"):
        store.pull("model")
    assert leftovers(store) == set()
    assert not store.status("model").present


def test_a_web_page_instead_of_a_checkpoint_is_named_as_such(
    store: WeightStore, origin: Origin
) -> None:
    origin.body = b"<!DOCTYPE html><title>Please log in to the network</title>"
    with pytest.raises(InvalidInput, match="a web page"):
        store.pull("model")
    assert leftovers(store) == set()


def test_a_refusal_names_the_servers_answer(store: WeightStore, origin: Origin) -> None:
    origin.status = 403
    with pytest.raises(Conflict, match="answered 403"):
        store.pull("model")


def test_an_unreachable_server_is_a_clear_error(tmp_path: Path) -> None:
    known = KnownWeights(
        "model", WeightKind.POSE, "t", "http://127.0.0.1:9/model.pth", "00", None, "test"
    )
    store = WeightStore(tmp_path, {"model": known}, retry_pause_seconds=0.01)
    with pytest.raises(Conflict, match="could not be downloaded"):
        store.pull("model")


def test_two_pulls_of_one_checkpoint_at_once_are_refused(store: WeightStore) -> None:
    with (
        pytest.raises(Conflict, match="right now"),
        store._alone("model"),
    ):
        store.pull("model")


def test_an_added_file_is_copied_and_recognised_as_published(
    store: WeightStore, origin: Origin, tmp_path: Path
) -> None:
    status = store.add("model", tmp_path / "published.pth")
    assert status.present
    assert status.published
    assert status.source == "uploaded"
    assert (tmp_path / "published.pth").exists()
    assert store.require("model").read_bytes() == origin.body


def test_an_added_file_of_ones_own_is_marked_as_not_published(
    store: WeightStore, tmp_path: Path
) -> None:
    write_checkpoint(tmp_path / "tuned.pth", seed=3)
    status = store.add("model", tmp_path / "tuned.pth")
    assert status.present
    assert status.published is False
    assert not status.untrained


def test_an_untrained_checkpoint_is_marked(store: WeightStore, tmp_path: Path) -> None:
    write_checkpoint(tmp_path / "random.pth", mark=UNTRAINED_MARK)
    assert store.add("model", tmp_path / "random.pth").untrained


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        (lambda body: body[:1_500_000], "cut off or damaged"),
        (lambda body: body[:2_000_000] + b"!" + body[2_000_001:], "does not match its checksum"),
        (lambda body: b"not a model " * 20_000, "not a PyTorch checkpoint"),
        (lambda body: b"", "not a PyTorch checkpoint"),
        (lambda body: b"\x80\x02" + b"x" * 100, "cut off or damaged"),
    ],
)
def test_a_bad_file_is_refused_by_name_and_leaves_what_was_there(
    store: WeightStore, origin: Origin, tmp_path: Path, damage, fault: str
) -> None:
    store.add("model", tmp_path / "published.pth")
    (tmp_path / "bad.pth").write_bytes(damage(origin.body))
    with pytest.raises(InvalidInput, match=f"bad.pth.*{fault}"):
        store.add("model", tmp_path / "bad.pth")
    assert leftovers(store) == {store.status("model").path.name, "model.json"}
    assert store.status("model").published


def test_a_plain_zip_archive_is_refused(store: WeightStore, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "photos.zip", "w") as archive:
        archive.writestr("photo.jpg", random.Random(0).randbytes(200_000))
    with pytest.raises(InvalidInput, match=r"no data\.pkl"):
        store.add("model", tmp_path / "photos.zip")


def test_a_missing_file_is_refused_by_name(store: WeightStore, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"nowhere\.pth is not a file"):
        store.add("model", tmp_path / "nowhere.pth")


def test_another_known_checkpoint_is_refused_under_this_name(
    store: WeightStore, tmp_path: Path
) -> None:
    with pytest.raises(InvalidInput, match="is the checkpoint model, not other"):
        store.add("other", tmp_path / "published.pth")


def test_a_file_changed_behind_the_stores_back_no_longer_counts_as_present(
    store: WeightStore, tmp_path: Path
) -> None:
    path = store.add("model", tmp_path / "published.pth").path
    path.write_bytes(path.read_bytes()[:-10])
    assert not store.status("model").present


def test_a_damaged_description_counts_as_absent(store: WeightStore, tmp_path: Path) -> None:
    store.add("model", tmp_path / "published.pth")
    (store.folder / "model.json").write_text(json.dumps({"sha256": "0"}))
    assert not store.status("model").present


def test_a_removed_checkpoint_is_gone(store: WeightStore, tmp_path: Path) -> None:
    store.add("model", tmp_path / "published.pth")
    store.remove("model")
    assert leftovers(store) == set()
