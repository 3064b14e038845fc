"""Settings of the whole program, read from the environment.

Every name is prefixed with ``INFANTNET_``; ``DATABASE_URL`` and ``REDIS_URL`` are also accepted
as they are, because hosting platforms set them so. Without those two, the program starts its own
Postgres and Redis in :attr:`Settings.data_dir`.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlencode, urlsplit

from pydantic import AliasChoices, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from backend.domain.fits import DRIFT_LIMIT_PX
from backend.domain.limits import MAX_IMAGE_PIXELS, MAX_JSON_BYTES, MAX_VIDEO_PIXELS

MIB = 1024**2
GIB = 1024**3


class Settings(BaseSettings):
    """What can be chosen from outside; each field is ``INFANTNET_<NAME>`` in the environment."""

    model_config = SettingsConfigDict(
        env_prefix="INFANTNET_", populate_by_name=True, extra="ignore", env_ignore_empty=True
    )

    # Where things live
    data_dir: Path = Field(
        default=Path("data"), validation_alias=AliasChoices("INFANTNET_DATA_DIR", "INFANTNET_DATA")
    )
    database_url: str | None = Field(
        default=None, validation_alias=AliasChoices("INFANTNET_DATABASE_URL", "DATABASE_URL")
    )
    redis_url: str | None = Field(
        default=None, validation_alias=AliasChoices("INFANTNET_REDIS_URL", "REDIS_URL")
    )
    storage_url: str | None = None
    """``file:///folder`` or ``s3://bucket/prefix``; the default is ``<data_dir>/blobs``."""
    s3_endpoint: str | None = None
    s3_region: str = "us-east-1"
    s3_access_key_id: str | None = None
    s3_secret_access_key: SecretStr | None = None
    weights_folder: Path | None = Field(
        default=None,
        validation_alias=AliasChoices("INFANTNET_WEIGHTS_DIR", "INFANTNET_WEIGHTS_FOLDER"),
    )

    # The web server
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    public_url: str | None = None
    """Address that people type, where a proxy stands in front."""
    forwarded_allow_ips: str = ""
    """Proxies whose ``X-Forwarded-For`` is believed, with commas; by default nobody's."""
    cookie_secure: bool | None = None
    """Send the session cookie over HTTPS only; by default this follows ``public_url``."""
    session_days: int = Field(default=14, ge=1)
    vite_dev_url: str | None = Field(
        default=None, validation_alias=AliasChoices("INFANTNET_VITE_DEV_URL", "INFANTNET_VITE_DEV")
    )
    """Address of Vite's development server, instead of the built frontend."""

    web_threads: int = Field(default=40, ge=4)
    """Requests that work at the same time, each with at most one connection to the database."""
    database_lock_seconds: float = Field(default=5, ge=0)
    """A request waits so long for what another one is writing; 0 is for ever."""
    database_statement_seconds: float = Field(default=60, ge=0)
    database_idle_seconds: float = Field(default=300, ge=0)
    """A request's transaction may be left open so long without a statement."""
    probe_seconds: float = Field(default=5, gt=0)
    """How often, and how patiently, ``infantnet up`` asks the web server for a sign of life."""
    child_memory_mb: int = Field(default=500, ge=100)
    """A process of the ``cpu`` workers that took more than this is replaced after its job."""

    # What runs
    models: bool = True
    """Whether the model packages are installed and the model jobs may run."""
    demo: bool = False
    """Load the demo at the first start."""
    cpu_workers: int = Field(default=2, ge=1)
    queues: Annotated[tuple[str, ...], NoDecode] = ("cpu", "gpu")
    """Queues that this machine works on; ``none`` for a web server without workers."""
    inference_device: Literal["auto", "cpu", "cuda", "mps"] = "auto"

    # When a session is flagged
    drift_limit_px: float = Field(default=DRIFT_LIMIT_PX, gt=0)
    """Median shift of a camera's picture between the calibrations before and after a session."""

    # Limits on what people send
    max_upload_bytes: int = 64 * GIB
    upload_chunk_bytes: int = 8 * MIB
    max_request_bytes: int = 16 * MIB
    """Largest body of an ordinary request (uploads are chunked and counted on their own)."""
    max_image_pixels: int = MAX_IMAGE_PIXELS
    max_video_pixels: int = MAX_VIDEO_PIXELS
    """Largest single frame of a video, in pixels."""
    max_json_bytes: int = MAX_JSON_BYTES
    max_archive_entries: int = 500_000
    max_archive_bytes: int = 64 * GIB
    """Largest sum of the unpacked sizes in one archive."""

    spare_disk_bytes: int = 256 * MIB
    """With less room than this on the disk of the data folder, the server says that it is full."""

    # Logs
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["auto", "console", "json"] = "auto"
    """``auto``: readable lines on a terminal, one JSON object a line elsewhere."""

    @field_validator("data_dir", "weights_folder")
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        return None if value is None else value.expanduser().absolute()

    @field_validator("queues", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            names = tuple(part.strip() for part in value.split(",") if part.strip())
            return () if names == ("none",) else names
        return value

    @field_validator("storage_url")
    @classmethod
    def _known_storage(cls, value: str | None) -> str | None:
        if value is not None and urlsplit(value).scheme not in ("file", "s3"):
            raise ValueError("INFANTNET_STORAGE_URL must start with file:// or s3://")
        return value

    @field_validator("database_url")
    @classmethod
    def _psycopg(cls, value: str | None) -> str | None:
        """Name the driver: platforms write ``postgres://``, SQLAlchemy must be told psycopg 3."""
        if value is None:
            return None
        scheme, separator, rest = value.partition("://")
        if not separator or scheme not in ("postgres", "postgresql", "postgresql+psycopg"):
            raise ValueError(
                "DATABASE_URL must be a postgresql:// address; no other database works"
            )
        return f"postgresql+psycopg://{rest}"

    # What follows from the above

    @property
    def storage(self) -> str:
        """Address of the blob storage, ``file://`` or ``s3://``."""
        return self.storage_url or (self.data_dir / "blobs").as_uri()

    @property
    def weights_dir(self) -> Path:
        """Folder of the model checkpoints."""
        return self.weights_folder or self.data_dir / "weights"

    @property
    def scratch_dir(self) -> Path:
        """Folder of files that jobs work on; what is a day old there was left by a dead worker."""
        return self.data_dir / "tmp"

    @property
    def uploads_dir(self) -> Path:
        """Folder of unfinished uploads."""
        return self.data_dir / "uploads"

    @property
    def logs_dir(self) -> Path:
        """Folder of the log files of the processes that ``infantnet up`` starts."""
        return self.data_dir / "logs"

    @property
    def base_url(self) -> str:
        """Address of the product, without a slash at the end."""
        if self.public_url:
            return self.public_url.rstrip("/")
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::", "") else self.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def secure_cookies(self) -> bool:
        """Whether cookies are for HTTPS only."""
        if self.cookie_secure is not None:
            return self.cookie_secure
        return self.base_url.startswith("https://")

    @property
    def required_database_url(self) -> str:
        """The database address.

        Raises:
            RuntimeError: none is set and nothing has started the embedded one.
        """
        if self.database_url is None:
            raise RuntimeError("DATABASE_URL is not set: start the program with `infantnet up`")
        return self.database_url

    @property
    def required_redis_url(self) -> str:
        """The Redis address, as redis-py reads it.

        Raises:
            RuntimeError: none is set and nothing has started the embedded one.
        """
        if self.redis_url is None:
            raise RuntimeError("REDIS_URL is not set: start the program with `infantnet up`")
        return self.redis_url

    @property
    def broker_url(self) -> str:
        """The Redis address as Celery reads it (``redis+socket://`` for a socket file)."""
        url = self.required_redis_url
        if not url.startswith("unix://"):
            return url
        parts = urlsplit(url)
        query = dict(part.split("=", 1) for part in parts.query.split("&") if "=" in part)
        return f"redis+socket://{parts.path}?{urlencode({'virtual_host': query.get('db', '0')})}"

    def child_environment(self) -> dict[str, str]:
        """Environment that gives a child process these same settings."""
        environment = dict(os.environ)
        environment.pop("DATABASE_URL", None)
        environment.pop("REDIS_URL", None)
        for name, value in self.model_dump(exclude_none=True).items():
            if isinstance(value, SecretStr):
                text = value.get_secret_value()
            elif isinstance(value, tuple):
                text = ",".join(value) or "none"
            elif isinstance(value, bool):
                text = "1" if value else "0"
            else:
                text = str(value)
            key = "WEIGHTS_DIR" if name == "weights_folder" else name.upper()
            environment[f"INFANTNET_{key}"] = text
        return environment


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()
