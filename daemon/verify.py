"""Replays history and compares: every chain, every projection, every seal, every blob (promise 8)."""

from __future__ import annotations

from dataclasses import dataclass

from store import blobs, history, projections
from store.transaction import Tx


@dataclass(frozen=True, slots=True)
class Verified:
    """What was looked at and every fault found, in Chinese; no faults is a proof."""

    chains: int
    entries: int
    seals: int
    faults: tuple[str, ...]


def broken_chains(tx: Tx) -> list[str]:
    """Faults of the chains alone: what a start of the daemon asks before any mail may leave."""
    return [fault for chain in history.chains(tx) for fault in history.check(tx, chain)]


def verify(tx: Tx) -> Verified:
    """Everything; costs a second for some thousand matters."""
    chains = history.chains(tx)
    faults = broken_chains(tx)
    # A broken chain cannot be replayed; the comparison would only repeat it in other words.
    if not faults:
        faults += projections.compare(tx)
    faults += history.check_seals(tx)
    faults += blobs.check(tx)
    heads = history.heads(tx)
    return Verified(len(chains), sum(seq for seq, _ in heads.values()), history.seal_count(tx), tuple(faults))
