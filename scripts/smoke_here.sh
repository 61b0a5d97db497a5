#!/usr/bin/env bash
# Starts this checkout on a free port with a throw-away var/, lets smoke.sh at it, and stops it again.
# `make smoke` and CI call this; a studio that already runs here is not touched.
set -euo pipefail
cd "$(dirname "$0")/.."

VAR_DIR=$(mktemp -d)
PORT=$(.venv/bin/python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
export VAR_DIR PORT HOST=127.0.0.1
unset SECRET_KEY SECRET_KEY_FILE DATABASE_URL PUBLIC_URL MEDIA_ROOT COMFYUI_URLS ADGEN_TOKEN
url=http://127.0.0.1:$PORT
studio=

clean_up() {
    if [ -n "$studio" ]; then kill -KILL "$studio" 2>/dev/null || true; fi
    rm -rf "$VAR_DIR"
}
trap clean_up EXIT

.venv/bin/python scripts/make_secret_key.py "$VAR_DIR"
.venv/bin/python manage.py migrate --no-input --verbosity 0
.venv/bin/python manage.py demo
.venv/bin/python manage.py studio >"$VAR_DIR/log" 2>&1 &
studio=$!

for _ in $(seq 120); do
    if .venv/bin/python scripts/healthcheck.py "$url/health/work" 2>/dev/null; then break; fi
    kill -0 "$studio" 2>/dev/null || { echo "The studio did not start:" >&2; cat "$VAR_DIR/log" >&2; exit 1; }
    sleep 0.5
done

if ! scripts/smoke.sh "$url"; then
    echo "--- what the studio said:" >&2
    tail -n 50 "$VAR_DIR/log" >&2
    exit 1
fi

kill -TERM "$studio"
code=0
wait "$studio" || code=$?
studio=
[ "$code" = 0 ] || { echo "FAIL  SIGTERM: exit code $code instead of 0" >&2; cat "$VAR_DIR/log" >&2; exit 1; }
echo "ok    SIGTERM: exit code 0"
