"""The live run page where things do not go straight: reload, no socket, stopping, failing, two visitors."""

import re
import time
from typing import Any

from playwright.sync_api import Page, Route, WebSocketRoute, expect

from tests.browser.conftest import OpenContext
from tests.browser.processes import Simulator, Studio
from tests.browser.steps import open_demo_brief, sign_in, wait_for_end
from tests.browser.watch import Watch

STATE = """() => [document.querySelector("#run-head").dataset.ready,
  ...[...document.querySelectorAll(".tile")].map((tile) => [tile.id, tile.className,
    tile.querySelector("progress")?.value, tile.querySelector("img")?.getAttribute("src")])]"""


def test_a_reload_in_the_middle_shows_the_same_state(owner: Page, studio: Studio, unruly: Simulator) -> None:
    unruly.tell("slow", factor=20)
    owner.goto(studio.start_run())
    expect(owner.locator(".tile.rendering img")).to_be_visible()
    unruly.tell("hold")
    before = settled(owner)
    owner.reload()
    expect(owner.locator("#run-state")).to_have_text("Live")
    assert settled(owner) == before
    assert any(tile[1].split()[1] == "rendering" and tile[2] > 0 for tile in before[1:])


def settled(page: Page) -> Any:
    """What the page shows when nothing more comes."""
    last: Any = None
    while last != (last := page.evaluate(STATE)):
        page.wait_for_timeout(1000)
    return last


def test_two_visitors_see_the_same_run_live(
    owner: Page, studio: Studio, unruly: Simulator, open_context: OpenContext
) -> None:
    unruly.tell("hold")
    owner.goto(studio.start_run())
    other = open_context().new_page()
    sign_in(other, studio.signin_link())
    other.goto(owner.url)
    for page in (owner, other):
        expect(page.locator("#run-state")).to_have_text("Live")
        page.evaluate("() => { window.stays = true }")
    unruly.tell("release")
    for page in (owner, other):
        wait_for_end(page)
        expect(page.locator(".shot.ready img")).to_have_count(2)
        assert page.evaluate("() => window.stays")


def test_without_a_socket_the_page_reaches_the_end_by_asking(
    owner: Page, studio: Studio, unruly: Simulator
) -> None:
    owner.route_web_socket(re.compile("/ws/"), lambda socket: socket.close())
    unruly.tell("hold")
    owner.goto(studio.start_run(variations=2))
    owner.evaluate("() => { window.stays = true }")
    expect(owner.locator("#run-state")).to_have_text("Updating every 2 s")
    unruly.tell("release")
    wait_for_end(owner)
    expect(owner.locator(".shot.ready img")).to_have_count(4)
    assert owner.evaluate("() => window.stays")


def test_a_socket_that_is_cut_is_opened_again_and_nothing_is_there_twice(
    owner: Page, studio: Studio, unruly: Simulator
) -> None:
    sockets: list[WebSocketRoute] = []

    def pass_on(socket: WebSocketRoute) -> None:
        sockets.append(socket)
        socket.connect_to_server()

    owner.route_web_socket(re.compile("/ws/"), pass_on)
    unruly.tell("hold")
    owner.goto(studio.start_run(variations=2))
    expect(owner.locator("#run-state")).to_have_text("Live")
    tiles = settled(owner)
    sockets[0].close(code=1012)
    begun = time.monotonic()
    while len(sockets) < 2 and time.monotonic() - begun < 5:
        owner.wait_for_timeout(50)
    assert len(sockets) == 2 and time.monotonic() - begun < 3
    expect(owner.locator("#run-state")).to_have_text("Live")
    assert [tile[0] for tile in settled(owner)[1:]] == [tile[0] for tile in tiles[1:]]
    unruly.tell("release")
    wait_for_end(owner)
    expect(owner.locator(".shot.ready img")).to_have_count(4)


def test_a_script_that_comes_late_does_not_cost_the_socket(
    owner: Page, studio: Studio, unruly: Simulator
) -> None:
    def late(route: Route) -> None:
        owner.wait_for_timeout(500)
        route.continue_()

    owner.route(re.compile("vendor/hx-ws"), late)
    unruly.tell("hold")
    owner.goto(studio.start_run())
    expect(owner.locator("#run-state")).to_have_text("Live")


