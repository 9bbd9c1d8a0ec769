"""Seats and the waiting list: never more booked than seats, nobody passed by, the same person once."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.enrollment.domain import seats as s
from services.enrollment.domain.workshop import MOVES, Kind, State, check_admission
from shared.errors import Conflict, Forbidden, NotFound

SOMEBODY = s.Successor("at-2", "vertretung@stadt.example", "B. Beispiel", "en")


def wanted(number: int, person: int | None = None) -> s.Booking:
    address = f"person{number if person is None else person}@stadt.example"
    return s.Booking(f"b{number}", "05315000", address, "A. Beispiel", 0, s.Place.BOOKED)


def booked(count: int, seats: int) -> tuple[s.Booking, ...]:
    bookings: tuple[s.Booking, ...] = ()
    for number in range(count):
        bookings = s.book(bookings, wanted(number), seats).bookings
    return bookings


def places(bookings) -> list[str]:
    return [str(b.place) for b in bookings]


def test_who_asks_after_the_last_seat_waits_and_moves_up_when_one_is_given_back():
    bookings = booked(3, 2)
    assert places(bookings) == ["BOOKED", "BOOKED", "WAITLISTED"]
    after = s.cancel(bookings, "b0", 2)
    assert places(after.bookings) == ["CANCELLED", "BOOKED", "BOOKED"]
    assert [b.booking_id for b in after.promoted] == ["b2"]


def test_booking_again_gives_the_same_booking():
    bookings = booked(1, 1)
    again = s.book(bookings, wanted(9, person=0), 1)
    assert (again.booking.booking_id, again.changed) == ("b0", False)


def test_cancelling_twice_promotes_once():
    bookings = booked(4, 2)
    once = s.cancel(bookings, "b0", 2)
    twice = s.cancel(once.bookings, "b0", 2)
    assert (twice.promoted, twice.changed) == ((), False)


def test_a_substitute_keeps_the_place_and_nobody_has_two():
    bookings = booked(3, 2)
    changed = s.substitute(bookings, "b0", SOMEBODY)
    assert changed.booking.position == 1
    assert places(changed.bookings) == places(bookings)
    with pytest.raises(Conflict):
        s.substitute(changed.bookings, "b1", SOMEBODY)


def test_attendance_is_apart_from_booking_and_only_for_who_has_a_seat():
    bookings = booked(2, 1)
    assert s.attend(bookings, "b0", attended=False).booking.attended is False
    with pytest.raises(Conflict):
        s.attend(bookings, "b1", attended=True)
    with pytest.raises(NotFound):
        s.attend(bookings, "b7", attended=True)


def test_more_seats_let_the_waiting_in_and_fewer_than_booked_are_refused():
    bookings = booked(4, 2)
    after, promoted = s.promote(bookings, 3)
    assert [b.booking_id for b in promoted] == ["b2"]
    with pytest.raises(Conflict):
        s.check_resize(after, 2)


ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("book"), st.integers(0, 12)),
        st.tuples(st.just("cancel"), st.integers(0, 30)),
        st.tuples(st.just("substitute"), st.integers(0, 30)),
        st.tuples(st.just("grow"), st.integers(0, 2)),
    ),
    max_size=40,
)


@settings(max_examples=300, deadline=None)
@given(seats=st.integers(1, 5), acts=ACTS)
def test_whatever_happens_seats_are_never_overbooked_nor_left_empty_while_somebody_waits(seats, acts):
    bookings: tuple[s.Booking, ...] = ()
    for number, (act, argument) in enumerate(acts):
        before = {b.booking_id: b for b in bookings}
        try:
            if act == "book":
                bookings = s.book(bookings, wanted(number, person=argument), seats).bookings
            elif act == "cancel":
                bookings = s.cancel(bookings, f"b{argument}", seats).bookings
            elif act == "substitute":
                new = f"neu{number}@stadt.example"
                bookings = s.substitute(bookings, f"b{argument}", s.Successor("at-x", new, "X", "de")).bookings
            else:
                seats += argument
                bookings, _ = s.promote(bookings, seats)
        except (Conflict, NotFound):
            continue
        taken = [b for b in bookings if b.place is s.Place.BOOKED]
        waiting = [b for b in bookings if b.place is s.Place.WAITLISTED]
        assert len(taken) <= seats
        assert not waiting or len(taken) == seats
        people = [b.attendee for b in bookings if b.place is not s.Place.CANCELLED]
        assert len(people) == len(set(people))
        for booking in bookings:
            old = before.get(booking.booking_id)
            assert not (old and old.place is s.Place.BOOKED and booking.place is s.Place.WAITLISTED)
        promoted = [b for b in taken if before.get(b.booking_id, b).place is s.Place.WAITLISTED]
        assert all(p.position < w.position for p in promoted for w in waiting)


def test_starter_workshops_are_for_members_and_development_workshops_for_the_interested_too():
    check_admission(Kind.DEVELOPMENT, interested=True, member=False)
    check_admission(Kind.STARTER, interested=False, member=True)
    with pytest.raises(Forbidden):
        check_admission(Kind.STARTER, interested=True, member=False)
    with pytest.raises(Forbidden):
        check_admission(Kind.DEVELOPMENT, interested=False, member=False)


def test_a_starter_workshop_goes_from_request_to_held():
    state = State.REQUESTED
    for step in ("ASSIGN", "OFFER", "HOLD"):
        state = MOVES[state][step]
    assert state is State.HELD
