# PHP of Debian's packages, unpacked and laid out below /usr/local as the official images have it. The paths that Debian's
# binaries have built in lead there.
FROM localhost/stand-in/debian-bookworm AS tree
RUN apt-get update && mkdir -p /packages /tree/usr/local/bin && cd /packages \
    && apt-get download php8.2-cli php8.2-common php8.2-curl php8.2-dev php8.2-mbstring php8.2-opcache php8.2-readline \
        php8.2-fpm php8.2-sqlite3 php8.2-xml libapache2-mod-php8.2 php-pear \
    && for package in *.deb; do dpkg-deb -x "$package" /unpacked; done
# The programs, with the names of the image.
RUN cd /unpacked/usr/bin \
    && cp php8.2 /tree/usr/local/bin/php \
    && cp php-config8.2 /tree/usr/local/bin/php-config \
    && cp pear pecl peardev /tree/usr/local/bin/ \
    && mkdir -p /tree/usr/local/lib/php/extensions /tree/usr/local/include /tree/usr/include/php /tree/usr/lib/php \
    && cp -R /unpacked/usr/share/php/. /tree/usr/local/lib/php/ \
    && cp -R /unpacked/usr/include/php/20220829 /tree/usr/local/include/php \
    && ln -s /usr/local/include/php /tree/usr/include/php/20220829 \
    && mv /unpacked/usr/lib/php/20220829 /tree/usr/local/lib/php/extensions/no-debug-non-zts-20220829 \
    && ln -s /usr/local/lib/php/extensions/no-debug-non-zts-20220829 /tree/usr/lib/php/20220829
# The configuration: one folder for all of Debian's.
RUN etc=/tree/usr/local/etc && mkdir -p "$etc/php/conf.d" "$etc/php-fpm.d" /tree/etc/php/8.2 \
    && for sapi in apache2 cli fpm; do ln -s /usr/local/etc/php "/tree/etc/php/8.2/$sapi"; done \
    && for kind in development production; do cp "/unpacked/usr/lib/php/8.2/php.ini-$kind" "$etc/php/"; done \
    && cd /tree/usr/local/lib/php/extensions/no-debug-non-zts-20220829 \
    && printf 'zend_extension=opcache\n' > "$etc/php/conf.d/docker-php-ext-opcache.ini" \
    && for name in pdo xml dom ctype curl fileinfo iconv mbstring pdo_sqlite phar posix readline simplexml sqlite3 tokenizer \
            xmlreader xmlwriter; do \
        [ ! -f "$name.so" ] || echo "extension=$name"; \
    done > "$etc/php/conf.d/00-debian.ini" \
    && rm -f calendar.so exif.so ffi.so ftp.so gettext.so shmop.so sockets.so sysv*.so xsl.so
RUN mkdir -p /fpm/usr/local/etc/php /fpm/usr/local/etc/php-fpm.d /fpm/usr/local/sbin /apache/usr/lib/apache2/modules \
    && cp /unpacked/usr/sbin/php-fpm8.2 /fpm/usr/local/sbin/php-fpm \
    && cd /fpm/usr/local/etc && ln -s ../php-fpm.conf php/php-fpm.conf \
    && printf '[global]\nerror_log = /proc/self/fd/2\ndaemonize = no\ninclude = /usr/local/etc/php-fpm.d/*.conf\n' > php-fpm.conf \
    && printf '%s\n' '[www]' 'user = www-data' 'group = www-data' 'listen = 9000' 'pm = dynamic' 'pm.max_children = 5' \
        'pm.start_servers = 2' 'pm.min_spare_servers = 1' 'pm.max_spare_servers = 3' 'clear_env = no' \
        'catch_workers_output = yes' 'access.log = /proc/self/fd/2' > php-fpm.d/www.conf \
    && cp /unpacked/usr/lib/apache2/modules/libphp8.2.so /apache/usr/lib/apache2/modules/libphp.so
# The source, for extensions, and its phpize: Debian's wants a libtool.
RUN printf 'deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] mirror+file:/etc/apt/mirrors/debian.list bookworm main\n' \
        > /etc/apt/sources.list.d/sources.list \
    && apt-get update && apt-get install -y --no-install-recommends dpkg-dev xz-utils \
    && mkdir -p /source /tree/usr/src && cd /source && apt-get source --download-only php8.2 \
    && cp php8.2_*.orig.tar.xz /tree/usr/src/php.tar.xz && tar -xf php8.2_*.orig.tar.xz --strip-components=1 \
    && cp ext/pcre/pcre2lib/pcre2.h /tree/usr/local/include/ && mkdir -p /tree/usr/local/lib/php/build \
    && cp -R build/* scripts/phpize.m4 run-tests.php /tree/usr/local/lib/php/build/ \
    && sed -e 's|@prefix@|/usr/local|' -e 's|@exec_prefix@|/usr/local|' -e 's|@libdir@|/usr/local/lib/php|' \
        -e 's|@includedir@|/usr/local/include|' -e 's|@SED@|/usr/bin/sed|' scripts/phpize.in > /tree/usr/local/bin/phpize \
    && chmod 755 /tree/usr/local/bin/phpize && rm -rf /source
COPY --chmod=755 <<'SCRIPT' /tree/usr/local/bin/docker-php-source
#!/bin/sh
# extract: the source of PHP to /usr/src/php; delete: away with it.
set -e
case "$1" in
    extract) [ -d /usr/src/php ] || { mkdir -p /usr/src/php && tar -xf /usr/src/php.tar.xz -C /usr/src/php --strip-components=1; } ;;
    delete) rm -rf /usr/src/php ;;
esac
SCRIPT
COPY --chmod=755 <<'SCRIPT' /tree/usr/local/bin/docker-php-ext-enable
#!/bin/sh
set -e
for name; do echo "extension=$name" > "$PHP_INI_DIR/conf.d/docker-php-ext-$name.ini"; done
SCRIPT
COPY --chmod=755 <<'SCRIPT' /tree/usr/local/bin/docker-php-ext-configure
#!/bin/sh
set -e
docker-php-source extract
cd "/usr/src/php/ext/$1"
shift
phpize
./configure "$@"
SCRIPT
COPY --chmod=755 <<'SCRIPT' /tree/usr/local/bin/docker-php-ext-install
#!/bin/sh
# Compiles extensions of PHP's own source; options (-j) are for make.
set -e
jobs=
case "$1" in -j*) jobs="$1"; shift ;; esac
docker-php-source extract
for name; do
    cd "/usr/src/php/ext/$name"
    [ -f Makefile ] || docker-php-ext-configure "$name"
    make $jobs
    make install
    make clean
    docker-php-ext-enable "$name"
done
docker-php-source delete
SCRIPT
COPY --chmod=755 <<'SCRIPT' /tree/usr/local/bin/docker-php-entrypoint
#!/bin/sh
# Options are for the interpreter.
set -e
case "${1:-}" in -*) set -- php "$@" ;; esac
exec "$@"
SCRIPT

FROM scratch
COPY --from=tree /tree/ /cli/
COPY --from=tree /fpm/ /fpm/
COPY --from=tree /apache/ /apache/
