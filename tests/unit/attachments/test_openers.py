"""The pool of limited children: bombs, hostile answers, deaths and silences are ordinary outcomes."""

from __future__ import annotations

import asyncio
import gc
import hashlib
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from daemon.attachments import wire
from daemon.attachments.openers import Openers
from daemon.reading.shapes import Opened, Part
from tests.fuzz import bombs
from tests.unit.attachments import attached


def part(data: bytes, name: str = "x", index: int = 0) -> Part:
    return Part(index, name, "", "application/octet-stream", "attachment", "", data, hashlib.sha256(data).hexdigest())


def with_openers(work: Callable[[Openers], Awaitable[Any]], **more: Any) -> Any:
    async def go() -> Any:
        openers = Openers(**more)
        try:
            return await work(openers)
        finally:
            await openers.close()

    return asyncio.run(go())


def opened(data: bytes, name: str = "x", **more: Any) -> Opened:
    """One part by a fresh child; afterwards the pool must still work."""

    async def work(openers: Openers) -> Opened:
        (told,) = await openers.open_parts([part(data, name)])
        (after,) = await openers.open_parts([part("还在".encode(), "a.txt")])
        assert after.text == "还在"
        return told

    result = with_openers(work, workers=1, **more)
    assert isinstance(result, Opened)
    return result


def test_parts_keep_their_order_and_index() -> None:
    async def work(openers: Openers) -> None:
        parts = [part(f"第{n}件".encode(), f"{n}.txt", n) for n in range(20)]
        told = await openers.open_parts(parts)
        assert [(o.index, o.text) for o in told] == [(n, f"第{n}件") for n in range(20)]
        assert "rlimit" in openers.holds
        assert await openers.open_parts([]) == ()

    with_openers(work)


# -- bombs --------------------------------------------------------------------------------------------------------

BAD = ("too_large", "killed", "damaged", "timeout")


def test_the_inflating_pdf() -> None:
    bomb = attached.inflating_pdf(800)
    assert len(bomb) < 200_000
    assert opened(bomb, "x.pdf").error in BAD


def test_a_zip_bomb() -> None:
    assert opened(attached.zeros_zip(), "x.zip").error == "too_large"


def test_a_docx_that_is_a_zip_bomb() -> None:
    bomb = attached.zipped({"word/document.xml": attached.DOCX_HEAD.encode() + b" " * (100 << 20)})
    assert opened(bomb, "x.docx").error == "too_large"


def test_an_image_that_says_it_is_huge() -> None:
    assert opened(attached.huge_png(), "x.png").error == "too_large"


def test_entities_are_not_expanded() -> None:
    told = opened(attached.laughing_docx(), "x.docx")
    assert "哈" not in told.text
    assert told.error in ("", "damaged")


def test_no_file_of_ours_is_read_into_a_document(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("our-secret-words")
    told = opened(attached.outside_docx(str(secret)), "x.docx")
    assert "our-secret-words" not in told.text


def test_a_part_above_the_limit_is_not_even_handed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("daemon.attachments.limits.PART_BYTES", 100)
    assert opened(b"x" * 101, "a.txt").error == "too_large"


def test_the_parents_memory_stays_flat() -> None:
    async def work(openers: Openers) -> None:
        big = attached.zipped({"a.bin": os.urandom(5 << 20)}, method=0)
        await openers.open_parts([part(big)])
        gc.collect()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for _ in range(12):
            await openers.open_parts([part(big), part(attached.huge_png())])
        gc.collect()
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30 * 1024  # KB; unbounded: 60 MB

    with_openers(work)


# -- deaths and silences ------------------------------------------------------------------------------------------


def test_killed_in_the_middle_is_an_outcome() -> None:
    async def work(openers: Openers) -> None:
        await openers.open_parts([part(b"x", "a.txt")])
        child = openers._children[0].process
        assert child is not None
        child.send_signal(signal.SIGSTOP)
        asked = asyncio.create_task(openers.open_parts([part(b"y", "a.txt")]))
        await asyncio.sleep(0.2)
        child.send_signal(signal.SIGKILL)
        assert (await asked)[0].error == "killed"
        assert (await openers.open_parts([part(b"z", "a.txt")]))[0].text == "z"

    with_openers(work, workers=1)


def test_silence_ends_after_its_time_with_a_kill() -> None:
    async def work(openers: Openers) -> None:
        await openers.open_parts([part(b"x", "a.txt")])
        child = openers._children[0].process
        assert child is not None
        child.send_signal(signal.SIGSTOP)
        assert (await openers.open_parts([part(b"y", "a.txt")]))[0].error == "timeout"
        assert child.returncode == -signal.SIGKILL
        assert (await openers.open_parts([part(b"z", "a.txt")]))[0].text == "z"

    with_openers(work, workers=1, seconds=1.0)


def test_the_parts_of_one_letter_have_a_time_together() -> None:
    slow = bombs.forms_in_forms(12)

    async def work(openers: Openers) -> None:
        await openers.open_parts([part(b"x", "a.txt")])
        begun = time.monotonic()
        told = await openers.open_parts([part(slow, "a.pdf") for _ in range(40)])
        assert {one.error for one in told} == {"timeout"}
        assert time.monotonic() - begun < 6  # forty times half a second, and forty starts: over 30
        assert (await openers.open_parts([part(b"z", "a.txt")]))[0].text == "z"

    with_openers(work, workers=1, seconds=0.5)


def test_a_child_that_left_of_itself_is_no_fault_of_the_part() -> None:
    async def work(openers: Openers) -> None:
        await openers.open_parts([part(b"x", "a.txt")])
        child = openers._children[0].process
        assert child is not None
        assert child.stdin is not None
        child.stdin.close()  # it sees the end of its input, as after long idleness, and goes
        await asyncio.sleep(0.3)
        assert (await openers.open_parts([part(b"z", "a.txt")]))[0].text == "z"

    with_openers(work, workers=1)


def test_cancelled_asking_leaves_a_pool_that_works() -> None:
    async def work(openers: Openers) -> None:
        await openers.open_parts([part(b"x", "a.txt")])
        child = openers._children[0].process
        assert child is not None
        child.send_signal(signal.SIGSTOP)
        asked = asyncio.create_task(openers.open_parts([part(b"y", "a.txt")]))
        await asyncio.sleep(0.1)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        assert (await openers.open_parts([part(b"z", "a.txt")]))[0].text == "z"

    with_openers(work, workers=1)


# -- what a child in the hands of its part could answer -----------------------------------------------------------


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"[]",
        b"\xff",
        b'{"text": 5}',
        b'{"codes": "x"}',
        b'{"form": {"a": 1}}',
        b'{"pages": "x"}',
        b'{"members": [1]}',
    ],
)
def test_a_wrong_answer_is_refused(payload: bytes) -> None:
    with pytest.raises(wire.BadFrame):
        wire.opened(0, wire.read_json(payload))


