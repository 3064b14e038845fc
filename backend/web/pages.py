"""The browser's pages: static files, and one HTML shell for every address of the frontend."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Final

from fastapi import FastAPI, Request, Response
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.types import Scope

from backend.core.settings import Settings
from backend.domain.errors import NotFound
from backend.web import vite

_TEMPLATES: Final = Path(__file__).resolve().parent / "templates"
_RESERVED: Final = ("api/", "static/", "healthz", "readyz", "metrics")
_FOREVER: Final = "public, max-age=31536000, immutable"


def install(app: FastAPI, settings: Settings) -> None:
    """Serve the pages; the last routes of the application, as they match every address.

    Raises:
        backend.web.vite.FrontendMissing: the frontend is not built.
    """
    frontend = vite.Frontend(settings.vite_dev_url)
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined
    )
    template = environment.get_template("shell.html")
    app.mount("/static", _Static(directory=vite.STATIC), name="static")

    @app.get("/favicon.ico", include_in_schema=False)
    def favicon() -> Response:
        icon = (vite.STATIC / "icon.svg").read_bytes()
        return Response(
            icon, media_type="image/svg+xml", headers={"Cache-Control": "max-age=86400"}
        )

    @app.get("/service-worker.js", include_in_schema=False)
    def service_worker() -> Response:
        if settings.vite_dev_url:
            raise NotFound("In development pages are not kept.")
        # At the root, because it answers for all addresses below its own.
        return Response(
            vite.service_worker(),
            media_type="text/javascript",
            headers={"Cache-Control": "no-cache"},
        )

    @app.get("/{path:path}", include_in_schema=False)
    def shell(path: str, request: Request) -> Response:
        if path.startswith(_RESERVED):
            raise NotFound(f"There is nothing at /{path}.")
        assets = frontend.assets
        nonce = secrets.token_urlsafe(16)
        html = template.render(assets=assets, nonce=nonce)
        headers = {
            "Cache-Control": "no-cache",
            "Content-Security-Policy": _policy(assets, nonce),
        }
        return Response(html, media_type="text/html; charset=utf-8", headers=headers)


def _policy(assets: vite.Assets, nonce: str) -> str:
    """Content security policy: our own files only, plus Vite's server in development."""
    dev = ""
    if assets.origin:
        dev = f" {assets.origin} {assets.origin.replace('http', 'ws', 1)}"
    # Positions of menus and of joints are style attributes, hence 'unsafe-inline' for styles.
    return "; ".join(
        (
            f"default-src 'self'{dev}",
            f"script-src 'self' 'nonce-{nonce}'{dev}",
            f"style-src 'self' 'unsafe-inline'{dev}",
            f"img-src 'self' data: blob:{dev}",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


class _Static(StaticFiles):
    """Built files carry a hash of their content in their name: browsers may keep them."""

    def file_response(
        self, full_path: object, stat_result: object, scope: Scope, status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)  # type: ignore[arg-type]
        if "/assets/" in str(full_path):
            response.headers["Cache-Control"] = _FOREVER
        return response
