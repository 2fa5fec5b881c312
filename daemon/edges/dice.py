"""Where ids and tokens come from: real dice, and seeded ones that fall the same way each time."""

from __future__ import annotations

import random
import secrets

#: Without 0 1 i l o u: ids are read aloud, and no token spells a word.
_LETTERS = "23456789abcdefghjkmnpqrstvwxyz"
_ID_LENGTH = 16  # 78 bits
_TOKEN_LENGTH = 26  # 127 bits


class RealDice:
    """Ids and tokens nobody can guess, from the system's randomness."""

    def new_id(self) -> str:
        """A short unique id."""
        return "".join(secrets.choice(_LETTERS) for _ in range(_ID_LENGTH))

    def new_token(self) -> str:
        """An unguessable token of 127 bits, lower-case letters and digits."""
        return "".join(secrets.choice(_LETTERS) for _ in range(_TOKEN_LENGTH))


class SeededDice:
    """Ids and tokens that follow from a seed: for made-up worlds only, anybody can guess them."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def new_id(self) -> str:
        """A short unique id."""
        return "".join(self._random.choices(_LETTERS, k=_ID_LENGTH))

    def new_token(self) -> str:
        """A token of the same shape as a real one."""
        return "".join(self._random.choices(_LETTERS, k=_TOKEN_LENGTH))
