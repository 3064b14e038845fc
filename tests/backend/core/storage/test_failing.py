"""What people are told where the store fails."""

from __future__ import annotations

import pytest
from obstore.exceptions import GenericError, PermissionDeniedError

from backend.core.storage import StorageError, store_failure

DENIED = (
    "The operation lacked the necessary privileges to complete for path lab/a: Error performing PUT"
    " http://127.0.0.1:9000/infants/lab/a in 95.8ms - Server returned non-2xx status code: 403"
    " Forbidden: <Error><Code>InvalidAccessKeyId</Code><Message>The key does not exist.</Message>"
    "</Error>\n\nDebug source:\nPermissionDenied {\n    path: …"
)
SILENT = (
    "Generic S3 error: Error performing GET http://127.0.0.1:1/infants/lab/a in 2.5s, after 10"
    " retries, max_retries: 10, retry_timeout: 180s  - HTTP error: error sending request\n\nDebug"
    " source:\nGeneric {"
)
ODD = "Generic S3 error: Something else\n\nDebug source:\nGeneric {"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            PermissionDeniedError(DENIED),
            "access at http://127.0.0.1:9000 is denied (The key does not exist). Look at its keys"
            " and what they may do.",
        ),
        (GenericError(SILENT), "nobody answers at http://127.0.0.1:1."),
        (GenericError(ODD), "Generic S3 error: Something else."),
    ],
)
def test_a_failure_is_told_by_its_reason_alone(error: StorageError, words: str) -> None:
    assert store_failure(error) == f"The store failed: {words}"


def test_the_failure_behind_another_error_counts() -> None:
    outer = RuntimeError("could not finish")
    outer.__cause__ = GenericError(ODD)
    assert (store_failure(outer) or "").startswith("The store failed: ")


def test_any_other_error_is_no_failure_of_the_store() -> None:
    assert store_failure(FileNotFoundError("no such file")) is None
