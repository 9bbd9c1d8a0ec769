"""Runs every benchmark of this folder, one after the other; each prints its table.

python -m tests.load [name …]      for instance `intake pathways`; without names all of them
"""

import subprocess
import sys
from pathlib import Path


def main(wanted: list[str]) -> int:
    """Run the benchmarks named (all without names); exit status 1 if one of them failed."""
    there = [path.stem.removeprefix("bench_") for path in sorted(Path(__file__).parent.glob("bench_*.py"))]
    if unknown := [name for name in wanted if name not in there]:
        print(f"there is no benchmark {', '.join(unknown)}; there are {', '.join(there)}", file=sys.stderr)
        return 2
    failed = []
    for name in wanted or there:
        print(f"\n== {name}", flush=True)
        if subprocess.run([sys.executable, "-m", f"tests.load.bench_{name}"], check=False).returncode != 0:
            failed.append(name)
    if failed:
        print(f"\nfailed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
