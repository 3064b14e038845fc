"""Which Celery workers are alive, from the sign of life that each keeps in Redis."""

from __future__ import annotations

import orjson
import redis
from pydantic import BaseModel

from backend.core.settings import Settings

KEY_PREFIX = "infantnet:worker:"
BEAT_SECONDS = 5
EXPIRE_SECONDS = 15


class WorkerOut(BaseModel):
    """One living worker process; ``models`` tells whether it has the model packages."""

    name: str
    queues: list[str]
    device: str
    models: bool = False


def beat(client: redis.Redis, worker: WorkerOut) -> None:
    """Give a sign of life; it expires by itself."""
    client.set(KEY_PREFIX + worker.name, worker.model_dump_json(), ex=EXPIRE_SECONDS)


def living_workers(settings: Settings) -> list[WorkerOut]:
    """Workers that gave a sign of life lately; none when Redis cannot be reached."""
    client = redis.Redis.from_url(settings.required_redis_url, socket_timeout=2)
    try:
        keys = sorted(client.scan_iter(KEY_PREFIX + "*"))
        values = client.mget(keys) if keys else []
    except redis.RedisError:
        return []
    return [WorkerOut.model_validate(orjson.loads(v)) for v in values if v]
