"""The Celery application of the workers: ``celery -A worker.app:app worker -Q gpu``."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import socket
import threading
from typing import Any

import redis
from celery.signals import setup_logging, worker_ready, worker_shutdown

from backend.core import logging
from backend.core.health.workers import BEAT_SECONDS, WorkerOut, beat
from backend.core.jobs.broker import shared_celery
from backend.core.private import keep_private
from backend.core.settings import get_settings

app = shared_celery()
app.conf.imports = ("worker.tasks",)

_stop = threading.Event()


@setup_logging.connect  # type: ignore[untyped-decorator]
def _logs(**_: Any) -> None:
    keep_private()
    logging.configure(get_settings(), "worker")


def _device_name() -> str:
    """The accelerator, told without loading a framework into this parent process."""
    return "gpu" if os.path.exists("/dev/nvidia0") else "cpu"


@worker_ready.connect  # type: ignore[untyped-decorator]
def _give_signs_of_life(sender: Any, **_: Any) -> None:
    queues = sorted(queue.name for queue in sender.task_consumer.queues)
    name = f"{socket.gethostname()}:{os.getpid()}"
    settings = get_settings()
    models = settings.models and importlib.util.find_spec("mmpose") is not None
    told = WorkerOut(name=name, queues=queues, device=_device_name(), models=models)
    client = redis.Redis.from_url(settings.required_redis_url)

    def tell() -> None:
        while not _stop.is_set():
            # Redis restarts now and then; the next beat tells it again.
            with contextlib.suppress(redis.RedisError):
                beat(client, told)
            _stop.wait(BEAT_SECONDS)

    threading.Thread(target=tell, name="sign-of-life", daemon=True).start()


@worker_shutdown.connect  # type: ignore[untyped-decorator]
def _stop_signs_of_life(**_: Any) -> None:
    _stop.set()
