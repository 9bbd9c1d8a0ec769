"""The texts of the pages of pathways, in both languages, from the files beside this module."""

from __future__ import annotations

import tomllib
from importlib.resources import files

from shared.web.texts import LANGUAGES, Texts


def _read() -> Texts:
    texts: dict[str, dict[str, str]] = {language: {} for language in LANGUAGES}
    for name in ("texts.toml", "codes.toml", "rules.toml"):
        content = tomllib.loads((files("services.pathways.pages") / name).read_text(encoding="utf-8"))
        for key, both in content.items():
            for language in LANGUAGES:
                texts[language][key] = both[language]
    return texts


TEXTS = _read()
