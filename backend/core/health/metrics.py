"""Prometheus metrics of the web process, and of the database's state at the time of asking."""

from __future__ import annotations

from prometheus_client import REGISTRY, CollectorRegistry, Gauge, Histogram, generate_latest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.core.database.tables import Job, Recording

REQUEST_SECONDS = Histogram(
    "infantnet_request_seconds",
    "Time from request to response",
    ["method", "route", "status"],
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)


def render(session: Session) -> bytes:
    """All metrics as Prometheus reads them."""
    registry = CollectorRegistry()
    jobs = Gauge("infantnet_jobs", "Jobs by kind and state", ["kind", "state"], registry=registry)
    for kind, state, n in session.execute(
        select(Job.kind, Job.state, func.count()).group_by(Job.kind, Job.state)
    ):
        jobs.labels(kind, state).set(n)
    recordings = Gauge("infantnet_recordings", "Recordings by stage", ["stage"], registry=registry)
    for stage, n in session.execute(
        select(Recording.stage, func.count()).group_by(Recording.stage)
    ):
        recordings.labels(stage).set(n)
    return generate_latest(REGISTRY) + generate_latest(registry)
