"""Chinese numerals: 十二, 一百零三, 一二, 二〇二六, each as a number, or None where it is none."""

from __future__ import annotations

DIGITS = {
    char: value
    for value, chars in enumerate(["〇○零Oo0", "一", "二两", "三", "四", "五", "六", "七", "八", "九"])
    for char in chars
}
UNITS = {"十": 10, "百": 100, "千": 1000}
#: What a Chinese numeral is written with, for a character class.
CHARS = "〇○零一二两三四五六七八九十百千"


def number(text: str) -> int | None:
    """The number that a Chinese numeral below 10,000 says; digits in a row (一二, 二〇二六) count by their places."""
    if not text or any(char not in DIGITS and char not in UNITS for char in text):
        return None
    if not any(char in UNITS for char in text):
        return int("".join(str(DIGITS[char]) for char in text))
    total, digit, last_unit = 0, 0, 10_000
    for char in text:
        if char in DIGITS:
            digit = DIGITS[char]
            continue
        unit = UNITS[char]
        if unit >= last_unit:
            return None
        total += (digit or 1) * unit
        digit, last_unit = 0, unit
    return total + digit
