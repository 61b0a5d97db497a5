"""The studio's settings for its own tests: nothing of the machine's environment leaks in."""

import atexit
import os
import shutil
import tempfile

os.environ["SECRET_KEY"] = "a-key-for-tests-only-" + "x" * 40
os.environ["VAR_DIR"] = tempfile.mkdtemp(prefix="adgen-tests-")
atexit.register(shutil.rmtree, os.environ["VAR_DIR"], ignore_errors=True)
_KNOBS = """
    DATABASE_URL MEDIA_ROOT MEDIA_STORAGE MEDIA_BUCKET MEDIA_ORIGIN STATIC_ROOT COMFYUI_URLS COMFYUI_TOKEN
    PUBLIC_URL ALLOWED_HOSTS BEHIND_PROXY SSL_REDIRECT SERVER DEBUG TEST_MODE ENGINE HOST PORT SEATS_PER_SERVER
    REDIS_URL DATABASE_POOL WEB_CONCURRENCY QUOTA_RUNNING QUOTA_PER_DAY RETENTION_DAYS TIME_ZONE LOG_LEVEL
    SIMULATOR_SECONDS_PER_STEP SECRET_KEY_FILE COMFYUI_ALLOWED_HOSTS COMFYUI_CA
"""
for _name in _KNOBS.split():
    os.environ.pop(_name, None)

from adgen.settings import *  # noqa: E402, F403
from adgen.settings import DATABASES, STORAGES, VAR_DIR  # noqa: E402

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
