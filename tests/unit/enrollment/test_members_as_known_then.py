"""Members in two times: what was known at an instant is never changed by what is learnt later."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.enrollment.domain.membership import Membership, history, members


class Ledger:
    """Memberships as the database keeps them: a version is never changed but for when it ceased to be known."""

    def __init__(self) -> None:
        self.versions: list[Membership] = []
        self.at = datetime(2018, 10, 1, 8, tzinfo=UTC)

    def tell(self, ags: str, day: date) -> None:
        """A membership begins on the day, or, where one runs, ends on it (never before its begin)."""
        self.at += timedelta(minutes=1)
        running = next(
            (v for v in self.versions if v.ags == ags and v.known_until is None and v.ended_on is None), None
        )
        if running is None:
            self.versions.append(Membership(f"m-{len(self.versions)}", ags, day, None, self.at))
            return
        self.versions.remove(running)
        ended = replace(running, ended_on=max(day, running.started_on), known_at=self.at)
        self.versions += [replace(running, known_until=self.at), ended]


TOLD = st.lists(
    st.tuples(st.sampled_from(["05315000", "05570000", "05570044"]), st.dates(date(2018, 9, 1), date(2019, 3, 1))),
    max_size=12,
)


@given(told=TOLD, days=st.lists(st.dates(date(2018, 8, 1), date(2019, 6, 1)), min_size=1, max_size=5))
def test_what_was_known_then_stays_what_it_was_whatever_is_learnt_later(told, days):
    ledger, known = Ledger(), []
    for ags, day in told:
        ledger.tell(ags, day)
        known.append((ledger.at, {on: members(ledger.versions, on, ledger.at) for on in days}))
    for at, figures in known:
        for on, joined in figures.items():
            assert members(ledger.versions, on, at) == joined
            assert members(ledger.versions, on, at + timedelta(seconds=59)) == joined
        assert history(ledger.versions, days, at) == [(on, len(figures[on])) for on in days]
    assert not any(members(ledger.versions, on, datetime(2018, 1, 1, tzinfo=UTC)) for on in days)
