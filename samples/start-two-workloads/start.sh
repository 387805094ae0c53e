#!/bin/bash
set -e

export QUEUE_DIR="${QUEUE_DIR:-/queue}"
export WORKERS=${WORKERS:-2}

case "$1" in
  web)
    exec gunicorn --bind 0.0.0.0:8000 --workers "$WORKERS" parcels.web:app
    ;;
  worker)
    exec python -m parcels.worker
    ;;
  *)
    exec "$@"
    ;;
esac
