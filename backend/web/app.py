"""The web application: the HTTP interface, live events, health, metrics and the pages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio.to_thread
import orjson
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from backend.core.accounts import endpoints as accounts
from backend.core.accounts.uses import Uses
from backend.core.database.engine import Limits, make_engine
from backend.core.events import EventHub
from backend.core.health import endpoints as health
from backend.core.http import description, problems
from backend.core.jobs import endpoints as jobs
from backend.core.personal import endpoints as personal
from backend.core.settings import Settings, get_settings
from backend.core.storage import open_store
from backend.core.uploads import endpoints as uploads
from backend.labelling.annotations import endpoints as joints
from backend.labelling.attempts import endpoints as attempts
from backend.labelling.boxes import endpoints as boxes
from backend.labelling.discards import endpoints as discards
from backend.labelling.documents import endpoints as documents
from backend.labelling.handouts import endpoints as handouts
from backend.labelling.marks import endpoints as marks
from backend.labelling.postures import endpoints as postures
from backend.labelling.postures import import_endpoints as posture_imports
from backend.labelling.ranges import endpoints as ranges
from backend.labelling.reviews import endpoints as reviews
from backend.labelling.samples import endpoints as samples
from backend.models.checkpoints import endpoints as weights
from backend.models.runs import endpoints as runs
from backend.multiview.bodies import endpoints as bodies
from backend.multiview.calibrations import endpoints as calibrations
from backend.multiview.fits import endpoints as fits
from backend.multiview.posture_proposals import endpoints as posture_proposals
from backend.multiview.propagation import endpoints as propagation
from backend.multiview.propagation.background import Travelling
from backend.multiview.scans import endpoints as scans
from backend.multiview.synchronisations import endpoints as synchronisations
from backend.overview.acts import endpoints as acts
from backend.overview.analytics import endpoints as analytics
from backend.overview.changes import endpoints as changes
from backend.overview.frames import endpoints as frames
from backend.overview.inspecting import endpoints as inspecting
from backend.overview.lab import endpoints as lab
from backend.overview.moments import endpoints as moments
from backend.overview.prelabels import endpoints as prelabels
from backend.overview.quality import endpoints as quality
from backend.overview.recordings import endpoints as recordings
from backend.overview.suspicions import endpoints as suspicions
from backend.overview.undoing import endpoints as undoing
from backend.publishing.consents import endpoints as consents
from backend.publishing.exports import endpoints as exports
from backend.publishing.faces import endpoints as faces
from backend.publishing.leaderboard import endpoints as leaderboard
from backend.publishing.releases import endpoints as releases
from backend.publishing.releases.contents import endpoints as contents
from backend.publishing.releases.contents.draft_counts import DraftCounts
from backend.publishing.trainings import endpoints as trainings
from backend.recordings.frames import endpoints as pictures
from backend.recordings.inspection import endpoints as inspection
from backend.web import pages
from backend.web.middleware import Compressed, Limited, Observed

API_PREFIX = "/api/v1"
# Routes are tried in this order: what annotators ask for with every frame comes first.
_ROUTERS = (
    joints, documents, frames, pictures, marks, boxes, ranges,
    discards, jobs,
    accounts, personal, uploads, inspection, acts, handouts, lab, analytics, changes, recordings,
    attempts, quality, prelabels, moments, undoing, reviews, samples, inspecting, postures,
    posture_imports, posture_proposals,
    calibrations, consents, exports, releases, contents, faces, leaderboard, runs, trainings,
    synchronisations,
    propagation, fits, scans, bodies, weights, health, suspicions,
)  # fmt: skip


def _operation_id(route: APIRoute) -> str:
    """Names in the generated client: the function's own."""
    return route.name


def api_router() -> APIRouter:
    """All of ``/api/v1``."""
    router = APIRouter(prefix=API_PREFIX)
    for module in _ROUTERS:
        router.include_router(module.router)
    return router


def _limits(settings: Settings) -> Limits:
    return Limits(
        lock_s=settings.database_lock_seconds,
        statement_s=settings.database_statement_seconds,
        idle_s=settings.database_idle_seconds,
    )


def create_app(settings: Settings | None = None, *, with_pages: bool = True) -> FastAPI:
    """Make the application.

    It can be started more than once, each time with what ``app.state.settings`` holds then.

    Args:
        settings: What was chosen; by default read from the environment.
        with_pages: Whether the browser's pages are served too; the interface description does not
            need the built frontend.
    """
    settings = settings or get_settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        settings: Settings = app.state.settings
        url = settings.required_database_url
        # A connection for each thread: who has a thread never waits for somebody who has none.
        # Three more: for notes of uses, for solving whole recordings, and for counting drafts.
        anyio.to_thread.current_default_thread_limiter().total_tokens = settings.web_threads
        engine = make_engine(
            url, limits=_limits(settings), pool_size=settings.web_threads, max_overflow=3
        )
        app.state.engine = engine
        app.state.reading = engine.execution_options(isolation_level="AUTOCOMMIT")
        app.state.uses = Uses()
        app.state.storage = open_store(settings)
        app.state.events = EventHub(url.replace("postgresql+psycopg://", "postgresql://"))
        await app.state.events.start()
        app.state.travelling = Travelling(engine, app.state.storage)
        app.state.draft_counts = DraftCounts(engine)
        with (
            app.state.uses.written_by(engine),
            app.state.travelling.running(),
            app.state.draft_counts.running(),
        ):
            yield
        await app.state.events.stop()
        engine.dispose()

    app = FastAPI(
        title="InfantNet",
        summary="Annotation and curation of infant pose datasets",
        version="1",
        openapi_url=f"{API_PREFIX}/openapi.json",
        docs_url=None,  # it would load its scripts from elsewhere
        redoc_url=None,
        lifespan=lifespan,
        generate_unique_id_function=_operation_id,
    )
    app.state.settings = settings
    problems.install(app)
    app.include_router(api_router())
    app.include_router(health.probes)
    description.install(app)
    if with_pages:
        pages.install(app, settings)
    app.add_middleware(Compressed, minimum_size=2048, compresslevel=4)
    app.add_middleware(Limited, max_bytes=settings.max_request_bytes)
    app.add_middleware(Observed, data_dir=lambda: app.state.settings.data_dir)
    return app


def openapi_json() -> bytes:
    """The interface's description, stable to the byte."""
    app = create_app(Settings(database_url="postgresql://unused/unused"), with_pages=False)
    return orjson.dumps(app.openapi(), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n"
