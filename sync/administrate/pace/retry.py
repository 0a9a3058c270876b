"""Whether and when a failed attempt is repeated: a pure function."""

from __future__ import annotations

from attrs import field, frozen
from attrs.validators import ge

from sync.administrate.errors import AdministrateError, Throttled


@frozen
class RetryBudget:
    """How often and how long one call is tried; times in seconds.

    A throttled call starts at a longer wait: the limit is counted over five minutes.
    """

    attempts: int = field(default=8, validator=ge(1))
    seconds: float = 600.0
    first_wait: float = 0.5
    first_throttled_wait: float = 5.0
    longest_wait: float = 60.0
    longest_retry_after: float = 300.0


def wait_before_retry(
    error: AdministrateError, attempt: int, elapsed: float, budget: RetryBudget, chance: float
) -> float | None:
    """Seconds to wait before attempt ``attempt + 1``; None where there is not to be one.

    The wait doubles from attempt to attempt; ``chance`` (0 to 1) spreads it over its upper half, so
    that workers who failed together do not come back together. What the server asked for is
    a lower bound, up to the budget's cap.
    """
    if not error.retryable or attempt >= budget.attempts:
        return None
    first = budget.first_throttled_wait if isinstance(error, Throttled) else budget.first_wait
    # Past 2**16 the longest wait rules anyway, and a float must not overflow.
    full = min(first * 2.0 ** min(attempt - 1, 16), budget.longest_wait)
    wait = full * (0.5 + chance / 2)
    if error.retry_after is not None:
        wait = max(wait, min(error.retry_after, budget.longest_retry_after))
    return wait if elapsed + wait <= budget.seconds else None
