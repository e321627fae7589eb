#!/usr/bin/env python3
"""Build what users install, each kind by one command; everything lands in `dist/`.

    python3 packaging/build.py frozen    the program with its own Python, one folder (what the others wrap)
    python3 packaging/build.py deb       Debian and Ubuntu
    python3 packaging/build.py rpm       Fedora, openSUSE and their kin
    python3 packaging/build.py tar       any Linux, into a home folder, with install.sh
    python3 packaging/build.py all       everything that this system can build, with checksums

A tool that is missing is named in one sentence, with the package that brings it; exit status 2.
"""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "packaging"))

from builder import deb, frozen, rpm, sums, tar  # noqa: E402  # the folder must be on the path first
from builder.tools import Missing, say  # noqa: E402

KINDS = {"frozen": frozen.build, "deb": deb.build, "rpm": rpm.build, "tar": tar.build}
ON = {"linux": ("deb", "rpm", "tar")}
"""What `all` builds on each system."""


def main() -> int:
    """Build the kinds that are named."""
    parser = argparse.ArgumentParser(description="Build what users install.")
    parser.add_argument("kinds", nargs="+", choices=[*KINDS, "all"], metavar="KIND", help=", ".join([*KINDS, "all"]))
    parser.add_argument("--output", type=Path, default=ROOT / "dist", help="where it lands; dist/ by default")
    parser.add_argument("--keep", action="store_true", help="take the folder of the last `frozen` as it is")
    chosen = parser.parse_args()
    kinds = ON.get(sys.platform, ()) if "all" in chosen.kinds else tuple(chosen.kinds)
    chosen.output.mkdir(parents=True, exist_ok=True)
    try:
        if kinds != ("frozen",) and not (chosen.keep and frozen.built(chosen.output)):
            frozen.build(chosen.output)
        for kind in kinds:
            KINDS[kind](chosen.output)
    except Missing as missing:
        print(f"build.py: {missing}", file=sys.stderr)
        return 2
    say(f"checksums in {sums.write(chosen.output)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
