"""Downloads the pinned packages of the site, once for each change of the pins."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from extensions.questions import ROOT

CACHE = ROOT / "build/cache/site"
SITE = ROOT / "site"
PINS = ("package.json", "packages.txt")
# Pydantic's core is compiled for Pyodide. MarkupSafe and PyYAML have no such wheel, but
# their Python files work alone.
PLATFORMS = ("pyemscripten_2026_0_wasm32", "manylinux2014_x86_64")
NEEDED = (".py", "/METADATA", "-wasm32-emscripten.so")


def fetch() -> Path:
    """Return the folder of the packages, with `wheels/` and `node_modules/`."""
    pins = "".join((SITE / name).read_text(encoding="utf-8") for name in PINS)
    stamp = CACHE / "pins"
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != pins:
        shutil.rmtree(CACHE, ignore_errors=True)
        CACHE.mkdir(parents=True)
        shutil.copy(SITE / "package.json", CACHE)
        _fetch_wheels()
        _run("npm", "install", "--no-package-lock", "--ignore-scripts", "--no-audit")
        stamp.write_text(pins, encoding="utf-8")
    return CACHE


def _fetch_wheels() -> None:
    """Download the wheels, whose hashes pip compares."""
    _run(
        *(sys.executable, "-m", "pip", "download", "--dest=wheels", "--no-deps"),
        *("--require-hashes", f"--requirement={SITE / 'packages.txt'}"),
        *(f"--platform={name}" for name in PLATFORMS),
        *("--only-binary=:all:", "--python-version=314", "--implementation=cp"),
        *("--abi=cp314", "--abi=none", "--disable-pip-version-check", "-qq"),
    )


def _run(*command: str) -> None:
    """Run a command in the folder of the packages. Raises CalledProcessError."""
    subprocess.run(command, cwd=CACHE, check=True, stdout=subprocess.DEVNULL)


def pack(target: Path, own: list[Path]) -> None:
    """Write what all wheels import, and own modules, into one zip file."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for wheel in sorted((CACHE / "wheels").glob("*.whl")):
            with zipfile.ZipFile(wheel) as files:
                for name in files.namelist():
                    if name.endswith(NEEDED) or "/licenses/" in name:
                        packed.writestr(name, files.read(name))
        for path in own:
            packed.write(path, path.relative_to(ROOT))
