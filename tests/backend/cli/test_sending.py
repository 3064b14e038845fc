"""Files on their way to a running server, over real connections that break."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from backend.cli import sending
from backend.cli.client import Api
from backend.cli.target import Target
from tests.fixtures.server import Person, Server

IN_FLIGHT = 256 * 1024
"""Bytes that the web server may hold, and drop, when a connection breaks: two of its buffers."""

pytestmark = pytest.mark.xdist_group("cli")  # one running product for all of them


@pytest.fixture
def api(
    server: Server, maintainer: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Api]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with Api(Target(server.url, maintainer.token)) as api:
        yield api


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """A file of two chunks and a bit."""
    path = tmp_path / "film.mp4"
    path.write_bytes(os.urandom(2 * sending.CHUNK + 12_345))
    return path


def received(server: Server, upload_id: int) -> bytes:
    return (server.data_dir / "uploads" / f"{upload_id}.part").read_bytes()


def test_a_large_file_arrives_whole(api: Api, server: Server, film: Path) -> None:
    upload_id = sending.send_file(api, film)
    assert received(server, upload_id) == film.read_bytes()


def test_a_stopped_upload_is_continued_by_the_next_command(
    api: Api, server: Server, film: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stat = film.stat()
    key = f"{api.target.url} {film.resolve()} {stat.st_size} {stat.st_mtime_ns}"
    begun = sending._begun(api, key, film, film.name)
    api.send_chunk(begun["id"], 0, film.read_bytes()[: sending.CHUNK])
    upload_id = sending.send_file(api, film)
    assert upload_id == begun["id"]
    assert "Continuing at 8.4 MB" in capsys.readouterr().err
    assert received(server, upload_id) == film.read_bytes()


def test_a_changed_file_is_sent_anew(api: Api, server: Server, film: Path) -> None:
    stat = film.stat()
    key = f"{api.target.url} {film.resolve()} {stat.st_size} {stat.st_mtime_ns}"
    begun = sending._begun(api, key, film, film.name)
    api.send_chunk(begun["id"], 0, film.read_bytes()[: sending.CHUNK])
    film.write_bytes(b"something else")
    upload_id = sending.send_file(api, film)
    assert upload_id != begun["id"]
    assert received(server, upload_id) == b"something else"


def test_a_finished_upload_is_not_taken_up_again(api: Api, film: Path) -> None:
    assert sending.send_file(api, film) != sending.send_file(api, film)


def test_what_arrived_before_a_connection_broke_is_kept_and_acknowledged(
    api: Api, server: Server, maintainer: Person, film: Path
) -> None:
    data = film.read_bytes()
    upload = api.post("/uploads", {"filename": "film.mp4", "size": len(data)})
    address = urlsplit(server.url)
    head = (
        f"PATCH /api/v1/uploads/{upload['id']} HTTP/1.1\r\n"
        f"Host: {address.netloc}\r\n"
        f"Authorization: Bearer {maintainer.token}\r\n"
        f"Upload-Offset: 0\r\nContent-Length: {len(data)}\r\n\r\n"
    )
    with socket.create_connection((address.hostname, address.port or 80)) as connection:
        connection.sendall(head.encode() + data[:5_000_000])
    deadline = time.monotonic() + 30
    offset = 0
    while offset < 5_000_000 - IN_FLIGHT and time.monotonic() < deadline:
        offset = api.get(f"/uploads/{upload['id']}")["offset"]
    assert 5_000_000 - IN_FLIGHT <= offset <= 5_000_000
    for start in range(offset, len(data), sending.CHUNK):
        answer = api.send_chunk(upload["id"], start, data[start : start + sending.CHUNK])
    assert answer["complete"]
    assert received(server, upload["id"]) == data
