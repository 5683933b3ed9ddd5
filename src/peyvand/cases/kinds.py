"""Kinds of interaction that follow-up produces."""

from peyvand.timeline.kinds import Kind, Payload


class Opened(Payload):
    """A case that was opened."""

    case: int = 0
    number: int = 0
    score: float | None = None


class Reopened(Payload):
    """A closed case that was taken up again."""

    case: int = 0
    number: int = 0


class Contact(Payload):
    """A call or message of the brand about a case."""

    case: int = 0
    number: int = 0
    result: str = ""
    by: str = ""
    note: str = ""


class Closed(Payload):
    """A case that ended; `ask_again` has the customer asked once more, when their survey says. `answer` is what it came of."""

    case: int = 0
    number: int = 0
    outcome: str = ""
    ask_again: bool = False
    score_before: float | None = None
    answer: int | None = None


NUMBERED = ("case", "number")
KINDS = [
    Kind(code="case.opened", fa="باز شدن پرونده", en="Case opened", icon="flag", payload=Opened, by_brand=True, matter=1, rows=NUMBERED),
    Kind(
        code="contact.made",
        fa="تماس پیگیری",
        en="Follow-up contact",
        icon="phone",
        payload=Contact,
        channel="phone",
        is_contact=True,
        codes=("result",),
        rows=NUMBERED,
    ),
    Kind(
        code="case.closed",
        fa="بسته شدن پرونده",
        en="Case closed",
        icon="check",
        payload=Closed,
        by_brand=True,
        matter=-1,
        codes=("outcome",),
        rows=(*NUMBERED, "answer"),
    ),
    Kind(
        code="case.reopened",
        fa="باز شدن دوبارهٔ پرونده",
        en="Case opened again",
        icon="return",
        payload=Reopened,
        by_brand=True,
        matter=1,
        rows=NUMBERED,
    ),
]
