#!/bin/sh
# Well once the server itself listens, not the one of the first start, and has its data.
set -eu
tries=0
until pg_isready -q -h localhost -U postgres; do
    tries=$((tries + 1))
    [ "$tries" -lt 30 ] || exit 1
    sleep 1
done
count=$(psql -h /var/run/postgresql -U postgres -d "$POSTGRES_DB" -Atc 'SELECT count(*) FROM harbours')
[ "$count" -ge 3 ]
