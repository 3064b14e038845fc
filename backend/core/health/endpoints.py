"""Probes for machines, metrics, and a page's worth of facts about this installation."""

from __future__ import annotations

import importlib.util
from importlib.metadata import version
from typing import Any
from urllib.parse import urlsplit

from fastapi import Response
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel
from sqlalchemy import exists, select

from backend.core.database.tables import User
from backend.core.health import processes, readiness
from backend.core.health.metrics import render
from backend.core.health.processes import ProcessOut
from backend.core.health.workers import WorkerOut, living_workers
from backend.core.http.dependencies import CurrentUser, Router, SessionDep, SettingsDep
from backend.core.http.problems import problem

router = Router(tags=["system"])
probes = Router(include_in_schema=False)


class SystemOut(BaseModel):
    """What runs here."""

    version: str
    demo: bool
    models_installed: bool
    storage: str
    workers: list[WorkerOut]
    down: list[ProcessOut]
    """Processes of this machine that end again and again."""


@router.get("/system")
def show_system(session: SessionDep, user: CurrentUser, settings: SettingsDep) -> SystemOut:
    """What runs here: version, models, workers."""
    workers = living_workers(settings)
    here = settings.models and importlib.util.find_spec("mmpose") is not None
    return SystemOut(
        version=version("infantnet"),
        demo=bool(session.scalar(select(exists().where(User.is_demo)))),
        # The web server may lack the packages that a worker elsewhere has.
        models_installed=here or any(worker.models for worker in workers),
        storage=urlsplit(settings.storage).scheme,
        workers=workers,
        down=processes.down(settings.data_dir),
    )


@probes.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process answers. Asks neither a thread nor the database, whatever they are busy with."""
    return {"status": "ok"}


@probes.get("/readyz")
async def readyz(settings: SettingsDep) -> Any:
    """Database and broker answer, the tables are there, and the disk has room.

    A worker that is down is told, and is no reason to send people elsewhere.
    """
    faults = await readiness.faults(settings)
    if faults:
        return problem(
            503,
            "not-ready",
            "Not ready: " + "; ".join(f"{name}: {fault}" for name, fault in faults.items()),
            {"Retry-After": "5"},
            faults=faults,
        )
    down = {row.name: processes.in_words(row) for row in processes.down(settings.data_dir)}
    return {"status": "ready", "down": down} if down else {"status": "ready"}


@probes.get("/metrics")
def metrics(session: SessionDep) -> Response:
    """Prometheus metrics."""
    return Response(render(session), media_type=CONTENT_TYPE_LATEST)
