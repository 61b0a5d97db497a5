from django.apps import AppConfig
from django.db.models.signals import post_migrate


class RunsConfig(AppConfig):
    name = "runs"

    def ready(self) -> None:
        from runs import checks  # noqa: F401
        from runs.engine import tasks
        from runs.ops import make_group

        tasks.connect()
        post_migrate.connect(make_group, dispatch_uid="runs.ops")
