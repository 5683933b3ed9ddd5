"""The people of the brand: nine console members (invented) and the sellers of each branch. Owners of cases come from here."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class StaffMember:
    """A console member of the demo workspace; `code` is also the employee code on calls and chats they took."""

    code: str
    name: str
    latin: str
    role: str
    department: str
    evening: bool = False

    @property
    def email(self) -> str:
        """Sign-in address, on a domain that can never receive mail."""
        return "demo@peyvand.example" if self.role == "owner" else f"{self.code}@sofalineh.example"


MEMBERS: Final = (
    StaffMember("pouya", "پویا رستگارنیا", "Pouya Rastgarnia", "owner", "online"),
    StaffMember("negin", "نگین فرازجو", "Negin Farazjou", "manager", "support"),
    StaffMember("arman", "آرمان دریابان", "Arman Daryaban", "manager", "branches"),
    StaffMember("mahour", "ماهور ژاله‌بخش", "Mahour Zhalehbakhsh", "lead", "support"),
    StaffMember("saman", "سامان پرچین", "Saman Parchin", "agent", "support"),
    StaffMember("tara", "تارا مهرآیین", "Tara Mehrayin", "agent", "support"),
    StaffMember("bardia", "بردیا سپیدار", "Bardia Sepidar", "agent", "support", evening=True),
    StaffMember("yalda", "یلدا کوهسارنژاد", "Yalda Kouhsarnejad", "agent", "support", evening=True),
    StaffMember("kaveh", "کاوه نیک‌نگار", "Kaveh Niknegar", "analyst", "online"),
)
AGENTS: Final = tuple(m for m in MEMBERS if m.role == "agent")

# branch, then (code, Persian name, English name)
SELLERS: Final[dict[str, tuple[tuple[str, str, str], ...]]] = {
    "vanak": (("v-sahar", "سحر نوبهاری‌منش", "Sahar Nobaharimanesh"), ("v-omid", "امید کلک‌ساز", "Omid Kelksaz")),
    "bazaar": (("b-davood", "داوود گلزارپیشه", "Davood Golzarpisheh"), ("b-mina", "مینو آبشاریان", "Minoo Absharian")),
    "karaj": (("k-shirin", "شیرین باران‌دوست", "Shirin Barandoust"), ("k-navid", "نوید خورشیدوش", "Navid Khorshidvash")),
    "isfahan": (("i-hamed", "حامد نقش‌آرا", "Hamed Naghshara"), ("i-laleh", "لاله زرین‌کوزه", "Laleh Zarrinkouzeh")),
    "mashhad": (("m-zohreh", "زهره سپیده‌جو", "Zohreh Sepidehjou"), ("m-yasin", "یاسین باغ‌آذین", "Yasin Baghazin")),
    "shiraz": (("s-nasrin", "نسرین بهارنارنج", "Nasrin Baharnarenj"), ("s-farid", "فرید سروناز", "Farid Sarvnaz")),
    "tabriz": (("t-aylin", "آیلین سهندفر", "Aylin Sahandfar"), ("t-babak", "بابک ائل‌یار", "Babak Elyar")),
    "rasht": (("r-gilda", "گیلدا بارانی‌نژاد", "Gilda Baraninejad"), ("r-sina", "سینا شالی‌کار", "Sina Shalikar")),
}
