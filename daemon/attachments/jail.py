"""Takes away from this process what reading a file does not need: network, programs, writing, other processes."""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import resource
import signal
import struct
import sys

from daemon.attachments import limits

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38
_SECCOMP_FILTER = 2
_AUDIT_ARCH_X86_64 = 0xC000003E
_X32_BIT = 0x40000000

# Classic BPF: load a word of struct seccomp_data, jump if equal / at least / any bit, return.
_LOAD, _JEQ, _JGE, _JSET, _RET = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL = 0x7FFF0000, 0x80000000
_NR, _ARCH, _ARG1, _ARG2 = 0, 4, 24, 32

#: x86-64 numbers. Denied with EPERM; a library that asks in vain goes on or raises, which is an ordinary outcome.
_DENIED = {
    "socket": 41, "connect": 42, "accept": 43, "sendto": 44, "bind": 49, "listen": 50, "socketpair": 53,
    "accept4": 288,
    "clone": 56, "fork": 57, "vfork": 58, "execve": 59, "execveat": 322, "kill": 62, "tkill": 200, "ptrace": 101,
    "process_vm_readv": 310, "process_vm_writev": 311, "pidfd_open": 434, "pidfd_send_signal": 424,
    "pidfd_getfd": 438,
    "truncate": 76, "ftruncate": 77, "rename": 82, "mkdir": 83, "rmdir": 84, "creat": 85, "link": 86, "unlink": 87,
    "symlink": 88, "chmod": 90, "fchmod": 91, "chown": 92, "fchown": 93, "lchown": 94, "mknod": 133, "mknodat": 259,
    "mkdirat": 258, "fchownat": 260, "unlinkat": 263, "renameat": 264, "linkat": 265, "symlinkat": 266,
    "fchmodat": 268, "utimensat": 280, "renameat2": 316, "setxattr": 188, "lsetxattr": 189, "fsetxattr": 190,
    "setrlimit": 160, "mount": 165, "umount2": 166, "chroot": 161, "pivot_root": 155,
    "unshare": 272, "setns": 308, "bpf": 321, "perf_event_open": 298, "userfaultfd": 323, "io_uring_setup": 425,
    "add_key": 248, "request_key": 249, "keyctl": 250, "init_module": 175, "finit_module": 313, "kexec_load": 246,
    "setuid": 105, "setgid": 106, "setreuid": 113, "setresuid": 117, "shmget": 29, "msgget": 68, "memfd_create": 319,
}  # fmt: skip
#: Answered as if the kernel had none, so that libc takes the older call, which is looked at.
_UNKNOWN = {"clone3": 435, "openat2": 437}
_OPEN, _OPENAT, _PRLIMIT = 2, 257, 302
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


def lock(address_space: int = limits.ADDRESS_SPACE) -> list[str]:
    """Limits this process for good; the names of what holds. On other machines than x86-64 the limits alone."""
    holds = [_limit(address_space)]
    libc = ctypes.CDLL(None, use_errno=True)
    if sys.platform != "linux":
        return holds
    _prctl(libc, _PR_SET_PDEATHSIG, signal.SIGKILL)
    _prctl(libc, _PR_SET_DUMPABLE, 0)
    _prctl(libc, _PR_SET_NO_NEW_PRIVS, 1)
    if platform.machine() == "x86_64" and sys.maxsize > 2**32:
        _filter(libc)
        holds.append("seccomp")
    return holds


def _limit(address_space: int) -> str:
    for what, most in (
        (resource.RLIMIT_AS, address_space),
        (resource.RLIMIT_CPU, limits.CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        _, hard = resource.getrlimit(what)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))
    return "rlimit"


def _prctl(libc: ctypes.CDLL, option: int, value: int) -> None:
    if libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl {option}")


def program() -> bytes:
    """The filter: other ABIs die, the denied get EPERM, opening is for reading only, the rest is allowed."""
    deny = 0x00050000 | errno.EPERM
    unknown = 0x00050000 | errno.ENOSYS
    code = [
        (_LOAD, 0, 0, _ARCH),
        (_JEQ, 1, 0, _AUDIT_ARCH_X86_64),
        (_RET, 0, 0, _KILL),
        (_LOAD, 0, 0, _NR),
        (_JGE, 0, 1, _X32_BIT),
        (_RET, 0, 0, _KILL),
    ]
    for number in _DENIED.values():
        code += [(_JEQ, 0, 1, number), (_RET, 0, 0, deny)]
    for number in _UNKNOWN.values():
        code += [(_JEQ, 0, 1, number), (_RET, 0, 0, unknown)]
    # Limits may be asked for, which libraries do before they unpack; a limit that is handed in is a change.
    code += [
        (_JEQ, 0, 6, _PRLIMIT),
        (_LOAD, 0, 0, _ARG2),
        (_JEQ, 0, 3, 0),
        (_LOAD, 0, 0, _ARG2 + 4),
        (_JEQ, 0, 1, 0),
        (_RET, 0, 0, _ALLOW),
        (_RET, 0, 0, deny),
    ]
    for number, flags in ((_OPEN, _ARG1), (_OPENAT, _ARG2)):
        code += [
            (_JEQ, 0, 4, number),
            (_LOAD, 0, 0, flags),
            (_JSET, 0, 1, _WRITING),
            (_RET, 0, 0, deny),
            (_RET, 0, 0, _ALLOW),
        ]
    code.append((_RET, 0, 0, _ALLOW))
    return b"".join(struct.pack("=HBBI", *step) for step in code)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def _filter(libc: ctypes.CDLL) -> None:
    code = program()
    loaded = _Program(len(code) // 8, code)
    if libc.prctl(_PR_SET_SECCOMP, _SECCOMP_FILTER, ctypes.byref(loaded), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "seccomp")
