"""Which scripts and styles the page shell loads.

Built: from Vite's manifest (https://vite.dev/guide/backend-integration). In development: from
Vite's own server, which compiles on request.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

STATIC: Final = Path(__file__).resolve().parent / "static"
MANIFEST: Final = STATIC / "dist" / "manifest.json"
BASE: Final = "/static/dist/"
ENTRY: Final = "src/main.tsx"
SERVICE_WORKER: Final = "service-worker.js"
_FONT: Final = "inter-latin-opsz-normal.woff2"


class FrontendMissing(RuntimeError):
    """The frontend was not built, or its manifest cannot be used."""


@dataclass(frozen=True, slots=True)
class Assets:
    """Addresses that the shell puts into its head.

    Attributes:
        scripts: Module scripts, in order of loading.
        styles: Style sheets.
        preload_modules: Modules that the scripts import, fetched at once.
        preload_fonts: Fonts of the first paint.
        react_refresh: Address of the script that Vite's server needs for hot reloading, or None.
        origin: Origin of Vite's server in development, else None.
    """

    scripts: tuple[str, ...]
    styles: tuple[str, ...] = ()
    preload_modules: tuple[str, ...] = ()
    preload_fonts: tuple[str, ...] = ()
    react_refresh: str | None = None
    origin: str | None = None


def development_assets(server: str) -> Assets:
    """Assets from Vite's development server.

    Args:
        server: Its address, such as ``http://localhost:5173``.
    """
    parts = urlsplit(server)
    origin = f"{parts.scheme}://{parts.netloc}"
    root = origin + BASE
    return Assets(
        scripts=(f"{root}@vite/client", f"{root}{ENTRY}"),
        react_refresh=f"{root}@react-refresh",
        origin=origin,
    )


def built_assets(manifest: Path = MANIFEST) -> Assets:
    """Assets of the built frontend.

    Raises:
        FrontendMissing: there is no manifest, or it does not name the entry.
    """
    try:
        chunks: dict[str, Any] = json.loads(manifest.read_bytes())
    except FileNotFoundError:
        raise FrontendMissing(
            f"The frontend is not built: {manifest} is missing. `make run` builds it; by hand:"
            " `npm ci && npm run build` in frontend/."
        ) from None
    except ValueError as error:
        raise FrontendMissing(
            f"{manifest} is not JSON ({error}): build the frontend again."
        ) from error
    if ENTRY not in chunks:
        raise FrontendMissing(f"{manifest} does not name {ENTRY}: build the frontend again.")
    imported = list(dict.fromkeys(_imports(chunks, ENTRY)))
    styles = [css for name in [*imported, ENTRY] for css in chunks[name].get("css", ())]
    files = [chunks[name]["file"] for name in imported]
    fonts = [chunk["file"] for name, chunk in chunks.items() if name.endswith(_FONT)]
    return Assets(
        scripts=(BASE + chunks[ENTRY]["file"],),
        styles=tuple(BASE + css for css in dict.fromkeys(styles)),
        preload_modules=tuple(BASE + file for file in files),
        preload_fonts=tuple(BASE + file for file in fonts),
    )


def service_worker(manifest: Path = MANIFEST) -> str:
    """The script that lets pages open without the server, told of all files of this build.

    Raises:
        FrontendMissing: the frontend is not built whole.
    """
    try:
        chunks: dict[str, Any] = json.loads(manifest.read_bytes())
        script = (manifest.parent / SERVICE_WORKER).read_text()
    except (FileNotFoundError, ValueError) as error:
        raise FrontendMissing(
            f"The frontend is not built whole ({error}): build it again."
        ) from error
    files = {chunk["file"] for chunk in chunks.values()}
    files.update(css for chunk in chunks.values() for css in chunk.get("css", ()))
    built = json.dumps(sorted(BASE + file for file in files))
    return f"self.builtFiles = {built};\n{script}"


def _imports(chunks: Mapping[str, Any], name: str) -> Iterator[str]:
    """Names of the chunks that ``name`` imports at once, deepest first."""
    seen = {name}

    def walk(current: str) -> Iterator[str]:
        for child in chunks[current].get("imports", ()):
            if child not in seen:
                seen.add(child)
                yield from walk(child)
                yield child

    return walk(name)


class Frontend:
    """The assets for these settings, read again when the frontend was built anew.

    Args:
        dev_server: Address of Vite's development server, or None for the built frontend.
        manifest: The built frontend's manifest.

    Raises:
        FrontendMissing: the built frontend is needed and not there.
    """

    def __init__(self, dev_server: str | None, manifest: Path = MANIFEST) -> None:
        self._manifest = None if dev_server else manifest
        self._assets = development_assets(dev_server) if dev_server else built_assets(manifest)
        self._built_at = self._modified()

    def _modified(self) -> int | None:
        try:
            return self._manifest.stat().st_mtime_ns if self._manifest else None
        except FileNotFoundError:
            return None  # a build is under way: what was read before holds until it is done

    @property
    def assets(self) -> Assets:
        """What the page shell loads now."""
        modified = self._modified()
        if self._manifest is not None and modified not in (None, self._built_at):
            self._assets = built_assets(self._manifest)
            self._built_at = modified
        return self._assets
