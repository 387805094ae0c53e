#!/bin/sh
# Writes the configuration that the environment asks for, then starts what CMD says.
set -eu

config=${GREETER_CONFIG:-/tmp/greeter.conf}
if [ ! -f "$config" ]; then
    mkdir -p "$(dirname "$config")"
    printf 'greeting=%s\n' "$GREETING" > "$config"
    date -u '+started=%FT%TZ' >> "$config"
fi
export GREETER_CONFIG="$config"
exec "$@"
