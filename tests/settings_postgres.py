"""The same on PostgreSQL and with the workers' task back end: `make test-services`."""

import os

import tests.environment  # noqa: F401
from tests import services

# All processes of a parallel test run share one server of each; every process makes databases of its own.
if "ADGEN_TESTS_POSTGRES" not in os.environ:
    os.environ["ADGEN_TESTS_POSTGRES"] = services.Postgres().start().url("studio")
    os.environ["ADGEN_TESTS_REDIS"] = services.Redis().start().url()
os.environ["DATABASE_URL"] = os.environ["ADGEN_TESTS_POSTGRES"]
os.environ["REDIS_URL"] = os.environ["ADGEN_TESTS_REDIS"]

from tests.settings import *  # noqa: F403
from tests.settings import DATABASES

del DATABASES["default"]["TEST"]
