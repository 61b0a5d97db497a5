"""Every page there is, with how to get it before a camera. tests/test_page_list.py compares this with the addresses."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

from tests.browser.stage import GUARDED, PASSWORD, Stage

type Act = Callable[[Page, Stage], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """`path` names things of the stage in braces; `act` goes on from there, or all the way where there is no path."""

    name: str
    view: str
    path: str = ""
    who: str = "owner"  # one of stage.PEOPLE; nobody is signed out
    status: int = 200
    act: Act | None = None
    # What axe finds in the markup of a package, which cannot be cured here: its rule, and how the selectors begin.
    excused: tuple[tuple[str, str], ...] = ()
    templates: tuple[str, ...] = ()  # an error page that no address leads to is drawn by itself


# Swagger UI sets its headings and puts links into buttons by itself.
SWAGGER = (
    ("heading-order", "#operations-tag-"),
    ("nested-interactive", "#operations-"),
)
# Django's label of the search field is an icon with a text of its own, which axe does not count as seen.
SEARCH = (("label-title-only", "#searchbar"),)


def _shot(name: str, view: str, path: str, **more: object) -> Shot:
    return Shot(name=name, view=view, path=path, **more)  # type: ignore[arg-type]


def _press(selector: str) -> Act:
    return lambda page, stage: page.locator(selector).first.click()


def _again(path: str) -> Act:
    """A page that asks who it is once more before it opens."""

    def act(page: Page, stage: Stage) -> None:
        page.goto(stage.studio.url + path)
        if "reauthenticate" in page.url:
            page.get_by_label("Password").fill(PASSWORD)
            page.locator("main button[type=submit]").first.click()
            page.wait_for_url(f"**{path}")

    return act


def _second_step(page: Page, stage: Stage) -> None:
    page.get_by_label("Email").fill(GUARDED)
    page.get_by_label("Password").fill(PASSWORD)
    page.locator("main button[type=submit]").first.click()
    page.wait_for_url("**/2fa/authenticate/")


def _wrong_password(page: Page, stage: Stage) -> None:
    page.get_by_label("Email").fill("nobody@studio.example")
    page.get_by_label("Password").fill("wrong")
    page.locator("main button[type=submit]").first.click()
    page.locator(".errorlist").first.wait_for()


def _empty_brief(page: Page, stage: Stage) -> None:
    page.get_by_label("Brief name").fill("")
    page.get_by_role("button", name="Make").first.click()
    page.get_by_role("alert").first.wait_for()


def _paste_a_table(page: Page, stage: Stage) -> None:
    page.get_by_role("button", name="Paste a table").click()
    rows = (
        "Product\tPrice\tHeadline",
        "Nordlys can\t€2.49\tSlow brewed",
        "Nordlys can\t€2.99\tFast gone",
        "\t\t ",
    )
    page.get_by_label("Table", exact=True).fill("\n".join((*rows, "Nordlys tin\t€9\t")))
    page.locator("#table-check .say.bad").first.wait_for()


STUDIO = (
    _shot("home", "studio:home", "/"),
    _shot("home-empty", "studio:home", "/", who="newcomer"),
    _shot("home-viewer", "studio:home", "/", who="viewer"),
    _shot("nowhere", "studio:home", "/", who="outsider", status=403),
    _shot("menu", "studio:home", "/", act=_press("button[popovertarget=me]:visible")),
    _shot("campaigns", "studio:campaigns", "/campaigns/"),
    _shot("campaigns-empty", "studio:campaigns", "/campaigns/", who="newcomer"),
    _shot("campaign-new", "studio:campaign_new", "/campaigns/new/"),
    _shot("campaign", "studio:campaign", "/campaigns/{campaign}/"),
    _shot("campaign-viewer", "studio:campaign", "/campaigns/{campaign}/", who="viewer"),
    _shot("brief-new", "studio:brief_new", "/campaigns/{campaign}/briefs/new/"),
    _shot("campaign-edit", "studio:campaign_edit", "/campaigns/{campaign}/edit/"),
    _shot("campaign-delete", "studio:campaign_delete", "/campaigns/{campaign}/delete/"),
    _shot("deleted", "studio:deleted", "/deleted/"),
    _shot("brief", "studio:brief", "/briefs/{brief}/"),
    _shot("brief-viewer", "studio:brief", "/briefs/{brief}/", who="viewer"),
    _shot("brief-delete", "studio:brief_delete", "/briefs/{brief}/delete/"),
    _shot("brief-past", "studio:brief_past", "/campaigns/{campaign}/briefs/past/"),
    _shot("brief-faults", "studio:brief", "/briefs/{brief}/", act=_empty_brief, status=422),
    _shot("brief-table", "studio:brief", "/briefs/{brief}/?saved", act=_paste_a_table),
    _shot("runs", "studio:runs", "/runs/"),
    _shot("runs-empty", "studio:runs", "/runs/", who="newcomer"),
    _shot("run-running", "studio:run", "/runs/{running}/"),
    _shot("run-done", "studio:run", "/runs/{done}/"),
    _shot("run-partly", "studio:run", "/runs/{partly}/"),
    _shot("run-failed", "studio:run", "/runs/{failed}/"),
    _shot("run-sample", "studio:run", "/runs/{sample}/"),
    _shot("run-words", "studio:run_words", "/runs/{done}/words/"),
    _shot("ad", "studio:ad", "/ads/{ad}/"),
    _shot("ad-changed", "studio:ad", "/ads/{changed}/"),
    _shot("ad-unfit", "studio:ad", "/ads/{unfit}/"),
    _shot("ad-viewer", "studio:ad", "/ads/{ad}/", who="viewer"),
    _shot("library", "studio:library", "/library/"),
    _shot("library-pictures", "studio:library", "/library/?kind=pictures"),
    _shot("library-filtered", "studio:library", "/library/?q=cold&campaign={campaign}&decision=approved"),
    _shot("library-nothing", "studio:library", "/library/?q=unheard-of&size=meta_story"),
    _shot("library-empty", "studio:library", "/library/", who="newcomer"),
    _shot("picture", "studio:picture", "/pictures/{picture}/"),
    _shot("picture-viewer", "studio:picture", "/pictures/{picture}/", who="viewer"),
    _shot("exports", "studio:exports", "/exports/"),
    _shot("exports-empty", "studio:exports", "/exports/", who="newcomer"),
    _shot("kits", "studio:kits", "/brand-kits/"),
    _shot("kits-empty", "studio:kits", "/brand-kits/", who="newcomer"),
    _shot("kit-new", "studio:kit_new", "/brand-kits/new/"),
    _shot("kit", "studio:kit", "/brand-kits/{kit}/"),
    _shot("kit-delete", "studio:kit_delete", "/brand-kits/{kit}/delete/"),
    _shot("members", "studio:members", "/workspaces/{workspace}/members/"),
    _shot("members-viewer", "studio:members", "/workspaces/{workspace}/members/", who="viewer"),
    _shot("log", "studio:log", "/workspaces/{workspace}/log/"),
    _shot("file-names", "studio:workspace_files", "/workspaces/{workspace}/files/"),
    _shot("workspace-new", "studio:workspace_new", "/workspaces/new/"),
    _shot("docs", "studio:docs", "/docs", excused=SWAGGER),
)
ACCOUNTS = (
    _shot("account", "accounts:account", "/accounts/"),
    _shot("signin", "account_login", "/accounts/login/", who="nobody"),
    _shot("signin-wrong", "account_login", "/accounts/login/", who="nobody", act=_wrong_password),
    _shot("signin-second-step", "mfa_authenticate", "/accounts/login/", who="nobody", act=_second_step),
    _shot("signin-link", "accounts:signin_link", "/accounts/link/{link}/", who="nobody"),
    _shot("signin-link-over", "accounts:signin_link", "/accounts/link/over/", who="nobody", status=410),
    _shot("invited", "accounts:invited", "/accounts/invited/{invited}/", who="nobody"),
    _shot("invited-over", "accounts:invited", "/accounts/invited/over/", who="nobody", status=410),
    _shot("signup", "account_signup", "/accounts/signup/", who="nobody"),
    _shot("signout", "account_logout", "/accounts/logout/"),
    _shot("locked-out", "account_inactive", "/accounts/inactive/", who="nobody"),
    _shot("reset", "account_reset_password", "/accounts/password/reset/", who="nobody"),
    _shot("reset-sent", "account_reset_password_done", "/accounts/password/reset/done/", who="nobody"),
    _shot(
        "reset-key",
        "account_reset_password_from_key",
        "/accounts/password/reset/key/{reset}/",
        who="nobody",
    ),
    _shot(
        "reset-key-over",
        "account_reset_password_from_key",
        "/accounts/password/reset/key/1-over/",
        who="nobody",
    ),
    _shot(
        "reset-done",
        "account_reset_password_from_key_done",
        "/accounts/password/reset/key/done/",
        who="nobody",
    ),
    _shot("password", "account_change_password", "/accounts/password/change/", who="editor"),
    _shot("password-first", "account_set_password", "/accounts/password/set/"),
    _shot("again", "account_reauthenticate", "/accounts/reauthenticate/", who="editor"),
    _shot("again-code", "mfa_reauthenticate", "/accounts/2fa/reauthenticate/", who="editor"),
    _shot("two-step", "mfa_index", "/accounts/2fa/", who="editor"),
    _shot("two-step-none", "mfa_index", "/accounts/2fa/", who="viewer"),
    Shot(
        name="two-step-on",
        view="mfa_activate_totp",
        who="viewer",
        act=_again("/accounts/2fa/totp/activate/"),
    ),
    Shot(
        name="two-step-off",
        view="mfa_deactivate_totp",
        who="editor",
        act=_again("/accounts/2fa/totp/deactivate/"),
    ),
    Shot(
        name="recovery",
        view="mfa_view_recovery_codes",
        who="editor",
        act=_again("/accounts/2fa/recovery-codes/"),
    ),
    Shot(
        name="recovery-new",
        view="mfa_generate_recovery_codes",
        who="editor",
        act=_again("/accounts/2fa/recovery-codes/generate/"),
    ),
)
ADMIN = (
    _shot("admin", "admin:index", "/admin/"),
    _shot("admin-dashboard", "admin:dashboard", "/admin/dashboard/"),
    _shot("admin-cleanup", "admin:runs_cleanup_changelist", "/admin/runs/cleanup/"),
    _shot("admin-cleanup-plan", "admin:runs_cleanup_all", "/admin/runs/cleanup/plan/"),
    _shot("admin-runs", "admin:runs_run_changelist", "/admin/runs/run/", excused=SEARCH),
    _shot("admin-pictures", "admin:runs_generation_changelist", "/admin/runs/generation/", excused=SEARCH),
    _shot("admin-servers", "admin:runs_server_changelist", "/admin/runs/server/"),
    _shot("admin-server-new", "admin:runs_server_add", "/admin/runs/server/add/"),
    _shot("admin-people", "admin:accounts_user_changelist", "/admin/accounts/user/"),
)
ERRORS = (
    _shot("error-403", "403", "/campaigns/new/", who="viewer", status=403),
    _shot("error-404", "404", "/nowhere", status=404),
    *(
        Shot(name=f"error-{name}", view=name, templates=(f"{name}.html",))
        for name in ("400", "403_csrf", "429", "500", "503")
    ),
)
SHOTS = (*STUDIO, *ACCOUNTS, *ADMIN, *ERRORS)

# Addresses that can be opened and are no pages of their own: parts of one, and files.
NO_PAGES = {
    "studio:brief_proof",
    "studio:brief_suggestions",
    "studio:campaign_zip",
    "studio:export_zip",
    "studio:kit_proof",
    "studio:run_zip",
    "studio:run_sheet",
    "mfa_download_recovery_codes",
}
