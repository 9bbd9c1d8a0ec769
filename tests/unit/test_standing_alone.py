"""The repository needs nothing outside itself, and its words agree: with each other and with what they describe."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.metrics import MetricWrapperBase
from pydantic_settings import BaseSettings

from services.enrollment.settings import Settings as Enrollment
from services.notifications.settings import Settings as Notifications
from services.pathways.settings import Settings as Pathways
from services.reporting.settings import Settings as Reporting
from shared import metrics
from shared.contracts.topics import TOPICS, Topic
from shared.settings import ServiceSettings

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]

# Written in parts, so that this file does not contain what it looks for.
HOSTS = (
    "pypi" + r"\.org",
    "pythonhosted" + r"\.org",
    "repo1?" + r"\.maven",
    "maven" + r"\.(org|apache\.org)",
    "registry" + r"\.(npmjs|yarnpkg)",
    "deb" + r"\.(debian|nodesource)",
    "(archive|security)" + r"\.ubuntu\.com",
    "crates" + r"\.io",
    "proxy" + r"\.golang\.org",
    "conda" + r"\.anaconda\.org",
)
OUTSIDE = (r"\.\./" + "shared", "(?<![\\w.-])/" + "work/", "issue" + r" #\d", "issues" + r" show\b")
FORBIDDEN = re.compile("|".join((*HOSTS, *OUTSIDE)))

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
PAGE_NAMED = re.compile(
    r"""(?<![\w/])(?P<page>docs/[\w./-]+\.md)(?:, "(?P<after>[^"]+)"|[^("\n]*\("(?P<quoted>[^"]+)"\))?"""
)


def tracked() -> list[Path]:
    """All files under version control."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    return [path for name in listed.decode().split("\0") if name and (path := ROOT / name).is_file()]


def found_in(text: str) -> list[str]:
    """The lines that mention a registry's host or something outside the repository."""
    return [line for line in text.splitlines() if FORBIDDEN.search(line)]


def test_no_file_mentions_a_registry_or_anything_outside_the_repository():
    wrong = []
    for path in tracked():
        content = path.read_bytes()
        if b"\0" not in content:
            wrong += [
                f"{path.relative_to(ROOT)}: {line[:200]}" for line in found_in(content.decode("utf-8", "replace"))
            ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "line",
    [
        "index = https://" + "pypi" + ".org/simple",
        '"url": "https://repo1' + ".maven" + '.org/maven2/x.jar"',
        "https://" + "registry" + ".npmjs.org/left-pad",
        "see /" + "work/somewhere/page.md",
        "read ../" + "shared/design",
        "as asked in issue" + " #3",
    ],
)
def test_each_of_these_mentions_would_be_found(line):
    assert found_in(line)


def headings(page: Path) -> set[str]:
    """The headings of a page as they are written."""
    return {line.lstrip("#").strip() for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("#")}


def anchor(heading: str) -> str:
    """The fragment that leads to a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_local_link_leads_somewhere(page):
    wrong = []
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, fragment = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        inside = target.is_relative_to(ROOT) and target.exists()
        if not inside or (fragment and fragment not in {anchor(heading) for heading in headings(target)}):
            wrong.append(link)
    assert not wrong


def docstrings() -> Iterator[tuple[Path, str]]:
    """Every docstring of the Python files under version control."""
    for path in tracked():
        if path.suffix == ".py":
            for node in ast.walk(ast.parse(path.read_bytes())):
                if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                    yield path, ast.get_docstring(node) or ""


def test_every_page_and_section_named_in_a_docstring_exists():
    wrong, seen = [], 0
    for path, text in docstrings():
        for match in PAGE_NAMED.finditer(text):
            seen += 1
            page, section = ROOT / match["page"], match["after"] or match["quoted"]
            if not page.exists() or (section and section not in headings(page)):
                wrong.append(f"{path.relative_to(ROOT)}: {match[0]}")
    assert not wrong, "\n".join(wrong)
    assert seen >= 5


def linked_pages(page: Path) -> set[Path]:
    """The pages a page links to; a link to a folder leads to all pages in it."""
    local = (link.partition("#")[0] for link in LINK.findall(page.read_text(encoding="utf-8")) if ":" not in link)
    targets = {(page.parent / link).resolve() for link in local if link}
    return {one for target in targets for one in (target.glob("*.md") if target.is_dir() else [target])} & set(PAGES)


def test_every_page_is_reached_from_the_readme():
    reached: set[Path] = set()
    waiting = {ROOT / "README.md"}
    while waiting:
        page = waiting.pop()
        reached.add(page)
        waiting |= linked_pages(page) - reached
    assert [str(page.relative_to(ROOT)) for page in PAGES if page not in reached] == []


def kept(topic: Topic) -> str:
    """How long a topic keeps its records, in the words of the table."""
    if topic.cleanup == "delete":
        return f"{topic.retention_days} days"
    lag = topic.min_compaction_lag_days
    return f"compacted, not before {lag} days" if lag else "compacted"


def test_the_table_of_topics_is_that_of_the_code():
    text = (ROOT / "docs" / "contracts.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z.-]+)` \| (.+?) \| (.+?) \| (\d+) \| (.+?) \|$", text, re.MULTILINE)
    written = {name: (subject, key.strip("`"), int(partitions), long) for name, subject, key, partitions, long in rows}
    assert written == {topic.name: (topic.subject, topic.key, topic.partitions, kept(topic)) for topic in TOPICS}


def test_the_page_on_operation_names_every_metric_and_no_other():
    text = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    described = [metric.describe()[0] for metric in vars(metrics).values() if isinstance(metric, MetricWrapperBase)]
    names = {metric.name + ("_total" if metric.type == "counter" else "") for metric in described}
    assert set(re.findall(r"^\| `(gemeinsam_\w+)` \|", text, re.MULTILINE)) == names


def variables(settings: type[BaseSettings]) -> set[str]:
    """The fields of a service's own settings as variables without their prefix."""
    return {name.upper() for name in settings.model_fields}


@pytest.mark.parametrize(
    ("heading", "fields"),
    [
        ("All services", variables(ServiceSettings)),
        ("enrollment", variables(Enrollment) - variables(ServiceSettings)),
        ("pathways", variables(Pathways) - variables(ServiceSettings)),
        ("notifications", variables(Notifications) - variables(ServiceSettings)),
        ("reporting", variables(Reporting) - variables(ServiceSettings)),
    ],
)
def test_the_page_on_operation_names_every_setting_and_no_other(heading, fields):
    text = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    table = text.split(f"\n**{heading}**", 1)[1].split("\n**", 1)[0].split("\n## ", 1)[0]
    first_cells = " ".join(re.findall(r"^\| ([^|]+) \|", table, re.MULTILINE))
    assert set(re.findall(r"`([A-Z_]+)`", first_cells)) == fields
