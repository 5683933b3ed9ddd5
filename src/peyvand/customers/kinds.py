"""Kinds that come from looking after customers by hand."""

from peyvand.timeline.kinds import Kind, Payload


class Note(Payload):
    """What someone of the brand wrote down about a customer."""

    note: str = ""
    by: str = ""


KINDS = [Kind(code="note.written", fa="یادداشت", en="Note", icon="note", payload=Note, by_brand=True)]
