#!/bin/sh
# Makes .venv with the Python named as first argument. Debian keeps what `venv` needs in a package of its own.
set -u
python=$1
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "Plenary needs Python 3.11 or newer; \`$python\` is not. Name another: make install PYTHON=/path/to/python3" >&2
    exit 2
fi
"$python" -m venv .venv >/dev/null 2>&1 && exit 0
rm -rf .venv
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq >/dev/null && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv >/dev/null
    "$python" -m venv .venv && exit 0
    rm -rf .venv
fi
echo "Python's venv is missing; on Debian: apt-get install python3-venv" >&2
exit 2
