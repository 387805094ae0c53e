#!/bin/bash

# cron starts its jobs without our environment
printenv | grep -E '^(STATION|PING_URL)=' | sed 's/^/export /' > /etc/weather.env

cron

while true; do
    python /opt/weather/report.py /srv/report || echo "report failed, next try in $INTERVAL s"
    sleep "$INTERVAL"
done &

trap 'kill $(jobs -p)' TERM
python -m http.server 8000 --directory /srv/report &
wait $!
