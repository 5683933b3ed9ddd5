"""Nine customers whose last days are told by hand, so that a fresh demo always has the same people to meet.

The day of the story is today from eleven o'clock on, else yesterday, so that its morning has happened.
"""

from datetime import datetime
from typing import Final

from peyvand.demo.cast_stage import Scene, Stage, ces, csat, nps, story_day
from peyvand.demo.people import CAST
from peyvand.demo.telling import Story, weekday_name
from peyvand.demo.world import CURRENCY

NEGAR, KEYVAN, MINA, BEHNAM, FARZAD, ROYA, ARASH, PARISA, ELHAM = range(len(CAST))


def cast_scenes(story: Story, until: datetime) -> list[Scene]:
    """Every hand-told interaction."""
    stage = Stage(story, story_day(until))
    for tell in (_negar, _keyvan, _elham, _mina, _behnam, _farzad, _won_back):
        tell(stage)
    return stage.scenes


def _negar(stage: Stage) -> None:
    """A loyal customer whose tea set came late and chipped."""
    stage.order(NEGAR, (59, "18:15"), "kuzeh-vase", nth=1, quantity=2, store=True)
    stage.answer(
        NEGAR,
        (59, "19:02"),
        "store",
        [nps(9, "فروشنده حوصله کرد و همه را نشانم داد."), csat(5)],
        survey="store",
        number=stage.number(NEGAR, 1),
        channel="kiosk",
        branch="vanak",
        department="branches",
    )
    stage.order(NEGAR, (11, "21:34"), "baran-tea-14")
    stage.tell(
        "chat.ended",
        NEGAR,
        stage.moment(2, "11:05"),
        channel="chat",
        touchpoint="support",
        department="support",
        employee="saman",
        duration_s=410.0,
        response_s=70.0,
        properties={"direction": "in", "reason": "order_late", "outcome": "solved", "resolved": True, "repeated": False},
    )
    promised = stage.delivery(NEGAR, (2, "17:20"), "baran-tea-14", days_late=2, carrier="tondava")
    days = f"قول {weekday_name(promised)} دادید، {weekday_name(stage.moment(2, '17:20').date())} عصر رسید"
    words = f"{days} و یکی از فنجان‌ها لب‌پر بود. کسی هم خبر نداد که دیر می‌شود."
    stage.answer(
        NEGAR,
        (0, "10:12"),
        "delivery",
        [nps(3, words), csat(2)],
        survey="delivery",
        reasons=["late", "packaging", "no_notice"],
        sent=(0, "09:40"),
        channel="sms",
        product="baran-tea-14",
        branch="vanak",
        department="logistics",
    )


def _keyvan(stage: Stage) -> None:
    """Promised twice and not brought, in Karaj."""
    stage.order(KEYVAN, (9, "23:10"), "saba-platter")
    stage.delivery(KEYVAN, (1, "18:40"), "saba-platter", days_late=4, carrier="rahvand")
    stage.answer(
        KEYVAN,
        (0, "08:25"),
        "delivery",
        [nps(2, "دو بار قول دادید و نیامد."), csat(1)],
        survey="delivery",
        reasons=["late", "no_notice"],
        sent=(1, "20:00"),
        channel="sms",
        product="saba-platter",
        branch="karaj",
        department="logistics",
    )


def _elham(stage: Stage) -> None:
    """Still trying to reach somebody."""
    stage.tell(
        "site.visited",
        ELHAM,
        stage.moment(0, "09:12"),
        channel="web",
        touchpoint="website",
        device="mobile",
        properties={"url": "https://sofalineh.example/orders"},
    )
    stage.tell(
        "call.ended",
        ELHAM,
        stage.moment(0, "10:02"),
        channel="phone",
        touchpoint="question",
        department="support",
        employee="tara",
        duration_s=95.0,
        response_s=640.0,
        properties={"direction": "in", "reason": "question", "outcome": "open", "resolved": False},
    )


