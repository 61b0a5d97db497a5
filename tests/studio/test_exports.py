"""The page of exports."""

from django.test import Client
from django.urls import reverse

from accounts.models import User
from runs import deleting
from runs.models import Export, Run
from tests.studio.test_delivery import names, zip_of


def page(client: Client) -> str:
    return client.get(reverse("studio:exports")).content.decode()


def test_a_download_is_written_down_and_can_be_had_again(
    as_bob: Client, bob: User, alice: User, finished: Run
) -> None:
    assert "No exports yet" in page(as_bob)
    first = names(alice, zip_of(finished))
    made = Export.objects.get()
    assert made.by == alice
    html = page(as_bob)
    url = reverse("studio:export_zip", args=[made.uid])
    assert url in html and "Alice" in html and "all 2" in html
    assert names(bob, url) == first
    assert [row.who for row in Export.objects.order_by("pk")] == ["Alice", "Bob"]


def test_the_page_says_what_is_gone(as_alice: Client, alice: User, finished: Run) -> None:
    names(alice, zip_of(finished))
    deleting.remove(finished)
    html = page(as_alice)
    assert "2 deleted" in html and "ads.zip" not in html
    url = reverse("studio:export_zip", args=[Export.objects.get().uid])
    assert as_alice.get(url).status_code == 404


def test_older_exports_are_a_page_further(as_alice: Client, alice: User, finished: Run) -> None:
    facts = {"workspace": finished.workspace, "who": "Alice", "selection": "all", "bytes": 1, "count": 1}
    Export.objects.bulk_create(Export(**facts, title=f"No {n}.", ads=[1], runs={"1": 1}) for n in range(26))
    html = page(as_alice)
    assert "No 1." in html and "No 0." not in html and "?before=" in html
    last = Export.objects.get(title="No 1.").pk
    assert "No 0." in as_alice.get(reverse("studio:exports"), {"before": str(last)}).content.decode()
