"""The service's rules against a second, naive implementation of them on random timelines full of edge dates."""

from tests.oracle.compare import compare

TIMELINES = 1500
NEXT_DUE_TIMELINES = 200


def test_both_implementations_find_the_same_on_random_timelines():
    for difference in compare("unit", TIMELINES):
        raise AssertionError(difference.text())


def test_the_next_due_date_is_never_too_late_on_random_timelines():
    for difference in compare("unit due", NEXT_DUE_TIMELINES, next_due=True):
        raise AssertionError(difference.text())
