"""Invented Persian names and addresses that belong to nobody. Used by `people` for customers."""

from typing import Final

ZWNJ: Final = "\u200c"
_DO_NOT_JOIN: Final = frozenset("اآأدذرزژو")

_FIRST_ROWS: Final = """
آتنا Atena|آدرین Adrin|آذر Azar|آرام Aram|آراد Arad|آرزو Arezou|آرش Arash|آرمین Armin|آریا Arya|آزاده Azadeh|آناهیتا Anahita|آوا Ava
آیدا Aida|آیدین Aydin|ابراهیم Ebrahim|احسان Ehsan|ارغوان Arghavan|اسرا Asra|افسانه Afsaneh|افشین Afshin|اکرم Akram|الهام Elham
الهه Elaheh|امید Omid|امیر Amir|امین Amin|انوش Anoush|ایلیا Ilia|باران Baran|بردیا Bardia|بنفشه Banafsheh|بهار Bahar|بهاره Bahareh
بهرام Bahram|بهرنگ Behrang|بهزاد Behzad|بهمن Bahman|بهنام Behnam|بیتا Bita|بیژن Bijan|پانته‌آ Pantea|پدرام Pedram|پرستو Parastou
پرنیان Parnian|پروانه Parvaneh|پروین Parvin|پریسا Parisa|پژمان Pejman|پگاه Pegah|پویا Pouya|پونه Pouneh|پیام Payam|پیمان Peyman
تارا Tara|ترانه Taraneh|تورج Touraj|ثمین Samin|جمشید Jamshid|جواد Javad|حامد Hamed|حسین Hossein|حمید Hamid|حنانه Hananeh
خسرو Khosrow|داریوش Dariush|دانیال Danial|درسا Dorsa|دنیا Donya|رامین Ramin|راضیه Razieh|رضا Reza|رعنا Rana|روزبه Rouzbeh
روژان Rojan|رؤیا Roya|ریحانه Reyhaneh|زهرا Zahra|زهره Zohreh|زیبا Ziba|ژاله Jaleh|ژینا Jina|سارا Sara|ساسان Sasan|سالار Salar
سامان Saman|سپهر Sepehr|سپیده Sepideh|ستاره Setareh|سحر Sahar|سروش Soroush|سعید Saeed|سمانه Samaneh|سمیرا Samira|سهراب Sohrab
سهیل Soheil|سودابه Soudabeh|سوگند Sogand|سیامک Siamak|سیاوش Siavash|سیمین Simin|سینا Sina|شادی Shadi|شاهین Shahin|شایان Shayan
شبنم Shabnam|شروین Shervin|شقایق Shaghayegh|شهاب Shahab|شهرام Shahram|شهره Shohreh|شیدا Sheyda|شیرین Shirin|شیوا Shiva|صبا Saba
صدف Sadaf|طاهره Tahereh|طناز Tannaz|عاطفه Atefeh|عرفان Erfan|علی Ali|غزل Ghazal|فاطمه Fatemeh|فرانک Faranak|فربد Farbod|فرزاد Farzad
فرزانه Farzaneh|فرشاد Farshad|فرشته Fereshteh|فرناز Farnaz|فرهاد Farhad|فریبا Fariba|فرید Farid|فهیمه Fahimeh|کامران Kamran
کامیاب Kamyab|کاوه Kaveh|کتایون Katayoun|کسری Kasra|کوروش Kourosh|کیان Kian|کیانا Kiana|کیوان Keyvan|گلناز Golnaz|گیتی Giti
گیسو Gisou|لادن Ladan|لاله Laleh|لیلا Leila|ماندانا Mandana|مانی Mani|ماهان Mahan|ماهرخ Mahrokh|مجتبی Mojtaba|محمد Mohammad
مرجان Marjan|مریم Maryam|مژگان Mojgan|مسعود Masoud|معصومه Masoumeh|ملیکا Melika|منوچهر Manouchehr|منیژه Manijeh|مهدی Mehdi
مهرداد Mehrdad|مهسا Mahsa|مهشید Mahshid|میترا Mitra|میثم Meysam|میلاد Milad|مینا Mina|مینو Minoo|نادر Nader|نازنین Nazanin
ناهید Nahid|نرگس Narges|نسترن Nastaran|نسرین Nasrin|نسیم Nasim|نگار Negar|نگین Negin|نوشین Noushin|نوید Navid|نیکی Niki
نیلوفر Niloufar|نیما Nima|هادی Hadi|هاله Haleh|هانیه Hanieh|هدیه Hedieh|هستی Hasti|هما Homa|هومن Houman|وحید Vahid|ویدا Vida
یاسمن Yasaman|یاشار Yashar|یلدا Yalda|یوسف Yousef
"""
FIRST_NAMES: Final = tuple((fa, en) for fa, en in (pair.rsplit(" ", 1) for pair in _FIRST_ROWS.strip().replace("\n", "|").split("|")))

_ROOTS: Final = """
آبان آذر آذین آرام آسمان آفتاب آوند اختر ارغوان اسفند افرا الوند امید ایوان باران باغبان بامداد برنا بلور بهار بهمن بوستان پارسا
پرتو پرند پگاه پونه پیروز تابان ترنج توس جاوید جویبار چشمه چمن خاور خرد خرم خوارزم دادگر دانا دریا دلاور دماوند دهقان رازی راد رامش
رخشان رستگار روشن زاگرس زرین ژاله ساغر سپاس سپند سپهر ستوده سحر سرو سعادت سفال سمند سهند سیمرغ شاداب شاهد شایسته شبنم شکوه شکیبا
صبوری صدر صنوبر طلوع عطار فانوس فرجام فرزان فرهمند فروغ فیروزه قلمکار کاشانه کامیاب کاویان کمان کوهسار کویر گلاب گلزار گندم گوهر
گیلان لعل ماهان مرجان مروارید معمار مهتاب مهر موج میهن نارنج ناصر نجوا نسیم نقش نگار نوبهار نوروز نیک نیلوفر هامون هدایت همای هنر
یاس یاور یزدان یکتا
"""
_ENDINGS: Final = ("فر", "نیا", "پور", "زاده", "راد", "منش", "دوست", "نژاد", "جو", "پناه", "آرا", "مهر", "کیا", "وند", "یار", "بخش")

EMAIL_DOMAINS: Final = ("mail.example", "nameh.example", "post.example", "khaneh.example")
EMAIL_WEIGHTS: Final = (0.62, 0.17, 0.13, 0.08)


def joined(root: str, ending: str) -> str:
    """Put two parts together as written Persian does: a half-space where the letters would otherwise run together."""
    if root[-1] in _DO_NOT_JOIN:
        return root + ending
    return f"{root}{ZWNJ}{ending}"


LAST_NAMES: Final = tuple(joined(root, ending) for root in _ROOTS.split() for ending in _ENDINGS if root != ending)


def phone_number(serial: int) -> str:
    """E.164 number in one block, +98 900 000 0000 to +98 900 009 9999, that no message of the demo is ever sent to."""
    if not 0 <= serial < 100_000:
        raise ValueError(f"The demo has 100,000 phone numbers, asked for number {serial}: lower the number of customers")
    return f"+98900{serial:07d}"


def email_address(latin: str, serial: int, domain: str) -> str:
    """A unique address under `.example`, which can never be registered or receive mail."""
    return f"{latin.lower()}.{_base36(serial + 46_656 // 3)}@{domain}"


def _base36(number: int) -> str:
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    text = ""
    while number:
        number, rest = divmod(number, 36)
        text = digits[rest] + text
    return text or "0"
