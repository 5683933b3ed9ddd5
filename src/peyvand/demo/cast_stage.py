"""The means by which `cast` tells its people's days: moments, orders, deliveries and answers as timeline items."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from peyvand.demo.assortment import PRODUCTS
from peyvand.demo.people import CAST, DEVICE_CODES
from peyvand.demo.seasons import ZONE
from peyvand.demo.telling import Story
from peyvand.demo.world import CURRENCY, SOURCE, STAGE_OF
from peyvand.timeline.types import Item, PerceptionIn, Subject

_STARTS: Final = time(11)
_FRIDAY: Final = 4
_BRANCH: Final = {"tehran": "vanak"}


@dataclass(frozen=True)
class Scene:
    """One hand-told interaction at a time in seconds."""

    at: int
    item: Item


@dataclass
class Stage:
    """Collects scenes; `day` is the day of the story."""

    story: Story
    day: date
    scenes: list[Scene] = field(default_factory=list)
    ordered: dict[int, datetime] = field(default_factory=dict)

    def moment(self, days_ago: int, clock: str) -> datetime:
        """A time of day some days before the day of the story; what would fall on a Friday happens the day before."""
        day = self.day - timedelta(days=days_ago)
        if days_ago and day.weekday() == _FRIDAY:
            day -= timedelta(days=1)
        return datetime.combine(day, time.fromisoformat(clock), ZONE)

    def working(self, days_ago: int, clock: str) -> datetime:
        """A time on a working day: what would fall on a Friday happens the day after, so calls come after what they are about."""
        day = self.day - timedelta(days=days_ago)
        return datetime.combine(day + timedelta(days=day.weekday() == _FRIDAY), time.fromisoformat(clock), ZONE)

    def number(self, who: int, nth: int = 0) -> str:
        """An order number beyond those of the simulation."""
        return self.story.number_after(1_000 + who * 10 + nth)

    def tell(self, kind: str, who: int, at: datetime, **columns: Any) -> None:
        """Add one interaction of a cast member."""
        touchpoint = columns["touchpoint"]
        number = columns.pop("number", self.number(who))
        external_id = columns.pop("external_id", f"cast-{kind}-{number}")
        item = Item(
            kind=kind,
            occurred_at=at,
            customer=columns.pop("customer", self.story.customer(who, "phone")),
            stage=STAGE_OF[touchpoint],
            subject=Subject(type="order", id=number),
            source=SOURCE,
            external_id=external_id,
            **columns,
        )
        self.scenes.append(Scene(int(at.timestamp()), item))

    def order(
        self,
        who: int,
        when: tuple[int, str],
        product: str,
        *,
        nth: int = 0,
        quantity: int = 1,
        store: bool = False,
        amount: int | None = None,
    ) -> None:
        """An order online, or at the counter of the branch at home."""
        article = next(p for p in PRODUCTS if p.code == product)
        total = amount if amount is not None else article.price * quantity
        number = self.number(who, nth)
        self.ordered[who] = self.moment(*when)
        self.tell(
            "order.placed",
            who,
            self.ordered[who],
            number=number,
            customer=self.story.introduced(who),
            channel="store" if store else "web",
            touchpoint="store" if store else "checkout",
            product=product,
            branch=self.branch(who) if store else "",
            department="branches" if store else "online",
            device="" if store else DEVICE_CODES[CAST[who][2]],
            amount=total,
            currency=CURRENCY,
            properties={"number": number, "lines": [{"product": product, "name": article.fa, "quantity": quantity, "amount": total}]},
        )

    def branch(self, who: int) -> str:
        """The branch at home."""
        return _BRANCH.get(CAST[who][1], CAST[who][1])

    def delivery(self, who: int, when: tuple[int, str], product: str, *, days_late: int, carrier: str) -> date:
        """An order handed over, some days after what was promised; gives the promised day, never a Friday."""
        at = self.moment(*when)
        promised = at.date() - timedelta(days=days_late)
        promised -= timedelta(days=promised.weekday() == _FRIDAY)
        properties = {
            "late": promised < at.date(),
            "days": round((at - self.ordered[who]) / timedelta(days=1), 1),
            "days_late": (at.date() - promised).days,
            "promised_at": promised.isoformat(),
            "carrier": carrier,
            "city": CAST[who][1],
        }
        self.tell(
            "order.delivered",
            who,
            at,
            channel="post",
            touchpoint="delivery",
            product=product,
            branch=self.branch(who),
            department="logistics",
            properties=properties,
        )
        return promised

    def answer(self, who: int, when: tuple[int, str], touchpoint: str, scores: list[PerceptionIn], **columns: Any) -> None:
        """An answer; `survey` names the questionnaire, `reasons` what was ticked, `again` that it is the second asking."""
        again, survey = columns.pop("again", False), columns.pop("survey")
        reasons, sent = columns.pop("reasons", []), columns.pop("sent", None)
        mark = "again-" if again else ""
        properties: dict[str, Any] = {"survey": survey} | ({"reasons": reasons} if reasons else {})
        if again:
            properties["again"] = True
            properties["first_answer"] = answer_id(self.number(who))
        if sent:
            at = self.moment(*sent)
            self.tell(
                "survey.sent",
                who,
                at,
                touchpoint=touchpoint,
                external_id=f"cast-sent-{mark}{self.number(who)}",
                properties={"survey": survey},
                **columns,
            )
            properties["sent_at"] = at.isoformat()
        self.tell(
            "survey.answered",
            who,
            self.moment(*when),
            touchpoint=touchpoint,
            external_id=answer_id(columns.get("number", self.number(who)), mark),
            language="fa",
            device="mobile",
            properties=properties,
            perceptions=scores,
            **columns,
        )


def story_day(until: datetime) -> date:
    """The day the cast lives through."""
    local = until.astimezone(ZONE)
    return local.date() if local.time() >= _STARTS else local.date() - timedelta(days=1)


def answer_id(number: str, mark: str = "") -> str:
    """External id of a cast answer."""
    return f"cast-answered-{mark}{number}"


def nps(value: int, text: str = "") -> PerceptionIn:
    """A recommendation score."""
    return PerceptionIn(measure="nps", value=float(value), scale=(0.0, 10.0), text=text)


def csat(value: int, text: str = "") -> PerceptionIn:
    """A satisfaction score."""
    return PerceptionIn(measure="csat", value=float(value), scale=(1.0, 5.0), text=text)


def ces(value: int) -> PerceptionIn:
    """An ease score."""
    return PerceptionIn(measure="ces", value=float(value), scale=(1.0, 7.0))
