#!/bin/sh
# Brings .venv in step with one hashed list of requirements; makes it when it is not there.
# usage: scripts/environment.sh requirements/dev.txt [FOLDER]   (PYTHON=… chooses the interpreter)
set -eu

requirements=$1
venv=${2:-.venv}
works='import sys, pip; sys.exit(sys.version_info < (3, 11))'

make_environment() {
    python=
    for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            python=$candidate
            break
        fi
    done
    if [ -z "$python" ]; then
        echo "Anvil needs Python 3.11 or newer; ${PYTHON:-python3} is not one." >&2
        echo "Install one, or name it: make PYTHON=/path/to/python3.12 ..." >&2
        exit 1
    fi
    if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
        echo "$python cannot make virtual environments: its venv module is not installed." >&2
        echo "On Debian and Ubuntu: apt-get install python3-venv" >&2
        exit 1
    fi
    rm -rf "$venv"
    "$python" -m venv "$venv"
}

if ! "$venv/bin/python" -c "$works" 2>/dev/null; then
    make_environment
fi
echo "Setting up $venv from $requirements ($("$venv/bin/python" --version)); the first time takes a minute or two."
pip() { "$venv/bin/python" -m pip --disable-pip-version-check --no-input "$@"; }
pip install -qq --require-hashes -r "$requirements"
pip install -qq --no-deps --no-build-isolation --editable .
