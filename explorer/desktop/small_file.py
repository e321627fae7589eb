"""Small JSON files of the user's folder: what cannot be read is absent, what cannot be written bothers nobody."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def read(file: Path) -> dict[str, Any]:
    """What is in it; nothing if it is no JSON object."""
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def write(file: Path, data: Mapping[str, Any]) -> None:
    """Write it, with its folder where there is none."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(data, indent=1), encoding="utf-8")
    except OSError:
        return
