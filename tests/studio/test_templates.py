"""What holds for every template and stylesheet: the security policy, icons that exist, partials that stand alone."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.template.loader import get_template, render_to_string

from runs import formats
from studio.tiles import RATIO_CLASSES

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
STATIC = ROOT / "static"
NAMES = sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html"))
STATES = ("waiting", "next", "rendering", "composing", "done", "failed", "cancelled")
FORBIDDEN = {
    "an inline style": re.compile(r"<style|\sstyle\s*="),
    "an inline handler": re.compile(r"\son[a-z]+\s*=|hx-on"),
    "an evaluated value": re.compile(r"['\"{\s]js:|javascript:"),
    "an inline script": re.compile(r"<script(?![^>]*(\bsrc=|application/json))"),
}


class Elements(HTMLParser):
    """Every start tag with its attributes, in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def having(self, name: str) -> Iterator[dict[str, str | None]]:
        return (attrs for _, attrs in self.found if name in attrs)


def _ad(**changes: Any) -> SimpleNamespace:
    ad = {
        "uid": "a1",
        "label": "Meta story 9:16",
        "url": "/ads/a1/",
        "thumb_url": "/media/thumb/a1",
        "width": 1080,
        "height": 1920,
        "state": "ready",
        "words": "",
        "download_url": "/media/ad/a1",
    }
    return SimpleNamespace(**ad | changes)


def _tile(state: str, **changes: Any) -> SimpleNamespace:
    tile = {
        "uid": "g1",
        "state": state,
        "label": "Meta feed 4:5",
        "place": 3 if state == "waiting" else None,
        "server": "gpu-1",
        "percent": 54,
        "step": "11 of 20",
        "preview_url": "/media/preview/g1" if state == "rendering" else "",
        "picture_url": "/media/picture/g1" if state in ("composing", "done") else "",
        "ads": [_ad()] if state == "done" else [],
        "error_words": "gpu-1 has no model “x”." if state == "failed" else "",
        "next_step": "Choose another model." if state == "failed" else "",
        "stop_url": "/generations/g1/stop/",
        "retry_url": "/generations/g1/retry/",
        "ratio_class": "q45",
    }
    return SimpleNamespace(**tile | changes)


def _tile_html(state: str, *, oob: bool = False, **changes: Any) -> str:
    return render_to_string("studio/run.html#tile", {"tile": _tile(state, **changes), "oob": oob})


def _run(**changes: Any) -> SimpleNamespace:
    look = SimpleNamespace(n=1, name="Warm", done=1, total=1, ads_done=1, ads_total=1, tiles=[_tile("done")])
    run = {
        "name": "Cold brew",
        "status": "running",
        "status_words": "Running",
        "final": False,
        "ads_ready": 1,
        "ads_total": 2,
        "refresh_url": "/runs/r1/",
        "segments": ["d", "r", ""],
        "banner": None,
        "looks": [look],
        "servers": [SimpleNamespace(name="gpu-1", state="busy", words="Warm", percent=54)],
        "activity": [],
    }
    return SimpleNamespace(**run | changes)


