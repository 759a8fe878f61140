#!/bin/sh
# Starts a throw-away Postgres that ends with the test run.
# usage: postgres.sh FOLDER PORT WATCHED_PID
# FOLDER gets `server.crt` (its own certificate), the socket, and the data; it goes away with WATCHED_PID.
set -eu
umask 022
folder=$1 port=$2 watched=$3

bin=
for candidate in "$(command -v initdb 2>/dev/null || true)" /usr/lib/postgresql/*/bin/initdb; do
    if [ -x "$candidate" ]; then bin=$(dirname "$(readlink -f "$candidate")"); fi
done
[ -n "$bin" ] || { echo "no initdb: Postgres is not installed" >&2; exit 3; }

# Postgres refuses to run as root, so there the user that its package made runs it.
as=
if [ "$(id -u)" = 0 ]; then as="runuser -u postgres --"; fi

mkdir -p "$folder/cluster"
[ -z "$as" ] || { chmod 755 "$folder" && chown postgres "$folder/cluster"; }
cd "$folder/cluster"
$as "$bin/initdb" --pgdata=data --username=rollcall --auth=trust --encoding=UTF8 --locale=C --no-sync >/dev/null
$as openssl req -new -x509 -days 30 -nodes -newkey rsa:2048 -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout data/server.key -out data/server.crt 2>/dev/null
$as chmod 600 data/server.key
cp data/server.crt "$folder/server.crt"
cat >>data/postgresql.conf <<CONF
listen_addresses = '127.0.0.1'
port = $port
unix_socket_directories = '$folder/cluster'
ssl = on
ssl_cert_file = 'server.crt'
ssl_key_file = 'server.key'
max_connections = 300
shared_buffers = 64MB
CONF
# What is thrown away need not be safe, unless safety is what is measured.
[ -n "${DURABLE-}" ] || cat >>data/postgresql.conf <<CONF
fsync = off
full_page_writes = off
synchronous_commit = off
autovacuum = off
CONF
$as "$bin/pg_ctl" --pgdata=data --log=log --wait --silent start

# Nobody can tell which test is the last one, so the end of the run itself is watched.
setsid sh -c '
    while kill -0 "$1" 2>/dev/null; do sleep 1; done
    cd "$3/cluster" && $4 "$2/pg_ctl" --pgdata=data --mode=immediate --silent stop
    cd / && rm -rf "$3"
' watcher "$watched" "$bin" "$folder" "$as" </dev/null >/dev/null 2>&1 &
