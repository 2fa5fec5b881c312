"""7z, RAR and tar: listed with their Chinese names, read where we can, and never more than the budget."""

from __future__ import annotations

import io
import tarfile

import py7zr
import pytest

from daemon.attachments import limits
from daemon.attachments.child import answer
from daemon.attachments.kinds import open_part
from daemon.attachments.limits import Encrypted, Found, TooLarge
from tests.unit.attachments import attached, packed
from tests.unit.attachments.test_openers import opened

NAME = "佐证材料/办结报告.txt"
REPORT = "已办结".encode("gb18030")
WORDS = f"【{NAME}】\n已办结"


def read(name: str, data: bytes) -> Found:
    found = Found()
    open_part(found, name, "application/octet-stream", data)
    return found


def text(found: Found) -> str:
    return "\n".join(found.text)


# -- 7z -----------------------------------------------------------------------------------------------------------


def test_a_7z_is_listed_and_read_in_the_child() -> None:
    report = attached.docx(attached.paragraph("7z 里的报告"))
    told = opened(packed.sevenzip({NAME: REPORT, "报告.docx": report, "空.txt": b""}), "材料.7z")
    assert set(told.members) == {NAME, "报告.docx", "空.txt"}
    assert WORDS in told.text
    assert "7z 里的报告" in told.text
    assert told.error == ""


@pytest.mark.parametrize(
    "method", [py7zr.FILTER_LZMA, py7zr.FILTER_BZIP2, py7zr.FILTER_DEFLATE, py7zr.FILTER_COPY, py7zr.FILTER_ZSTD]
)
def test_7z_of_every_method(method: int) -> None:
    assert text(read("a.7z", packed.sevenzip_by(method, NAME, REPORT))) == WORDS


def test_7z_by_ppmd_is_named_and_does_not_hang() -> None:
    told = opened(packed.sevenzip_by(py7zr.FILTER_PPMD, NAME, REPORT), "a.7z")
    assert (told.members, told.error) == ((NAME,), "unsupported")


@pytest.mark.parametrize("lock_names", [False, True])
def test_a_locked_7z(lock_names: bool) -> None:
    with pytest.raises(Encrypted):
        read("a.7z", packed.sevenzip({NAME: REPORT}, password="geheim", lock_names=lock_names))


def test_a_7z_bomb_ends_in_the_child() -> None:
    assert opened(packed.sevenzip({"zeros.txt": bytes(100 << 20)}), "a.7z").error == "too_large"


# -- RAR ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("charset", ["gb18030", "utf-8"])
def test_rar_4_is_listed_with_names_in_any_charset(charset: str) -> None:
    names = [NAME, "照片一.jpg", "清单.xlsx"]
    told = answer("材料.rar", "", packed.rar4([name.encode(charset) for name in names]))
    assert (told["members"], told["error"]) == (names, "unsupported")


def test_rar_5_is_listed_in_the_child() -> None:
    told = opened(packed.rar5([NAME, "照片一.jpg"]), "材料.rar")
    assert (told.members, told.error) == ((NAME, "照片一.jpg"), "unsupported")


def test_a_locked_rar() -> None:
    told = answer("a.rar", "", packed.rar4([b"a.txt"], locked=True))
    assert (told["members"], told["error"]) == (["a.txt"], "encrypted")
    assert answer("a.rar", "", packed.rar5([], locked_names=True))["error"] == "encrypted"


def test_a_rar_of_too_many() -> None:
    with pytest.raises(TooLarge):
        read("a.rar", packed.rar4([b"%d.txt" % n for n in range(limits.MEMBERS + 1)]))


# -- tar ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["", "gz", "bz2", "xz"])
@pytest.mark.parametrize("charset", ["utf-8", "gb18030"])
def test_a_tar_is_listed_and_read(way: str, charset: str) -> None:
    found = read("材料.tar", packed.tar({NAME: REPORT}, charset=charset, packed=way))
    assert found.members == [NAME]
    assert text(found) == WORDS


def test_a_single_packed_file_is_its_own_member() -> None:
    import gzip

    found = read("办结报告.txt.gz", gzip.compress(REPORT))
    assert (found.members, text(found)) == (["办结报告.txt"], "【办结报告.txt】\n已办结")


def test_streams_that_swell_and_tars_of_holes() -> None:
    import gzip

    with pytest.raises(TooLarge):
        read("a.gz", gzip.compress(bytes(limits.UNPACKED_BYTES + 1)))
    info = tarfile.TarInfo("大.txt")
    info.type, info.size = tarfile.GNUTYPE_SPARSE, 0
    head = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    head[483:495] = b"777777777777"
    head[148:156] = b"%06o\0 " % (sum(head[:148]) + 256 + sum(head[156:512]))
    told = answer("a.tar", "", bytes(head) + bytes(1024))
    assert told["members"] == ["大.txt"]
    assert told["error"] == "unsupported"


def test_links_in_a_tar_lead_nowhere() -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        link = tarfile.TarInfo("link.txt")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    told = opened(out.getvalue(), "a.tar")
    assert (told.members, told.text, told.error) == (("link.txt",), "", "")


@pytest.mark.parametrize("make", [packed.sevenzip, packed.tar])
def test_archives_in_archives_are_opened_to_depth_two(make: object) -> None:
    assert callable(make)
    inner = make({"报告.txt": b"inside"})
    assert "inside" in text(read("x", make({"里": inner})))
    deep = read("x", make({"外": make({"里": inner})}))
    assert "里" in deep.members
    assert "inside" not in text(deep)


@pytest.mark.parametrize(
    "magic", [b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07\x00", b"Rar!\x1a\x07\x01\x00", b"\x1f\x8b\x08"]
)
def test_damaged_archives_are_an_outcome(magic: bytes) -> None:
    assert answer("a", "", magic + bytes(range(200)))["error"] in ("damaged", "unsupported", "encrypted")
