# PostgreSQL of Debian's packages, with the entrypoint script's work in fewer lines.
FROM localhost/stand-in/debian-trixie
RUN groupadd --system --gid 999 postgres \
    && useradd --system --uid 999 --gid postgres --home-dir /var/lib/postgresql --shell /bin/bash postgres \
    && install --directory --owner postgres --group postgres --mode 1777 /var/lib/postgresql \
    && apt-get update && apt-get install -y --no-install-recommends gnupg less libnss-wrapper locales xz-utils zstd \
    && echo 'en_US.UTF-8 UTF-8' >> /etc/locale.gen && locale-gen
RUN mkdir -p /etc/postgresql-common && echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.conf \
    && apt-get install -y --no-install-recommends postgresql-17 \
    && cd /tmp && apt-get download gosu && dpkg-deb -x gosu_*.deb tree && cp tree/usr/sbin/gosu /usr/local/bin/ && rm -rf /tmp/* \
    && rm -rf /var/lib/apt/lists/*
ENV LANG=en_US.utf8 PG_MAJOR=17 PG_VERSION=17 GOSU_VERSION=1.17 PGDATA=/var/lib/postgresql/data
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/postgresql/17/bin
RUN mkdir -p /docker-entrypoint-initdb.d \
    && install --directory --owner postgres --group postgres --mode 3777 /var/run/postgresql \
    && install --directory --owner postgres --group postgres --mode 1777 "$PGDATA" \
    && sed -i "s/^#listen_addresses.*/listen_addresses = '*'/" /usr/share/postgresql/17/postgresql.conf.sample
COPY --chmod=755 <<'SCRIPT' /usr/local/bin/docker-entrypoint.sh
#!/usr/bin/env bash
# An empty data folder gets a database, and what lies in /docker-entrypoint-initdb.d; then the server runs as its own user.
set -Eeo pipefail
case "${1:-}" in -*) set -- postgres "$@" ;; esac
help=
for word; do case "$word" in --help | --version | -V) help=yes ;; esac; done
if [ "$1" = postgres ] && [ -z "$help" ]; then
    mkdir -p "$PGDATA"
    chmod 700 "$PGDATA" || :
    if [ "$(id -u)" = 0 ]; then
        find "$PGDATA" /var/run/postgresql \! -user postgres -exec chown postgres '{}' +
        exec gosu postgres "$BASH_SOURCE" "$@"
    fi
    if [ ! -s "$PGDATA/PG_VERSION" ]; then
        : "${POSTGRES_USER:=postgres}"
        : "${POSTGRES_DB:=$POSTGRES_USER}"
        [ -n "$POSTGRES_PASSWORD" ] || { echo >&2 'POSTGRES_PASSWORD is not set'; exit 1; }
        eval 'initdb --username="$POSTGRES_USER" --pwfile=<(printf "%s\n" "$POSTGRES_PASSWORD")'
        printf '\nhost all all all scram-sha-256\n' >> "$PGDATA/pg_hba.conf"
        export PGPASSWORD="$POSTGRES_PASSWORD"
        pg_ctl -D "$PGDATA" -o "$(printf '%q ' "${@:2}" -c listen_addresses= )" -w start
        run=(psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --no-password --no-psqlrc)
        [ "$POSTGRES_DB" = postgres ] || "${run[@]}" --dbname postgres --command "CREATE DATABASE \"$POSTGRES_DB\""
        for file in /docker-entrypoint-initdb.d/*; do
            case "$file" in
                *.sh) if [ -x "$file" ]; then "$file"; else . "$file"; fi ;;
                *.sql) "${run[@]}" --dbname "$POSTGRES_DB" -f "$file" ;;
                *.sql.gz) gunzip -c "$file" | "${run[@]}" --dbname "$POSTGRES_DB" ;;
            esac
        done
        pg_ctl -D "$PGDATA" -m fast -w stop
        unset PGPASSWORD
    fi
fi
exec "$@"
SCRIPT
VOLUME /var/lib/postgresql/data
ENTRYPOINT ["docker-entrypoint.sh"]
STOPSIGNAL SIGINT
EXPOSE 5432
CMD ["postgres"]
