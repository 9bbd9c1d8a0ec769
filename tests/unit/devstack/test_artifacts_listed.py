"""The list of programs that are fetched: complete, pinned, and without the address of any place."""

import json
import re
from pathlib import Path

import pytest

from deploy.devstack import artifacts
from deploy.devstack.failures import Failure

LIST = Path(artifacts.__file__).with_name("artifacts.json")


def test_every_file_is_pinned_by_version_size_and_sum() -> None:
    for rows in json.loads(LIST.read_text(encoding="utf-8")).values():
        assert rows
        for row in rows:
            assert re.fullmatch(r"[\w.-]+:[\w.-]+:\d[\w.+-]*", row["coordinates"])
            assert re.fullmatch(r"[0-9a-f]{64}", row["sha256"])
            assert row["size"] > 1000


def test_file_names_are_unique_in_a_group_and_no_address_stands_in_the_list() -> None:
    for group in ("kafka", "traces-page", "postgres-x86_64", "postgres-aarch64"):
        names = [artifact.file_name for artifact in artifacts.artifacts(group)]
        assert len(names) == len(set(names))
    assert "://" not in LIST.read_text(encoding="utf-8")


def test_a_processor_without_a_build_is_told_what_else_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "s390x")
    with pytest.raises(Failure, match=r"(?s)no build of postgres for this processor \(s390x\).*KAFKA="):
        artifacts.artifacts("postgres")


def test_too_little_disk_is_said_with_what_is_needed_and_where(tmp_path: Path) -> None:
    with pytest.raises(Failure, match=r"(?s)Too little disk: .*XDG_CACHE_HOME"):
        artifacts.require_space(tmp_path, 10**18)
