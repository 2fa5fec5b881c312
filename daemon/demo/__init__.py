"""`duban demo`: a month of 督查督办 at an imaginary school, by real mail from simulated clerks."""

from __future__ import annotations

from pathlib import Path

__all__ = ["run"]


def run(once: bool, as_json: bool, keep: Path | None, port: int) -> int:
    """Lives the month and returns the exit code: 0, 1 where the count disagrees with the diaries, 130 interrupted.

    `keep`: an empty or new folder that stays, instead of a temporary one that goes. `port`: of the admin view, 0 for a
    free one. Imports the servers only here: they come with the extra `demo`.
    """
    import asyncio
    import gc
    import sys
    import tempfile

    from daemon.demo.theatre import Wish, perform

    wish = Wish(once, as_json, port)
    gc.freeze()  # what was imported stays; a month makes little garbage in circles
    gc.set_threshold(100_000, 50, 50)
    with tempfile.TemporaryDirectory(prefix="duban-demo.") as passing:
        root = Path(passing)
        if keep is not None:
            if keep.exists() and (not keep.is_dir() or any(keep.iterdir())):
                print(f"{keep} 已存在且不是空文件夹，没有改动。请另选一个文件夹。", file=sys.stderr)
                return 1
            keep.mkdir(mode=0o700, parents=True, exist_ok=True)
            root = keep
        try:
            return asyncio.run(perform(root, wish))
        except KeyboardInterrupt:
            return 0 if not once else 130
