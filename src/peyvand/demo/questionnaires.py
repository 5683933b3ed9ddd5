"""The surveys of the demo brand, made through the services any brand uses; what the simulation says was answered belongs to them.

Laid paused by `founding`, so that nothing is asked while eighteen months are being loaded; `asking_live` lets them begin.
"""

from dataclasses import dataclass
from typing import Final

from peyvand.catalogue.models import Term
from peyvand.catalogue.types import Dimension
from peyvand.demo.world import REASONS
from peyvand.surveys.services import create_survey
from peyvand.surveys.services.editing import Draft, When
from peyvand.workspaces.models import Workspace


@dataclass(frozen=True)
class Questionnaire:
    """One survey: `live` ones are asked by mail once the brand is loaded, the others wait until somebody lets them begin."""

    code: str
    fa: str
    en: str
    measure: str
    kind: str
    reasons: tuple[str, ...]
    texts: dict[str, dict[str, str]]
    touchpoint: str = ""
    delay_hours: int = 24
    live: bool = True


QUESTIONNAIRES: Final = (
    Questionnaire(
        "delivery",
        "پس از تحویل سفارش",
        "After delivery",
        "nps",
        "order.delivered",
        ("late", "packaging", "no_notice", "courier", "quality", "price", "other"),
        {
            "fa": {"mail_subject": "سفارشتان از سفالینه چطور رسید؟"},
            "en": {"mail_subject": "How did your order from Sofalineh arrive?"},
        },
    ),
    Questionnaire(
        "support",
        "پس از تماس با پشتیبانی",
        "After a call to support",
        "csat",
        "call.ended",
        ("support", "no_notice", "site", "other"),
        {
            "fa": {
                "question": "از پاسخ‌گویی پشتیبانی {brand} چقدر راضی هستید؟",
                "lead": "گفت‌وگوی {date}",
                "mail_subject": "پشتیبانی سفالینه به کارتان آمد؟",
                "mail_body": "{name} عزیز، سلام\nدربارهٔ گفت‌وگویتان با همکاران ما یک پرسش کوتاه داریم.",
            },
            "en": {
                "question": "How satisfied are you with the help {brand} support gave you?",
                "lead": "Your call on {date}",
                "mail_subject": "Did Sofalineh support help you?",
                "mail_body": "Hello {name},\nWe have one short question about your talk with our colleagues.",
            },
        },
        touchpoint="support",
        delay_hours=1,
    ),
    Questionnaire(
        "store",
        "پس از خرید در شعبه",
        "After a visit to a branch",
        "nps",
        "order.placed",
        ("branch", "quality", "price", "other"),
        {
            "fa": {
                "question": "با خریدی که در شعبه داشتید، چقدر احتمال دارد {brand} را به دوستانتان معرفی کنید؟",
                "lead": "خرید {date}",
                "mail_subject": "از خریدتان در شعبهٔ سفالینه بگویید",
            },
            "en": {
                "question": "After your visit to our branch, how likely are you to recommend {brand} to your friends?",
                "lead": "Your purchase on {date}",
                "mail_subject": "Tell us about your visit to Sofalineh",
            },
        },
        touchpoint="store",
    ),
    Questionnaire(
        "returns",
        "پس از مرجوعی",
        "After a return",
        "csat",
        "order.refunded",
        ("returns", "support", "branch", "other"),
        {
            "fa": {
                "question": "از روند مرجوعی سفارشتان چقدر راضی هستید؟",
                "lead": "مرجوعی سفارش {order}",
                "mail_subject": "مرجوعی سفارشتان بی‌دردسر بود؟",
            },
            "en": {
                "question": "How satisfied are you with the way your return was handled?",
                "lead": "Return of order {order}",
                "mail_subject": "Was your return easy?",
            },
        },
        touchpoint="returns",
    ),
    Questionnaire(
        "checkout",
        "پس از پرداخت در سایت و اپ",
        "After paying on the site or app",
        "ces",
        "order.placed",
        ("site", "price", "other"),
        {
            "fa": {
                "question": "«ثبت و پرداخت سفارشم در {brand} آسان بود.» چقدر با این جمله موافقید؟",
                "mail_subject": "ثبت سفارشتان آسان بود؟",
            },
            "en": {
                "question": "“{brand} made it easy to place and pay for my order.” How far do you agree?",
                "mail_subject": "Was it easy to place your order?",
            },
        },
        touchpoint="checkout",
        delay_hours=0,
        live=False,  # its one question stands on the page after paying
    ),
)


def lay_surveys(workspace: Workspace) -> None:
    """Make every survey, paused; the terms they name must be there."""
    touchpoints = dict(Term.objects.filter(workspace=workspace, dimension=Dimension.TOUCHPOINT).values_list("code", "pk"))
    for one in QUESTIONNAIRES:
        when = When(kind=one.kind, touchpoint=touchpoints[one.touchpoint] if one.touchpoint else None, delay_hours=one.delay_hours)
        reasons = [{"code": code, **REASONS[code]} for code in one.reasons]
        draft = Draft(names={"fa": one.fa, "en": one.en}, measure=one.measure, when=when, texts=one.texts, reasons=reasons)
        create_survey(workspace=workspace, draft=draft, code=one.code)
