"""Kinds that come from looking after customers by hand."""

from peyvand.timeline.kinds import Kind, Payload


class Note(Payload):
    """What someone of the brand wrote down about a customer."""

    note: str = ""
    by: str = ""


class Moved(Payload):
    """A customer moved to another stage of the relationship: from where, to where, by which cause, and its figures."""

    from_stage: str = ""
    to_stage: str = ""
    cause: str = ""


KINDS = [
    Kind(code="note.written", fa="یادداشت", en="Note", icon="note", payload=Note, by_brand=True),
    Kind(code="lifecycle.moved", fa="تغییر مرحلهٔ رابطه", en="Moved to another stage", icon="pulse", payload=Moved, by_brand=True),
]
