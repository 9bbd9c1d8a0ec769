"""The one error the embedded stack shows its user: what went wrong and what to do about it."""

from __future__ import annotations


class Failure(Exception):
    """A sentence that says what went wrong, and one that says what to do. Shown without a stack trace."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"{what}\n  {remedy}")
        self.what = what
        self.remedy = remedy
