"""Make a difference small: leave out facts and fields as long as the two still differ."""

from dataclasses import replace

from tests.oracle import engine
from tests.oracle.evaluate import evaluate
from tests.oracle.reading import REQUIRED, kind_of


def without_one(facts):
    """The facts less one, in every way; then less one field that need not be there."""
    for at in range(len(facts)):
        yield facts[:at] + facts[at + 1 :]
    for at, fact in enumerate(facts):
        for name in fact["data"]:
            if name not in REQUIRED.get(kind_of(fact) or "", []):
                data = {key: value for key, value in fact["data"].items() if key != name}
                yield [*facts[:at], {**fact, "data": data}, *facts[at + 1 :]]


def smaller(difference):
    """The smallest difference in findings reached by leaving out one thing at a time."""
    while True:
        tries = list(without_one(difference.facts))
        answers = engine.ask(tries, difference.today) if tries else []
        for facts, service in zip(tries, answers, strict=True):
            oracle = evaluate(facts, difference.today)
            if service != oracle:
                difference = replace(difference, facts=facts, service=service, oracle=oracle)
                break
        else:
            return difference
