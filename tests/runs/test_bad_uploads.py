"""Files that are not what they seem: refused before they cost anything, or kept as nothing but their pixels."""

import io
import tracemalloc
import zipfile
from errno import ENOSPC
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from accounts.models import User, Workspace
from runs import storage
from runs.composition import BadPicture, clean_picture
from runs.models import Asset
from studio import kits
from tests.conftest import keep_files_in, make_png, make_token
from tests.runs.composition.test_pictures import bomb

SCRIPT = b"<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def no_uploads_yet() -> None:
    cache.clear()


@pytest.fixture
def client(workspace: Workspace, alice: User) -> Client:
    return Client(headers={"Authorization": f"Bearer {make_token(workspace, alice)}"})


def send(client: Client, data: bytes, name: str = "x.png", kind: str = "logo", **fields: Any) -> Any:
    file = SimpleUploadedFile(name, data, "image/png")
    return client.post("/api/v1/assets", {"kind": kind, "file": file, **fields})


def nothing_is_kept(workspace: Workspace) -> bool:
    folder = f"w/{workspace.uid}/assets"
    on_disk = default_storage.listdir(folder)[1] if default_storage.exists(folder) else []
    return not Asset.objects.exists() and on_disk == []


def jpeg(**options: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 20), "#c65a38").save(out, "JPEG", **options)
    return out.getvalue()


def archive(names: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in names.items():
            packed.writestr(name, data)
    return out.getvalue()


def test_a_picture_of_400_megapixels_is_refused_by_its_header(client: Client, workspace: Workspace) -> None:
    data = bomb(20_000, 20_000)
    assert len(data) < 201
    answer = send(client, data)
    assert answer.status_code == 422 and "up to 40 megapixels" in answer.json()["detail"]
    tracemalloc.start()
    with pytest.raises(BadPicture):
        clean_picture(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1024 * 1024  # its pixels would take 1,200 MB
    assert nothing_is_kept(workspace)


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n",
        b"8BPS\x00\x01" + b"\x00" * 20,
        b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
        b"\x00\x00\x01\x00\x01\x00\x10\x10",
        b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        b"<!doctype html>" + SCRIPT,
        archive({"../../x.png": make_png(40, 20)}),
    ],
    ids=["pdf", "eps", "psd", "gif", "ico", "svg", "html", "zip"],
)
def test_another_kind_of_file_that_is_called_png_is_refused(
    client: Client, workspace: Workspace, data: bytes
) -> None:
    answer = send(client, data, kind="cutout")
    assert answer.status_code == 422
    assert "PNG, JPEG or WebP" in answer.json()["errors"][0]["words"]
    assert nothing_is_kept(workspace)


@pytest.mark.parametrize("kind", ["logo", "cutout", "font"])
@pytest.mark.parametrize(
    "names",
    [{"../../etc/x": b"x"}, {f"{n}": b"" for n in range(1000)}, {"bomb": b"\x00" * 5_000_000}],
    ids=["slip", "many", "bomb"],
)
def test_an_archive_is_never_unpacked(
    client: Client, workspace: Workspace, kind: str, names: dict[str, bytes]
) -> None:
    """Nothing of the studio reads archives: each is refused as a file of another kind."""
    assert send(client, archive(names), "x.zip", kind, licence="true").status_code == 422
    assert nothing_is_kept(workspace)


@pytest.mark.parametrize("tail", [SCRIPT, archive({"x.html": SCRIPT})], ids=["script", "zip"])
def test_what_hides_behind_or_in_a_picture_is_gone_and_it_is_served_as_one(
    client: Client, as_alice: Client, tail: bytes
) -> None:
    told = send(client, jpeg(comment=SCRIPT) + tail).json()
    asset = Asset.objects.get(key=told["key"])
    assert SCRIPT not in storage.get(asset.key) and not storage.get(asset.key).endswith(tail)
    served = as_alice.get(f"/media/asset/{asset.uid}")
    assert served.headers["Content-Type"] == "image/png"
    assert served.headers["X-Content-Type-Options"] == "nosniff"
    assert served.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert served.content.startswith(b"\x89PNG") and SCRIPT not in served.content


