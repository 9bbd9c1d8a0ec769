"""Run worked cases: `python -m tests.oracle.cases DIRECTORY`."""

import json
import sys
from pathlib import Path

from tests.oracle.evaluate import differences, evaluate, next_due


def wrong(case):
    """What differs from the case, one line each."""
    facts, before = [], []
    for number, stage in enumerate(case["stages"], start=1):
        facts += stage["facts"]
        found = evaluate(facts, stage["today"])
        if found != stage["expected"]:
            yield f"{case['name']}/{number}: {json.dumps(found)} instead of {json.dumps(stage['expected'])}"
        changed = differences(before, found)
        if "events" in stage and changed != stage["events"]:
            yield f"{case['name']}/{number}: events {changed} instead of {stage['events']}"
        if "next_due" in stage:
            dues = next_due(facts, stage["today"], 1200)
            if dues != stage["next_due"]:
                yield f"{case['name']}/{number}: next_due {dues} instead of {stage['next_due']}"
        before = found


def main():
    """Print what is wrong; exit status 1 if anything is."""
    lines = []
    for path in sorted(Path(sys.argv[1]).glob("V*.json")):
        lines += wrong(json.loads(path.read_text(encoding="utf-8")))
    print(*lines, sep="\n")
    sys.exit(bool(lines))


if __name__ == "__main__":
    main()
