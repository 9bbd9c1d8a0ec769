"""Both languages of enrollment's pages have the same texts, and the templates ask for none that is missing."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from services.enrollment.domain.alliance import Field, PartnerRole
from services.enrollment.domain.commitment import Activity, Standing
from services.enrollment.domain.concurrence import ConcurrenceState
from services.enrollment.domain.declaration import MANAGING_BODY_KINDS, Missing, ReturnReason, Status
from services.enrollment.domain.programme import Phase
from services.enrollment.domain.reference import AreaKind
from services.enrollment.domain.seats import Place
from services.enrollment.domain.workshop import Kind, State
from services.enrollment.pages.problems import why
from services.enrollment.pages.translations import TEXTS
from services.enrollment.pages.translations.refusals import REFUSALS
from shared.errors import Invalid
from shared.web.translations import TEXTS as SHARED

PAGES = Path(__file__).parents[3] / "services" / "enrollment" / "pages"
# What only programs are told: no page leads there.
API_ONLY = ("source.py", "sources.py", "intake.py", "kafka_intake.py", "receipt.py", "memberships.py", "speaking.py")
GROUPS = {
    "status": Status,
    "missing": Missing,
    "reason": ReturnReason,
    "concurrence": ConcurrenceState,
    "kind": AreaKind,
    "phase": Phase,
    "wstate": State,
    "workshop": Kind,
    "place": Place,
    "prole": PartnerRole,
    "stands": Field,
    "commitment": Standing,
    "activity": Activity,
    "body": MANAGING_BODY_KINDS,
}


def test_both_languages_have_the_same_texts():
    assert TEXTS["de"].keys() == TEXTS["en"].keys()


def test_every_text_and_field_the_templates_ask_for_is_there():
    for template in PAGES.glob("*.html"):
        source = template.read_text(encoding="utf-8")
        asked = set(re.findall(r"""\bt\(["']([a-z_.A-Z0-9]+)["'][,)]""", source))
        asked |= {f"field.{name}" for name in re.findall(r"""f\.(?:field|long|choice)\("([a-z_]+)\"""", source)}
        for language in ("de", "en"):
            missing = asked - TEXTS[language].keys() - SHARED[language].keys()
            assert not missing, (template.name, missing)


def test_every_code_of_the_rules_has_its_word():
    for group, codes in GROUPS.items():
        for code in codes:
            assert f"{group}.{code}" in TEXTS["de"], (group, code)


def test_what_pages_say_after_a_form_is_written():
    said = set()
    for module in PAGES.glob("*.py"):
        source = module.read_text(encoding="utf-8")
        said |= set(re.findall(r"""(?:said=|attempt\([^\n]*, |pages\.to\("[a-z]+", )"([a-z_]+)\"""", source))
    assert len(said) > 20
    assert not {key for key in said if f"said.{key}" not in TEXTS["de"]}


def test_a_refusal_is_said_in_the_readers_language_by_its_reason():
    problem = Invalid("whatever the interface says", reason="workshop_seats", values={"most": 500})
    assert why(problem, "de") == "Ein Workshop hat 1 bis 500 Plätze."
    assert why(problem, "en") == "A workshop has 1 to 500 seats."
    window = Invalid("x", reason="outside_window", values={"since": "2018-11-01", "until": "2018-11-30"})
    assert why(window, "de") == "Entwicklungs-Workshops finden vom 01.11.2018 bis zum 30.11.2018 statt."
    assert why(Invalid("something new"), "de") == "Something new."


def refusals() -> Iterator[tuple[str, set[str]]]:
    """Each reason a rule or form gives in the code, with the names of its values."""
    for path in (PAGES.parent).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                given = {word.arg: word.value for word in node.keywords}
                values = given.get("values")
                names = {ast.literal_eval(key) for key in values.keys if key} if isinstance(values, ast.Dict) else set()
                for said in ast.walk(given["reason"]) if "reason" in given else ():
                    if isinstance(said, ast.Constant) and isinstance(said.value, str) and said.value.islower():
                        yield said.value, names


def test_every_reason_has_its_words_in_both_languages_and_its_values():
    given = dict(refusals())
    known = {name: set(re.findall(r"{(\w+)}", words[0])) for name, words in REFUSALS.items()}
    assert {name: set(re.findall(r"{(\w+)}", words[1])) for name, words in REFUSALS.items()} == known
    assert not {name for name in given if name in known and not known[name] <= given[name]}
    assert not known.keys() - given.keys()


def raised(path: Path) -> Iterator[tuple[str, set[str]]]:
    """Each rule's no in a module, as written, with the reasons it gives."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("Invalid", "Conflict"):
            said = [one for word in node.keywords if word.arg == "reason" for one in ast.walk(word.value)]
            yield ast.unparse(node), {one.value for one in said if isinstance(one, ast.Constant)}


def test_a_form_or_rule_behind_the_pages_always_gives_a_reason_that_has_words():
    rooms = (PAGES, PAGES.parent / "domain", PAGES.parent / "usecases")
    modules = [path for room in rooms for path in room.glob("*.py") if path.name not in API_ONLY]
    without = [said for path in modules for said, reasons in raised(path) if not reasons & REFUSALS.keys()]
    assert without == []
