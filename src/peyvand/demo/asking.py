"""Who is asked after which experience, on which channel, and who answers. One row a question that was put to somebody."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from peyvand.demo.arrays import DAY, Bools, Generator, Ints, flags
from peyvand.demo.causes import RESPONSE_BIAS
from peyvand.demo.deliveries import NEVER
from peyvand.demo.feelings import Episode, Feelings
from peyvand.demo.people import People
from peyvand.demo.seasons import WINDOW_DAYS, Season

SURVEYS: Final = ("delivery", "support", "store", "returns", "checkout")
DELIVERY, SUPPORT, STORE, RETURNS, CHECKOUT = range(5)
CHANNEL_CODES: Final = ("sms", "email", "whatsapp", "chat", "kiosk", "web", "app")
SMS, EMAIL, WHATSAPP, CHAT, KIOSK, WEB, APP = range(7)
REST_DAYS: Final = 30
WHATSAPP_TRIAL_DAYS: Final = 42
_REPLY: Final = np.array([0.64, 0.46, 0.7, 0.72, 0.5, 0.3, 0.36])
# By NPS score: 0–3, 4–6, 7–8, 9, 10
_BIAS: Final = np.repeat([RESPONSE_BIAS[mood] for mood in ("very_unhappy", "unhappy", "middle", "happy", "very_happy")], [4, 3, 2, 1, 1])


@dataclass(frozen=True)
class Asked:
    """`row` is the order it is about.

    `sent` is NEVER for questions at the counter and on the page after paying; `answered` is NEVER for silence.
    """

    survey: Ints
    row: Ints
    person: Ints
    channel: Ints
    sent: Ints
    answered: Ints


@dataclass
class Rest:
    """When each customer was last sent a survey, in seconds; kept over the whole run so that nobody is asked too often."""

    last: Ints

    def may_ask(self, people: Ints, at: Ints, days: int) -> Bools:
        """Whether enough days have passed for each."""
        return np.asarray(at - self.last[people] >= days * DAY, dtype=np.bool_)

    def note(self, people: Ints, at: Ints) -> None:
        """Remember what was sent."""
        self.last[people] = np.maximum(self.last[people], at)


@dataclass(frozen=True)
class Asker:
    """Puts the questions that the orders of one step lead to; keeps the rest days of every customer over the whole run."""

    rng: Generator
    season: Season
    people: People
    rest: Rest

    def ask(self, episode: Episode, feelings: Feelings) -> list[Asked]:
        """All questions of one step, by survey."""
        spots = [self._at_the_spot(episode, feelings, survey) for survey in (STORE, RETURNS, CHECKOUT)]
        return [self._after_support(episode, feelings), self._after_delivery(episode, feelings), *spots]

    def _willing(self, person: Ints, channel: Ints, nps: Ints) -> Bools:
        chance = _REPLY[channel] * (0.45 + 0.95 * self.people.eagerness[person]) * _BIAS[nps]
        return flags(self.rng, np.where(self.people.silent[person], 0.0, chance), len(person))

    def _message_channel(self, person: Ints, day: Ints) -> Ints:
        """SMS where there is a phone, e-mail where there is only that or now and then; WhatsApp since the trial began."""
        has_phone, size = self.people.has_phone[person], len(person)
        by_mail = self.people.has_email[person] & (~has_phone | flags(self.rng, 0.42, size))
        trial = (day >= WINDOW_DAYS - WHATSAPP_TRIAL_DAYS) & flags(self.rng, 0.05, size) & has_phone
        return np.asarray(np.where(trial, WHATSAPP, np.where(by_mail, EMAIL, SMS)), dtype=np.int64)

    def _delay(self, size: int) -> Ints:
        """Seconds until a sent survey is answered: half within two hours, a tail of days."""
        return np.clip(np.exp(self.rng.normal(8.9, 1.5, size)), 40, 6 * DAY).astype(np.int64)

    def _after_delivery(self, episode: Episode, feelings: Feelings) -> Asked:
        person, way, season = episode.placed.person, episode.delivery, self.season
        size = len(person)
        day = season.day_number(np.minimum(way.at, season.midnight(WINDOW_DAYS))) + 1
        sent = season.midnight(day) + self.rng.integers(10 * 3600, 19 * 3600, size)
        reachable = (self.people.has_phone[person] | self.people.has_email[person]) & ~self.people.no_surveys[person]
        asked = way.sent & (way.at < season.midnight(WINDOW_DAYS)) & reachable & flags(self.rng, 0.88, size)
        asked &= self.rest.may_ask(person, sent, REST_DAYS)
        self.rest.note(person[asked], sent[asked])
        channel = self._message_channel(person, day)
        answers = self._willing(person, channel, feelings.nps)
        return _rows(DELIVERY, asked, person, channel, (sent, np.where(answers, sent + self._delay(size), NEVER)))

    def _after_support(self, episode: Episode, feelings: Feelings) -> Asked:
        """After a chat the question stands in the chat itself at once; after a call it is sent a little later."""
        person, contact = episode.placed.person, episode.contact
        size = len(person)
        sent = contact.at + self.rng.integers(120, 900, size)
        by_phone = self.people.has_phone[person] & ~self.people.no_surveys[person]
        asked = (contact.at < self.season.midnight(WINDOW_DAYS)) & (contact.chat | by_phone) & flags(self.rng, 0.85, size)
        channel = np.where(contact.chat, CHAT, SMS)
        answers = self._willing(person, channel, feelings.nps)
        wait = np.where(contact.chat, self.rng.integers(15, 240, size), self._delay(size))
        began = np.where(contact.chat, contact.at, sent)
        return _rows(SUPPORT, asked, person, channel, (began, np.where(answers, began + wait, NEVER)))

    def _at_the_spot(self, episode: Episode, feelings: Feelings, survey: int) -> Asked:
        """Kiosk answers at the counter and the returns desk, and the one question on the page after paying."""
        placed, size = episode.placed, len(episode.placed.person)
        channel = np.full(size, KIOSK)
        if survey == STORE:
            happened, at = placed.store, placed.at
        elif survey == RETURNS:
            happened, at = (episode.returned.at < NEVER) & episode.returned.in_branch, episode.returned.at
        else:
            happened, at = ~placed.store, placed.at
            channel = np.where(placed.device == 2, APP, WEB)
        passer_by = placed.store & ~placed.named & flags(self.rng, 0.3, size)
        answers = happened & (self._willing(placed.person, channel, feelings.nps) | passer_by)
        answered = np.where(answers, at + self.rng.integers(20, 150, size), NEVER)
        return _rows(survey, answers, placed.person, channel, (np.full(size, NEVER), answered))


def _rows(survey: int, keep: Bools, person: Ints, channel: Ints, times: tuple[Ints, Ints]) -> Asked:
    rows = np.flatnonzero(keep)
    return Asked(np.full(len(rows), survey), rows, person[rows], channel[rows], times[0][rows], times[1][rows])
