#!/bin/sh

: "${CACHE_ADDR:=cache:6379}"
: "${LISTEN:=:8080}"
export CACHE_ADDR LISTEN

host=${CACHE_ADDR%:*}
port=${CACHE_ADDR##*:}

tries=0
while ! nc -z "$host" "$port"; do
    tries=$((tries + 1))
    if [ "$tries" -ge 60 ]; then
        echo "cache $CACHE_ADDR did not come up" >&2
        exit 1
    fi
    sleep 1
done

exec /ferry/ferry
