"""Whatever the OpenAPI document allows to be sent about files, mappings and sources' health, nothing breaks."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance

from tests.integration.enrollment.running import Emitter, Enrollment, bearer

ROUTES = r"^/v1/(files|mappings|source-health)"


@pytest.mark.parametrize("role", ["emitter", "operator"])
def test_no_request_the_document_allows_breaks_the_service(enrollment: Enrollment, emitter: Emitter, role: str) -> None:
    document = schemathesis.openapi.from_url(f"{enrollment.url}/openapi.json").include(path_regex=ROUTES)
    headers = emitter.headers if role == "emitter" else bearer(enrollment.issuer.token(role))
    operations = [found.ok() for found in document.get_all_operations()]
    assert len(operations) >= 11
    for operation in operations:

        @settings(
            max_examples=15,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def stands(case: Case) -> None:
            case.query["wait_seconds"] = 0
            case.call_and_validate(headers=headers, checks=[not_a_server_error, response_schema_conformance])

        stands()
