"""Pictures and copy for the tests: what an engine would hand to the composition, made with Pillow alone."""

from functools import cache
from io import BytesIO

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from runs.composition import Copy, Style
from runs.formats import Shape

SIZES = {
    Shape.SQUARE: (640, 640),
    Shape.PORTRAIT: (576, 720),
    Shape.STORY: (540, 960),
    Shape.LANDSCAPE: (860, 450),
}

STYLE = Style(brand_name="Nordlys")

ENGLISH = Copy(
    "Fly to Paris from €49",
    "Paris from €49",
    "Direct flights, flexible tickets, two bags included.",
    "Book now",
    "Terms apply. Fares one way.",
    "€49",
)
GERMAN = Copy(
    "Donaudampfschifffahrtsgesellschaftskapitänsmütze jetzt besonders günstig",
    "Kapitänsmütze günstig",
    "Größe S–XXL, Straßenpreis inkl. Rechtsschutzversicherungsgesellschaften-Rabatt",
    "Jetzt sichern",
)
ARABIC = Copy(
    "تسوّق الآن واحصل على خصم ٥٠٪ على كل شيء",
    "خصم ٥٠٪",
    "العرض سارٍ حتى نهاية الشهر – شحن مجاني مع Nordlys",
    "تسوّق الآن",
)
HEBREW = Copy("מבצע קיץ: עד 50% הנחה", "מבצע קיץ", "משלוח חינם עם Nordlys", "לקנייה", "", "₪ 49")
JAPANESE = Copy(
    "この夏、最高の一杯を。新しいコールドブリュー登場",
    "夏の一杯",
    "「毎日」がもっと楽しくなる、ひんやり贅沢な味わい。",
    "今すぐ購入",
)
THAI = Copy("กาแฟเย็นแก้วใหม่สำหรับหน้าร้อนนี้", "กาแฟเย็น", "ลดราคาพิเศษเฉพาะเดือนนี้", "ซื้อเลย")
HINDI = Copy(
    "गर्मियों की सबसे ठंडी कॉफ़ी अब ₹ 199 में",
    "ठंडी कॉफ़ी",
    "हर सुबह ताज़ी भुनी हुई, सिर्फ़ आपके लिए।",
    "अभी ख़रीदें",
    "नियम लागू।",
    "₹ 199",
)
CHINESE = Copy(
    "这个夏天，享受最棒的一杯。全新冷萃咖啡上市",
    "夏日一杯",
    "“每一天”都更加愉快，清凉醇厚。",
    "立即购买",
    "",
    "49元",
)
TAIWANESE = Copy(
    "這個夏天，享受最棒的一杯。全新冷萃咖啡上市",
    "夏日一杯",
    "「每一天」都更加愉快，清涼醇厚。",
    "立即購買",
    "",
    "149元",
)
KOREAN = Copy(
    "이번 여름, 최고의 한 잔을. 새로운 콜드브루 출시",
    "여름의 한 잔",
    "‘매일’이 더 즐거워지는 시원하고 진한 맛.",
    "지금 구매하기",
    "",
    "4,900원",
)
GREEK = Copy(
    "Το πιο δροσερό καλοκαίρι ξεκινά εδώ", "Δροσερό καλοκαίρι", "Κρύος καφές, κάθε πρωί φρέσκος.", "Αγορά"
)
RUSSIAN = Copy(
    "Самый прохладный кофе этого лета", "Кофе лета", "Свежая обжарка каждое утро.", "Купить", "", "299 ₽"
)
MIXED = Copy(
    "Paris パリ 파리 巴黎 باريس पेरिस 🇫🇷",
    "Paris 🇫🇷",
    "Cook 👩\u200d🍳 with us 👨\u200d👩\u200d👧\u200d👦",
    "Go",
)
EMOJI = Copy("Summer sale 🌞🏖 up to −50 % 🔥", "", "For you and yours 🎁 ships today", "Shop 🛍 now")
ONE_WORD = Copy("Sale")
WORDY = Copy(
    "The quick brown fox jumps over the lazy dog and then, because it can, jumps back again before breakfast",
    "",
    "A supporting line that says in far too many words what the headline has already said in far too many words.",
    "Read everything about it",
    "Offer valid until 31 December in participating shops only. Prices include value added tax.",
    "from 1 299,00 €",
)

COPIES = {
    "english": ("en", ENGLISH),
    "german": ("de", GERMAN),
    "arabic": ("ar", ARABIC),
    "hebrew": ("he", HEBREW),
    "japanese": ("ja", JAPANESE),
    "thai": ("th", THAI),
    "emoji": ("en", EMOJI),
    "hindi": ("hi", HINDI),
    "chinese": ("zh-CN", CHINESE),
    "taiwanese": ("zh-TW", TAIWANESE),
    "korean": ("ko", KOREAN),
    "greek": ("el", GREEK),
    "russian": ("ru", RUSSIAN),
    "mixed": ("en", MIXED),
    "one word": ("en", ONE_WORD),
    "wordy": ("en", WORDY),
}


def png(image: Image.Image) -> bytes:
    out = BytesIO()
    image.save(out, "PNG", compress_level=1)
    return out.getvalue()


@cache
def calm(shape: Shape, top: str = "#f6c9a8", foot: str = "#8a3a20") -> bytes:
    """A soft wall and floor with a bottle in the lower middle: copy space above."""
    width, height = SIZES[shape]
    image = Image.linear_gradient("L").resize((width, height))
    wall = Image.composite(Image.new("RGB", image.size, foot), Image.new("RGB", image.size, top), image)
    drawing = ImageDraw.Draw(wall)
    across, tall = width * 0.09, height * 0.34
    x, y = width / 2, height * 0.9
    drawing.rounded_rectangle((x - across, y - tall, x + across, y), across * 0.4, fill="#20333f")
    return png(wall)


@cache
def busy(shape: Shape) -> bytes:
    """Patches of every colour: no place is calm."""
    width, height = SIZES[shape]
    noise = np.random.default_rng(7).integers(0, 256, (height // 16, width // 16, 3), dtype=np.uint8)
    return png(Image.fromarray(noise).resize((width, height), Image.Resampling.NEAREST))


@cache
def grainy(shape: Shape) -> bytes:
    """Film grain at pixel size: the heaviest thing to encode."""
    width, height = SIZES[shape]
    noise = np.random.default_rng(3).normal(128, 50, (height, width, 3)).clip(0, 255).astype(np.uint8)
    return png(Image.fromarray(noise).filter(ImageFilter.SHARPEN))


@cache
def logo(width: int = 400, height: int = 120, colour: str = "#ffffff") -> bytes:
    image = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    ImageDraw.Draw(image).rounded_rectangle((4, 4, width - 4, height - 4), height / 3, fill=colour)
    return png(image)