def test_a_run_that_is_stopped_says_so(owner: Page, studio: Studio, unruly: Simulator) -> None:
    unruly.tell("hold")
    owner.goto(studio.start_run())
    expect(owner.locator("#run-state")).to_have_text("Live")
    stop, dialog = owner.get_by_role("button", name="Stop", exact=True), owner.get_by_role("dialog")
    stop.click()
    dialog.get_by_role("button", name="Keep running").click()
    expect(dialog).to_be_hidden()
    stop.click()
    dialog.get_by_role("button", name="Stop run").click()
    wait_for_end(owner, "Stopped")
    expect(owner.locator(".tile.cancelled")).to_have_count(2)
    expect(stop).to_be_hidden()


def test_a_button_says_when_the_studio_did_not_answer_and_works_again(
    owner: Page, studio: Studio, unruly: Simulator, watch: Watch
) -> None:
    unruly.tell("hold")
    owner.goto(studio.start_run())
    expect(owner.locator("#run-state")).to_have_text("Live")
    stop = owner.get_by_role("button", name="Stop Meta story 9:16")
    with watch.expecting("status of 503", "503 (Service Unavailable)"):
        owner.route("**/stop/", lambda route: route.fulfill(status=503, body="<p>Not now"))
        stop.click()
        expect(owner.locator("#toasts")).to_contain_text("The studio didn’t respond")
    owner.unroute("**/stop/")
    stop.click()
    expect(owner.locator(".tile.cancelled")).to_have_count(1)


def test_in_a_dialog_a_note_is_within_reach_and_the_focus_at_the_fault(
    owner: Page, studio: Studio, watch: Watch
) -> None:
    owner.goto(studio.start_run())
    wait_for_end(owner)
    owner.locator("#do-words").click()
    headline = owner.locator("#words").get_by_label("Headline", exact=True)
    headline.fill("")
    owner.locator("#words button.pri").click()
    expect(headline).to_be_focused()
    expect(headline).to_have_attribute("aria-invalid", "true")
    with watch.expecting("status of 503", "503 (Service Unavailable)"):
        owner.route("**/words/", lambda route: route.fulfill(status=503, body="<p>Not now"))
        headline.fill("Colder still.")
        owner.locator("#words button.pri").click()
        owner.locator("#toasts [data-not-reached] [data-dismiss]").click()
    owner.unroute("**/words/")
    owner.locator("#words button.pri").click()
    expect(owner.locator("body > #toasts .toast.success")).to_be_visible()


def test_a_picture_that_was_stopped_can_be_brought_back(
    owner: Page, studio: Studio, unruly: Simulator
) -> None:
    unruly.tell("hold")
    owner.goto(studio.start_run())
    expect(owner.locator("#run-state")).to_have_text("Live")
    owner.get_by_role("button", name="Stop Meta story 9:16").click()
    owner.get_by_role("button", name="Make Meta story 9:16 anyway").click()
    expect(owner.locator(".tile.cancelled")).to_have_count(0)
    unruly.tell("release")
    wait_for_end(owner)
    expect(owner.locator(".shot.ready img")).to_have_count(2)


def test_a_picture_that_failed_says_why_and_is_made_by_a_retry(
    owner: Page, studio: Studio, unruly: Simulator
) -> None:
    unruly.tell("fail_on", node_class="KSampler", message="CUDA out of memory")
    owner.goto(studio.start_run(formats=["meta_story"]))
    wait_for_end(owner, "Failed")
    expect(owner.locator(".tile.failed")).to_contain_text("CUDA out of memory")
    unruly.tell("heal")
    owner.get_by_role("button", name="Retry Meta story 9:16").click()
    wait_for_end(owner)
    expect(owner.locator(".shot.ready img")).to_have_count(1)


def test_a_double_click_makes_one_run(owner: Page, studio: Studio) -> None:
    open_demo_brief(owner, studio.url)
    owner.get_by_role("button", name="Make 24 ads").dblclick()
    owner.wait_for_url(re.compile("/runs/"))
    owner.get_by_role("button", name="Stop", exact=True).click()
    owner.get_by_role("button", name="Stop run").click()
    wait_for_end(owner, "")
    owner.goto(f"{studio.url}/runs/")
    expect(owner.get_by_role("link", name="Cold brew, warm nights")).to_have_count(1)


