"""`python -m tests.fuzz [--count N] [--seed N] [--keep DIR]`: hostile mails through the reader and a whole office."""

from __future__ import annotations

import argparse
import json
import logging
import sys
import time
from pathlib import Path

import structlog

from tests.fuzz import queue, reading

#: A process that grew by more between its first sixth and its end has a leak, MB.
GROWTH = 60.0


def grown(memory: list[tuple[int, float]]) -> float:
    """MB between the peak of the first third and that of the last one; 0 where a run is too short to say."""
    third = len(memory) // 3
    if third < 2:
        return 0.0
    return round(max(mb for _, mb in memory[-third:]) - max(mb for _, mb in memory[1 : third + 1]), 1)


def faults(told: reading.Told, queued: queue.Queued) -> list[str]:
    """What must not be: an exception, a hang, a leak, a letter that is not in the list, a loop that stands."""
    out = [f"{name} raised\n{trace}" for name, trace in told.raised]
    out += [f"{name} took over {reading.HANG:.0f} s" for name in told.hung]
    out += [f"memory grew by {grown(told.memory)} MB"] if grown(told.memory) > GROWTH else []
    out += queued.lost
    out += [] if queued.alive else ["the good answer after them was not registered"]
    return out


def table(told: reading.Told, queued: queue.Queued) -> list[str]:
    def counted(what: dict[str, int]) -> str:
        return ", ".join(f"{name} {count}" for name, count in sorted(what.items()))

    rate = told.mails / max(told.seconds, 0.001)
    return [
        f"read         {told.mails} mails in {told.seconds} s, {rate:.0f} a second: {counted(told.kinds)}",
        f"ended        {counted(told.ended)}",
        f"files        {counted(told.files)}",
        f"raised       {len(told.raised)}",
        f"over 10 s    {len(told.hung)}; over 1 s {told.over_a_second}",
        "slowest      seconds, of them in the children that open files",
        *(f"             {whole:6.2f} {opening:6.2f}  {name}" for whole, opening, name in told.slowest),
        "memory       MB resident after so many mails: " + ", ".join(f"{n} {mb}" for n, mb in told.memory),
        f"             {grown(told.memory):+} MB between the first third and the last",
        f"delivered    {queued.delivered} to an office in {queued.seconds} s: {counted(queued.states)}",
        f"waiting for  {counted(dict(queued.why.most_common(8)))}",
        f"lost         {len(queued.lost)}; the answer after them {'was' if queued.alive else 'was not'} registered",
    ]


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=20_000, help="mails read one by one")
    parser.add_argument("--queued", type=int, default=400, help="mails delivered to a whole office")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--keep", type=Path, help="a folder for the mails that raised or took over two seconds")
    args = parser.parse_args()
    if args.keep:
        args.keep.mkdir(parents=True, exist_ok=True)
    print(f"seed {args.seed}", flush=True)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    told = reading.read_all(args.count, args.seed, keep=args.keep)
    queued = queue.run(args.queued, args.seed, big=True)
    print("\n".join(table(told, queued)))
    wrong = faults(told, queued)
    print(json.dumps({"seed": args.seed, "mails": told.mails, "faults": len(wrong)}))
    print("\n".join(wrong), file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