def test_a_long_answer_is_cut() -> None:
    told = wire.opened(3, {"text": "字" * 400_000, "codes": ["c"] * 99, "members": ["m"] * 5000, "error": "e" * 99})
    assert (told.index, len(told.text), len(told.codes), len(told.members)) == (3, 300_000, 20, 1000)
    assert len(told.error) == 40


# -- the lock -----------------------------------------------------------------------------------------------------

_TRIES = """
import os, socket, subprocess, sys, ctypes, resource
from daemon.attachments import jail
holds = jail.lock()
def tried(name, work):
    try:
        work()
    except OSError as e:
        print(name, "denied")
    else:
        print(name, "ALLOWED")
libc = ctypes.CDLL(None, use_errno=True)
def call(*n):
    def work():
        if libc.syscall(*n) < 0:
            raise OSError(ctypes.get_errno(), "")
    return work
tried("socket", lambda: socket.socket())
tried("unix", lambda: socket.socket(socket.AF_UNIX))
tried("exec", lambda: os.execv("/bin/true", ["true"]))
tried("spawn", lambda: subprocess.run(["/bin/true"]))
tried("fork", os.fork)
tried("kill", lambda: os.kill(os.getppid(), 0))
tried("write", lambda: open(PLACE + "/new", "w"))
tried("append", lambda: open(PLACE + "/old", "a"))
tried("unlink", lambda: os.unlink(PLACE + "/old"))
tried("rename", lambda: os.rename(PLACE + "/old", PLACE + "/older"))
tried("limit", call(302, 0, resource.RLIMIT_AS, ctypes.byref((ctypes.c_ulong * 2)(2**40, 2**40)), None))
tried("io_uring", call(425, 1, 0))
tried("clone3", call(435, 0, 0))
print("read", open(PLACE + "/old").read())
print("holds", *holds)
"""


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="the filter is for x86-64; elsewhere the limits alone hold")
def test_a_child_can_neither_talk_nor_run_nor_write(tmp_path: Path) -> None:
    (tmp_path / "old").write_text("words")
    script = _TRIES.replace("PLACE", repr(str(tmp_path)))
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=Path.cwd(), timeout=60)
    lines = run.stdout.split("\n")
    assert "holds rlimit seccomp" in lines, run.stderr
    assert "read words" in lines
    assert [line for line in lines if "ALLOWED" in line] == []
    assert sum("denied" in line for line in lines) == 13
    assert (tmp_path / "old").read_text() == "words"


def test_a_child_gets_nothing_of_our_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUBAN_IMAP__PASSWORD", "secret")

    async def work(openers: Openers) -> None:
        await openers.open_parts([part(b"x", "a.txt")])
        child = openers._children[0].process
        assert child is not None
        environment = await asyncio.to_thread(Path(f"/proc/{child.pid}/environ").read_bytes)
        assert b"PYTHONPATH" in environment
        assert b"secret" not in environment

    with_openers(work, workers=1)
