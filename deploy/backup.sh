#!/bin/sh
# One backup, while the server runs: backup.sh FOLDER makes FOLDER/2026-11-22T031500Z and keeps two weeks of them.
# In it is everything a new machine needs. It opens every registration: keep it as you keep the server.
set -eu
umask 077
var=${PLENARY_VAR:-var}
database=${PLENARY_DATABASE:-sqlite:///$var/plenary.db}
name=$(date -u +%Y-%m-%dT%H%M%SZ)
part=$1/.part-$name
mkdir -p "$part"

case $database in
postgresql*) pg_dump --format=custom --no-owner --file="$part/plenary.dump" --dbname="$database" ;;
*)  # A copy of the file could catch it in the middle of a write. This reads one transaction; writers go on.
    python3 - "${database#sqlite:///}" "$part/plenary.db" <<'END' ;;
import sqlite3, sys
there, copy = sys.argv[1:]
sqlite3.connect(f"file:{there}?mode=rw", uri=True).execute("VACUUM INTO ?", (copy,))
assert sqlite3.connect(copy).execute("PRAGMA integrity_check").fetchall() == [("ok",)]
END
esac
# Without the secret no private link and no cookie that was given out works again.
test ! -f "$var/secret" || cp -p "$var/secret" "$part/secret"
test ! -f .env || cp -p .env "$part/env"

sync "$part"/*
mv "$part" "$1/$name"  # what carries a date is whole
find "$1" -mindepth 1 -maxdepth 1 -name '[.2]*' -mtime +14 -exec rm -r {} +
echo "$1/$name"
