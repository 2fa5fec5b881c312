#!/bin/sh
# Installs what the tests with real servers need, from Debian's packages. Without the right to install, it names what
# is missing and goes on: those tests are then skipped by name (in CI they fail).
set -eu
missing=""
test -x /usr/sbin/dovecot || missing="$missing dovecot-imapd dovecot-lmtpd"
test -e /usr/lib/dovecot/lmtp || missing="$missing dovecot-lmtpd"
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
test -x /usr/bin/chromium || missing="$missing chromium"
test -x /usr/bin/pdftoppm || missing="$missing poppler-utils"
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ]; then as_root=""
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then as_root="sudo -n"
else
    echo "not installed (no root):$missing"
    echo "to install: sudo apt-get install$missing"
    exit 0
fi
$as_root apt-get update -qq
# The test starts its own servers; Debian's shall not start theirs.
$as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq --no-install-recommends $missing >/dev/null
