"""An object storage that stumbles, is slow, is away, or whose signed addresses run out, asked over a real socket."""

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from botocore.config import Config
from django.conf import settings as given
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import User, Workspace
from runs import storage
from runs.models import Creative, Run
from runs.storage import StorageAway
from studio import uploads
from tests.conftest import make_png, make_token
from tests.runs.bucket import Bucket
from tests.runs.test_api import bearer

KEY = "w/1/g/2/0.png"


@pytest.fixture
def bucket(settings: Any) -> Iterator[Bucket]:
    """The studio's files lie in it, asked as the settings have it."""
    far_end = Bucket()
    options = {"bucket_name": "ads", "file_overwrite": True, "querystring_expire": 300}
    options |= {"endpoint_url": far_end.url, "access_key": "key", "secret_key": "secret"}
    options |= {"region_name": "us-east-1", "addressing_style": "path"}
    settings.MEDIA_STORAGE = "s3"
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": "runs.buckets.S3", "OPTIONS": options}}
    yield far_end
    far_end.shutdown()
    far_end.server_close()


@pytest.fixture
def ad(finished: Run, bucket: Bucket) -> Creative:
    """An ad whose file lies in the bucket."""
    row = finished.creatives.all()[0]
    bucket.objects[row.key] = make_png()
    return row


def hasty(settings: Any, seconds: float, **options: Any) -> None:
    """As patient as the studio, but in tenths of seconds."""
    more = options | {"client_config": Config(read_timeout=seconds, retries={"total_max_attempts": 2})}
    default = settings.STORAGES["default"]
    changed = default | {"OPTIONS": default["OPTIONS"] | more}
    settings.STORAGES = settings.STORAGES | {"default": changed}


def test_the_settings_choose_the_patient_one() -> None:
    from adgen.settings import _MEDIA_STORAGES

    assert _MEDIA_STORAGES["s3"]["BACKEND"] == "runs.buckets.S3"
    assert given.MEDIA_STORAGE == "files"


def test_what_is_put_is_got_and_goes(bucket: Bucket) -> None:
    storage.put(KEY, b"abc")
    assert bucket.objects == {KEY: b"abc"} and storage.get(KEY) == b"abc"
    assert storage.delete([KEY]) == 1
    assert storage.get_if_there(KEY) is None


@pytest.mark.parametrize("faults", [1, 2])
def test_one_that_stumbles_is_asked_again(bucket: Bucket, faults: int) -> None:
    bucket.faults = faults
    storage.put(KEY, b"abc")
    bucket.faults = faults
    assert storage.get(KEY) == b"abc"


def test_one_that_stays_away_is_told_in_words_after_three_tries(bucket: Bucket) -> None:
    bucket.faults = 99
    with pytest.raises(StorageAway, match="is not responding"):
        storage.get(KEY)
    assert len(bucket.asked) == 3


def test_one_that_is_slow_is_not_waited_for_without_an_end(bucket: Bucket, settings: Any) -> None:
    hasty(settings, 0.2)
    bucket.pause = 12.0
    begun = time.monotonic()
    with pytest.raises(StorageAway):
        storage.get(KEY)
    assert time.monotonic() - begun < bucket.pause


def test_a_small_picture_is_503_while_it_is_away_and_there_afterwards(
    as_alice: Client, ad: Creative, bucket: Bucket
) -> None:
    as_alice.raise_request_exception = False
    address = reverse("runs:media", args=["ad", ad.uid]) + "?size=small"
    bucket.faults = 99
    answer = as_alice.get(address, headers={"Accept": "image/avif,image/webp,*/*"})
    assert (answer.status_code, answer["Retry-After"], answer["Cache-Control"]) == (503, "5", "no-store")
    assert "File storage is not responding" in answer.content.decode()
    page = as_alice.get(address, headers={"Accept": "text/html"}).content.decode()
    assert "File storage isn’t responding" in page and "database" not in page
    bucket.faults = 0
    assert as_alice.get(address).status_code == 200


def test_a_signed_address_that_ran_out_is_a_new_one_at_the_next_look(
    as_alice: Client, ad: Creative, bucket: Bucket, settings: Any
) -> None:
    hasty(settings, 5, querystring_expire=4)
    address = reverse("runs:media", args=["ad", ad.uid])
    moved = as_alice.get(address)
    assert moved.status_code == 302 and moved["Cache-Control"] == "no-store"
    assert urlsplit(moved["Location"]).netloc == urlsplit(bucket.url).netloc
    assert httpx.get(moved["Location"]).content == bucket.objects[ad.key]
    time.sleep(5.1)
    assert httpx.get(moved["Location"]).status_code == 403
    assert httpx.get(as_alice.get(address)["Location"]).status_code == 200


def test_an_upload_is_refused_in_words_and_leaves_nothing(bucket: Bucket, workspace: Workspace) -> None:
    bucket.faults = 99
    with pytest.raises(uploads.Refused, match="isn’t responding, so the file wasn’t saved"):
        uploads.take_for_brand(workspace, "logo", SimpleUploadedFile("logo.png", make_png(64, 64)))
    assert not bucket.objects


def test_programs_are_told_to_come_again(ad: Creative, alice: User, bucket: Bucket) -> None:
    bucket.faults = 99
    program = bearer(make_token(ad.workspace, alice))
    program.raise_request_exception = False
    answer = program.get(reverse("runs:media", args=["ad", ad.uid]) + "?size=small")
    assert answer.status_code == 503 and answer["Content-Type"] == "application/problem+json"
