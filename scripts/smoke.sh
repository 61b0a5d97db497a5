#!/usr/bin/env bash
# Checks a running studio from outside: health, a run by API, every ad, the ZIP, the API's page. One line a check.
# usage: scripts/smoke.sh http://127.0.0.1:8000
#   ADGEN_TOKEN      the token to use; without it this checkout's database (VAR_DIR) mints one that is valid for a day
#   ADGEN_WORKSPACE  for which workspace (default: the demo workspace)
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
url=${1:?"usage: scripts/smoke.sh URL, for example scripts/smoke.sh http://127.0.0.1:8000"}
python=$here/.venv/bin/python
[ -x "$python" ] || { echo "There is no .venv. Run make setup first." >&2; exit 1; }

if [ -z "${ADGEN_TOKEN:-}" ]; then
    ADGEN_TOKEN=$("$python" "$here/manage.py" token --workspace "${ADGEN_WORKSPACE:-Nordlys Coffee}" \
        --name smoke --days 1)
    export ADGEN_TOKEN
fi
exec "$python" "$here/scripts/smoke.py" "$url" "$here/examples/run.json"
