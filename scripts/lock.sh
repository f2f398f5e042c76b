#!/bin/sh
# Resolves requirements/ again, for every Python and system the project supports.
# usage: scripts/lock.sh [--upgrade]       (uv comes from the PATH, else from pip)
set -eu

uv=$(command -v uv) || {
    uv=build/lock/bin/uv
    [ -x "$uv" ] || { "${PYTHON:-python3}" -m venv build/lock && build/lock/bin/pip install --quiet uv; }
}

# The first list decides; the others are constrained to it, so that one .venv can hold them all.
resolve() {
    output=$1
    shift
    "$uv" pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
        --custom-compile-command "make lock" --output-file "$output" "$@" >/dev/null
}
resolve requirements/dev.txt --extra mcp --extra postgres --extra redis --extra server --group dev "$@"
resolve requirements/lab.txt --extra lab --group build --constraint requirements/dev.txt "$@"
resolve requirements/demo.txt --group demo --constraint requirements/dev.txt "$@"
resolve requirements/hosts.txt --group hosts --constraint requirements/dev.txt "$@"
