"""What a server is deployed from, and what the set-up is made of, as far as it can be read."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import grimp
import pytest
import yaml

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
PIN = re.compile(r"^([a-z0-9.-]+)(?:\[[^]]*\])?==(\S+)((?: ; .*)?) \\$")


def pins(lock: Path) -> dict[tuple[str, str], str]:
    found = (PIN.match(line) for line in lock.read_text().splitlines())
    return {(m[1], m[3]): m[2] for m in found if m}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_locked_package_is_pinned_and_hashed(lock: Path) -> None:
    packages = re.split(r"\n(?=\S)", lock.read_text().strip())
    assert packages
    for package in packages:
        assert PIN.match(package.split("\n")[0]), package.split("\n")[0]
        assert "--hash=sha256:" in package


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_no_lock_names_a_registry(lock: Path) -> None:
    assert "://" not in lock.read_text()
    assert "--index" not in lock.read_text()


def test_the_locks_agree_on_every_version() -> None:
    base = pins(ROOT / "requirements" / "base.txt")
    for name in ("models", "dev"):
        other = pins(ROOT / "requirements" / f"{name}.txt")
        # A group may need a package on more systems than the base does; the version is the same.
        versions = {(package, version) for (package, _), version in other.items()}
        assert {(package, version) for (package, _), version in base.items()} <= versions
    models, dev = (pins(ROOT / "requirements" / f"{name}.txt") for name in ("models", "dev"))
    assert all(dev[key] == version for key, version in models.items() if key in dev)


def test_the_locks_hold_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = {"base": project["dependencies"], **project["optional-dependencies"]}
    for name, requirements in asked.items():
        locked = {package for package, _ in pins(ROOT / "requirements" / f"{name}.txt")}
        wanted = {re.split(r"[\[<>=!~; ]", line)[0].lower() for line in requirements}
        assert wanted <= locked


def test_the_npm_lock_names_no_registry() -> None:
    packages = json.loads((ROOT / "frontend" / "package-lock.json").read_text())["packages"]
    assert len(packages) > 1
    assert [name for name, package in packages.items() if "resolved" in package] == []


def test_the_shell_of_the_set_up_parses() -> None:
    subprocess.run(["bash", "-n", ROOT / ".ci" / "run"], check=True)
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    for target in ("help", "run", "test", "lint", "fast", "bench", "lock"):
        made = subprocess.run(
            ["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=True
        )
        subprocess.run(["bash", "-n"], input=made.stdout, text=True, check=True)


def test_make_says_what_to_do_without_a_usable_python() -> None:
    made = subprocess.run(
        ["make", "run", "PYTHON="], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert made.returncode != 0
    assert "Python 3.11 or newer is needed" in made.stderr


def test_the_set_up_needs_nothing_but_the_standard_library() -> None:
    script = "import runpy; runpy.run_path('backend/ops/bootstrap.py', run_name='checked')"
    subprocess.run([sys.executable, "-I", "-S", "-c", script], cwd=ROOT, check=True)


def test_the_domain_needs_nothing_but_numpy_and_words_for_shapes() -> None:
    graph = grimp.build_graph("backend", include_external_packages=True)
    modules = {"backend.domain", *graph.find_descendants("backend.domain")}
    imported = set().union(*(graph.find_modules_directly_imported_by(m) for m in modules))
    outside = {name.partition(".")[0] for name in imported if not name.startswith("backend.")}
    assert outside - set(sys.stdlib_module_names) <= {"numpy", "jaxtyping"}


def test_compose_has_every_part_of_the_product() -> None:
    assert {
        "web",
        "dispatcher",
        "worker-cpu",
        "worker-gpu",
        "migrate",
        "postgres",
        "redis",
        "storage",
    } == set(SERVICES)


@pytest.mark.parametrize(
    "name", ["web", "worker-cpu", "worker-gpu", "postgres", "redis", "storage"]
)
def test_each_long_running_service_is_watched(name: str) -> None:
    check = SERVICES[name]["healthcheck"]
    assert check["test"][0] in ("CMD", "CMD-SHELL")
    assert SERVICES[name]["restart"] == "unless-stopped"


def test_nothing_starts_before_the_tables_are_up_to_date() -> None:
    for name in ("web", "dispatcher", "worker-cpu", "worker-gpu"):
        condition = SERVICES[name]["depends_on"]["migrate"]["condition"]
        assert condition == "service_completed_successfully"


def test_the_gpu_worker_reserves_one_gpu() -> None:
    devices = SERVICES["worker-gpu"]["deploy"]["resources"]["reservations"]["devices"]
    assert devices == [{"driver": "nvidia", "count": 1, "capabilities": ["gpu"]}]


def test_no_secret_has_a_default() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    secret = re.compile(r"\$\{([A-Z0-9_]*(?:PASSWORD|SECRET|KEY)[A-Z0-9_]*)([^}]*)\}")
    found = secret.findall(text)
    assert {name for name, _ in found} == {
        "POSTGRES_PASSWORD",
        "REDIS_PASSWORD",
        "S3_ACCESS_KEY_ID",
        "S3_SECRET_ACCESS_KEY",
    }
    assert all(rest.startswith(":?") for _, rest in found)


def test_every_variable_of_compose_is_explained_in_the_example() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    used = set(re.findall(r"(?<!\$)\$\{([A-Z0-9_]+)", text))
    example = (ROOT / ".env.example").read_text()
    explained = set(re.findall(r"^#?([A-Z0-9_]+)=", example, re.MULTILINE))
    assert used <= explained


def test_every_setting_in_compose_is_one_that_the_program_knows() -> None:
    from backend.core.settings import Settings

    known = {f"INFANTNET_{name.upper()}" for name in Settings.model_fields}
    environment = SERVICES["web"]["environment"]
    assert {name for name in environment if name.startswith("INFANTNET_")} <= known


def test_the_images_are_built_from_the_locks_and_run_without_root() -> None:
    text = (ROOT / "Dockerfile").read_text()
    stages = re.findall(r"^FROM \S+ AS (\S+)", text, re.MULTILINE)
    for name in ("web", "worker-gpu"):
        assert SERVICES[name]["build"]["target"] in stages
    installs = [line for line in text.splitlines() if "pip install" in line]
    assert len(installs) == 3
    assert text.count("--require-hashes") == len(installs)
    assert "npm ci" in text
    assert text.count("USER infantnet") == 2
