"""Every ad says what made it, and nothing else."""

from io import BytesIO

import pytest
from PIL import Image

from runs.composition import marks
from runs.composition.marks import Source

SHAPES = {"JPEG": {"quality": 80}, "PNG": {}}


def file(kind: str) -> bytes:
    out = BytesIO()
    Image.linear_gradient("L").convert("RGB").save(out, kind, **SHAPES[kind])
    return out.getvalue()


@pytest.mark.parametrize(
    ("simulated", "with_type", "source"),
    [
        (True, True, "algorithmicMedia"),
        (True, False, "algorithmicMedia"),
        (False, True, "compositeWithTrainedAlgorithmicMedia"),
        (False, False, "trainedAlgorithmicMedia"),
    ],
)
def test_the_source_follows_from_the_layers(simulated: bool, with_type: bool, source: str) -> None:
    found = Source.of_layers(simulated=simulated, with_type=with_type)
    assert found.uri == f"http://cv.iptc.org/newscodes/digitalsourcetype/{source}"


@pytest.mark.parametrize("kind", SHAPES)
@pytest.mark.parametrize("source", Source)
def test_a_mark_can_be_read_back(kind: str, source: Source) -> None:
    assert marks.found(file(kind)) is None
    assert marks.found(marks.mark(file(kind), source)) is source


@pytest.mark.parametrize("kind", SHAPES)
def test_readers_of_images_find_the_xmp_and_the_same_pixels(kind: str) -> None:
    with Image.open(BytesIO(marks.mark(file(kind), Source.COMPOSITE))) as image:
        xmp = image.info["xmp"]
        assert b"AdGen Studio" in (xmp if isinstance(xmp, bytes) else xmp.encode())
        with Image.open(BytesIO(file(kind))) as plain:
            assert image.tobytes() == plain.tobytes()


@pytest.mark.parametrize("kind", SHAPES)
def test_a_mark_is_no_heavier_than_announced(kind: str) -> None:
    added = len(marks.mark(file(kind), Source.COMPOSITE)) - len(file(kind))
    assert 0 < added <= marks.weight(Source.COMPOSITE)


def test_marks_have_no_time_in_them() -> None:
    assert b"Date" not in marks.packet(Source.COMPOSITE)
