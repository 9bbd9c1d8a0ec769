"""With TLS a service speaks only to the broker whose certificate it was told to trust."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiokafka.errors import KafkaError
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from deploy import topics
from deploy.devstack.kafka import HOST, Kafka
from deploy.devstack.ports import free_port
from shared.db import Database
from shared.host import Host
from shared.messaging import outbox
from shared.messaging.cluster import Cluster
from shared.migrate import migrate
from tests.integration.messaging.conftest import Ledger, readable, settings
from tests.integration.messaging.test_outbox_to_consumer import message


def certificate(path: Path) -> Path:
    """A self-signed certificate of this machine with its key, in one file; answers the file of the certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "broker.test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    chain = made.public_bytes(Encoding.PEM)
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + chain)
    alone = path.with_suffix(".crt")
    alone.write_bytes(chain)
    return alone


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsKafka(Kafka):
    """A broker with a second listener that speaks TLS."""

    tls_port: int
    keystore: Path

    def _write_properties(self) -> Path:
        path = super(TlsKafka, self)._write_properties()
        more = f"""
listeners=PLAINTEXT://{HOST}:{self.port},TLS://{HOST}:{self.tls_port},CONTROLLER://{HOST}:{self.controller_port}
advertised.listeners=PLAINTEXT://{HOST}:{self.port},TLS://{HOST}:{self.tls_port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,TLS:SSL,CONTROLLER:PLAINTEXT
ssl.keystore.type=PEM
ssl.keystore.location={self.keystore}
"""
        path.write_text(path.read_text(encoding="utf-8") + more, encoding="utf-8")
        return path


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TlsKafka]:
    home = tmp_path_factory.mktemp("tls-kafka")
    certificate(home / "broker.pem")
    made = TlsKafka(
        data=home / "data", log=home / "kafka.log", port=free_port(), controller_port=free_port(),
        tls_port=free_port(), keystore=home / "broker.pem",
    )  # fmt: skip
    child = made.spawn()
    try:
        made.wait_ready(child)
        yield made
    finally:
        child.stop()


async def test_a_service_sends_and_reads_by_tls(broker: TlsKafka, database_url: str, until):
    trusted, where = broker.keystore.with_suffix(".crt"), f"{HOST}:{broker.tls_port}"
    await topics.ensure(Cluster(where, protocol="SSL", ca_file=trusted))
    await migrate(database_url)
    near = await Database.at(database_url, connections=1)
    async with near.transaction() as connection:
        await connection.execute("CREATE TABLE taken (value text PRIMARY KEY)")
    await near.close()
    given = settings(database_url, where, kafka_security_protocol="SSL", kafka_ca_file=trusted)
    host = Host(given, service="pathways", title="test")
    ledger = Ledger(host.db)
    host.consumer.subscribe(["enrollment.persons"], decode=readable, take=ledger.take)
    async with host.app.router.lifespan_context(host.app):
        await asyncio.wait_for(host.ready.wait(), 120)
        async with host.db.transaction() as connection:
            await outbox.put(connection, [message(f"P{n}", f"v{n}") for n in range(20)])
        await until(lambda: len(set(ledger.taken)) == 20, seconds=120)


async def test_a_broker_with_another_certificate_is_not_spoken_to(broker: TlsKafka, tmp_path: Path):
    other = certificate(tmp_path / "other.pem")
    with pytest.raises(KafkaError):
        await topics.ensure(Cluster(f"{HOST}:{broker.tls_port}", protocol="SSL", ca_file=other), [], patience_seconds=0)
