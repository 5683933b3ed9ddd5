"""The companies some customers of the simulated brand buy for: cafés, restaurants, hotels, studios. Invented, as everybody here.

Who buys for which is told from a customer's place alone, so that it moves nobody else's chance.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from peyvand.demo.arrays import Ints
from peyvand.demo.world import CITIES
from peyvand.timeline.types import CompanyIn

SHARE: Final = 0.02  # of a city's customers, where there are firms enough
ENOUGH: Final = 620  # weight of firms for all customers; in a city with fewer, fewer buy for one
NOBODY: Final = -1
# industry: how many times a household's quantity one order is
INDUSTRIES: Final = {"کافه": 3, "رستوران": 5, "هتل": 8, "بوم‌گردی": 4, "معماری و طراحی": 2, "هدیهٔ سازمانی": 6, "گالری": 3, "نرم‌افزار": 4}


@dataclass(frozen=True)
class Firm:
    """A company; without an own id it came by its name alone. `employees` also weighs how many of its people buy."""

    own_id: str
    name: str
    city: str
    industry: str
    employees: int
    domain: str = ""

    @property
    def told(self) -> CompanyIn:
        """As items name it."""
        return CompanyIn(own_id=self.own_id, name=self.name)


FIRMS: Final = (
    Firm("K-1001", "کافه گلدان آبی", "tehran", "کافه", 14, "goldan-abi.example"),
    Firm("K-1002", "هتل سپیدبام", "tehran", "هتل", 180, "sepidbam.example"),
    Firm("", "Sepidbam Hotel", "tehran", "هتل", 40),  # the same one, as its other department writes itself
    Firm("K-1003", "رستوران باغ اناردون", "tehran", "رستوران", 46, "anardoun.example"),
    Firm("K-1004", "Khesht & Noor Studio", "tehran", "معماری و طراحی", 22, "kheshtnoor.example"),
    Firm("K-1005", "هدیه‌سرای ترنجان", "tehran", "هدیهٔ سازمانی", 35, "toranjan.example"),
    Firm("K-1006", "Pelleh Software", "tehran", "نرم‌افزار", 120, "pelleh.example"),
    Firm("K-1007", "گالری کاشی هفت‌رنگان", "tehran", "گالری", 9, "haftrangan.example"),
    Firm("K-1008", "کافه کتاب ورق‌پاره", "tehran", "کافه", 11),
    Firm("K-1009", "Rokhsareh Events", "tehran", "هدیهٔ سازمانی", 28, "rokhsareh-events.example"),
    Firm("K-1010", "رستوران دیگ و دیزی", "tehran", "رستوران", 31),
    Firm("K-1011", "کافه آسیاب بادی", "karaj", "کافه", 10, "asiab-cafe.example"),
    Firm("K-1012", "هتل باغ چنارستان", "karaj", "هتل", 75, "chenarestan.example"),
    Firm("K-1013", "Barg Coffee Roasters", "karaj", "کافه", 24, "barg-roasters.example"),
    Firm("K-1014", "اقامتگاه خانهٔ پنج‌دری", "isfahan", "بوم‌گردی", 12, "panjdari.example"),
    Firm("K-1015", "هتل نقش ایوانک", "isfahan", "هتل", 110, "naghsh-eyvanak.example"),
    Firm("K-1016", "Lajvard Design House", "isfahan", "معماری و طراحی", 16, "lajvard-house.example"),
    Firm("K-1017", "رستوران سفرهٔ زاینده", "isfahan", "رستوران", 38),
    Firm("K-1018", "هتل آفتاب توس‌بان", "mashhad", "هتل", 140, "tousban.example"),
    Firm("K-1019", "زعفران‌سرای دشت سرخ", "mashhad", "هدیهٔ سازمانی", 26, "dashtesorkh.example"),
    Firm("K-1020", "کافه پنجرهٔ شرقی", "mashhad", "کافه", 9),
    Firm("K-1021", "رستوران نارنجستانک", "shiraz", "رستوران", 42, "narenjestanak.example"),
    Firm("K-1022", "Sarv Boutique Hotel", "shiraz", "هتل", 64, "sarv-boutique.example"),
    Firm("K-1023", "کافه غزل‌خانه", "shiraz", "کافه", 13),
    Firm("K-1024", "هتل سهندیار", "tabriz", "هتل", 88, "sahandyar.example"),
    Firm("K-1025", "استودیو معماری گره", "tabriz", "معماری و طراحی", 15, "gereh-studio.example"),
    Firm("K-1026", "رستوران شالی‌پلو", "rasht", "رستوران", 27, "shalipolo.example"),
    Firm("K-1027", "اقامتگاه بارانک", "rasht", "بوم‌گردی", 8),
    Firm("K-1028", "اقامتگاه بادگیر بلند", "yazd", "بوم‌گردی", 19, "badgir-boland.example"),
    Firm("K-1029", "Naranj Desert Lodge", "yazd", "بوم‌گردی", 21, "naranj-lodge.example"),
    Firm("K-1030", "هتل کارون‌نما", "ahvaz", "هتل", 70),
    Firm("K-1031", "سوغات‌سرای حوض‌خانه", "qom", "هدیهٔ سازمانی", 17),
    Firm("K-1032", "کافه سفالک", "hamedan", "کافه", 7),
    Firm("K-1033", "رستوران راه ابریشم‌سرا", "qazvin", "رستوران", 29),
)
BULK: Final = np.array([*(INDUSTRIES[firm.industry] for firm in FIRMS), 1])  # the last one is NOBODY's


def firms_of(city: Ints, first: int) -> Ints:
    """For which of FIRMS each customer buys, one of their own city; NOBODY for nearly all, and for all before the row `first`."""
    person = np.arange(len(city))
    drawn = np.where(person < first, 1.0, (person * 0.6180339887) % 1.0)
    found = np.full(len(city), NOBODY, dtype=np.int64)
    for place, known in enumerate(CITIES):
        here = np.array([n for n, firm in enumerate(FIRMS) if firm.city == known.code], dtype=np.int64)
        if len(here):
            weights = np.cumsum(np.array([FIRMS[n].employees for n in here]) ** 0.75)
            rows = np.flatnonzero((city == place) & (drawn < SHARE * min(1.0, weights[-1] / (ENOUGH * known.share))))
            found[rows] = here[np.searchsorted(weights / weights[-1], (rows * 0.7548776662) % 1.0)]
    return found
