"""How a row with a state looks: its word, and the colour and glyph that go with it."""

from typing import ClassVar


class HasLook:
    """`state` is a key of LOOKS, which has (word, colour key, glyph) for each."""

    LOOKS: ClassVar[dict[str, tuple[str, str, str]]]
    state: str

    @property
    def word(self) -> str:
        return self.LOOKS[self.state][0]

    @property
    def colour(self) -> str:
        return self.LOOKS[self.state][1]

    @property
    def glyph(self) -> str:
        return self.LOOKS[self.state][2]
