#!/bin/sh
set -eu

attempts=30
while ! wget -q -T 2 -O /dev/null "$FEED_URL"; do
  attempts=$((attempts - 1))
  [ $attempts -gt 0 ] || { echo "giving up on $FEED_URL"; exit 1; }
  echo "waiting for $FEED_URL"
  sleep 1
done

exec "$@"
