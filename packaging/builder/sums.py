"""Checksums of what was built, as `sha256sum --check` reads them."""

import hashlib
from pathlib import Path

FILE = "SHA256SUMS"


def write(output: Path) -> Path:
    """Write the file for all files that lie in `output`; returns its path."""
    lines = [
        f"{digest(path)}  {path.name}\n" for path in sorted(output.iterdir()) if path.is_file() and path.name != FILE
    ]
    (output / FILE).write_text("".join(lines), "utf-8")
    return output / FILE


def digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
