"""How a process gets into Kafka is said by settings, and what is missing among them is named at the start."""

from pathlib import Path

import pytest
from faststream.kafka.security import parse_security

from shared.settings import KafkaSettings, load

FIELDS = ("KAFKA", "SECURITY_PROTOCOL", "SASL_MECHANISM", "SASL_USER", "SASL_PASSWORD", "CA_FILE")


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch):
    for field in FIELDS:
        monkeypatch.delenv(field if field == "KAFKA" else f"KAFKA_{field}", raising=False)
    monkeypatch.setenv("KAFKA", "one:9092,two:9092")

    def setting(**fields: str) -> KafkaSettings:
        for field, value in fields.items():
            monkeypatch.setenv(f"KAFKA_{field.upper()}", value)
        return load(KafkaSettings)

    return setting


def test_without_more_a_client_speaks_plainly(given):
    cluster = given().cluster
    assert cluster.options() == {"bootstrap_servers": "one:9092,two:9092", "security_protocol": "PLAINTEXT"}
    assert parse_security(cluster.security()) == {"security_protocol": "PLAINTEXT", "ssl_context": None}


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
def test_a_name_and_a_password_reach_every_kind_of_client(given, mechanism):
    cluster = given(
        security_protocol="SASL_PLAINTEXT", sasl_mechanism=mechanism, sasl_user="pathways", sasl_password="geheim"
    ).cluster
    expected = {
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": mechanism,
        "sasl_plain_username": "pathways",
        "sasl_plain_password": "geheim",
    }
    assert cluster.options() == {"bootstrap_servers": "one:9092,two:9092"} | expected
    assert parse_security(cluster.security()) == {"ssl_context": None} | expected
    assert "geheim" not in repr(cluster)


def test_tls_checks_the_broker_and_its_name(given):
    cluster = given(security_protocol="SASL_SSL", sasl_user="pathways", sasl_password="geheim").cluster
    context = cluster.options()["ssl_context"]
    assert context.check_hostname
    assert context.verify_mode.name == "CERT_REQUIRED"
    assert parse_security(cluster.security())["security_protocol"] == "SASL_SSL"


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"security_protocol": "SASL_SSL", "sasl_password": "geheim"}, "KAFKA_SASL_USER: Value error, needed with"),
        ({"security_protocol": "SASL_SSL", "sasl_user": "pathways"}, "KAFKA_SASL_PASSWORD: Value error, needed with"),
        ({"security_protocol": "TLS"}, "KAFKA_SECURITY_PROTOCOL: "),
        ({"security_protocol": "SSL", "ca_file": str(Path(__file__) / "none")}, "KAFKA_CA_FILE: "),
    ],
)
def test_what_is_missing_or_wrong_is_named(given, capsys, fields, named):
    with pytest.raises(SystemExit):
        given(**fields)
    said = capsys.readouterr().err
    assert named in said
    assert "geheim" not in said