def test_a_photo_that_lies_on_its_side_stands_upright_without_its_place(client: Client) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[2] = (48.0, 12.0, 29.5)  # where it was taken
    told = send(client, jpeg(exif=exif, comment=b"serial 0042")).json()
    assert (told["width"], told["height"]) == (20, 40)
    with Image.open(io.BytesIO(storage.get(told["key"]))) as image:
        assert dict(image.getexif()) == {} and image.info == {}


@pytest.mark.parametrize(
    "name",
    [
        *(
            "../../x.png",
            "C:\\x.png",
            "CON",
            "x" * 300 + ".png",
            "\u202egnp.exe",
            "🥤.png",
            "x.png.",
            ".htaccess",
        ),
        *("x\r\nSet-Cookie: a=b.png", '"><img src=x>.png'),
    ],
)
def test_no_name_of_a_file_is_ever_used(
    client: Client, as_alice: Client, workspace: Workspace, name: str
) -> None:
    answer = send(client, make_png(40, 20), name)
    assert answer.status_code == 201, answer.content
    asset = Asset.objects.get()
    assert asset.key == f"w/{workspace.uid}/assets/{asset.uid}.png"
    saved = as_alice.get(f"/media/asset/{asset.uid}", {"download": "1"})
    assert saved.headers["Content-Disposition"] == f'attachment; filename="asset-{asset.uid}.png"'


def test_many_files_at_once_are_refused(client: Client, workspace: Workspace) -> None:
    files = [SimpleUploadedFile(f"{n}.png", make_png(40, 20)) for n in range(21)]
    answer = client.post("/api/v1/assets", {"kind": "logo", "file": files})
    assert answer.status_code == 422 and "Send one file" in answer.json()["errors"][0]["words"]
    assert nothing_is_kept(workspace)


def test_a_file_over_ten_megabytes_is_refused(client: Client, workspace: Workspace) -> None:
    answer = send(client, make_png(40, 20) + b"\x00" * 10 * 1024 * 1024)
    assert answer.status_code == 413
    assert nothing_is_kept(workspace)


@pytest.mark.parametrize(
    "data",
    [b"<!doctype html>" + SCRIPT, b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', b"GIF89a", b""],
    ids=["html", "svg", "gif", "nothing"],
)
def test_what_a_server_calls_its_picture_and_is_none_is_never_kept(data: bytes) -> None:
    """It is decoded before it is stored, and what was stored is what was drawn anew."""
    with pytest.raises(BadPicture):
        clean_picture(data)


# --- A disk with no room left ---------------------------------------------------------------------------------


class NoRoom(ContentFile):
    def read(self, size: int = -1) -> bytes:
        raise OSError(ENOSPC, "No space left on device")


class FullDisk(storage.AtomicFileStorage):
    """Its room ends in the middle of a file."""

    def _save(self, name: str, content: Any) -> str:
        return super()._save(name, NoRoom(content.read()))


@pytest.fixture
def full(settings: Any) -> None:
    keep_files_in(FullDisk, settings)


def test_without_room_on_the_disk_an_upload_is_507_and_leaves_nothing(
    client: Client, workspace: Workspace, full: None
) -> None:
    answer = send(client, make_png(40, 20))
    assert answer.status_code == 507
    assert answer.json()["detail"].startswith("Storage is full")
    assert nothing_is_kept(workspace)


def test_without_room_on_the_disk_the_page_says_so_at_the_field(
    as_alice: Client, workspace: Workspace, full: None
) -> None:
    kit = kits.make(workspace, "Nordlys")
    form = {"logo_file": SimpleUploadedFile("x.png", make_png(40, 20), "image/png")}
    html = as_alice.post(f"/brand-kits/{kit.uid}/file/logo/", form).content.decode()
    assert "Storage is full" in html
    assert nothing_is_kept(workspace)
