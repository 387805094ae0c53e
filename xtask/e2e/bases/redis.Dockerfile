# Redis of Debian's packages in /usr/local/bin.
FROM localhost/stand-in/debian-bookworm
RUN groupadd --system --gid 999 redis && useradd --system --uid 999 --gid redis redis \
    && apt-get update && apt-get install -y --no-install-recommends libatomic1 libjemalloc2 liblua5.1-0 liblzf1 libssl3 libsystemd0 \
        lua-bitop lua-cjson tzdata \
    && cd /tmp && apt-get download gosu redis-server redis-tools \
    && for package in *.deb; do dpkg-deb -x "$package" /tmp/tree; done \
    && rm -rf /var/lib/apt/lists/* \
    && cp tree/usr/sbin/gosu tree/usr/bin/redis-benchmark tree/usr/bin/redis-check-rdb tree/usr/bin/redis-cli /usr/local/bin/ \
    && for name in redis-check-aof redis-sentinel redis-server; do ln -s redis-check-rdb "/usr/local/bin/$name"; done \
    && rm -rf /tmp/* && mkdir /data && chown redis:redis /data && redis-server --version
COPY --chmod=755 <<'SCRIPT' /usr/local/bin/docker-entrypoint.sh
#!/bin/sh
# An option or a configuration is for redis-server, which runs as its own user.
set -e
case "${1:-}" in -* | *.conf) set -- redis-server "$@" ;; esac
if [ "$1" = redis-server ] && [ "$(id -u)" = 0 ]; then
    find . \! -user redis -exec chown redis '{}' +
    exec gosu redis "$0" "$@"
fi
[ "$(umask)" != 0022 ] || umask 0077
exec "$@"
SCRIPT
ENV GOSU_VERSION=1.14 REDIS_VERSION=7.0.15 REDIS_DOWNLOAD_URL= REDIS_DOWNLOAD_SHA=
VOLUME /data
WORKDIR /data
ENTRYPOINT ["docker-entrypoint.sh"]
EXPOSE 6379
CMD ["redis-server"]
