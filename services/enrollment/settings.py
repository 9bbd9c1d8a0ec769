"""What enrollment is told from outside: variables begin with `ENROLLMENT_`."""

from __future__ import annotations

from pathlib import Path

from shared.settings import ServiceSettings, settings_for


class Settings(ServiceSettings):
    """The settings of enrollment; limits hold for one process."""

    model_config = settings_for("ENROLLMENT")

    http_port: int = 8401
    development_members: bool = False  # every Kreis and kreisfreie Stadt is a member without having declared
    intake_requests_per_second: float = 200.0  # of one source, on average
    intake_requests_burst: int = 400
    intake_requests_at_once: int = 32
    intake_chunk_rows: int = 1000
    intake_chunk_bytes: int = 1_048_576
    intake_chunk_seconds: float = 0.2
    intake_batch_bytes: int = 10_485_760
    intake_least_bytes_per_second: float = 50.0  # slower senders are cut off
    intake_patience_seconds: float = 20.0  # over which the sender's rate is taken
    persons_rows: int = 10_000
    attendees_days: int = 180  # names and addresses of workshops' attendees go so long after the workshop
    evidence_documents: int = 100  # kept for one municipality at most
    evidence_bytes: int = 209_715_200  # of them together
    pathways_url: str | None = None  # where the others are reached from here; left out, on `public_url`
    notifications_url: str | None = None
    reporting_url: str | None = None
    vault_keys: Path | None = None  # the file of the keys that seal traits; without one traits are refused
    vault_database_url: str | None = None  # the role that alone reads traits; without one it is the service's own
    vault_merge_limit: int = 6  # pseudonyms one person has at most by rule; beyond that a human decides
    files_bytes: int = 52_428_800
    files_rows: int = 200_000
    files_chunk_rows: int = 500
    files_lease_seconds: float = 20.0  # a worker without a sign for so long is taken for dead
