#!/bin/sh
# The container's first process: key, database, demo workspace if wanted; then it becomes the studio.
set -eu

if [ -z "${SECRET_KEY:-}${SECRET_KEY_FILE:-}" ]; then
    python scripts/make_secret_key.py "$VAR_DIR"
fi
python manage.py migrate --no-input --verbosity 0
if [ "${DEMO:-0}" = 1 ]; then
    python manage.py demo
    set -- --welcome owner@studio.example
fi
# exec: signals must reach Python, and its exit code the engine.
exec python manage.py studio "$@"
