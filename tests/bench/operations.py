"""What operations cost: CPU time of the server per request of an app with three dependencies, with and without them.

Rounds alternate, and the least of each counts: requests per second are noise on a machine that others use, CPU time is
steady.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

APP: Final = """from fastapi import Depends, FastAPI
app = FastAPI()
async def one():
    return 1
async def two(first=Depends(one)):
    return 2
async def three():
    yield 3
@app.get("/x")
async def read(a=Depends(one), b=Depends(two), c=Depends(three)):
    return {"a": a, "b": b, "c": c}
"""
OPERATIONS: Final = 6
SECONDS: Final = 3


def run(rounds: str = "6") -> dict[str, Any]:
    """µs of CPU per request, the least of `rounds` rounds each."""
    least: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "main.py").write_text(APP, encoding="utf-8")
        for _ in range(int(rounds)):
            for kind in ("without", "with"):
                least[kind] = min(least.get(kind, float("inf")), _cost(folder, kind == "with"))
    extra = least["with"] - least["without"]
    return {"us_per_request": least, "extra_us": extra, "us_per_operation": extra / OPERATIONS}


def table(figures: dict[str, Any]) -> str:
    """The figures as lines."""
    least = figures["us_per_request"]
    return (
        f"without operations   {least['without']:7.1f} µs of CPU per request\n"
        f"with operations      {least['with']:7.1f} µs\n"
        f"each of {OPERATIONS}            {figures['us_per_operation']:7.1f} µs"
    )


def _cost(folder: str, operations: bool) -> float:
    words = ["--app", "main:app", "--folder", folder, "--path", "/x", "--users", "4", "--duration", str(SECONDS)]
    settings = ["--set", f"app.operations={operations}".lower()]
    command = [sys.executable, "-m", "explorer", "run", *words, *settings, "--json", "-"]
    answer = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    figures = json.loads(answer.stdout)
    server = next(one for one in figures["processes"] if one["role"] == "server")
    return float(server["cpu_s"] / figures["requests"]["ok"] * 1e6)
