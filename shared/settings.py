"""What every service is told from outside: one environment variable a field, units in the names."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from pydantic import FilePath, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.messaging.cluster import Cluster, Mechanism, Protocol


def settings_for(prefix: str) -> SettingsConfigDict:
    """The settings' configuration of a service: variables begin with `<PREFIX>_`, empty ones count as absent."""
    return SettingsConfigDict(env_prefix=f"{prefix}_", env_ignore_empty=True, extra="ignore", validate_default=True)


class KafkaSettings(BaseSettings):
    """Where Kafka is and how one gets in. `kafka` is `host:port`, several with commas."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", validate_default=True)

    kafka: str
    kafka_security_protocol: Protocol = "PLAINTEXT"
    kafka_sasl_mechanism: Mechanism = "SCRAM-SHA-512"
    kafka_sasl_user: str | None = None
    kafka_sasl_password: SecretStr | None = None
    kafka_ca_file: FilePath | None = None

    @field_validator("kafka_sasl_user", "kafka_sasl_password")
    @classmethod
    def _needed_with_sasl(cls, value: Any, info: ValidationInfo) -> Any:
        if value is None and str(info.data.get("kafka_security_protocol", "")).startswith("SASL"):
            raise ValueError(f"needed with {info.data['kafka_security_protocol']}")
        return value

    @property
    def cluster(self) -> Cluster:
        """The cluster as every client wants it."""
        return Cluster(
            self.kafka,
            protocol=self.kafka_security_protocol,
            mechanism=self.kafka_sasl_mechanism,
            user=self.kafka_sasl_user,
            password=self.kafka_sasl_password.get_secret_value() if self.kafka_sasl_password else None,
            ca_file=Path(self.kafka_ca_file) if self.kafka_ca_file else None,
        )


class ServiceSettings(KafkaSettings):
    """The settings all four services share. A service's own class adds its prefix and its fields."""

    database_url: str
    retention: FilePath | None = None  # how long each category is kept; without one the periods that come along
    http_host: str = "127.0.0.1"
    http_port: int
    root_path: str = ""
    public_url: str
    issuer_url: str
    audience: str = "gemeinsam"
    client_id: str = "gemeinsam"
    otlp_url: str | None = None
    trace_ratio: float = 1.0
    today: date | None = None
    session_secret: SecretStr
    http_connections: int = 2000
    http_header_seconds: float = 20.0
    http_header_bytes: int = 64 * 1024
    http_requests_at_once: int = 400
    http_body_bytes: int = 10 * 1024 * 1024
    http_body_seconds: float = 60.0
    database_connections: int = 10
    batch_records: int = 1000
    dead_letters_per_minute: int = 200
    dead_letters_share: float = 0.5
    dead_letters_hold_seconds: int = 300
    drain_seconds: float = 10.0


S = TypeVar("S", bound=KafkaSettings)


def load(settings: type[S], **given: Any) -> S:
    """Read the environment, or end the process with every error at once, each by its variable's name."""
    try:
        return settings(**given)
    except ValidationError as error:
        prefix = settings.model_config.get("env_prefix", "")
        print("The settings are not complete:", file=sys.stderr)
        for problem in error.errors():
            name = prefix + "_".join(str(part) for part in problem["loc"]).upper()
            print(f"  {name}: {problem['msg']}", file=sys.stderr)
        raise SystemExit(2) from None
