from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from backend.core.http import problems
from backend.core.settings import Settings
from backend.web import pages
from backend.web.vite import ENTRY, STATIC, Frontend, FrontendMissing, built_assets


def write_manifest(folder: Path, chunks: object) -> Path:
    path = folder / "manifest.json"
    path.write_text(json.dumps(chunks))
    return path


def client(dev_server: str | None = "http://localhost:5173") -> TestClient:
    app = FastAPI()
    problems.install(app)
    pages.install(app, Settings(vite_dev_url=dev_server))
    return TestClient(app)


def test_a_missing_manifest_says_how_to_build_the_frontend(tmp_path: Path) -> None:
    with pytest.raises(FrontendMissing, match="npm run build"):
        built_assets(tmp_path / "manifest.json")


def test_a_manifest_without_the_entry_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FrontendMissing, match=ENTRY):
        built_assets(write_manifest(tmp_path, {}))


def test_a_broken_manifest_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    path.write_text("{")
    with pytest.raises(FrontendMissing, match="not JSON"):
        built_assets(path)


def test_imported_chunks_are_preloaded_with_their_styles_first(tmp_path: Path) -> None:
    chunks = {
        ENTRY: {"file": "assets/main.js", "css": ["assets/main.css"], "imports": ["_a.js"]},
        "_a.js": {"file": "assets/a.js", "css": ["assets/a.css"], "imports": ["_b.js", ENTRY]},
        "_b.js": {"file": "assets/b.js"},
    }
    assets = built_assets(write_manifest(tmp_path, chunks))
    assert assets.scripts == ("/static/dist/assets/main.js",)
    assert assets.preload_modules == ("/static/dist/assets/b.js", "/static/dist/assets/a.js")
    assert assets.styles == ("/static/dist/assets/a.css", "/static/dist/assets/main.css")


def test_the_program_does_not_start_without_a_built_frontend(tmp_path: Path) -> None:
    with pytest.raises(FrontendMissing):
        Frontend(None, tmp_path / "manifest.json")


def test_a_frontend_that_was_built_anew_is_served_at_once(tmp_path: Path) -> None:
    frontend = Frontend(None, write_manifest(tmp_path, {ENTRY: {"file": "assets/old.js"}}))
    path = write_manifest(tmp_path, {ENTRY: {"file": "assets/new.js"}})
    os.utime(path, ns=(1, 1))
    assert frontend.assets.scripts == ("/static/dist/assets/new.js",)


def test_while_the_frontend_is_being_built_the_last_one_is_served(tmp_path: Path) -> None:
    path = write_manifest(tmp_path, {ENTRY: {"file": "assets/old.js"}})
    frontend = Frontend(None, path)
    path.unlink()
    assert frontend.assets.scripts == ("/static/dist/assets/old.js",)


@pytest.mark.parametrize("address", ["/", "/recordings", "/recordings/3/frames/17", "/no/such"])
def test_every_address_of_the_frontend_gets_the_shell(address: str) -> None:
    answer = client().get(address)
    assert answer.status_code == 200
    assert '<div id="root"></div>' in answer.text
    assert "http://localhost:5173/static/dist/src/main.tsx" in answer.text


def test_only_scripts_with_the_nonce_of_this_answer_may_run() -> None:
    pages_client = client()
    first, second = pages_client.get("/"), pages_client.get("/")
    policy = first.headers["content-security-policy"]
    nonce = policy.split("'nonce-")[1].split("'")[0]
    assert f'nonce="{nonce}"' in first.text
    assert nonce not in second.headers["content-security-policy"]


@pytest.mark.parametrize("address", ["/api/v1/nothing", "/static/dist/nothing.js"])
def test_addresses_that_are_no_page_are_not_answered_with_one(address: str) -> None:
    answer = client().get(address)
    assert answer.status_code == 404
    assert "<html" not in answer.text


def test_the_icon_is_served_where_browsers_look_for_it() -> None:
    answer = client().get("/favicon.ico")
    assert answer.headers["content-type"].startswith("image/svg")


def test_the_service_worker_names_every_file_of_the_build() -> None:
    answer = client(dev_server=None).get("/service-worker.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cache-control"] == "no-cache"
    first, _ = answer.text.split("\n", 1)
    named = json.loads(first.removeprefix("self.builtFiles = ").removesuffix(";"))
    built = {f"/static/dist/assets/{file.name}" for file in (STATIC / "dist/assets").iterdir()}
    assert set(named) == built


def test_in_development_no_page_is_kept() -> None:
    assert client().get("/service-worker.js").status_code == 404
