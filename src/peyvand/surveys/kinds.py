"""Kinds of interaction that asking customers produces."""

from peyvand.timeline.kinds import Kind, Payload


class Asked(Payload):
    """A survey that went out, or that somebody asked not to get any more."""

    survey: str = ""
    again: bool = False
    case: int | None = None


class Answered(Payload):
    """An answer: the score and words are its perception, the reasons stand here.

    `partial`: only the score, since nothing more came for half an hour. `completes` names that interaction when more came later.
    """

    survey: str = ""
    reasons: list[str] = []
    again: bool = False
    case: int | None = None
    partial: bool = False
    completes: int | None = None


KINDS = [
    Kind(
        code="survey.sent",
        fa="ارسال نظرسنجی",
        en="Was asked",
        icon="plane",
        payload=Asked,
        channel="email",
        by_brand=True,
        codes=("survey",),
        rows=("case",),
    ),
    Kind(
        code="survey.answered",
        fa="پاسخ به نظرسنجی",
        en="Answered a survey",
        icon="feedback",
        payload=Answered,
        codes=("survey", "reasons"),
        rows=("case",),  # `completes` numbers an answer that is parted before it
    ),
    Kind(
        code="survey.declined",
        fa="انصراف از نظرسنجی",
        en="Asked for no more surveys",
        icon="x",
        payload=Asked,
        channel="email",
        codes=("survey",),
        rows=("case",),
    ),
]
