"""The service's own implementation, asked through its public command."""

import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def prefixed(facts, prefix):
    """The facts with pseudonyms and sources of their own, so that many timelines fit in one file."""
    moved = []
    for fact in facts:
        data = dict(fact["data"])
        if data.get("other") is not None:
            data["other"] = prefix + data["other"]
        if data.get("retracts") is not None:
            data["retracts"] = {**data["retracts"], "source": prefix + data["retracts"]["source"]}
        names = {"subject": prefix + fact["subject"], "source": prefix + fact["source"]}
        moved.append({**fact, **names, "data": data})
    return moved


def mixed(names, timelines):
    """The facts of all timelines in one random order."""
    facts = [fact for name, own in zip(names, timelines, strict=True) for fact in prefixed(own, name)]
    random.Random(len(facts)).shuffle(facts)
    return facts


def ask(timelines, today, *options):
    """Per timeline the lines the command writes, person ids without their prefix; RuntimeError if it fails."""
    names = [f"T{number:06}-" for number in range(len(timelines))]
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "facts.ndjson")
        with path.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(fact) + "\n" for fact in mixed(names, timelines))
        command = [sys.executable, "-m", "services.pathways", "evaluate", "--today", today, *options, str(path)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"exit status {done.returncode}: {done.stderr[-2000:]}")
    answers = {name: [] for name in names}
    for line in done.stdout.splitlines():
        answer = json.loads(line)
        name, _, answer["person_id"] = answer["person_id"].partition("-")
        answers[name + "-"].append(answer)
    return [answers[name] for name in names]
