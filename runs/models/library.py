"""What ads and pictures are found by."""

from typing import ClassVar

from django.db import models

from runs.models.ads import Creative, Picture


class Keyword(models.Model):
    """One word of one ad or one picture. A search walks these by index, the newest first, however many there are.

    Beside plain words there is “c:” with what its run is part of, and “b:” with its brand.
    """

    LONGEST: ClassVar = 60

    workspace = models.ForeignKey(
        "accounts.Workspace", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    word = models.CharField(max_length=LONGEST)
    # One of the two. Their own indexes are those of the constraints.
    ad = models.ForeignKey(
        Creative, null=True, on_delete=models.CASCADE, related_name="keywords", db_index=False
    )
    picture = models.ForeignKey(
        Picture, null=True, on_delete=models.CASCADE, related_name="keywords", db_index=False
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["ad", "word"], name="one_keyword_an_ad"),
            models.UniqueConstraint(fields=["picture", "word"], name="one_keyword_a_picture"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "word", "ad"], name="ads_by_word"),
            models.Index(fields=["workspace", "word", "picture"], name="pictures_by_word"),
        ]

    def __str__(self) -> str:
        return self.word


class Word(models.Model):
    """A word that some keyword of the workspace is or was, once. Parts of words are looked for among these.

    However many ads there are, people use some thousand words: reading them all takes milliseconds.
    """

    workspace = models.ForeignKey(
        "accounts.Workspace", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    word = models.CharField(max_length=Keyword.LONGEST)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "word"], name="one_word_a_workspace")
        ]

    def __str__(self) -> str:
        return self.word
