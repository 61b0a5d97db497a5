"""Nothing of the machine's environment leaks into the tests' settings. Imported before those, and done once."""

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
    SIMULATOR_SECONDS_PER_STEP SECRET_KEY_FILE COMFYUI_ALLOWED_HOSTS COMFYUI_CA C2PA_CERT C2PA_KEY METRICS_TOKEN
    METRICS_TOKEN_FILE
"""
for _name in _KNOBS.split():
    os.environ.pop(_name, None)
