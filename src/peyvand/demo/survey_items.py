"""Timeline items of surveys: sent and answered, with scores, stars, reasons and words."""

import random
from collections.abc import Iterable
from typing import Any, Final

from peyvand.demo.asking import APP, CHANNEL_CODES, CHECKOUT, DELIVERY, EMAIL, KIOSK, RETURNS, STORE, SUPPORT, SURVEYS, WEB
from peyvand.demo.people import DEVICE_CODES
from peyvand.demo.questionnaires import QUESTIONNAIRES
from peyvand.demo.staff import AGENTS, SELLERS
from peyvand.demo.telling import Story, moment
from peyvand.demo.voices import REASON_OF, Voices
from peyvand.demo.wording import comment
from peyvand.demo.world import BRANCHES, SOURCE, STAGE_OF
from peyvand.timeline.types import CustomerIn, Item, PerceptionIn, Subject

NPS_SCALE: Final = (0.0, 10.0)
CSAT_SCALE: Final = (1.0, 5.0)
CES_SCALE: Final = (1.0, 7.0)
_TOUCHPOINTS: Final = {DELIVERY: "delivery", SUPPORT: "support", STORE: "store", RETURNS: "returns", CHECKOUT: "checkout"}
_DEPARTMENTS: Final = {DELIVERY: "logistics", SUPPORT: "support", STORE: "branches", RETURNS: "branches", CHECKOUT: "online"}
_OFFERED: Final = {one.code: frozenset(one.reasons) for one in QUESTIONNAIRES}
_DELIVERY_ITEMS: Final = ("delivery_time", "packaging", "product_quality", "value", "courier")


def survey_id(story: Story, asked: int) -> str:
    """The part of an external id that names one question put to one person."""
    q = story.history.asked
    return f"{SURVEYS[int(q.survey[asked])]}-{story.order_number(int(q.row[asked]))}"


def sent_item(story: Story, asked: int) -> Item:
    """A survey that went out by SMS, e-mail or WhatsApp, or was put at the end of a chat."""
    q = story.history.asked
    return Item(
        kind="survey.sent",
        occurred_at=moment(q.sent[asked]),
        external_id=f"sent-{survey_id(story, asked)}",
        properties={"survey": SURVEYS[int(q.survey[asked])]},
        **_setting(story, asked),
    )


def answered_item(story: Story, asked: int) -> Item:
    """An answer, on its scale, with words now and then."""
    q = story.history.asked
    survey, row, person = int(q.survey[asked]), int(q.row[asked]), int(q.person[asked])
    chance = _chance(story, asked)
    perceptions = _scores(story, survey, row, chance)
    level = mood(perceptions[0])
    properties: dict[str, Any] = {"survey": SURVEYS[survey]}
    if survey != CHECKOUT:
        speaks = chance.random() < (0.52, 0.3, 0.38)[level + 1]
        if speaks or level < 1:
            occasion = Voices(story.season, story.people, story.history).occasion(chance, survey, row, level)
            perceptions[0].text = comment(chance, occasion) if speaks else ""
            if level < 1:
                properties["reasons"] = _ticked(SURVEYS[survey], [topic for topic, _ in occasion.topics[:2]])
    if q.sent[asked] < q.answered[asked]:
        properties["sent_at"] = moment(q.sent[asked]).isoformat()
    return Item(
        kind="survey.answered",
        occurred_at=moment(q.answered[asked]),
        external_id=f"answered-{survey_id(story, asked)}",
        language=story.language(person),
        device=_device(story, asked),
        properties=properties,
        perceptions=perceptions,
        **_setting(story, asked),
    )


def first_score(story: Story, asked: int) -> PerceptionIn:
    """The main score of an answer, without its words: the one its survey measures."""
    q = story.history.asked
    return _scores(story, int(q.survey[asked]), int(q.row[asked]), _chance(story, asked))[0]


def _chance(story: Story, asked: int) -> random.Random:
    """Of the survey and the order, not of the place in the list: who is asked besides changes nobody's answer."""
    q = story.history.asked
    return story.chance(f"answer {SURVEYS[int(q.survey[asked])]}", int(q.row[asked]))


