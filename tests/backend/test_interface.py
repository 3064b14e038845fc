"""The HTTP interface as a whole: described truly, closed to strangers, and never at a loss."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
import schemathesis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from backend.core.settings import Settings
from backend.domain.workflow import Role, Stage
from backend.web.app import create_app
from tests.factories import bearer, make_candidates, make_recording, make_user

_OPEN = {
    "/api/v1/auth/login",
    "/api/v1/auth/logout",
    "/api/v1/auth/demo-logins",
}
_STREAMS = "/events"
_LOCKS_ITSELF_OUT = "^/api/v1/(tokens/|users/|auth/password)"
"""What would take the asking person's own token or roles away."""
_CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)


@pytest.fixture(scope="module")
def app(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    data = tmp_path_factory.mktemp("interface")
    return create_app(
        Settings(
            database_url=module_database_url,
            redis_url="unix:///nowhere.sock",
            data_dir=data,
            storage_url=None,
        ),
        with_pages=False,
    )


@pytest.fixture(scope="module")
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="module")
def headers(app: FastAPI, client: TestClient) -> dict[str, str]:
    """Somebody who may do everything, before a recording with frames."""
    engine: Engine = app.state.engine
    with Session(engine) as session:
        user = make_user(session, *Role)
        make_candidates(session, make_recording(session, Stage.ANNOTATING, annotator=user))
        found = bearer(session, user)
        session.commit()
    return found


def _operations(app: FastAPI) -> list[tuple[str, str]]:
    return [
        (method, path) for path, methods in app.openapi()["paths"].items() for method in methods
    ]


def test_strangers_get_nothing(app: FastAPI, client: TestClient) -> None:
    for method, path in _operations(app):
        if path in _OPEN:
            continue
        filled = path.replace("{name}", "rtmo-l")
        for part in ("recording_id", "frame_id", "job_id", "export_id", "user_id", "token_id",
                     "comment_id", "upload_id"):  # fmt: skip
            filled = filled.replace(f"{{{part}}}", "1")
        answer = client.request(method, filled, json={}, headers={"If-Match": '"1"'})
        assert answer.status_code == 401, f"{method} {path}: {answer.status_code}"
        assert answer.headers["content-type"] == "application/problem+json"


def test_every_refusal_is_described_as_a_problem(app: FastAPI) -> None:
    for method, path in _operations(app):
        responses = app.openapi()["paths"][path][method]["responses"]
        refusals = {int(status): told for status, told in responses.items() if int(status) >= 400}
        assert refusals.keys() >= {422, 500, 503}
        if path not in _OPEN:
            assert refusals.keys() >= {401, 403}, f"{method} {path}"
        for status, told in refusals.items():
            assert list(told["content"]) == ["application/problem+json"], (
                f"{method} {path} {status}"
            )


def test_what_needs_a_version_says_how_it_refuses_one(app: FastAPI) -> None:
    responses = app.openapi()["paths"]["/api/v1/frames/{frame_id}/box"]["put"]["responses"]
    assert responses.keys() >= {"404", "409", "412", "413", "428"}


def test_pictures_are_described_with_their_types(app: FastAPI) -> None:
    responses = app.openapi()["paths"]["/api/v1/frames/{frame_id}/image"]["get"]["responses"]
    assert responses["200"]["content"].keys() == {"image/jpeg", "image/png"}
    assert "304" in responses


def test_every_operation_has_a_name_of_its_own(app: FastAPI) -> None:
    names = [
        operation["operationId"]
        for methods in app.openapi()["paths"].values()
        for operation in methods.values()
    ]
    assert len(names) == len(set(names))


def test_every_answer_is_one_that_the_description_names(
    app: FastAPI, client: TestClient, headers: dict[str, str]
) -> None:
    schema = schemathesis.openapi.from_dict(app.openapi()).exclude(path_regex=_STREAMS)
    schema = schema.exclude(path_regex=_LOCKS_ITSELF_OUT)
    answers: Counter[int] = Counter()

    for result in schema.get_all_operations():
        operation = result.ok()

        @settings(
            max_examples=6,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def probe(case: schemathesis.Case) -> None:
            for name in case.path_parameters or {}:
                # Numbers by chance would meet nothing but “there is no such …”.
                if name in ("recording_id", "frame_id"):
                    case.path_parameters[name] = 1
            request = case.as_transport_kwargs(base_url="http://testserver", headers=headers)
            answer = client.request(**request)
            answers[answer.status_code // 100] += 1
            case.validate_response(answer, checks=_CHECKS)

        given(case=operation.as_strategy())(probe)()
    assert answers[2] > 20
    assert answers[4] > 20


def test_every_answer_is_named_timed_and_not_to_be_framed(client: TestClient) -> None:
    answer = client.get("/healthz", headers={"X-Request-Id": "abc"})
    assert answer.headers["x-request-id"] == "abc"
    assert answer.headers["server-timing"].startswith("app;dur=")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert client.get("/metrics").text.count('route="/healthz"') > 0
