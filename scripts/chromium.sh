#!/bin/sh
# Sees to the Chromium that the browser's tests drive: the system's own, installed where this user
# may install packages. ANVIL_CHROMIUM names another one.
set -eu

for candidate in "${ANVIL_CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable; do
    if [ -n "$candidate" ] && command -v "$candidate" >/dev/null; then
        exit 0
    fi
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo 'Installing Chromium from the system'"'"'s packages, for the tests of the widgets.'
    { apt-get -qq update && apt-get -qq install --yes --no-install-recommends chromium; } >/dev/null && exit 0
fi
echo 'The tests of the widgets drive Chromium, and there is none.' >&2
echo 'On Debian: apt-get install chromium   elsewhere: name one with ANVIL_CHROMIUM=/path/to/chrome' >&2
exit 1
