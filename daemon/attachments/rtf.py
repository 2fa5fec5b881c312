"""RTF as WPS, Word and Outlook write it: words in GBK or Unicode, tables, and nothing that a reader would not see."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from daemon.attachments.blocks import Blocks
from daemon.attachments.limits import Found

_TOKEN = re.compile(rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|([^\\{}\r\n]+)", re.S)
#: Groups whose words are no words of the page. One that opens with \* is skipped whatever it is called.
_SKIPPED = frozenset(
    b"fonttbl colortbl stylesheet info pict header headerl headerr headerf footer footerl footerr footerf annotation"
    b" atnid atnauthor nonshppict objdata fldinst nonesttables template themedata xmlnstbl listtable revtbl".split()
)
_SHOWN_AFTER_ALL = (b"shptxt", b"fldrslt")  # the words of a text box stand in a group of drawing instructions
_CHARS = {
    b"tab": "\t", b"line": "\n", b"emdash": "—", b"endash": "–", b"bullet": "•", b"lquote": "‘", b"rquote": "’",
    b"ldblquote": "“", b"rdblquote": "”", b"emspace": " ", b"enspace": " ", b"qmspace": " ",
}  # fmt: skip
_SYMBOLS = {b"~": " ", b"_": "-", b"\\": "\\", b"{": "{", b"}": "}"}
_BY_CHARSET = {134: "gb18030", 136: "big5", 128: "cp932", 129: "cp949", 204: "cp1251"}
_BY_PAGE = {936: "gb18030", 54936: "gb18030", 950: "big5", 932: "cp932", 949: "cp949", 65001: "utf-8"}
_MOST_DEPTH = 500


@dataclass(frozen=True, slots=True)
class _State:
    """What holds inside a group and ends with it."""

    skipped: bool = False
    fonts: bool = False
    hidden: bool = False
    deleted: bool = False
    in_table: bool = False
    font: int = 0
    instead: int = 1  # how many characters stand after \\u for old readers


class _Reader:
    """One RTF text on its way to Blocks."""

    def __init__(self) -> None:
        self.blocks = Blocks()
        self._state = _State()
        self._groups: list[_State] = []
        self._charset = "gb18030"
        self._fonts: dict[int, str] = {}
        self._bytes = bytearray()  # of one charset, not yet decoded: two of them make a Chinese character
        self._skip = 0
        self._starred = False

    def read(self, data: bytes) -> Blocks:
        at = 0
        while at < len(data):
            token = _TOKEN.match(data, at)
            if token is None:
                at += 1
                continue
            at = token.end()
            word, number, code, symbol, brace, plain = token.groups()
            if word == b"bin":
                at += max(0, int(number or 0))
            elif brace:
                self._brace(brace)
            elif word:
                self._word(word.lower(), None if number is None else int(number))
            elif code:
                self._raw(bytes((int(code, 16),)))
            elif symbol == b"*":
                self._starred = True
            elif symbol is not None:
                self._symbol(symbol)
            else:
                self._raw(plain)
        self._flush()
        return self.blocks

    def _brace(self, brace: bytes) -> None:
        self._flush()
        self._skip = 0
        self._starred = False
        if brace == b"{":
            if len(self._groups) >= _MOST_DEPTH:
                raise ValueError("groups without end")
            self._groups.append(self._state)
        elif self._groups:
            self._state = self._groups.pop()

    def _word(self, word: bytes, number: int | None) -> None:
        if word == b"u" and number is not None:
            self._unicode(number)
            return
        if word in (b"hich", b"loch", b"dbch"):
            return
        self._flush()
        starred, self._starred = self._starred, False
        if word in _SHOWN_AFTER_ALL:
            self._state = replace(self._state, skipped=False)
        elif starred or word in _SKIPPED:
            self._state = replace(self._state, skipped=True, fonts=word == b"fonttbl")
        elif word in _CHARS:
            self._words(_CHARS[word])
        elif not self._structure(word):
            self._property(word, number)

    def _structure(self, word: bytes) -> bool:
        if self._state.skipped:
            return False
        if word in (b"par", b"sect", b"page"):
            self.blocks.paragraph(in_table=self._state.in_table)
        elif word == b"cell":
            self.blocks.cell()
        elif word == b"row":
            self.blocks.row()
        elif word in (b"nestcell", b"nestrow"):
            self.blocks.words(" " if word == b"nestcell" else "\n")
        else:
            return False
        return True

    def _property(self, word: bytes, number: int | None) -> None:
        state, on = self._state, number != 0
        if word == b"v":
            state = replace(state, hidden=on)
        elif word == b"deleted":
            state = replace(state, deleted=on)
        elif word == b"plain":
            state = replace(state, hidden=False, deleted=False)
        elif word in (b"intbl", b"pard"):
            state = replace(state, in_table=word == b"intbl")
        elif word in (b"f", b"af") and number is not None:
            state = replace(state, font=number)
        elif word == b"uc" and number is not None:
            state = replace(state, instead=max(0, number))
        elif word == b"fcharset" and state.fonts and number in _BY_CHARSET:
            self._fonts[state.font] = _BY_CHARSET[number]
        elif word == b"ansicpg" and number is not None:
            self._charset = _BY_PAGE.get(number, f"cp{number}" if number in range(1250, 1259) else self._charset)
        self._state = state

    def _symbol(self, symbol: bytes) -> None:
        if symbol in (b"\r", b"\n"):
            self._word(b"par", None)
            return
        self._flush()
        if self._skip:
            self._skip -= 1
        else:
            self._words(_SYMBOLS.get(symbol, ""))

    def _unicode(self, number: int) -> None:
        self._flush()
        self._words(chr(number % 0x10000))
        self._skip = self._state.instead

    def _raw(self, raw: bytes) -> None:
        """Bytes of the page; the first few after a Unicode character are its double."""
        skipped = min(self._skip, len(raw))
        self._skip -= skipped
        self._bytes += raw[skipped:]

    def _flush(self) -> None:
        if not self._bytes:
            return
        raw = bytes(self._bytes)
        self._bytes.clear()
        for charset in (self._fonts.get(self._state.font, self._charset), self._charset, "cp1252"):
            try:
                self._words(raw.decode(charset))
            except UnicodeDecodeError:
                continue
            return
        self._words(raw.decode(self._charset, "replace"))

    def _words(self, text: str) -> None:
        state = self._state
        if not (state.skipped or state.hidden or state.deleted):
            self.blocks.words(text)


def read_rtf(found: Found, data: bytes) -> None:
    """An RTF file; half of a surrogate pair, as \\\\u writes what is beyond the BMP, finds its other half."""
    blocks = _Reader().read(data)
    blocks.give(found)
    found.text = [text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace") for text in found.text]
