"""The Celery application as producer: addresses, queues and delivery rules.

``worker.app`` adds the tasks to the same application.
"""

from __future__ import annotations

from functools import lru_cache

from celery import Celery
from kombu import Queue  # type: ignore[attr-defined]

from backend.core.settings import Settings, get_settings

TASK_NAME = "infantnet.run_job"
"""The one task: it is given a job's id and runs what the job's kind says."""

LOOK_TASK = "infantnet.look"
"""Look at the joints that changed in a recording; it is given the recording's id."""

VISIBILITY_TIMEOUT_S = 24 * 3600
"""Longer than the longest job: Redis would otherwise deliver it a second time meanwhile."""


def make_celery(settings: Settings) -> Celery:
    """A Celery application on the settings' Redis."""
    app = Celery("infantnet", broker=settings.broker_url)
    app.conf.update(
        task_queues=[Queue(name) for name in ("cpu", "gpu")],  # type: ignore[no-untyped-call]
        task_default_queue="cpu",
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_ignore_result=True,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        broker_connection_retry_on_startup=True,
        broker_transport_options={"visibility_timeout": VISIBILITY_TIMEOUT_S},
        task_serializer="json",
        accept_content=["json"],
        timezone="UTC",
    )
    return app


@lru_cache(maxsize=1)
def shared_celery() -> Celery:
    """The application of this process."""
    return make_celery(get_settings())
