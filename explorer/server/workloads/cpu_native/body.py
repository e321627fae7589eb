"""Computes in native code that releases the GIL."""

import hashlib


def blocking(rounds: int) -> bytes:
    """Hash a password `rounds` times over, in one call: the library lets go of the GIL while it computes."""
    return hashlib.pbkdf2_hmac("sha256", b"password", b"salt", rounds)
