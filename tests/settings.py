"""The studio's settings for its own tests: on SQLite, as in the studio of one process."""

import tests.environment  # noqa: F401
from adgen.settings import *  # noqa: F403
from adgen.settings import DATABASES, STORAGES, VAR_DIR

# A file, as in the studio: the engine reads it from a thread of its own, which a database in memory cannot share.
DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / "test.sqlite3")}

# Empty, but there: a test client reads the folder anew each time, and warns where there is none.
STATIC_ROOT = VAR_DIR / "static"
STATIC_ROOT.mkdir()
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
COMFYUI_ALLOWED_HOSTS = ["127.0.0.1"]  # where the far ends of the tests listen
COMFYUI_CHECKPOINT = ""  # in the environment it names the model of a real server for the tests that meet one
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
