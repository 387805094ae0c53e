#!/bin/sh
set -e

python manage.py migrate --noinput
exec gunicorn guestbook.wsgi --bind 0.0.0.0:8000 --workers 2 --worker-tmp-dir /dev/shm
