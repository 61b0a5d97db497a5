#!/bin/sh
# Makes .venv with Python 3.13. `make setup` calls this; nothing is installed before the machine is known to fit.
# usage: scripts/make_venv.sh DIR    PYTHON=/path/to/python3.13 chooses the interpreter.
set -eu

WANTED='import sys; sys.exit(sys.version_info[:2] != (3, 13))'

fits() { # A pyenv shim exists for every version it knows and fails when it is called: ask, don't look.
    "$1" -c "$WANTED" >/dev/null 2>&1
}

find_python() {
    for candidate in ${PYTHON:-python3.13 python3 python "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.13*/bin/python}; do
        if fits "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    found=$(${PYTHON:-python3} --version 2>&1) || found="none"
    echo "AdGen Studio needs Python 3.13; found here: $found." >&2
    echo "Install it (Debian 13: apt-get install -y python3.13-venv; pyenv: pyenv install 3.13), or name it:" >&2
    echo "    make setup PYTHON=/path/to/python3.13" >&2
    exit 1
}

python=$(find_python)

# Type is set by Skia, which opens these two when it is loaded, also where nothing is ever shown on a screen.
if [ "$(uname -s)" = Linux ] &&
    ! "$python" -c 'import ctypes; [ctypes.CDLL(name) for name in ("libEGL.so.1", "libGL.so.1")]' 2>/dev/null; then
    echo "The libraries libEGL and libGL are missing. On Debian and Ubuntu, as root:" >&2
    echo "    apt-get install -y libegl1 libgl1" >&2
    exit 1
fi

if ! "$python" -c 'import ensurepip' 2>/dev/null; then
    echo "This Python cannot make virtual environments. On Debian and Ubuntu, as root:" >&2
    echo "    apt-get install -y python3.13-venv" >&2
    exit 1
fi

echo "Making $1 with $("$python" --version)"
"$python" -m venv --clear "$1"
