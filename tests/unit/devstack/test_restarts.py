"""When a part that died is started again, and when it has died too often."""

from deploy.devstack.restarts import LONGEST_PAUSE_SECONDS, MOST_IN_A_ROW, SETTLED_SECONDS, Restarts


class Hand:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_part_is_started_again_after_a_pause_that_doubles() -> None:
    clock = Hand()
    restarts = Restarts(clock)
    pauses = []
    for _ in range(MOST_IN_A_ROW):
        restarts.started("kafka")
        assert restarts.may_start_again("kafka")
        died = clock.now
        while not restarts.due():
            clock.now += 0.05
        pauses.append(round(clock.now - died, 1))
    assert pauses == [0.2, 0.4, 0.8, 1.6, 3.2, LONGEST_PAUSE_SECONDS]


def test_a_part_that_dies_too_often_gets_no_other_life() -> None:
    restarts = Restarts(Hand())
    for _ in range(MOST_IN_A_ROW):
        restarts.started("pathways")
        assert restarts.may_start_again("pathways")
    restarts.started("pathways")
    assert not restarts.may_start_again("pathways")


def test_a_settled_life_clears_the_count_and_parts_are_counted_apart() -> None:
    clock = Hand()
    restarts = Restarts(clock)
    for _ in range(3 * MOST_IN_A_ROW):
        restarts.started("postgres")
        clock.now += SETTLED_SECONDS
        assert restarts.may_start_again("postgres")
    restarts.started("kafka")
    assert restarts.may_start_again("kafka")
    assert restarts.due() == []
