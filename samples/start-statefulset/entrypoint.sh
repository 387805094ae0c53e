#!/bin/bash
set -eo pipefail

# The volume is mounted with root as its owner.
mkdir -p /data/journal
chown -R ledger:ledger /data

exec setpriv --reuid=ledger --regid=ledger --init-groups \
  /usr/bin/ledger --journal /data/journal --listen :6400 "$@"
