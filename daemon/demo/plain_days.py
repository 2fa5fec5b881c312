"""Working days once more, plainly: a list and a loop, so that the program's own calendar is not its own judge."""

from __future__ import annotations

from datetime import date, timedelta

#: Holidays and make-up days around the demo's month, from the State Council's notice for 2026.
OFF = frozenset(date(2026, 10, n) for n in range(1, 8)) | {date(2027, 1, 1)}
WORKED = frozenset({date(2026, 9, 20), date(2026, 10, 10)})


def works(day: date) -> bool:
    """Whether offices work that day."""
    return day in WORKED or (day.weekday() < 5 and day not in OFF)


def later(day: date, count: int) -> date:
    """The working day `count` working days after `day` (before it where negative); 0: `day` or the one before."""
    step = timedelta(days=1 if count > 0 else -1)
    if count == 0:
        while not works(day):
            day -= timedelta(days=1)
        return day
    left = abs(count)
    while left:
        day += step
        if works(day):
            left -= 1
    return day


def between(first: date, last: date) -> int:
    """How many working days lie in (first, last]."""
    count = 0
    while first < last:
        first += timedelta(days=1)
        count += works(first)
    return count
