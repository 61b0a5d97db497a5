"""Logos from outside: drawn where they are drawings, refused where they are more or less than a logo."""

from io import BytesIO

import pytest
from PIL import Image

from runs.composition import BadPicture, clean_logo

from . import scenes

HEAD = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 200 100"'


def svg(inside: str, head: str = HEAD) -> bytes:
    return f"<svg {head}>{inside}</svg>".encode()


DISC = '<circle cx="50" cy="50" r="40" fill="#c00"/>'


def test_a_drawing_becomes_pixels_with_alpha() -> None:
    clean = clean_logo(svg(DISC))
    with Image.open(BytesIO(clean.data)) as image:
        assert (image.format, image.size, image.mode) == ("PNG", (1600, 800), "RGBA")
        assert image.getpixel((400, 400)) == (204, 0, 0, 255)
        assert image.getpixel((1500, 50)) == (0, 0, 0, 0)


def test_the_same_drawing_gives_the_same_bytes() -> None:
    assert clean_logo(svg(DISC)) == clean_logo(svg(DISC))


def test_drawings_as_programs_write_them_are_taken() -> None:
    head = b'\xef\xbb\xbf<?xml version="1.0"?>\n<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "svg11.dtd">\n'
    inside = f'<defs><g id="a">{DISC}</g></defs><style>.a{{fill:url(#x)}}</style><use xlink:href="#a"/>'
    assert clean_logo(head + svg(inside)).width == 1600
    assert (
        clean_logo(svg(DISC, 'xmlns="http://www.w3.org/2000/svg" width="50mm" height="100mm"')).height == 1600
    )


@pytest.mark.parametrize(
    ("inside", "words"),
    [
        ("<script>alert(1)</script>", "“script” part"),
        ("<g onload='alert(1)'/>", "has a script"),
        ("<a href='javascript:alert(1)'/>", "from outside the file"),
        ("<image href='http://127.0.0.1/a.png' width='9' height='9'/>", "from outside the file"),
        ("<image xlink:href='/etc/passwd' width='9' height='9'/>", "from outside the file"),
        ("<image href='file:///etc/passwd'/>", "from outside the file"),
        ("<image href='data:image/svg+xml;base64,AAAA'/>", "from outside the file"),
        ("<use href='other.svg#a'/>", "from outside the file"),
        ("<style>@import 'http://x/y.css'</style>", "from outside the file"),
        ("<rect style='fill:url(http://x/y#z)'/>", "from outside the file"),
        ("<rect fill=\"url( 'x.svg#z')\"/>", "from outside the file"),
        ("<foreignObject><p>hi</p></foreignObject>", "foreignobject"),
        ("<text>Nordlys</text>", "turn it into outlines"),
        ("<g>" * 300 + "</g>" * 300, "too many parts"),
        ("<g/>" * 30_000, "too many parts"),
        ("<g>", "not whole"),
        (" " * 1_100_000, "larger than 1 MB"),
    ],
)
def test_drawings_that_are_more_than_drawings_are_refused(inside: str, words: str) -> None:
    with pytest.raises(BadPicture, match=words):
        clean_logo(svg(inside))


@pytest.mark.parametrize(
    "head", ['viewBox="0 0 0 0"', 'viewBox="0 0 1e9 1e9"', 'viewBox="0 0 9 9999"', 'width="100%"', ""]
)
def test_drawings_without_a_sensible_size_are_refused(head: str) -> None:
    with pytest.raises(BadPicture, match="the drawing"):
        clean_logo(svg(DISC, f'xmlns="http://www.w3.org/2000/svg" {head}'))


def test_entities_are_refused_before_they_are_read() -> None:
    bomb = b'<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>' + svg("&b;")
    with pytest.raises(BadPicture, match="entities"):
        clean_logo(bomb)


def test_entities_do_not_hide_in_another_encoding() -> None:
    """The comment's two signs are the bytes of “<svg” in UTF-16."""
    text = (
        '<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa">]><!--\u733c\u6776-->'
        + svg("<desc>&a;</desc>" + DISC).decode()
    )
    with pytest.raises(BadPicture, match="UTF-8"):
        clean_logo(text.encode("utf-16-le"))


def test_an_old_drawing_with_notes_in_latin_letters_is_taken() -> None:
    assert clean_logo(svg("<desc>Größe</desc>" + DISC).decode().encode("latin-1")).width == 1600


@pytest.mark.parametrize("encoding", ["shift_jis", "utf-7", "foo", "hex", "iso-8859-1", "utf-16", "UTF-8"])
def test_what_encoding_a_drawing_names_does_no_harm(encoding: str) -> None:
    head = f'<?xml version="1.0" encoding="{encoding}"?>'.encode()
    assert clean_logo(head + svg(DISC)).width == 1600


def test_a_drawing_that_multiplies_itself_is_stopped() -> None:
    """Each group uses the one before it ten times: a billion discs."""
    groups = f'<g id="a0">{DISC}</g>' + "".join(
        f'<g id="a{n}">' + f'<use href="#a{n - 1}"/>' * 10 + "</g>" for n in range(1, 10)
    )
    with pytest.raises(BadPicture, match=r"cannot be drawn|too long to draw"):
        clean_logo(svg(f'<defs>{groups}</defs><use href="#a9"/>'))


@pytest.mark.parametrize(
    ("size", "words"),
    [((1, 1), "too small"), ((400, 4), "too small"), ((20_000, 200), "too long"), ((900, 20), "too long")],
)
def test_logos_of_senseless_size_are_refused(size: tuple[int, int], words: str) -> None:
    with pytest.raises(BadPicture, match=words):
        clean_logo(scenes.logo(*size) if min(size) > 8 else scenes.png(Image.new("RGB", size)))


def test_a_logo_of_which_nothing_is_seen_is_refused() -> None:
    with pytest.raises(BadPicture, match="transparent"):
        clean_logo(scenes.png(Image.new("RGBA", (100, 100), (0, 0, 0, 0))))


def test_an_html_page_is_no_logo() -> None:
    with pytest.raises(BadPicture):
        clean_logo(b"<html><svg></svg></html>")
