"""PDFs with text of about 100 KB a second, through the limited children."""

from __future__ import annotations

import asyncio
import time
from hashlib import sha256
from typing import Any

from bench import post
from daemon.attachments.openers import Openers
from daemon.reading.shapes import Part

WORKERS = 2


def measure(count: int = 200) -> dict[str, Any]:
    """PDFs a second once both children run."""
    return asyncio.run(_measure(count))


async def _measure(count: int) -> dict[str, Any]:
    parts = [_part(n, post.paper(n % 24)) for n in range(count)]
    openers = Openers(WORKERS)
    try:
        await openers.open_parts(parts[:4])
        begun = time.perf_counter()
        opened = await openers.open_parts(parts)
        took = time.perf_counter() - begun
    finally:
        await openers.close()
    assert all(one.text and not one.error for one in opened)
    size = sum(len(part.data) for part in parts) / count
    return {"pdfs": count, "kb": round(size / 1024), "workers": WORKERS, "a_second": round(count / took, 1)}


def _part(n: int, data: bytes) -> Part:
    return Part(n, "情况报告.pdf", "", "application/pdf", "attachment", "", data, sha256(data).hexdigest())