def _mina(stage: Stage) -> None:
    """Told her story three times."""
    stage.order(MINA, (12, "22:05"), "nasim-cup-6")
    for nth, (day, clock) in enumerate(((5, "11:40"), (4, "17:50"), (2, "12:15"))):
        stage.tell(
            "call.ended",
            MINA,
            stage.moment(day, clock),
            channel="phone",
            touchpoint="support",
            department="support",
            employee=("saman", "bardia", "tara")[nth],
            external_id=f"cast-call-{stage.number(MINA)}-{nth}",
            duration_s=380.0 + 60 * nth,
            response_s=150.0,
            properties={"direction": "in", "reason": "broken", "outcome": "open", "resolved": False, "repeated": nth > 0},
        )
    stage.answer(
        MINA,
        (2, "12:40"),
        "support",
        [csat(2, "سه بار ماجرا را از اول گفتم."), ces(2), nps(4)],
        survey="support",
        reasons=["support"],
        sent=(2, "12:22"),
        channel="sms",
        product="nasim-cup-6",
        department="support",
        employee="tara",
    )


def _behnam(stage: Stage) -> None:
    """Lost a discount that has not come back."""
    stage.order(BEHNAM, (33, "20:30"), "fruit-stand")
    stage.answer(
        BEHNAM,
        (3, "16:10"),
        "checkout",
        [nps(5, "تخفیف در سبد خرید پرید و هنوز برنگشته."), csat(2)],
        survey="delivery",
        reasons=["price"],
        sent=(3, "13:00"),
        channel="sms",
        product="fruit-stand",
        department="online",
    )


def _farzad(stage: Stage) -> None:
    """Stood forty minutes at the returns desk of Isfahan."""
    stage.order(FARZAD, (10, "19:20"), "mirror-frame", store=True)
    stage.tell(
        "order.refunded",
        FARZAD,
        stage.moment(3, "19:05"),
        channel="store",
        touchpoint="returns",
        product="mirror-frame",
        branch="isfahan",
        department="branches",
        amount=-11_200_000,
        currency=CURRENCY,
        duration_s=2460.0,
        properties={"number": stage.number(FARZAD), "status": "refunded", "reason": "changed_mind", "wait_minutes": 41},
    )
    stage.answer(
        FARZAD,
        (3, "19:08"),
        "returns",
        [csat(2, "برای مرجوعی چهل دقیقه ایستادم."), nps(5)],
        survey="returns",
        reasons=["returns"],
        channel="kiosk",
        product="mirror-frame",
        branch="isfahan",
        department="branches",
    )


# Who, first scores and when, what was wrong, score when asked again and when
_WON_BACK: Final = (
    (
        ROYA,
        "delivery",
        (3, "سه روز دیر رسید و مهمانی ما گذشت."),
        2,
        (8, "11:20"),
        "late",
        (9, "همان روز زنگ زدید و جبران کردید؛ ممنونم."),
        (1, "18:30"),
    ),
    (
        ARASH,
        "delivery",
        (1, "به جای سینی یک چیز دیگر فرستادید."),
        1,
        (10, "09:50"),
        "other",
        (7, "در شعبه عوض کردند، درست شد."),
        (5, "20:15"),
    ),
    (
        PARISA,
        "delivery",
        (5, "کد تخفیفم پذیرفته شد ولی پول کامل کم شد."),
        3,
        (9, "15:05"),
        "price",
        (9, "تخفیف را برگرداندید، دمتان گرم."),
        (3, "12:40"),
    ),
)


def _won_back(stage: Stage) -> None:
    """Roya, Arash and Parisa, who were called and asked again."""
    stage.order(ROYA, (17, "13:45"), "ajil-dish")
    stage.delivery(ROYA, (10, "12:10"), "ajil-dish", days_late=3, carrier="sepidbar")
    stage.order(ARASH, (14, "10:30"), "tray-round")
    stage.delivery(ARASH, (12, "14:20"), "tray-round", days_late=0, carrier="own")
    stage.order(PARISA, (15, "21:15"), "cake-stand")
    stage.delivery(PARISA, (11, "16:30"), "cake-stand", days_late=0, carrier="tondava")
    for who, touchpoint, first, second, when, reason, after, later in _WON_BACK:
        product = {ROYA: "ajil-dish", ARASH: "tray-round", PARISA: "cake-stand"}[who]
        stage.answer(
            who,
            when,
            touchpoint,
            [nps(*first), csat(second)],
            survey="delivery",
            reasons=[reason],
            sent=(when[0], "09:00"),
            channel="sms",
            product=product,
            branch=stage.branch(who),
            department="logistics",
        )
        stage.answer(
            who,
            later,
            "complaint",
            [nps(*after)],
            survey="delivery",
            again=True,
            sent=(later[0], "10:00"),
            channel="sms",
            department="support",
        )
