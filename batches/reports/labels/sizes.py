"""The papers that labels are printed on, in millimetres."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """One label of `width` × `height`. On a sheet, `columns` × `rows` of them begin at `left`
    and `top` and repeat every `step_x` and `step_y`; a single label is a page of its own."""

    name: str
    word: str
    width: float
    height: float
    pad: float = 3
    page: tuple[float, float] = (0, 0)
    columns: int = 1
    rows: int = 1
    left: float = 0
    top: float = 0
    step_x: float = 0
    step_y: float = 0

    @property
    def per_page(self) -> int:
        return self.columns * self.rows

    @property
    def paper(self) -> tuple[float, float]:
        return self.page if self.is_sheet else (self.width, self.height)

    @property
    def is_sheet(self) -> bool:
        return self.per_page > 1

    def place(self, position: int) -> tuple[float, float]:
        """The upper left corner of the label at `position`, from 0, by rows."""
        row, column = divmod(position, self.columns)
        return self.left + column * self.step_x, self.top + row * self.step_y


_ALL = [
    Size("100x50", "One label, 100 × 50 mm", 100, 50),
    Size("62x29", "One label, 62 × 29 mm", 62, 29, pad=2),
    Size(
        "a4",
        "Sheet A4, 3 × 8 labels of 70 × 37 mm",
        70,
        37,
        pad=5,
        page=(210, 297),
        columns=3,
        rows=8,
        top=0.5,
        step_x=70,
        step_y=37,
    ),
    Size(
        "letter",
        "Sheet Letter, 3 × 10 labels of 2⅝ × 1 in",
        66.675,
        25.4,
        pad=2.5,
        page=(215.9, 279.4),
        columns=3,
        rows=10,
        left=4.7625,
        top=12.7,
        step_x=69.85,
        step_y=25.4,
    ),
]
SIZES = {size.name: size for size in _ALL}
