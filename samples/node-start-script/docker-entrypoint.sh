#!/bin/sh
set -e

# Defaults that the platform may override.
export NODE_ENV="${NODE_ENV:-production}"
export GREETING="${GREETING:-Notes}"

exec "$@"
