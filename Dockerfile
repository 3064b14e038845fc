# One recipe, two images: `--target web` (server, dispatcher, CPU worker) and `--target gpu` (with
# torch and the model packages).

FROM node:22-bookworm-slim AS frontend
WORKDIR /app/frontend
COPY frontend/package.json frontend/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY frontend ./
RUN npm run build

FROM node:22-bookworm-slim AS pose-model
WORKDIR /pose
COPY requirements/pose-model/ ./
RUN npm ci --ignore-scripts --no-audit --no-fund \
    && cd node_modules/@mediapipe/pose && mkdir /packaged \
    && cp pose_landmark_lite.tflite pose_landmark_heavy.tflite /packaged/ \
    && cp pose_solution_packed_assets.data /packaged/pose_detection.tflite \
    && chmod 644 /packaged/*

FROM python:3.12-slim-bookworm AS base
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 UV_LINK_MODE=copy UV_NO_CACHE=1
WORKDIR /app
COPY requirements/uv.txt requirements/base.txt requirements/
RUN python -m venv .venv \
    && .venv/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements/uv.txt
COPY pyproject.toml ./
RUN .venv/bin/uv pip install --python .venv/bin/python --compile-bytecode --require-hashes \
    -r requirements/base.txt
ENV PATH=/app/.venv/bin:$PATH INFANTNET_DATA_DIR=/data INFANTNET_HOST=0.0.0.0 INFANTNET_LOG_FORMAT=json

FROM base AS program
COPY backend backend
COPY worker worker
COPY migrations migrations
COPY --from=pose-model /packaged backend/models/checkpoints/assets/packaged
# Names the program in the environment as `make setup` does; the packages are there already.
RUN python -I backend/ops/bootstrap.py --link \
    && useradd --system --uid 10001 --home-dir /data infantnet \
    && install -d -o infantnet -g infantnet /data
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM

FROM base AS models
COPY requirements/models.txt requirements/
RUN uv pip install --python .venv/bin/python --compile-bytecode --require-hashes \
    -r requirements/models.txt

FROM models AS gpu
COPY --from=program /app/backend backend
COPY --from=program /app/worker worker
COPY --from=program /app/migrations migrations
RUN python -I backend/ops/bootstrap.py --link \
    && useradd --system --uid 10001 --home-dir /data infantnet \
    && install -d -o infantnet -g infantnet /data
VOLUME /data
USER infantnet
CMD ["celery", "-A", "worker.app:app", "worker", "-Q", "gpu", "--concurrency", "1", "-n", "gpu@%h"]

FROM program AS web
COPY --from=frontend /app/backend/web/static/dist backend/web/static/dist
USER infantnet
CMD ["python", "-m", "backend.web.serve"]
