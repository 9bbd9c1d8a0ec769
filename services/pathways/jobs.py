"""Door 3, the clock: what happens because time passes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from services.pathways.usecases import UseCases
from services.pathways.usecases.activations import Activations
from services.pathways.usecases.referrals import Referrals
from services.pathways.usecases.trials import Trials
from shared.clock import Clock


def move_clock(usecases: UseCases, clock: Clock) -> Callable[[], Awaitable[None]]:
    """The duty that moves the business date on to today and evaluates what has become due."""

    async def moving() -> None:
        await usecases.move_clock(clock.today())

    return moving


def settle(usecases: UseCases) -> Callable[[], Awaitable[None]]:
    """The duty that evaluates the persons whose facts were stored while the service was catching up."""

    async def settling() -> None:
        await usecases.settle()

    return settling


def try_set_aside(usecases: UseCases) -> Callable[[], Awaitable[None]]:
    """The duty that tries again the persons whose evaluation failed."""

    async def trying() -> None:
        await usecases.try_set_aside()

    return trying


def try_rules(trials: Trials) -> Callable[[], Awaitable[None]]:
    """The duty that tries rule sets somebody wants to know about."""

    async def trying() -> None:
        while await trials.try_next():
            pass

    return trying


def check_referrals(referrals: Referrals, usecases: UseCases) -> Callable[[], Awaitable[None]]:
    """The duty that looks, before a referred measure begins, at what its start would make.

    Not while facts are being caught up with: what is still on its way may say that it has begun.
    """

    async def checking() -> None:
        if not usecases.is_behind:
            await referrals.check_open()

    return checking


def evaluate_anew(activations: Activations) -> Callable[[], Awaitable[None]]:
    """The duty that evaluates everybody by a rule set whose date has come, at its pace."""

    async def evaluating() -> None:
        while (rest := await activations.go_on()) is not None:
            await asyncio.sleep(rest)

    return evaluating
