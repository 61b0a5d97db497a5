"""A release only adds to the database, so that the release before goes on working while both run."""

from typing import Any

import pytest
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation

OURS = ("accounts", "runs", "studio")
# The last migration of each app in the last release. While there is none, the first release is what is being made.
RELEASED: dict[str, str] = {}

ADDS = (migrations.CreateModel, migrations.AddIndex, migrations.RunPython, migrations.AlterModelOptions)


def breaks_the_release_before(operation: Operation) -> str:
    """Why it does; empty where it does not."""
    if isinstance(operation, ADDS):
        return ""
    if isinstance(operation, migrations.AddField):
        return "" if _can_be_left_out(operation.field) else "old code writes rows without this column"
    if isinstance(operation, migrations.AlterField):
        return "" if operation.field.null else "old code may write what the new column refuses"
    return "old code still uses what goes or changes its name"


def _can_be_left_out(field: Any) -> bool:
    return bool(field.null or field.has_db_default() or field.many_to_many)


def since_the_release() -> list[tuple[str, str, Operation]]:
    loader = MigrationLoader(None)
    found = []
    for (app, name), migration in sorted(loader.disk_migrations.items()):
        if app in RELEASED and name > RELEASED[app]:
            found += [(app, name, operation) for operation in migration.operations]
    return found


def test_every_migration_since_the_last_release_only_adds() -> None:
    told = [
        f"{app}.{name}: {operation.describe()}: {why}"
        for app, name, operation in since_the_release()
        if (why := breaks_the_release_before(operation))
    ]
    assert told == []


def test_what_was_released_is_still_there() -> None:
    known = MigrationLoader(None).disk_migrations
    assert [(app, name) for app, name in RELEASED.items() if (app, name) not in known] == []
    assert set(RELEASED) <= set(OURS)


@pytest.mark.parametrize(
    ("operation", "breaks"),
    [
        (migrations.CreateModel("Pin", [("id", models.BigAutoField(primary_key=True))]), False),
        (migrations.AddField("run", "pinned", models.BooleanField(db_default=False)), False),
        (migrations.AddField("run", "note", models.TextField(null=True)), False),
        (migrations.AddField("run", "note", models.TextField(default="")), True),
        (migrations.RemoveField("run", "note"), True),
        (migrations.RenameField("run", "note", "words"), True),
        (migrations.DeleteModel("Run"), True),
        (migrations.AlterField("run", "note", models.CharField(max_length=5)), True),
        (migrations.AlterField("run", "note", models.CharField(max_length=500, null=True)), False),
        (migrations.AddConstraint("run", models.UniqueConstraint(fields=["name"], name="one")), True),
        (migrations.RunSQL("DROP TABLE runs_run"), True),
    ],
)
def test_the_rule_tells_what_adds_from_what_breaks(operation: Operation, breaks: bool) -> None:
    assert bool(breaks_the_release_before(operation)) is breaks
