FROM localhost/stand-in/php-tree AS tree
FROM localhost/stand-in/debian-bookworm
RUN apt-get update \
    && apt-get install -y --no-install-recommends autoconf ca-certificates curl dpkg-dev file g++ gcc libargon2-1 libc6-dev \
        libcurl4 libedit2 libonig5 libpcre2-8-0 libsodium23 libsqlite3-0 libssl3 libxml2 make pkg-config re2c tzdata xz-utils \
        zlib1g \
    && rm -rf /var/lib/apt/lists/*
ENV PHPIZE_DEPS="autoconf dpkg-dev file g++ gcc libc-dev make pkg-config re2c"
ENV PHP_INI_DIR=/usr/local/etc/php
ENV PHP_CFLAGS=-O2 PHP_CPPFLAGS=-O2 PHP_LDFLAGS="-Wl,-O1 -pie" PHP_VERSION=8.2.32 \
    GPG_KEYS= PHP_URL= PHP_ASC_URL= PHP_SHA256=
COPY --from=tree /cli/ /
RUN mkdir -p /var/www/html && chown www-data:www-data /var/www/html && chmod 1777 /var/www/html && php --version
ENTRYPOINT ["docker-php-entrypoint"]
CMD ["php", "-a"]
