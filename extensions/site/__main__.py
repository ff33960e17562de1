"""Command line of `make site`."""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

from extensions.site import configure, documentation


def main(arguments: list[str]) -> int:
    """Build the site. Return the exit status."""
    parser = argparse.ArgumentParser(prog="make site")
    parser.add_argument("target", type=Path)
    parser.add_argument("--url", default=configure.URL, help="of this repository")
    chosen = parser.parse_args(arguments)
    shutil.rmtree(chosen.target, ignore_errors=True)
    try:
        configure.build(chosen.target / "configure", chosen.url)
        documentation.build(chosen.target, chosen.url)
    except FileNotFoundError as error:
        print(f"make site needs npm and git: {error}", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        print(f"{error}\n{error.stdout or ''}{error.stderr or ''}", file=sys.stderr)
        return 1
    print(f"The site is in {chosen.target}: python3 -m http.server -d {chosen.target}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
