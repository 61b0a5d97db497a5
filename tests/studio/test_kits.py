"""A brand kit's page: what is wrong is said at its field and nothing is kept; what is right is kept whole."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Audit, Workspace
from runs import assets, unused
from runs.composition.fonts import FOLDER
from runs.models import Asset
from studio import hints, kits
from studio.models import BrandKit
from tests.conftest import make_png

INTER = (FOLDER / "Inter-Bold.ttf").read_bytes()
LOGO = make_png(40, 20)


@pytest.fixture
def kit(workspace: Workspace) -> BrandKit:
    return kits.make(workspace, "Nordlys 2026")


def kit_form(**changes: Any) -> dict[str, Any]:
    data = {
        "name": "Nordlys 2026",
        "brand_name": "Nordlys",
        "primary": "#2a1a2e",
        "accent": "#ffd84d",
        "panel": "#2a1a2e",
        "tone": "Calm and dry.",
        "banned": ["cheap", "detox"],
        "looks-TOTAL_FORMS": "1",
        "looks-INITIAL_FORMS": "0",
        "looks-0-name": "Dusk",
        "looks-0-words": "on wet slate",
        "looks-0-palette": "#5b2f3f #f0b27a",
        "start_key": str(uuid4()),
    }
    return {name: value for name, value in (data | changes).items() if value is not None}


def save(client: Client, kit: BrandKit, **changes: Any) -> Any:
    answer = client.post(kit.get_absolute_url(), kit_form(**changes))
    kit.refresh_from_db()
    return answer


def upload(data: bytes, name: str = "logo.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def test_a_kit_is_kept_and_opens_as_it_was_written(as_alice: Client, kit: BrandKit) -> None:
    taste = {"ink": "dark", "scrim": "none", "corners": "round", "button": "square"}
    own = {"own_panel": "on", "panel": "#ffe9a0"}
    answer = save(as_alice, kit, more_banned="guilt-free,  best  in the world, Cheap", **taste, **own)
    assert answer.status_code == 302
    told = {"name": "Nordlys", "primary": "#2a1a2e", "accent": "#ffd84d", "panel": "#ffe9a0"}
    assert kit.brand.items() >= (told | taste).items()
    assert kit.brand["banned"] == ["cheap", "detox", "guilt-free", "best in the world"]
    look = {"name": "Dusk", "words": "on wet slate", "palette": ["#5b2f3f", "#f0b27a"]}
    assert (kit.tone, kit.looks) == ("Calm and dry.", [look])
    html = as_alice.get(answer["Location"]).content.decode()
    for shown in ("Calm and dry.", 'value="guilt-free" checked', "on wet slate", 'value="#ffe9a0"'):
        assert shown in html
    assert Audit.objects.get(action="kit.change").target == "Nordlys 2026"


def test_a_panel_without_a_colour_of_its_own_follows_the_main_colour(as_alice: Client, kit: BrandKit) -> None:
    save(as_alice, kit, panel="#ffffff")
    assert kit.brand["panel"] == ""


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"name": ""}, "name", "This field is required."),
        ({"primary": "black"}, "primary", "Write a colour as # and six digits"),
        ({"more_banned": "x" * 81}, "more_banned", "Shorten this to 80 characters."),
        ({"brand_name": "x" * 301}, "brand_name", "Shorten this to 300 characters."),
        ({"ink": "purple"}, "ink", "Select a valid choice."),
        ({"logo": "w/x/assets/y.png"}, "logo_file", "This file is no longer in this workspace."),
        ({"logo_file": upload(b"not a picture")}, "logo_file", ""),
        (
            {"font_file": upload(b"MZ" * 500, "own.ttf"), "font_licensed": "on"},
            "font_file",
            "This font cannot be used",
        ),
        ({"font_file": upload(INTER, "own.ttf")}, "font_licensed", "Confirm that the font’s licence"),
        ({"start_key": "7"}, "start_key", "Part of the form didn’t arrive"),
    ],
)
def test_a_fault_stands_at_its_field_and_nothing_is_kept(
    as_alice: Client, kit: BrandKit, changes: dict[str, Any], field: str, words: str
) -> None:
    answer = save(as_alice, kit, **changes)
    assert answer.status_code == 422
    assert words in answer.context["form"].errors[field][0]
    assert (kit.tone, Asset.objects.count()) == ("", 0)


@pytest.mark.parametrize(
    ("changes", "place"),
    [({"looks-0-name": ""}, (0, "name")), ({"looks-0-palette": "red"}, (0, "palette"))],
)
def test_a_fault_of_a_look_stands_in_its_row(
    as_alice: Client, kit: BrandKit, changes: dict[str, str], place: tuple[int, str]
) -> None:
    answer = save(as_alice, kit, **changes)
    row, field = place
    assert len(answer.context["looks"].forms[row].errors[field]) == 1
    assert answer.content.decode().count("<li><a class=") == 1
    assert kit.looks == []


def test_two_looks_of_one_name_are_told_apart(as_alice: Client, kit: BrandKit) -> None:
    answer = save(as_alice, kit, **{"looks-TOTAL_FORMS": "2", "looks-1-name": "Dusk", "looks-1-words": "x"})
    assert "Two looks are called “Dusk”." in answer.content.decode()


def test_without_a_script_a_press_adds_a_row_and_keeps_nothing(as_alice: Client, kit: BrandKit) -> None:
    answer = save(as_alice, kit, add="looks")
    assert answer.context["looks"].total_form_count() == 2
    assert "on wet slate" in answer.content.decode() and kit.looks == []


# --- files ------------------------------------------------------------------------------------------------------


def send(client: Client, kit: BrandKit, kind: str, **fields: Any) -> str:
    """What htmx sends when a file is chosen or left out."""
    answer = client.post(reverse("studio:kit_file", args=[kit.uid, kind]), kit_form(**fields))
    assert answer.status_code == 200
    return answer.content.decode()


def key_in(html: str, kind: str) -> str:
    found = re.search(rf'name="{kind}"(?: value="([^"]*)")?', html)
    assert found
    return found[1] or ""


def test_a_logo_is_shown_at_once_on_a_light_and_on_a_dark_ground(as_alice: Client, kit: BrandKit) -> None:
    html = send(as_alice, kit, "logo", logo_file=upload(LOGO))
    asset = Asset.objects.get()
    assert key_in(html, "logo") == asset.key
    assert html.count(f'<img src="/media/asset/{asset.uid}?size=small"') == 2
    assert "40 × 20 pixels: blurry in large sizes" in html
    assert "logo" not in kit.brand or not kit.brand["logo"]
    save(as_alice, kit, logo=asset.key)
    assert kit.brand["logo"] == asset.key


def test_without_a_script_files_come_with_the_form(as_alice: Client, kit: BrandKit) -> None:
    save(as_alice, kit, logo_file=upload(LOGO), font_file=upload(INTER, "own.ttf"), font_licensed="on")
    keys = {asset.kind: asset.key for asset in Asset.objects.all()}
    assert (kit.brand["logo"], kit.brand["font"]) == (keys["logo"], keys["font"])
    save(as_alice, kit, logo=keys["logo"], logo_clear="on", font=keys["font"], font_licensed="on")
    assert (kit.brand["logo"], kit.brand["font"]) == ("", keys["font"])


def test_a_file_is_asked_for_again_when_something_else_was_wrong(as_alice: Client, kit: BrandKit) -> None:
    answer = save(as_alice, kit, name="", logo_file=upload(LOGO))
    assert "Choose the file again" in answer.context["form"].errors["logo_file"][0]


def test_what_is_no_picture_is_refused_beside_the_logo_in_use(as_alice: Client, kit: BrandKit) -> None:
    key = assets.store_logo(kit.workspace, LOGO).key
    html = send(as_alice, kit, "logo", logo=key, logo_file=upload(b"none"))
    assert 'role="alert"' in html and key_in(html, "logo") == key
    assert key_in(send(as_alice, kit, "logo", logo=key, answer="remove"), "logo") == ""


def test_a_file_of_another_workspace_is_never_followed(as_alice: Client, kit: BrandKit, charlie: Any) -> None:
    theirs = assets.store_logo(charlie.workspaces.get(), LOGO).key
    assert save(as_alice, kit, logo=theirs).status_code == 422
    look = as_alice.post(reverse("studio:kit_look", args=[kit.uid]), kit_form(logo=theirs))
    assert "This file is no longer in this workspace." in look.content.decode()
    assert key_in(send(as_alice, kit, "logo", logo=theirs), "logo") == ""


def test_the_files_of_a_kit_are_wanted_as_long_as_it_is_there(workspace: Workspace, kit: BrandKit) -> None:
    asset = assets.store_logo(workspace, LOGO)
    kit.brand |= {"logo": asset.key}
    kit.save()
    kits.archive(kit)
    later = timezone.now() + 2 * unused.UNUSED
    assert list(unused.unused(later)) == []
    kit.delete()
    assert [upload.key for upload in unused.unused(later)] == [asset.key]


# --- several kits -----------------------------------------------------------------------------------------------


def test_the_first_kit_of_a_workspace_is_its_default(as_alice: Client, workspace: Workspace) -> None:
    for name in ("First", "Second"):
        assert as_alice.post(reverse("studio:kit_new"), {"name": name}).status_code == 302
    assert [(kit.name, kit.is_default) for kit in kits.alive(workspace)] == [
        ("First", True),
        ("Second", False),
    ]
    assert as_alice.post(reverse("studio:kit_new"), {"name": ""}).status_code == 422


def do(client: Client, kit: BrandKit, what: str) -> int:
    status = client.post(reverse("studio:kit_do", args=[kit.uid, what])).status_code
    kit.refresh_from_db()
    return status


def test_one_kit_is_the_default_and_none_that_is_archived(as_alice: Client, kit: BrandKit) -> None:
    other = kits.make(kit.workspace, "Other")
    assert do(as_alice, other, "default") == 302
    kit.refresh_from_db()
    assert (kit.is_default, other.is_default) == (False, True)
    do(as_alice, other, "archive")
    assert (other.is_default, kits.alive(kit.workspace)) == (False, [kit])
    do(as_alice, other, "restore")
    assert kits.alive(kit.workspace) == [kit, other]
    assert do(as_alice, other, "burn") == 404


def test_a_duplicate_has_all_but_the_name(as_alice: Client, kit: BrandKit) -> None:
    save(as_alice, kit)
    do(as_alice, kit, "duplicate")
    copy = BrandKit.objects.get(name="Nordlys 2026 (copy)")
    assert (copy.brand, copy.tone, copy.looks) == (kit.brand, kit.tone, kit.looks)
    assert not copy.is_default


def test_a_double_press_makes_one_duplicate(as_alice: Client, kit: BrandKit) -> None:
    html = as_alice.get(kit.get_absolute_url()).content.decode()
    [key] = re.findall(r'name="key" value="([^"]+)"', html)
    url = reverse("studio:kit_do", args=[kit.uid, "duplicate"])
    first, second = (as_alice.post(url, {"key": key}) for _press in range(2))
    assert first["Location"] == second["Location"]
    assert BrandKit.objects.filter(name="Nordlys 2026 (copy)").count() == 1
    assert Audit.objects.filter(action="kit.create").count() == 1
    as_alice.post(url, {"key": "another"})
    assert BrandKit.objects.filter(name="Nordlys 2026 (copy)").count() == 2


def test_who_only_looks_sees_every_value_and_no_button(as_bob: Client, kit: BrandKit) -> None:
    html = as_bob.get(kit.get_absolute_url()).content.decode()
    assert '<fieldset class="plain" disabled>' in html and html.count("<figure id=") == 4
    main = html[html.index("<main") : html.index("</main>")]
    assert 'type="submit"' not in main and "hx-post" not in main.replace("data-formset", "")


# --- contrast ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("colour", "white", "dark"),
    [
        ("#ffffff", ("", "White text: 1:1, not used"), ("ok", "Dark text: 18.6:1, easy to read")),
        (
            "#767676",
            ("ok", "White text: 4.5:1, readable"),
            ("warn", "Dark text: 4:1, too weak for small text"),
        ),
        (
            "#e0523f",
            ("warn", "White text: 3.8:1, too weak for small text"),
            ("ok", "Dark text: 4.8:1, readable"),
        ),
    ],
)
def test_each_colour_tells_how_type_is_read_on_it(
    kit: BrandKit, colour: str, white: tuple[str, str], dark: tuple[str, str]
) -> None:
    first = hints.colours(kit.spec.model_copy(update={"primary": colour}))[0]
    assert [(hint.kind, hint.words) for hint in first.hints[:2]] == [white, dark]


def test_a_button_that_its_panel_swallows_is_told(kit: BrandKit) -> None:
    brand = kit.spec.model_copy(update={"primary": "#303030", "accent": "#404040"})
    assert hints.colours(brand)[1].hints[-1].words == "On the panel: 1.2:1, barely stands out"
