"""Text of a server as it can be kept: in UTF-8, without what a database refuses."""

import pytest

from runs.comfyui.reading import as_text, decode_json


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ('"caf\\udce9.safetensors"', "caf?.safetensors"),
        ('"a\\u0000b"', "ab"),
        ('"\\ud83d\\ude00 é"', "😀 é"),
    ],
)
def test_text_is_kept_as_every_database_takes_it(sent: str, kept: str) -> None:
    assert as_text(decode_json(sent), "name") == kept