def test_every_template_compiles() -> None:
    assert all(callable(get_template(name).render) for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_no_template_holds_what_the_security_policy_forbids(name: str) -> None:
    source = (TEMPLATES / name).read_text()
    assert [what for what, pattern in FORBIDDEN.items() if pattern.search(source)] == []


def test_every_icon_that_is_named_is_in_the_sprite() -> None:
    sources = [(TEMPLATES / name).read_text() for name in NAMES]
    plain = r"icon\.html\" with name=\"([\w-]+)\"|icons }}#([\w-]+)\"|fan\.html\" with name=\"([\w-]+)\""
    used = {next(filter(None, hit)) for source in sources for hit in re.findall(plain, source)}
    sprite = set(re.findall(r'<symbol id="([\w-]+)"', (STATIC / "icons.svg").read_text()))
    assert len(used) > 20
    assert used - sprite == set()


def test_every_size_of_the_catalogue_has_its_ratio() -> None:
    rules = re.findall(
        r"^  (.+?) \{ --r: ([\d.]+)", (STATIC / "css" / "ratios.css").read_text(), re.MULTILINE
    )
    ratios = {name: float(ratio) for names, ratio in rules for name in names.split(", ")}
    wanted = {f".r-{entry.width}x{entry.height}": entry.width / entry.height for entry in formats.images()}
    wanted |= {f".{name}": shape.aspect for shape, name in RATIO_CLASSES.items()}
    assert {name: ratios.get(name) for name in wanted} == pytest.approx(wanted, rel=0.001)


def test_the_page_for_our_own_faults_needs_no_context() -> None:
    html = get_template("500.html").render()
    assert "Something went wrong on our side" in html
    assert 'href="/"' in html


@pytest.mark.parametrize("state", STATES)
def test_a_tile_keeps_its_id_and_says_its_state(state: str) -> None:
    tag, attrs = Elements(_tile_html(state)).found[0]
    assert (tag, attrs["id"]) == ("li", "g-g1")
    assert state in str(attrs["class"]).split()


@pytest.mark.parametrize("partial", ["live", "head", "banner", "servers", "activity"])
def test_only_what_the_socket_sends_is_swapped_by_its_id(partial: str) -> None:
    sent = Elements(render_to_string(f"studio/run.html#{partial}", {"run": _run(), "oob": True}))
    included = Elements(render_to_string(f"studio/run.html#{partial}", {"run": _run()}))
    assert sent.found[0][1]["id"] == f"run-{partial}"
    assert sent.found[0][1]["hx-swap-oob"] == "outerMorph"
    assert len(list(sent.having("hx-swap-oob"))) == 1
    assert list(included.having("hx-swap-oob")) == []


@pytest.mark.parametrize("partial", ["view", "progress"])
def test_what_moves_in_a_tile_is_sent_as_it_stands_in_the_tile(partial: str) -> None:
    tile = _tile("rendering")
    sent = render_to_string(f"studio/run.html#{partial}", {"tile": tile, "alone": True}).strip()
    assert sent.replace(' hx-swap-oob="outerMorph"', "", 1) in _tile_html("rendering")


def test_a_tile_for_the_socket_is_the_tile_of_the_page_with_one_attribute_more() -> None:
    page, socket = _tile_html("rendering"), _tile_html("rendering", oob=True)
    assert socket.replace(' hx-swap-oob="outerMorph"', "", 1) == page


def test_a_tile_that_is_done_shows_its_ads_and_not_its_picture() -> None:
    html = _tile_html("done")
    assert "/media/thumb/a1" in html and "/media/picture/g1" not in html


def test_a_tile_whose_type_is_being_set_shows_its_picture() -> None:
    html = _tile_html("composing", ads=[_ad()])
    assert "/media/picture/g1" in html and "/media/thumb/a1" not in html


def test_a_preview_gets_sharper_as_the_picture_goes_on() -> None:
    classes = [_tile_html("rendering", percent=percent) for percent in (0, 9, 54, 99)]
    assert [re.findall(r'class="fr (b\d)"', html) for html in classes] == [["b0"], ["b0"], ["b5"], ["b9"]]


def test_a_failed_tile_says_why_what_to_do_and_offers_to_retry() -> None:
    html = _tile_html("failed")
    assert "gpu-1 has no model “x”." in html and "Choose another model." in html
    assert 'hx-post="/generations/g1/retry/"' in html


@pytest.mark.parametrize("state", ["done", "failed", "cancelled"])
def test_what_is_over_cannot_be_stopped(state: str) -> None:
    assert "/generations/g1/stop/" not in _tile_html(state)


def test_an_ad_that_does_not_fit_says_so_in_place_of_a_picture() -> None:
    html = _tile_html("done", ads=[_ad(state="does_not_fit", thumb_url="", words="Headline: shorten by 6")])
    assert "Headline: shorten by 6" in html
    assert not [tag for tag, _ in Elements(html).found if tag == "img"]


def test_an_ad_carries_its_pixels_so_that_it_is_never_cropped() -> None:
    image = next(attrs for tag, attrs in Elements(_tile_html("done")).found if tag == "img")
    assert (image["width"], image["height"]) == ("1080", "1920")
    assert "r-1080x1920" in _tile_html("done")


def test_names_from_outside_cannot_become_markup() -> None:
    html = _tile_html("failed", label="<img src=x>", error_words="<script>1</script>")
    assert "<script>" not in html and "<img" not in html


class _Order(forms.Form):
    name = forms.CharField(help_text="As in the shop.")
    note = forms.CharField(required=False)


def test_an_error_stands_at_its_field_and_is_tied_to_it() -> None:
    html = _Order({"name": ""})["name"].as_field_group()
    control = next(attrs for tag, attrs in Elements(html).found if tag == "input")
    ids = {attrs["id"] for attrs in Elements(html).having("id")}
    assert control["aria-invalid"] == "true"
    assert set(str(control["aria-describedby"]).split()) == {"id_name_helptext", "id_name_error"} <= ids


def test_only_fields_that_may_stay_empty_are_marked() -> None:
    form = _Order()
    assert "optional" in form["note"].as_field_group()
    assert "optional" not in form["name"].as_field_group()


def test_no_script_of_ours_is_over_400_lines_and_no_page_loads_over_70_kb() -> None:
    assert [path.name for path in (STATIC / "js").iterdir() if len(path.read_text().splitlines()) > 400] == []
    scripts = re.compile(r"<script[^>]+static '((?:js|vendor)/[^']+)'")
    everywhere = scripts.findall((TEMPLATES / "base.html").read_text())
    assert len(everywhere) == 4
    for name in NAMES:
        own = scripts.findall((TEMPLATES / name).read_text())
        weight = sum((STATIC / script).stat().st_size for script in {*everywhere, *own})
        assert weight <= 70 * 1024, f"{name} loads {weight} bytes of script"


def test_every_key_of_the_list_is_one_that_acts() -> None:
    script = (STATIC / "js" / "keys.js").read_text()
    listed = set(re.findall(r"<kbd>(.+?)</kbd>", (TEMPLATES / "parts" / "keys.html").read_text()))
    letters = {key for key in listed if len(key) == 1 and key not in "←→"}
    goes = set(re.findall(r'data-go="(.)"', (TEMPLATES / "parts" / "nav.html").read_text()))
    acts = set(re.findall(r'^    "?(.)"?: \(\) =>', script, re.MULTILINE))
    assert letters == acts | goes and len(acts) == 8
