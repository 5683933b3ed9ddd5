"""What the brand sells: sixty pieces in ten categories, with prices in Rial. Read by orders and by the catalogue loader."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Category:
    """A family of products; `fragile` ones are porcelain and break when badly packed, `season` names its peak."""

    code: str
    fa: str
    en: str
    fragile: bool = False
    season: str = ""


@dataclass(frozen=True)
class Product:
    """One article; `price` in Rial, `weight` how often it is chosen, `spoken` what a customer calls it."""

    code: str
    category: str
    fa: str
    en: str
    spoken: str
    price: int
    weight: float = 1.0


CATEGORIES: Final = (
    Category("porcelain_tea", "سرویس چای چینی", "Porcelain tea sets", fragile=True),
    Category("porcelain_dinner", "ظروف چینی غذاخوری", "Porcelain dinnerware", fragile=True),
    Category("mugs", "ماگ و فنجان", "Mugs and cups"),
    Category("vases", "گلدان", "Vases"),
    Category("bowls", "کاسه و پیاله", "Bowls"),
    Category("serving", "ظروف پذیرایی", "Serving ware"),
    Category("cookware", "ظروف پخت سفالی", "Clay cookware"),
    Category("decor", "دکوری", "Decoration"),
    Category("haftsin", "هفت‌سین", "Haft-sin", season="nowruz"),
    Category("yalda", "شب یلدا", "Yalda night", season="yalda"),
)

# code, category, Persian name, English name, what people call it, thousand Rial, weight
_ROWS: Final = (
    ("baran-tea-14", "porcelain_tea", "سرویس چای ۱۴ پارچهٔ باران", "Baran tea set, 14 pieces", "سرویس چای", 38_500, 1.3),
    ("mahtab-tea-6", "porcelain_tea", "سرویس چای ۶ نفرهٔ مهتاب", "Mahtab tea set for six", "سرویس چای", 29_800, 1.5),
    ("shokufeh-tea-8", "porcelain_tea", "سرویس چای ۸ پارچهٔ شکوفه", "Shokufeh tea set, 8 pieces", "سرویس چای", 21_400, 1.3),
    ("nasim-cup-6", "porcelain_tea", "شش فنجان و نعلبکی نسیم", "Nasim cups and saucers, six", "فنجان‌ها", 12_600, 1.8),
    ("sepid-teapot", "porcelain_tea", "قوری چینی سپید", "Sepid porcelain teapot", "قوری", 7_900, 1.6),
    ("golaab-cup-2", "porcelain_tea", "دو فنجان لب‌طلایی گلاب", "Golaab gilded cups, two", "فنجان‌ها", 6_400, 1.4),
    ("aftab-dinner-28", "porcelain_dinner", "سرویس غذاخوری ۲۸ پارچهٔ آفتاب", "Aftab dinner set, 28 pieces", "سرویس غذاخوری", 96_000, 0.5),
    ("saba-dinner-12", "porcelain_dinner", "سرویس غذاخوری ۱۲ پارچهٔ صبا", "Saba dinner set, 12 pieces", "سرویس غذاخوری", 47_500, 0.8),
    ("sepid-plate-6", "porcelain_dinner", "شش بشقاب چینی سپید", "Sepid dinner plates, six", "بشقاب‌ها", 14_800, 1.6),
    ("narges-soup-6", "porcelain_dinner", "شش سوپ‌خوری نرگس", "Narges soup plates, six", "سوپ‌خوری‌ها", 13_200, 1.0),
    ("saba-platter", "porcelain_dinner", "دیس چینی صبا", "Saba platter", "دیس", 9_700, 1.1),
    ("narges-salad", "porcelain_dinner", "سالادخوری چینی نرگس", "Narges salad bowl", "سالادخوری", 8_300, 1.1),
    ("khak-mug", "mugs", "ماگ لعاب‌خاکی خاک", "Khak earth-glazed mug", "ماگ", 2_450, 2.6),
    ("abi-mug", "mugs", "ماگ فیروزه‌ای آبی", "Abi turquoise mug", "ماگ", 2_650, 2.8),
    ("sobh-mug-2", "mugs", "جفت ماگ صبح", "Sobh pair of mugs", "ماگ‌ها", 4_700, 2.0),
    ("kolah-mug", "mugs", "ماگ دردار کلاه", "Kolah lidded mug", "ماگ دردار", 3_350, 1.5),
    ("espresso-4", "mugs", "چهار فنجان اسپرسو دانه", "Daneh espresso cups, four", "فنجان‌های اسپرسو", 5_900, 1.3),
    ("name-mug", "mugs", "ماگ با نام دلخواه", "Mug with a name", "ماگ", 3_900, 1.7),
    ("bolur-vase", "vases", "گلدان بلند بلور", "Bolur tall vase", "گلدان", 5_600, 1.2),
    ("kuzeh-vase", "vases", "گلدان کوزه‌ای", "Jar vase", "گلدان", 3_200, 1.8),
    ("shakheh-vase", "vases", "گلدان تک‌شاخه", "Single-stem vase", "گلدان", 1_850, 2.2),
    ("kavir-vase", "vases", "گلدان کویر", "Kavir vase", "گلدان", 4_400, 1.4),
    ("succulent-3", "vases", "سه گلدان ساکولنت", "Succulent pots, three", "گلدان‌ها", 2_750, 2.0),
    ("amphora", "vases", "خمرهٔ دکوری بزرگ", "Large amphora", "خمره", 14_500, 0.5),
    ("anar-bowl", "bowls", "کاسهٔ انار", "Anar bowl", "کاسه", 2_900, 1.9),
    ("mast-bowl-4", "bowls", "چهار پیالهٔ ماست‌خوری", "Yoghurt bowls, four", "پیاله‌ها", 3_600, 1.7),
    ("ash-bowl-6", "bowls", "شش کاسهٔ آش‌خوری", "Ash bowls, six", "کاسه‌ها", 7_200, 1.4),
    ("firuzeh-bowl", "bowls", "کاسهٔ فیروزه", "Firuzeh bowl", "کاسه", 4_100, 1.5),
    ("salad-large", "bowls", "کاسهٔ سالاد بزرگ", "Large salad bowl", "کاسهٔ سالاد", 5_300, 1.2),
    ("cereal-2", "bowls", "جفت کاسهٔ صبحانه", "Breakfast bowls, two", "کاسه‌ها", 3_100, 1.5),
    ("ajil-dish", "serving", "آجیل‌خوری چندخانه", "Divided nut dish", "آجیل‌خوری", 6_200, 1.4),
    ("fruit-stand", "serving", "میوه‌خوری پایه‌دار", "Footed fruit bowl", "میوه‌خوری", 9_400, 1.0),
    ("cake-stand", "serving", "کیک‌خوری پایه‌دار", "Cake stand", "کیک‌خوری", 8_700, 0.9),
    ("sugar-pot", "serving", "قندان و شکرپاش", "Sugar pot and shaker", "قندان", 3_450, 1.5),
    ("tray-round", "serving", "سینی گرد لعابی", "Round glazed tray", "سینی", 5_100, 1.2),
    ("jug-dugh", "serving", "پارچ دوغ", "Dough jug", "پارچ", 4_600, 1.1),
    ("dizi-single", "cookware", "دیزی تک‌نفره", "Dizi pot for one", "دیزی", 2_200, 1.6),
    ("dizi-set-4", "cookware", "چهار دیزی با گوشت‌کوب", "Dizi set, four", "دیزی‌ها", 8_900, 1.2),
    ("tabkh-pot", "cookware", "قابلمهٔ سفالی لعاب‌دار", "Glazed clay pot", "قابلمهٔ سفالی", 7_600, 1.2),
    ("tagine", "cookware", "تاجین سفالی", "Clay tagine", "تاجین", 6_900, 0.8),
    ("baking-dish", "cookware", "ظرف فر سفالی", "Clay baking dish", "ظرف فر", 4_800, 1.3),
    ("bread-bell", "cookware", "قالب نان سفالی", "Clay bread bell", "قالب نان", 5_500, 0.7),
    ("wall-plate", "decor", "بشقاب دیواری نقش‌دار", "Painted wall plate", "بشقاب دیواری", 4_900, 1.1),
    ("tile-set-9", "decor", "نه کاشی دست‌ساز", "Handmade tiles, nine", "کاشی‌ها", 8_100, 0.7),
    ("candle-2", "decor", "جفت شمعدان", "Pair of candlesticks", "شمعدان‌ها", 3_700, 1.5),
    ("bird-figure", "decor", "پرندهٔ سفالی", "Clay bird", "پرندهٔ سفالی", 1_650, 1.6),
    ("incense", "decor", "عودسوز", "Incense holder", "عودسوز", 1_350, 1.4),
    ("mirror-frame", "decor", "آینه با قاب سفال", "Clay-framed mirror", "آینه", 11_200, 0.6),
    ("haftsin-7", "haftsin", "سرویس هفت‌سین ۷ پارچه", "Haft-sin set, 7 pieces", "سرویس هفت‌سین", 11_800, 1.8),
    ("haftsin-9", "haftsin", "سرویس هفت‌سین ۹ پارچهٔ فیروزه", "Firuzeh haft-sin set, 9 pieces", "سرویس هفت‌سین", 16_900, 1.4),
    ("sabzeh-dish", "haftsin", "ظرف سبزه", "Sabzeh dish", "ظرف سبزه", 2_300, 1.8),
    ("fish-bowl", "haftsin", "تنگ سفالی", "Clay fish bowl", "تنگ", 3_100, 1.2),
    ("egg-holder-6", "haftsin", "شش جاتخم‌مرغی", "Egg holders, six", "جاتخم‌مرغی‌ها", 2_600, 1.1),
    ("mirror-candle", "haftsin", "آینه و شمعدان هفت‌سین", "Haft-sin mirror and candles", "آینه و شمعدان", 13_700, 0.8),
    ("pomegranate-5", "yalda", "پنج انار سفالی", "Clay pomegranates, five", "انارها", 3_300, 1.8),
    ("yalda-set-6", "yalda", "سرویس یلدا ۶ پارچه", "Yalda set, 6 pieces", "سرویس یلدا", 10_900, 1.5),
    ("melon-platter", "yalda", "دیس هندوانه", "Melon platter", "دیس هندوانه", 5_200, 1.4),
    ("nut-bowl-6", "yalda", "شش پیالهٔ آجیل", "Nut bowls, six", "پیاله‌ها", 4_300, 1.3),
    ("hafez-plate", "yalda", "بشقاب با بیت حافظ", "Hafez verse plate", "بشقاب", 4_750, 1.2),
    ("lantern", "yalda", "فانوس سفالی", "Clay lantern", "فانوس", 3_850, 1.1),
)

PRODUCTS: Final = tuple(Product(c, g, fa, en, say, k * 1000, w) for c, g, fa, en, say, k, w in _ROWS)
CATEGORY_OF: Final[dict[str, Category]] = {c.code: c for c in CATEGORIES}
