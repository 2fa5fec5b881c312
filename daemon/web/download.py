"""Files out of a mail: always as a download that no browser opens by itself."""

from __future__ import annotations

from urllib.parse import quote

from starlette.responses import Response


def download(data: bytes, name: str) -> Response:
    """`data` as an octet-stream attachment called `name` (RFC 6266, RFC 8187: `filename*`)."""
    safe = "".join(c for c in name if c.isprintable() and c not in '/\\"') or "file"
    plain = safe if safe.isascii() else "file." + (safe.rsplit(".", 1)[-1] if _ascii_ending(safe) else "bin")
    return Response(
        data,
        media_type="application/octet-stream",
        headers={
            "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(safe, safe='')}",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )


def _ascii_ending(name: str) -> bool:
    ending = name.rsplit(".", 1)[-1] if "." in name else ""
    return ending.isascii() and 0 < len(ending) <= 5
