#!/bin/sh
# The container's first process: it becomes one part of the studio. compose.yaml and docs/scale-out.md name them.
# usage: container_entry.sh [studio | migrate | web | worker | simulator]
#   studio     all of it in one process, with SQLite (what an image that is told nothing does)
#   migrate    the key and the tables; with DEMO=1 the demo workspace and a link to sign in; then it ends
#   web        pages, API and sockets
#   worker     the pictures
#   simulator  a GPU server without a GPU; it ends at once where GPU_SERVERS names real ones
set -eu

role=${1:-studio}
OWNER=owner@studio.example

prepare() {
    if [ -z "${SECRET_KEY:-}${SECRET_KEY_FILE:-}" ]; then
        python scripts/make_secret_key.py "$VAR_DIR"
    fi
    python manage.py migrate --no-input --verbosity 0
}

# exec, here and below: signals must reach Python, and its exit code the engine.
case $role in
    studio)
        prepare
        if [ "${DEMO:-0}" = 1 ]; then
            python manage.py demo
            exec python manage.py studio --welcome "$OWNER"
        fi
        exec python manage.py studio
        ;;
    migrate)
        prepare
        if [ "${DEMO:-0}" = 1 ]; then
            exec python manage.py demo --welcome
        fi
        ;;
    web) exec python manage.py studio ;;
    worker) exec python manage.py run_worker --alive "${ALIVE_FILE:-/tmp/alive}" ;;
    simulator)
        if [ -n "${GPU_SERVERS:-}" ]; then
            echo "COMFYUI_URLS names GPU servers: the simulator is not needed."
            exit 0
        fi
        # It has no database and signs nothing, and reads the settings all the same.
        SECRET_KEY=$(python -c 'import secrets; print(secrets.token_urlsafe(48))')
        export SECRET_KEY VAR_DIR=/tmp/simulator DATABASE_URL=sqlite://:memory:
        exec python manage.py run_simulator --host 0.0.0.0 --port 8188 \
            --seconds-per-step "${SIMULATOR_SECONDS_PER_STEP:-0.12}"
        ;;
    *)
        echo "There is no part “$role”. Say studio, migrate, web, worker or simulator." >&2
        exit 2
        ;;
esac
