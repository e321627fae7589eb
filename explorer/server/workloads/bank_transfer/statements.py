"""The statements of a transfer as text, in the four ways to write one, for who runs them and for who shows them."""

from typing import Final

from explorer.server.workloads.bank_transfer.levels import begins

READ: Final = "SELECT balance FROM explorer_bank_account WHERE id = :id"
LOCK: Final = f"{READ} FOR UPDATE"
READ_VERSION: Final = "SELECT balance, version FROM explorer_bank_account WHERE id = :id"
WRITE: Final = "UPDATE explorer_bank_account SET balance = :balance WHERE id = :id"
ADD: Final = "UPDATE explorer_bank_account SET balance = balance + :amount WHERE id = :id"
WRITE_VERSION: Final = (
    "UPDATE explorer_bank_account SET balance = :balance, version = version + 1 WHERE id = :id AND version = :version"
)
NOTE: Final = "INSERT INTO explorer_bank_transfer (source, target, amount) VALUES (:source, :target, :amount)"
ACCOUNTS: Final = ("source", "target")
_READS: Final = {"read_write": READ, "for_update": LOCK, "version": READ_VERSION}
_WRITES: Final = {"read_write": WRITE, "atomic": ADD, "for_update": WRITE, "version": WRITE_VERSION}


def script(engine: str, level: str, style: str) -> tuple[str, ...]:
    """One transfer, from its first statement to its last, as an engine gets it at a level."""
    reads = [_READS[style].replace(":id", f":{account}") for account in ACCOUNTS] if style in _READS else []
    writes = [_WRITES[style].replace(":id", f":{account}") for account in ACCOUNTS]
    first = begins(engine, level)
    return (*first, *reads, "-- think", *writes, NOTE, *(("COMMIT",) if first else ()))
