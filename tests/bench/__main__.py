"""`python -m tests.bench NAME [--json FILE|-] [the benchmark's own options]`."""

import argparse
import importlib
import inspect
import json
import pkgutil
import sys
from pathlib import Path

from tests import bench


def names() -> list[str]:
    """The benchmarks there are."""
    return sorted(module.name for module in pkgutil.iter_modules(bench.__path__) if not module.name.startswith("_"))


def main() -> int:
    """Run one benchmark; 0, or 2 for a wrong command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure one thing; asserts nothing.")
    parser.add_argument("name", choices=names())
    parser.add_argument("--json", metavar="FILE|-", help="write the figures as JSON; with - in place of the table")
    options, rest = parser.parse_known_args()
    module = importlib.import_module(f"tests.bench.{options.name}")
    if rest and not inspect.signature(module.run).parameters:
        parser.error(f"{options.name} has no options of its own; leave out {' '.join(rest)}.")
    figures = module.run(*rest)
    text = json.dumps(figures, indent=2)
    print(text if options.json == "-" else module.table(figures))
    if options.json and options.json != "-":
        Path(options.json).write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
