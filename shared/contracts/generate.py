"""`python -m shared.contracts.generate` writes schemas/*.json and asyncapi.json; `--release` promises them."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from shared.contracts.asyncapi import document
from shared.contracts.catalogue import CATALOGUE
from shared.contracts.schemas import ROOT, breaches, envelope_schema, fingerprint, schema_of

RELEASED = ROOT / "released.json"


def generated() -> dict[Path, str]:
    """What every generated file must hold, by its path."""
    made: dict[Path, Any] = {ROOT / "schemas" / f"{t}.json": schema_of(event) for t, event in CATALOGUE.items()}
    made[ROOT / "schemas" / "envelope.json"] = envelope_schema()
    made[ROOT / "asyncapi.json"] = document()
    return {path: text_of(content) for path, content in made.items()}


def text_of(content: Any) -> str:
    """JSON as the generated files have it: indented, with a line end."""
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def released() -> dict[str, dict[str, Any]]:
    """What has been promised so far."""
    return json.loads(RELEASED.read_text(encoding="utf-8")) if RELEASED.exists() else {}


def main() -> int:
    """Write all and remove what is no more; a change that breaks a promise is named and gives status 1."""
    parser = argparse.ArgumentParser(prog="python -m shared.contracts.generate", description=__doc__)
    parser.add_argument("--release", action="store_true", help="promise the language as it is now, whatever it breaks")
    release = parser.parse_args().release
    if not release and (broken := breaches(released(), fingerprint())):
        print(*broken, "Publish a new major version of the type instead.", sep="\n", file=sys.stderr)
        return 1
    files = generated()
    for path in set((ROOT / "schemas").glob("*.json")) - files.keys():
        path.unlink()
    (ROOT / "schemas").mkdir(exist_ok=True)
    for path, text in files.items():
        path.write_text(text, encoding="utf-8")
    if release:
        RELEASED.write_text(json.dumps(fingerprint(), separators=(",", ":"), sort_keys=True) + "\n", encoding="utf-8")
    print(f"{len(files)} files, {len(CATALOGUE)} types of event")
    return 0


if __name__ == "__main__":
    sys.exit(main())
