"""How much an attachment may cost: numbers shared by both ends, and the budget that one part spends inside."""

from __future__ import annotations

from dataclasses import dataclass, field

PART_BYTES = 50 << 20  # a part above this is not handed over
TEXT_CHARACTERS = 200_000
MEMBERS = 1000
PAGES = 300
UNPACKED_BYTES = 64 << 20  # of all archives in one part together
DEPTH = 2  # an archive in an archive is opened, one in that is only named
PIXELS = 40_000_000
PART_SECONDS = 8.0  # and of each worker for all parts of a letter together
PART_SECONDS_OCR = 60.0
OCR_SECONDS = 15.0  # of work on one part, after which no other page is begun
OCR_SIDE = 2000  # pixels
ADDRESS_SPACE = 640 << 20
ADDRESS_SPACE_OCR = 1800 << 20  # of a child that reads pictures: its models and their work take 1.1 GB
CPU_SECONDS = 600  # of a child's life: the time-out per part is the parent's
RETIRE_AFTER_CPU = 300.0
IDLE_SECONDS = 300.0


class TooLarge(Exception):
    """The part wants more than its budget."""


class Encrypted(Exception):
    """The part is locked with a password."""


class Unsupported(Exception):
    """A kind of file that is named and kept, and not read."""


@dataclass(slots=True)
class Found:
    """What is being gathered from one part, and what it may still cost."""

    text: list[str] = field(default_factory=list)
    form: dict[str, str] = field(default_factory=dict)
    codes: list[str] = field(default_factory=list)
    members: list[str] = field(default_factory=list)
    pages: int = 0
    seal: bool | None = None
    error: str = ""
    ocr: list[str] = field(default_factory=list)
    characters_left: int = TEXT_CHARACTERS
    unpack_left: int = UNPACKED_BYTES
    ocr_left: float = OCR_SECONDS

    def add_text(self, text: str) -> bool:
        """Takes as much of `text` as fits; False when nothing more does."""
        if text:
            self.text.append(text[: self.characters_left])
            self.characters_left -= len(self.text[-1]) + 1
        return self.characters_left > 0

    def add_ocr(self, text: str) -> None:
        """Takes words that were read off a picture; they are kept apart, since they may be misread."""
        if text and self.characters_left > 0:
            self.ocr.append(text[: self.characters_left])
            self.characters_left -= len(self.ocr[-1]) + 1

    def pictures(self) -> Found:
        """What the pictures in a document may cost and give."""
        return Found(unpack_left=self.unpack_left, ocr_left=self.ocr_left)

    def take_pictures(self, inner: Found) -> None:
        """Takes codes and words from the pictures in a document; that one of them was damaged says nothing of it."""
        self.unpack_left, self.ocr_left = inner.unpack_left, inner.ocr_left
        for code in inner.codes:
            self.add_code(code)
        for words in inner.ocr:
            self.add_ocr(words)

    def add_seal(self, seen: bool | None) -> None:
        """Whether a red seal is on one page more; that one was seen outweighs pages without."""
        self.seal = seen if self.seal is None else self.seal or bool(seen)

    def add_code(self, code: str) -> None:
        """A QR code's words, each once, at most twenty of 1000 characters."""
        code = code[:1000]
        if code and code not in self.codes and len(self.codes) < 20:
            self.codes.append(code)
