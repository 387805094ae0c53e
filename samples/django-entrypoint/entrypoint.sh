#!/bin/sh
set -e

if [ -n "$DB_HOST" ]; then
    echo "Waiting for postgres..."

    while ! nc -z "$DB_HOST" "${DB_PORT:-5432}"; do
        sleep 0.1
    done

    echo "PostgreSQL started"
fi

python manage.py migrate --noinput
python manage.py collectstatic --noinput

exec "$@"
