"""The secret in the page's address: 140 random bits that people can read and type.

Letters that look like digits are left out and understood all the same, capitals and hyphens make no difference.
"""

import hmac
import secrets
from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""32 signs, 5 bits each."""
LENGTH: Final = 28
GROUP: Final = 4
LONGEST: Final = 64
"""What is longer is not the token, and is not looked at."""
_ALIKE: Final = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None})


def new_token() -> str:
    """A token of the system's random numbers."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def grouped(token: str) -> str:
    """The token in groups of four, as it is shown."""
    return "-".join(token[at : at + GROUP] for at in range(0, len(token), GROUP))


def is_token(token: str, claimed: str) -> bool:
    """Whether `claimed` is the token; takes as long for one wrong sign as for many."""
    if len(claimed) > LONGEST:
        return False
    plain = claimed.upper().translate(_ALIKE)
    return hmac.compare_digest(token.encode(), plain.encode("utf-8", "replace"))
