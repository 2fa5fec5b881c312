"""Which reader a part goes to: by its first bytes; names and media types lie, and only help where bytes say nothing."""

from __future__ import annotations

from daemon.attachments.limits import Encrypted, Found, TooLarge, Unsupported

_IMAGES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"BM", b"II*\x00", b"MM\x00*")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_STREAMS = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00")
_TEXT_ENDINGS = (".txt", ".csv", ".md", ".htm", ".html", ".eml", ".ics", ".log")


def open_part(found: Found, name: str, media_type: str, data: bytes, depth: int = 0) -> None:
    """Reads `data` into `found`. Raises TooLarge, Encrypted, Unsupported, or what a damaged file makes a reader raise.

    A file of a kind that holds nothing to read (a signature, TNEF formatting) adds nothing and is no error.
    """
    # Imported when needed: a child that reads Word files only stays small.
    if b"%PDF-" in data[:1024]:
        from daemon.attachments.pdf import read_pdf

        read_pdf(found, data)
    elif data.startswith(_IMAGES) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP"):
        from daemon.attachments.images import read_image

        read_image(found, data)
    elif data.startswith(_OLE):
        from daemon.attachments.ole import read_ole

        read_ole(found, data)
    elif data.startswith(b"{\\rtf"):
        from daemon.attachments.rtf import read_rtf

        read_rtf(found, data)
    elif not _open_archive(found, name, data, depth):
        _open_words(found, name, media_type, data, depth)


def _open_archive(found: Found, name: str, data: bytes, depth: int) -> bool:
    """Reads an archive; False if it is none. Office's XML documents are ZIPs too."""
    if data[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        from daemon.attachments.zipped import read_zip

        read_zip(found, data, depth)
    elif data.startswith(b"7z\xbc\xaf\x27\x1c"):
        from daemon.attachments.sevenzip import read_7z

        read_7z(found, data, depth)
    elif data.startswith(b"Rar!\x1a\x07"):
        from daemon.attachments.rar import list_rar

        list_rar(found, data)
    elif data.startswith(_STREAMS):
        from daemon.attachments.tarred import read_stream

        read_stream(found, name, data, depth)
    elif data[257:262] == b"ustar":
        from daemon.attachments.tarred import read_tar

        read_tar(found, data, depth)
    else:
        return False
    return True


def _open_words(found: Found, name: str, media_type: str, data: bytes, depth: int) -> None:
    if media_type == "message/rfc822" or name.lower().endswith(".eml"):
        from daemon.attachments.plain import read_mail

        read_mail(found, data, depth)
    elif media_type.startswith("text/") or name.lower().endswith(_TEXT_ENDINGS):
        from daemon.attachments.plain import read_text

        read_text(found, media_type, name, data)


def open_member(found: Found, name: str, media_type: str, data: bytes, depth: int) -> None:
    """A file inside another one: its failure is noted unless something worse was, and stops nothing beside it."""
    try:
        open_part(found, name, media_type, data, depth)
    except (TooLarge, MemoryError):
        raise
    except Encrypted:
        found.error = found.error or "encrypted"
    except Unsupported:
        found.error = found.error or "unsupported"
    except Exception:  # noqa: BLE001 - a damaged member raises anything; the archive goes on and says so
        found.error = found.error or "damaged"