def mood(first: PerceptionIn, score: int | None = None) -> int:
    """−1, 0 or 1: how happy a main score is, by its own measure; another `score` may stand on its scale."""
    low, high = {"nps": (6, 9), "csat": (2, 4), "ces": (3, 6)}[first.measure]
    value = (first.value or 0) if score is None else score
    return -1 if value <= low else 1 if value >= high else 0


def _ticked(survey: str, topics: Iterable[str]) -> list[str]:
    """The reasons somebody ticks for what they have in mind: those their survey offers, else something else."""
    meant = (REASON_OF[topic] for topic in topics)
    return list(dict.fromkeys(reason if reason in _OFFERED[survey] else "other" for reason in meant))


def _setting(story: Story, asked: int) -> dict[str, Any]:
    """Where and about what a question was put: all but its time, words and scores."""
    q, episode = story.history.asked, story.history.episode
    survey, row, channel = int(q.survey[asked]), int(q.row[asked]), int(q.channel[asked])
    touchpoint = _TOUCHPOINTS[survey]
    branch, employee = "", ""
    if survey == DELIVERY:
        branch = BRANCHES[int(episode.delivery.branch[row])].code
    elif survey in {STORE, RETURNS}:
        branch = BRANCHES[int(episode.placed.branch[row])].code
        employee = SELLERS[branch][row % 2][0] if survey == STORE else ""
    elif survey == SUPPORT:
        employee = AGENTS[int(episode.contact.agent[row])].code
    return {
        "customer": _answerer(story, asked),
        "channel": CHANNEL_CODES[channel],
        "touchpoint": touchpoint,
        "stage": STAGE_OF[touchpoint],
        "product": story.product(row),
        "branch": branch,
        "department": _DEPARTMENTS[survey],
        "employee": employee,
        "subject": Subject(type="order", id=story.order_number(row)),
        "source": SOURCE,
    }


def _answerer(story: Story, asked: int) -> CustomerIn | None:
    q = story.history.asked
    person, channel = int(q.person[asked]), int(q.channel[asked])
    if not story.history.episode.placed.named[int(q.row[asked])]:
        return None
    if channel in {WEB, APP}:
        return story.customer(person, "own_id", "phone")
    return story.customer(person, "email" if channel == EMAIL else "phone", "own_id")


def _device(story: Story, asked: int) -> str:
    channel = int(story.history.asked.channel[asked])
    if channel == KIOSK:
        return "kiosk"
    own = DEVICE_CODES[int(story.people.device[int(story.history.asked.person[asked])])]
    return own if channel in {EMAIL, WEB, APP} or own != "desktop" else "mobile"


def _scores(story: Story, survey: int, row: int, chance: random.Random) -> list[PerceptionIn]:
    f = story.history.feelings
    nps = PerceptionIn(measure="nps", value=float(f.nps[row]), scale=NPS_SCALE)
    if survey == CHECKOUT:
        return [PerceptionIn(measure="ces", value=float(f.checkout_ces[row]), scale=CES_SCALE)]
    if survey == SUPPORT:
        found = [_csat(int(f.support_csat[row])), PerceptionIn(measure="ces", value=float(f.support_ces[row]), scale=CES_SCALE)]
        return [*found, nps] if chance.random() < 0.6 else found
    if survey == RETURNS:
        return [_csat(int(f.returns_csat[row]))]
    if survey == STORE:
        return [nps, _csat(int(f.store_csat[row])), *_stars(story, row, ("staff",), 1.0, chance)]
    return [nps, _csat(int(f.delivery_csat[row])), *_stars(story, row, _DELIVERY_ITEMS, 0.82, chance if chance.random() < 0.5 else None)]


def _csat(value: int) -> PerceptionIn:
    return PerceptionIn(measure="csat", value=float(value), scale=CSAT_SCALE)


def _stars(story: Story, row: int, items: tuple[str, ...], share: float, chance: random.Random | None) -> list[PerceptionIn]:
    """Stars for the parts of an order; each part may be left out, and without a chance all are."""
    if chance is None:
        return []
    chosen = [item for item in items if chance.random() < share]
    return [PerceptionIn(measure="rating", item=item, value=float(story.ratings[item][row]), scale=CSAT_SCALE) for item in chosen]
