"""Whatever the OpenAPI document allows to be sent to the municipalities' routes, the answer is no server error."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from tests.integration.enrollment.running import Enrollment, bearer

MUNICIPAL = (
    r"^/v1/(declarations|memberships|programme|workshops|alliances|practices|funding|bausteine|commitments|offers)"
)


CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance]
ROLES = ("ministry", "managing_body")


@pytest.mark.parametrize("role", ROLES)
def test_no_request_the_document_allows_breaks_the_service(enrollment: Enrollment, role: str):
    document = schemathesis.openapi.from_url(f"{enrollment.url}/openapi.json").include(path_regex=MUNICIPAL)
    headers = bearer(enrollment.issuer.token(role, areas=["05315000", "05570044"]))
    operations = [found.ok() for found in document.get_all_operations()]
    assert len(operations) > 40
    for operation in operations:

        @settings(
            max_examples=6,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def stands(case):
            case.call_and_validate(headers=headers, checks=CHECKS)

        stands()
