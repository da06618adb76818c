"""docker-compose.yml, Dockerfile and the production profile. No engine runs here, so their words are checked."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands
from django.utils.module_loading import import_string

COMPOSE = yaml.safe_load((settings.BASE_DIR / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
DOCKERFILE = (settings.BASE_DIR / "Dockerfile").read_text()
OURS = ["web", "worker", "sweeper", "migrate"]
PRODUCTION = {
    "ANNOTRAIN_PRODUCTION": "1",
    "SECRET_KEY": "k" * 30 + "0123456789abcdefghijklmnopqrstuvwxyz",
    "ALLOWED_HOSTS": "annotrain.example.org",
}


def manage(*arguments, **variables):
    """Run manage.py as a production machine would; returns the finished process."""
    environment = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ} | variables
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
    )


def test_compose_has_every_part_of_the_product():
    assert {"web", "worker", "sweeper", "postgres", "redis", "storage"} <= set(SERVICES)
    assert set(COMPOSE) <= {"name", "services", "volumes", "x-product"}
    known = {"image", "build", "restart", "environment", "depends_on", "ports", "command", "healthcheck"}
    known |= {"stop_grace_period", "volumes", "entrypoint"}
    for name, service in SERVICES.items():
        assert set(service) <= known, name


@pytest.mark.parametrize("name", ["web", "postgres", "redis", "storage"])
def test_a_server_has_a_health_check(name):
    check = SERVICES[name]["healthcheck"]
    assert check["test"][0] in ("CMD", "CMD-SHELL")
    assert {"interval", "timeout", "retries"} <= set(check)


def test_every_dependency_is_a_service_with_what_is_waited_for():
    for name, service in SERVICES.items():
        for other, condition in service.get("depends_on", {}).items():
            if condition["condition"] == "service_healthy":
                assert "healthcheck" in SERVICES[other], f"{name} waits for the health of {other}"
            else:
                assert SERVICES[other]["restart"] == "on-failure", f"{name} waits for the end of {other}"


@pytest.mark.parametrize("name", ["worker", "sweeper", "migrate"])
def test_every_management_command_in_compose_exists(name):
    python, script, command, *_ = SERVICES[name]["command"]
    assert (python, script) == ("python", "manage.py")
    assert (settings.BASE_DIR / script).exists()
    assert command in get_commands()


def test_the_web_command_exists_and_knows_its_options():
    command = re.search(r"^CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)[1]
    granian, *options = yaml.safe_load(command)
    program = Path(sys.executable).parent / granian
    known = subprocess.run([program, "--help"], capture_output=True, text=True, check=True).stdout
    assert [option for option in options if option.startswith("--") and option not in known] == []
    module, _, name = options[-1].partition(":")
    assert callable(import_string(f"{module}.{name}"))
    assert SERVICES["web"].get("command") is None


def test_the_health_check_of_the_web_service_exists():
    module = SERVICES["web"]["healthcheck"]["test"][-1]
    assert callable(import_string(f"{module}.is_healthy"))


def test_redis_in_compose_appends_and_never_evicts():
    command = SERVICES["redis"]["command"]
    options = dict(zip(command[1::2], command[2::2], strict=True))
    assert options["--appendonly"] == "yes"
    assert options["--maxmemory-policy"] == "noeviction"
    assert "REDIS_PASSWORD" in options["--requirepass"]
    assert "ports" not in SERVICES["redis"]


def test_only_the_web_process_pools_database_connections():
    pooling = [name for name in OURS if "ANNOTRAIN_DATABASE_POOL" in SERVICES[name]["environment"]]
    assert pooling == ["web"]


def test_compose_holds_no_secret():
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if re.search(r"SECRET|PASSWORD|AUTH", name):
                assert value.startswith("${"), name


def test_every_variable_in_compose_is_read_by_the_settings():
    source = (settings.BASE_DIR / "annotrain/settings.py").read_text()
    for name in OURS:
        for variable in SERVICES[name]["environment"]:
            assert f'"{variable}"' in source, variable


def test_images_are_pinned():
    for name, service in SERVICES.items():
        assert re.search(r":[\w.-]*\d|:local$", service["image"]), name
        assert not service["image"].endswith("latest")


def test_what_the_dockerfile_copies_exists():
    for sources in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE):
        for source in sources.split():
            assert (settings.BASE_DIR / source).exists(), source
    assert re.search(r"^USER annotrain$", DOCKERFILE, re.MULTILINE)


def test_the_production_profile_passes_the_deployment_check():
    done = manage("check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("missing", ["SECRET_KEY", "ALLOWED_HOSTS"])
def test_production_does_not_start_without(missing):
    done = manage("check", **{key: value for key, value in PRODUCTION.items() if key != missing})
    assert done.returncode != 0
    assert missing in done.stderr


def test_production_refuses_debug():
    done = manage("check", **PRODUCTION, DEBUG="1")
    assert "exclude each other" in done.stderr


def test_every_static_file_gets_its_hashed_name(tmp_path):
    done = manage("collectstatic", "--noinput", "--verbosity", "0", **PRODUCTION, STATIC_ROOT=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "staticfiles.json").exists()


def test_every_variable_that_the_settings_read_is_documented():
    source = (settings.BASE_DIR / "annotrain/settings.py").read_text()
    read = set(re.findall(r"""env\.\w+\(\s*"([A-Z_]+)\"""", source))
    documented = set(
        re.findall(r"^\| `([A-Z_]+)` \|", (settings.BASE_DIR / "docs/deploy.md").read_text(), re.MULTILINE)
    )
    assert read == documented
