"""The standard library's own tests of locks, passed by traced ones, under every Python of the machine."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.full.outcome import ROOT, Failed, last_line
from tests.pythons import VERSIONS, prepared

LIMIT_S = 300


def run() -> str:
    """How many tests each Python's library has, and what is not here."""
    said, failed = [], []
    for version in ("", *VERSIONS):
        python, complaint = prepared(version) if version else (sys.executable, "")
        name = version or "this Python"
        if complaint:
            said.append(f"{name} not tried ({complaint})")
            continue
        answer = _try(python)
        try:
            told = json.loads(last_line(answer.stdout))
        except ValueError:
            told = {"tests": 0, "absent": [], "turns": 0, "gil": True}
        if answer.returncode:
            failed.append(f"{name}: {last_line(answer.stderr)} ({told['turns']} turns)")
            print(answer.stderr, file=sys.stderr, flush=True)
        absent = f", without {len(told['absent'])} of its modules" if told["absent"] else ""
        said.append(f"{name}{'' if told['gil'] else ' without a GIL'}: {told['tests']} tests{absent}")
    if failed:
        raise Failed("; ".join(failed))
    return ", ".join(said)


def _try(python: str) -> "subprocess.CompletedProcess[str]":
    with tempfile.TemporaryDirectory() as folder:
        for name in ("numbers", "rings"):
            Path(folder, name).mkdir()
        Path(folder, "run.json").write_text('{"schema": 1, "token": "full"}', encoding="utf-8")
        command = [python, "-m", "tests.full.locks_program", folder]
        surroundings = {**os.environ, "PYTHONPATH": str(ROOT)}
        return subprocess.run(
            command, cwd=ROOT, env=surroundings, capture_output=True, text=True, timeout=LIMIT_S, check=False
        )
