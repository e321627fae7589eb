"""Whether an aborted transfer is worth another attempt."""

from explorer.records.sql_errors import engine_code, is_worth_a_retry
from explorer.server.workloads.bank_transfer.bank import Bank, Conflict, Outcome


def again(bank: Bank, outcome: Outcome, error: Exception) -> bool:
    """Note that the database has aborted the transfer; whether to try once more, which is then counted as well."""
    code = engine_code(error)
    outcome.aborted.append(code)
    if outcome.retried >= bank.retries or not (is_worth_a_retry(code) or isinstance(error, Conflict)):
        return False
    outcome.retried += 1
    return True
