#!/bin/sh
set -e

# allow the container to be started with `--user`
if [ "$1" = 'notesd' ] && [ "$(id -u)" = '0' ]; then
	chown -R notes:notes /var/lib/notes
	exec gosu notes "$0" "$@"
fi

exec "$@"
