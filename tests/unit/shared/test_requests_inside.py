"""Only our own services, with the shared secret, open what is for them: one path, for two minutes."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.inside import is_signed, sign

NOW = datetime(2026, 11, 8, 12, tzinfo=UTC)
PATH = "/v1/attendees/at-1/address"


def test_a_signed_request_is_taken_while_the_clocks_are_close():
    signature = sign("secret", PATH, NOW)
    assert is_signed("secret", PATH, signature, NOW + timedelta(seconds=119))
    assert is_signed("secret", PATH, signature, NOW - timedelta(seconds=119))


@pytest.mark.parametrize(
    ("secret", "path", "seconds"),
    [("other", PATH, 0), ("secret", "/v1/attendees/at-2/address", 0), ("secret", PATH, 121), ("secret", PATH, -121)],
)
def test_another_secret_path_or_time_is_not(secret: str, path: str, seconds: int):
    assert not is_signed(secret, path, sign("secret", PATH, NOW), NOW + timedelta(seconds=seconds))


def test_what_is_sent_is_signed_with_it():
    signature = sign("secret", PATH, NOW, content=b"[1]")
    assert is_signed("secret", PATH, signature, NOW, content=b"[1]")
    assert not is_signed("secret", PATH, signature, NOW, content=b"[2]")
    assert not is_signed("secret", PATH, signature, NOW)
    assert not is_signed("secret", PATH, sign("secret", PATH, NOW), NOW, content=b"")


@pytest.mark.parametrize("signature", ["", ".", "12", "x.y", "1" * 400, "²." + "0" * 64, "1.\ud800"])
def test_what_is_no_signature_is_refused_and_does_not_fail(signature: str):
    assert not is_signed("secret", PATH, signature, NOW)
