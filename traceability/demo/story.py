"""Tells the whole story, part by part; each part is skipped where it was told before."""

from traceability.demo import almonds, daily, drills, foil, muesli, plastic, traffic, world
from traceability.demo.cast import cast
from traceability.demo.pen import Pen


def tell(now) -> None:
    """Writes the demo, through operations only, as it stands at `now`. Idempotent."""
    people = cast(now)
    pen = Pen(people["otto"], now)
    products = world.build(pen)
    finished = almonds.make(pen, products)
    almonds.send_out(pen, finished)
    plastic.recall(pen, people, plastic.make(pen, products))
    muesli.tell(pen, products, people)
    drills.tell(pen, people)
    cocoa = foil.make(pen, products)
    foil.recall(pen, people, cocoa)
    daily.tell(pen, products, people)
    traffic.tell(pen, products)
    almonds.recall(pen, people)
