"""One running enrollment for all tests of its HTTP door; each test has a source of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from deploy.devstack.postgres import Postgres
from tests.integration.enrollment.running import Emitter, Enrollment, Issuer, issuing, running


@pytest.fixture(scope="session")
def issuer() -> Iterator[Issuer]:
    with issuing() as made:
        yield made


@pytest.fixture(scope="session")
def enrollment(postgres: Postgres, issuer: Issuer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Enrollment]:
    """The service with a database of its own and no Kafka: what it takes waits in the outbox."""
    url = postgres.create_database("enrollment_http")
    log = tmp_path_factory.mktemp("enrollment") / "enrollment.log"
    settings = {
        "intake_patience_seconds": "1.5",
        "intake_requests_per_second": "2000",
        "intake_requests_burst": "4000",
        "http_body_seconds": "3",
    }
    with running(url, issuer, log, **settings) as service:
        yield service
    postgres.drop_database("enrollment_http")


@pytest.fixture
def emitter(enrollment: Enrollment) -> Emitter:
    """A source of Köln's Jobcenter, with nothing reported yet."""
    return enrollment.emitter()
