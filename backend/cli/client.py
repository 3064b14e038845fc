"""The HTTP interface as the command line uses it: answers as JSON, refusals as messages."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import httpx

from backend.cli.stop import Exit, Stop
from backend.cli.target import Target

PREFIX = "/api/v1"
_TIMEOUT = httpx.Timeout(60.0, connect=10.0)
# The server checks a large file's hash before it acknowledges the last chunk.
UPLOAD_TIMEOUT = httpx.Timeout(900.0, connect=10.0)


class Refused(Stop):
    """The server said no; ``status`` and ``problem`` hold what it said."""

    def __init__(self, status: int, problem: dict[str, Any], message: str, code: Exit) -> None:
        super().__init__(message, code)
        self.status = status
        self.problem = problem


class Api:
    """A connection to one server.

    Every method raises :class:`Stop`: code 3 when the server cannot be reached, 4 when it does not
    know or allow this person, 1 when it refuses for another reason.
    """

    def __init__(self, target: Target) -> None:
        self.target = target
        headers = {"X-Infantnet": "1"}
        if target.token:
            headers["Authorization"] = f"Bearer {target.token}"
        self._http = httpx.Client(base_url=target.url, headers=headers, timeout=_TIMEOUT)

    def __enter__(self) -> Api:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def get(self, path: str, **parameters: Any) -> Any:
        """Read."""
        query = {name: value for name, value in parameters.items() if value is not None}
        return self.request("GET", path, params=query)

    def post(self, path: str, body: Any = None) -> Any:
        """Create, or ask for something."""
        return self.request("POST", path, json=body)

    def delete(self, path: str) -> None:
        """Remove."""
        self.request("DELETE", path)

    def pages(self, path: str, limit: int | None = None, **parameters: Any) -> Iterator[Any]:
        """The items of a list that comes in pages, at most ``limit`` of them."""
        cursor, given = None, 0
        while True:
            page = self.get(path, cursor=cursor, limit=min(limit or 200, 200), **parameters)
            for item in page["items"]:
                yield item
                given += 1
                if limit is not None and given >= limit:
                    return
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def request(self, method: str, path: str, **options: Any) -> Any:
        """Send a request; the answer's JSON, or None where there is none."""
        try:
            response = self._http.request(method, PREFIX + path, **options)
        except httpx.TransportError as error:
            raise self.unreachable(error) from error
        self.check(response)
        return response.json() if response.content else None

    def download(self, path: str, file: BinaryIO, progress: Callable[[int, int], None]) -> str:
        """Write an answer's body to a file; returns its SHA-256."""
        digest, done = hashlib.sha256(), 0
        try:
            with self._http.stream("GET", PREFIX + path) as response:
                if response.is_error:
                    response.read()
                self.check(response)
                total = int(response.headers.get("content-length", 0))
                for chunk in response.iter_bytes(1 << 20):
                    file.write(chunk)
                    digest.update(chunk)
                    done += len(chunk)
                    progress(done, total)
        except httpx.TransportError as error:
            raise self.unreachable(error) from error
        return digest.hexdigest()

    def download_rest(self, path: str, file: Path, progress: Callable[[int, int], None]) -> None:
        """Write an answer's body to a file; goes on after what is there of it."""
        done = file.stat().st_size if file.exists() else 0
        headers = {"Range": f"bytes={done}-"} if done else {}
        try:
            with self._http.stream("GET", PREFIX + path, headers=headers) as response:
                if response.status_code == 416:  # it is all there
                    return
                if response.is_error:
                    response.read()
                self.check(response)
                if response.status_code != 206:
                    done = 0
                total = done + int(response.headers.get("content-length", 0))
                with file.open("ab" if done else "wb") as target:
                    for chunk in response.iter_bytes(1 << 20):
                        target.write(chunk)
                        done += len(chunk)
                        progress(done, total)
        except httpx.TransportError as error:
            raise self.unreachable(error) from error

    def send_chunk(self, upload_id: int, offset: int, chunk: bytes) -> Any:
        """Send a part of an upload; transport errors come through, to be tried again."""
        response = self._http.patch(
            f"{PREFIX}/uploads/{upload_id}",
            content=chunk,
            headers={"Upload-Offset": str(offset), "Content-Type": "application/octet-stream"},
            timeout=UPLOAD_TIMEOUT,
        )
        self.check(response)
        return response.json()

    def ready(self) -> dict[str, Any]:
        """What ``/readyz`` says, also when it is not ready."""
        try:
            response = self._http.get("/readyz", timeout=5.0)
            answer = response.json()
        except (httpx.TransportError, ValueError) as error:
            raise self.unreachable(error) from error
        return dict(answer)

    def log_in(self, email: str, password: str) -> None:
        """Use a password instead of a token, for as long as this connection lives."""
        self._http.headers.pop("Authorization", None)
        self.post("/auth/login", {"email": email, "password": password})

    def unreachable(self, error: Exception) -> Stop:
        """The refusal for a server that does not answer."""
        reason = str(error) or type(error).__name__
        return Stop(
            f"Cannot reach the server at {self.target.url} ({reason}).\n"
            "Start it with `infantnet up`, or name another one with --server or INFANTNET_URL.",
            Exit.UNREACHABLE,
        )

    def check(self, response: httpx.Response) -> None:
        """Turn a refusal into a message."""
        if not response.is_error:
            return
        try:
            problem = response.json()
        except ValueError:
            problem = {}
        detail = problem.get("detail") if isinstance(problem, dict) else None
        message = str(detail or f"The server answered {response.status_code}.")
        code = Exit.FAILED
        if response.status_code == 401:
            code = Exit.NOT_ALLOWED
            if not self.target.token and "authorization" not in response.request.headers:
                message += (
                    "\nThe command line needs a token: INFANTNET_TOKEN=…, or make one with"
                    " `infantnet users token --email you@example.org --save`."
                )
        elif response.status_code == 403:
            code = Exit.NOT_ALLOWED
        raise Refused(response.status_code, problem if isinstance(problem, dict) else {}, message,
                      code)  # fmt: skip
