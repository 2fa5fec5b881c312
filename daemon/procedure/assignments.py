"""Changing one assignment of a frozen matter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from daemon.procedure.shapes import Assignment, Matter, Reminded, StageKey


def with_assignment(matter: Matter, unit: str, change: Callable[[Assignment], Assignment]) -> Matter:
    """The matter with the unit's assignment changed; unchanged where the unit has none."""
    return replace(matter, assignments=tuple(change(a) if a.unit == unit else a for a in matter.assignments))


def new_assignments(
    lead: str, supporting: tuple[str, ...], message_ids: tuple[str, ...] = (), tokens: tuple[str, ...] = ()
) -> tuple[Assignment, ...]:
    """One assignment a unit, in the order (lead, *supporting), each with its own mail's Message-ID and token."""
    return tuple(
        Assignment(
            unit=unit,
            role="lead" if n == 0 else "supporting",
            message_id=message_ids[n] if n < len(message_ids) else "",
            token=tokens[n] if n < len(tokens) else "",
        )
        for n, unit in enumerate((lead, *supporting))
    )


def reminded(matter: Matter, key: StageKey) -> Reminded | None:
    """The live reminder of a key."""
    assignment = matter.assignment(key.unit)
    return next((one for one in assignment.reminded if one.key == key), None) if assignment else None


def with_reminded(matter: Matter, key: StageKey, change: Callable[[Reminded], Reminded | None]) -> Matter:
    """The matter with one reminder changed, or gone where `change` answers None."""

    def changed(a: Assignment) -> Assignment:
        kept = (change(one) if one.key == key else one for one in a.reminded)
        return replace(a, reminded=tuple(one for one in kept if one is not None))

    return with_assignment(matter, key.unit, changed)
