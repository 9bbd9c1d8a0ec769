"""`docker-compose.yml` describes the same system as the embedded stack: checked without Docker."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.devstack.options import SERVICES

ROOT = Path(__file__).parents[3]
KEYS = {
    *("build", "image", "command", "restart", "stop_grace_period", "depends_on", "healthcheck", "environment"),
    *("ports", "configs", "volumes", "networks"),
}
CONDITIONS = {"service_started", "service_healthy", "service_completed_successfully"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return found


def settings_of(service: str) -> tuple[set[str], set[str]]:
    """All variables of a service, and those without a default."""
    settings = importlib.import_module(f"services.{service}.settings").Settings
    prefix = service.upper()
    names = {f"{prefix}_{name.upper()}" for name in settings.model_fields}
    required = {f"{prefix}_{name.upper()}" for name, field in settings.model_fields.items() if field.is_required()}
    return names, required


def test_the_whole_system_is_on_the_page(compose: dict[str, Any]) -> None:
    parts = {*SERVICES, "kafka", "postgres", "topics", "mail", "traces", "prometheus", "grafana", "gateway", "issuer"}
    assert set(compose["services"]) == parts


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_gets_every_setting_it_needs_and_none_it_does_not_know(compose: dict[str, Any], service: str) -> None:
    names, required = settings_of(service)
    given = set(compose["services"][service]["environment"])
    assert given <= names, f"unknown: {given - names}"
    assert required <= given, f"missing: {required - given}"


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_built_from_the_one_dockerfile_and_waits_for_what_it_stands_on(
    compose: dict[str, Any], service: str
) -> None:
    described = compose["services"][service]
    assert described["build"]["args"] == {"SERVICE": service}
    assert (ROOT / described["build"]["dockerfile"]).is_file()
    assert set(described["depends_on"]) == {"postgres", "kafka", "topics"}
    assert "/health/ready" in described["healthcheck"]["test"][1]
    assert described["environment"][f"{service.upper()}_ROOT_PATH"] == f"/{service}"


def test_only_keys_of_the_compose_format_are_used_and_all_names_lead_somewhere(compose: dict[str, Any]) -> None:
    for name, part in compose["services"].items():
        assert set(part) <= KEYS, f"{name}: {set(part) - KEYS}"
        assert ("image" in part) != ("build" in part), name
        for needed, how in part.get("depends_on", {}).items():
            assert needed in compose["services"]
            assert how["condition"] in CONDITIONS
            if how["condition"] == "service_healthy":
                assert "healthcheck" in compose["services"][needed], needed
        for volume in part.get("volumes", []):
            assert volume.split(":")[0] in compose["volumes"]
        for config in part.get("configs", []):
            assert config["source"] in compose["configs"]


def test_the_vault_has_a_key_on_a_volume_of_its_own(compose: dict[str, Any]) -> None:
    vault = compose["services"]["enrollment"]
    (volume,) = vault["volumes"]
    assert vault["environment"]["ENROLLMENT_VAULT_KEYS"].startswith(volume.split(":")[1] + "/")
    assert "rotate-keys" in vault["command"][-1]
    others = [part for name, part in compose["services"].items() if name != "enrollment"]
    assert all(volume not in part.get("volumes", []) for part in others)


def test_images_are_pinned_and_ports_are_used_once(compose: dict[str, Any]) -> None:
    images = [part["image"] for part in compose["services"].values() if "image" in part]
    assert [image for image in images if not re.search(r":v?\d", image)] == []
    ports = [port.split(":")[0] for part in compose["services"].values() for port in part.get("ports", [])]
    assert len(ports) == len(set(ports))


def test_no_secret_stands_on_the_page() -> None:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    for name in ("POSTGRES_PASSWORD", "SESSION_SECRET"):
        values = re.findall(rf"{name}: (.*)", text)
        assert values
        assert all(f"${{{name}:?" in value for value in values)
    assert re.findall(r"://\w+:(?!\$\{POSTGRES_PASSWORD:)[^@\s/]+@", text) == []


def test_the_gateway_and_the_metrics_know_every_service(compose: dict[str, Any]) -> None:
    gateway = compose["configs"]["gateway"]["content"]
    metrics = yaml.safe_load(compose["configs"]["prometheus"]["content"])
    assert "|".join(SERVICES) in gateway
    targets = metrics["scrape_configs"][0]["static_configs"][0]["targets"]
    assert targets == [f"{service}:8000" for service in SERVICES]


def test_the_dockerfile_copies_only_what_is_there() -> None:
    text = (ROOT / "deploy" / "docker" / "Dockerfile").read_text(encoding="utf-8")
    for line in re.findall(r"^COPY (?!--from)(.*)$", text, flags=re.MULTILINE):
        for source in line.split()[:-1]:
            for service in SERVICES if "$SERVICE" in source else [""]:
                assert (ROOT / source.replace("$SERVICE", service)).exists(), source