def test_a_double_click_sends_changed_words_once(owner: Page, studio: Studio) -> None:
    owner.goto(studio.start_run())
    wait_for_end(owner)
    sent: list[str] = []
    owner.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    owner.locator("#do-words").click()
    owner.locator("#words").get_by_label("Headline", exact=True).fill("Colder still.")
    owner.locator("#words button.pri").dblclick()
    expect(owner.locator("#toasts .toast.success")).to_be_visible()
    owner.wait_for_load_state("networkidle")
    assert len(sent) == 1


def test_the_keyboard_gets_past_the_side_bar_first(owner: Page, studio: Studio) -> None:
    owner.goto(f"{studio.url}/campaigns/")
    owner.keyboard.press("Tab")
    expect(owner.get_by_role("link", name="Skip to content")).to_be_focused()
    owner.keyboard.press("Enter")
    expect(owner.get_by_role("main")).to_be_focused()
    keys_act_where_they_can_and_never_in_a_field(owner, studio)


def keys_act_where_they_can_and_never_in_a_field(owner: Page, studio: Studio) -> None:
    owner.keyboard.press("?")
    keys = owner.get_by_role("dialog", name="Keyboard shortcuts")
    expect(keys.get_by_text("Search")).to_be_visible()
    expect(keys.get_by_text("Approve ad")).to_be_hidden()
    owner.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    owner.keyboard.press("j")
    expect(owner.get_by_role("main").get_by_role("link", name="Summer cold brew")).to_be_focused()
    owner.keyboard.press("/")
    owner.keyboard.type("g l ?")
    expect(owner.get_by_role("searchbox")).to_have_value("g l ?")
    expect(keys).to_be_hidden()
    owner.keyboard.press("Tab")
    owner.keyboard.press("Control+g")
    owner.keyboard.press("l")
    expect(owner).to_have_url(re.compile("/campaigns/"))
    owner.keyboard.press("g")
    owner.keyboard.press("l")
    owner.wait_for_url(f"{studio.url}/library/")


def test_ticked_ads_are_counted_and_let_go_and_their_download_can_be_had_again(
    owner: Page, studio: Studio
) -> None:
    owner.goto(studio.start_run())
    wait_for_end(owner)
    owner.locator(".pick input").first.check()
    button = owner.get_by_role("button", name=re.compile("Download . chosen"))
    expect(button).to_have_text("Download 1 chosen")
    owner.get_by_role("button", name="Choose all").click()
    expect(button).to_have_text("Download 2 chosen")
    for _once_more in range(2):
        with owner.expect_download():
            button.click()
        expect(button).to_be_enabled()
    owner.get_by_role("button", name="Choose none").click()
    expect(button).to_be_hidden()


def test_a_pin_leaves_what_is_ticked(owner: Page, studio: Studio) -> None:
    owner.goto(studio.start_run())
    wait_for_end(owner)
    owner.locator(".pick input").first.check()
    owner.evaluate("() => { window.stays = true }")
    owner.get_by_role("button", name="Pin", exact=True).click()
    expect(owner.get_by_role("button", name="Unpin")).to_be_enabled()
    owner.wait_for_load_state("networkidle")
    expect(owner.locator(".pick input").first).to_be_checked()
    assert owner.evaluate("() => window.stays")


def test_arrows_lead_from_ad_to_ad_and_the_search_key_to_the_library(owner: Page, studio: Studio) -> None:
    owner.goto(studio.start_run())
    wait_for_end(owner)
    owner.locator(".shot.ready a.fr").first.click()
    owner.get_by_role("link", name="Next", exact=True).wait_for()
    first = owner.url
    owner.keyboard.press("ArrowRight")
    owner.get_by_role("link", name="Previous", exact=True).wait_for()
    assert owner.url != first
    owner.keyboard.press("ArrowLeft")
    owner.wait_for_url(first)
    owner.keyboard.press("/")
    expect(owner.get_by_role("searchbox")).to_be_focused()
