"""The story that recall tests tell, and short ways to bring a recall to a state."""

from decimal import Decimal

from batches.models import Contact, Holding
from batches.operations.listeners import links_were_written
from batches.tests import factory
from batches.tests.factory import NOON
from recalls.models import Recall
from recalls.operations import recalls, scope

MEANING = "I have checked the scope and approve it."


def contact(place, email, **fields) -> Contact:
    return Contact.objects.create(location=factory.location(place), email=email, **fields)


def granola() -> dict[str, Holding]:
    """Almonds from a supplier, one bar made of them, one centre, two stores.

    Store 1 has a contact, store 2 has one too, the centre shares the mailbox of store 2.
    """
    factory.location("PLANT1", is_own=True, name="Plant 1")
    factory.location("SIERRA", kind="supplier")
    factory.location("DC", kind="distribution_centre", name="Northgate DC")
    for number in (1, 2):
        factory.location(f"STORE{number}", kind="store", name=f"Store {number}")
    nodes = factory.trace_graph(
        """
        ALM@SIERRA -1x1400-> ALM@PLANT1 -2x100-> BAR@PLANT1 -3x90-> BAR@DC -4x40-> BAR@STORE1
        BAR@DC -4x30-> BAR@STORE2
        """
    )
    amounts = {"ALM@SIERRA": 0, "ALM@PLANT1": 355, "BAR@PLANT1": 10, "BAR@DC": 20}
    amounts |= {"BAR@STORE1": 40, "BAR@STORE2": 30}
    for name, amount in amounts.items():
        stock(nodes[name], amount)
    contact("STORE1", "one@store.example", name="Uno")
    contact("STORE2", "Two@Store.example")
    contact("DC", "two@store.example")
    return nodes


def stock(holding: Holding, amount) -> None:
    Holding.objects.filter(pk=holding.pk).update(quantity=amount)


def draft(by, *holdings, **fields) -> Recall:
    """A draft of the holdings' batches; of no holding, of nothing."""
    fields = {"hazard": "May contain peanut.", "classification": "I"} | fields
    # Nobody is checked, unless a test says otherwise.
    fields.setdefault("effectiveness_level", "E")
    recall = recalls.open_recall(title="Undeclared peanut", by=by, at=NOON, **fields)
    if holdings:
        batches = [holding.batch_id for holding in holdings]
        scope.add_rule(
            recall=recall, kind="batches", parameters={"batches": batches}, by=by, at=NOON
        )
    return recall


def submitted(by, *holdings, **fields) -> Recall:
    return recalls.submit_recall(recall=draft(by, *holdings, **fields), by=by, at=NOON)


def active(quinn, paula, *holdings, **fields) -> Recall:
    recall = submitted(quinn, *holdings, **fields)
    return activate(recall, paula).recall


def activate(recall, by, at=NOON, password="paula"):
    return recalls.activate_recall(recall=recall, by=by, at=at, password=password, meaning=MEANING)


def found(**parts) -> dict[str, Decimal]:
    return {name: Decimal(value) for name, value in parts.items()}


def move(nodes, source, target, at=5, quantity=5):
    """Links the holding `source` to one of its batch at `target`, as a posting does."""
    _, _, place = target.partition("@")
    holding, _ = nodes[source].batch.holdings.get_or_create(
        location=factory.location(place), defaults={"quantity": quantity}
    )
    factory.link(nodes[source], holding, at, at, quantity)
    links_were_written([nodes[source].pk])
    return holding
