"""The shape of the house is checked by a machine, and each check is seen to fail on a planted breach."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVICES = ("enrollment", "pathways", "notifications", "reporting")
CLOCKS_AND_CHANCE = {"now", "utcnow", "today", "uuid1", "uuid4", "urandom", "token_hex", "token_bytes"}


def lint(root: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False, env={"PYTHONPATH": str(root)})


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages alone, to plant breaches in."""
    root = tmp_path_factory.mktemp("house")
    for package in ("services", "shared", "deploy"):
        shutil.copytree(ROOT / package, root / package, ignore=shutil.ignore_patterns("__pycache__", "*.json", "*.csv"))
    shutil.copy(ROOT / "pyproject.toml", root)
    return root


def test_the_house_as_it_stands_keeps_all_walls():
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout[-3000:]


@pytest.mark.parametrize(
    ("where", "line", "broken"),
    [
        ("services/pathways/domain/planted.py", "import services.reporting", "Services do not know each other"),
        ("shared/planted.py", "import services.pathways", "One direction"),
        ("services/reporting/planted.py", "", "The rooms of a service"),
        ("services/pathways/store/planted.py", "import services.pathways.usecases", "The rooms of a service"),
        ("services/pathways/domain/planted.py", "import asyncpg", "Rules do no I/O"),
        ("services/enrollment/domain/planted.py", "import random", "Rules do no I/O"),
        ("services/enrollment/usecases/planted.py", "import fastapi", "Use cases, stores and jobs"),
    ],
)
def test_a_planted_breach_is_caught(copy: Path, where: str, line: str, broken: str):
    planted = copy / where
    if not planted.parent.exists() or (planted.parent.with_suffix(".py")).exists():
        pytest.fail(f"{planted.parent} is no package; plant the breach elsewhere")
    planted.write_text(f'"""Planted."""\n{line}\n')
    try:
        result = lint(copy)
    finally:
        planted.unlink()
    assert result.returncode != 0
    assert any(broken in row and "BROKEN" in row for row in result.stdout.splitlines()), result.stdout[-2000:]


def clocks_in(source: str) -> list[str]:
    """Calls of a clock or of chance, by name, wherever they come from."""
    calls = [node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    names = [call.attr if isinstance(call, ast.Attribute) else getattr(call, "id", "") for call in calls]
    return [name for name in names if name in CLOCKS_AND_CHANCE]


@pytest.mark.parametrize("service", SERVICES)
def test_rules_read_no_clock_and_throw_no_dice(service: str):
    for path in (ROOT / "services" / service / "domain").rglob("*.py"):
        assert clocks_in(path.read_text(encoding="utf-8")) == [], path


def test_a_planted_clock_is_seen():
    assert clocks_in("from datetime import date\nx = date.today()") == ["today"]
    assert clocks_in("from uuid import uuid4\nx = uuid4()") == ["uuid4"]


def test_every_module_says_its_duty():
    for package in ("services", "shared", "deploy"):
        for path in (ROOT / package).rglob("*.py"):
            source = path.read_text(encoding="utf-8")
            if source.strip():
                assert ast.get_docstring(ast.parse(source)), f"{path} has no docstring"
