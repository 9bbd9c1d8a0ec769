"""`python -m tests.fuzz TARGET [SECONDS] [SEED]` fuzzes one parser; what it finds stays in the corpus."""

from __future__ import annotations

import sys

from tests.fuzz.guided import fuzz
from tests.fuzz.targets import TARGETS

if __name__ == "__main__":
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name not in TARGETS:
        sys.exit(f"one of {', '.join(TARGETS)} is needed")
    seconds, seed = (float(sys.argv[2]) if len(sys.argv) > 2 else 60.0), int(sys.argv[3]) if len(sys.argv) > 3 else 1
    runs, kept = fuzz(TARGETS[name], name, seconds=seconds, seed=seed)
    print(f"{name}: {runs} runs, {kept} inputs kept")
