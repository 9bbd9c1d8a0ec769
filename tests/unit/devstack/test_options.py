"""What the user chooses by variables, and what is said to a choice that cannot be meant."""

from datetime import date
from pathlib import Path

import pytest

from deploy.devstack.failures import Failure
from deploy.devstack.options import PARTS_WITH_PORTS, PROJECT, SERVICES, from_environment


def test_without_variables_everything_is_started_at_the_usual_ports_and_fed_with_both() -> None:
    options = from_environment({})
    assert options.home == PROJECT / ".devstack"
    assert options.url("gateway") == "http://127.0.0.1:8400"
    assert (options.feed, options.persons, options.today) == (("nrw", "mvad"), None, None)
    assert list(options.ports_to_open()) == [part for part in PARTS_WITH_PORTS if part != "kafka-intake"]
    assert len({options.port(part) for part in PARTS_WITH_PORTS}) == len(PARTS_WITH_PORTS)


def test_the_door_for_sources_is_opened_by_a_switch() -> None:
    assert "kafka-intake" in from_environment({"KAFKA_INTAKE": "on"}).ports_to_open()


def test_home_ports_date_and_size_are_the_users() -> None:
    options = from_environment(
        {"DEVSTACK_HOME": "/tmp/elsewhere", "DEVSTACK_PORT_BASE": "9400", "TODAY": "2026-03-31", "PERSONS": "500"}
    )
    assert options.home == Path("/tmp/elsewhere")
    assert options.port("gateway") == 9400
    assert (options.today, options.persons) == (date(2026, 3, 31), 500)


@pytest.mark.parametrize(("text", "feed"), [("none", ()), ("nrw", ("nrw",)), ("mvad, nrw", ("mvad", "nrw"))])
def test_the_feed_is_chosen_by_name(text: str, feed: tuple[str, ...]) -> None:
    assert from_environment({"FEED": text}).feed == feed


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"FEED": "nrw,moon"}, "there is no feed moon"),
        ({"TODAY": "31.3.2026"}, "TODAY=31.3.2026 is not a date"),
        ({"DEVSTACK_PORT_BASE": "80"}, "DEVSTACK_PORT_BASE=80 is not a number from 1024"),
        ({"PERSONS": "many"}, "PERSONS=many is not a number"),
        ({"KAFKA_INTAKE": "yes"}, "KAFKA_INTAKE=yes is neither on nor off"),
        ({"KAFKA_INTAKE": "on", "KAFKA": "broker:9092"}, "KAFKA_INTAKE=on is about the stack's own broker"),
    ],
)
def test_a_choice_that_cannot_be_meant_is_named(variables: dict[str, str], named: str) -> None:
    with pytest.raises(Failure, match=named):
        from_environment(variables)


def test_servers_of_the_users_own_are_not_started() -> None:
    urls = {f"DATABASE_URL_{service.upper()}": f"postgresql://db/{service}" for service in SERVICES}
    options = from_environment({"KAFKA": "broker:9092", **urls})
    assert not options.needs_postgres
    assert {"kafka", "kafka-controller", "postgres"}.isdisjoint(options.ports_to_open())
    one = from_environment({"DATABASE_URL_REPORTING": "postgresql://db/reporting"})
    assert one.needs_postgres
    assert "kafka" in one.ports_to_open()
