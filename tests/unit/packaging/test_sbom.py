"""The bill of materials names what travels along, with the hashes that the lock admits."""

from builder import environment, sbom
from builder.tools import TITLE

HASH = "ab" * 32
LOCK = f"""\
one-part==1.2 ; sys_platform == 'win32' \\
    --hash=sha256:{HASH} \\
    --hash=sha256:{"cd" * 32}
Two.Part==3 \\
    --hash=sha256:{HASH}
"""


def test_a_lock_is_read_with_all_its_hashes() -> None:
    assert sbom.hashes(LOCK) == {("one-part", "1.2"): [HASH, "cd" * 32], ("two-part", "3"): [HASH]}


def test_each_part_says_where_it_comes_from() -> None:
    parts = [
        {"name": TITLE, "version": "0", "licence": "MIT", "files": []},
        {"name": "Two_Part", "version": "3", "licence": "MIT", "files": ["x"]},
        {"name": "libx", "version": "9", "licence": "several", "files": [], "libraries": ["libx.so.1"]},
        {
            "name": "libpq",
            "version": "5",
            "licence": "PostgreSQL",
            "files": ["x"],
            "libraries": ["libpq-e9b5c9ac.so.5"],
        },
        {"name": "Inter", "version": "4.1", "licence": "OFL-1.1", "files": []},
    ]
    found = sbom.described(parts, sbom.hashes(LOCK))
    assert [(part["name"], part["origin"], part["hashes"]) for part in found] == [
        ("Two_Part", "pypi", [HASH]), ("libx", "deb", []), ("libpq", "generic", []), ("Inter", "generic", []),
    ]  # fmt: skip


def test_the_lock_of_the_program_has_a_hash_for_each_release() -> None:
    known = sbom.hashes(*(lock.read_text("utf-8") for lock in environment.FREEZE))
    assert {"fastapi", "distributed", "dask"} <= {name for name, _ in known}
    assert all(known.values())
