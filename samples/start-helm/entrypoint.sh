#!/bin/sh
set -e
mkdir -p /etc/signpost
if [ -n "$ROUTES_URL" ]; then
    curl -fsS --retry 10 --retry-all-errors --retry-delay 1 "$ROUTES_URL" -o /etc/signpost/routes.txt
fi
exec signpost -routes /etc/signpost/routes.txt
