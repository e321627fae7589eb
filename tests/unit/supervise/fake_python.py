"""Programs that answer like interpreters."""

import json
from pathlib import Path
from typing import Any


def fake_python(path: Path, version: str = "3.12.4", *, before: str = "", **told: Any) -> Path:
    """Write a program to `path` that says it is Python `version`; `told` as in the answer, `before` is done first."""
    answer = {
        "version": [int(part) for part in version.split(".")],
        "text": version,
        "implementation": "CPython",
        "free": False,
        "gil": True,
        "by": [],
        "absent": [],
        "prefix": str(path.parent.parent),
        "packages": [str(path.parent)],
        "pip": True,
        "managed": False,
        "environment": False,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{before}\ncat <<'END'\n{json.dumps(answer | told)}\nEND\n")
    path.chmod(0o755)
    return path
