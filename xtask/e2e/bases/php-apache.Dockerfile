FROM localhost/stand-in/php-tree AS tree
FROM localhost/stand-in/php-8.2
ENV APACHE_CONFDIR=/etc/apache2 APACHE_ENVVARS=/etc/apache2/envvars
# What envvars sets can be set from outside; folders for anybody, logs to the container's output.
RUN apt-get update && apt-get install -y --no-install-recommends apache2 && rm -rf /var/lib/apt/lists/* \
    && sed -ri 's/^export ([^=]+)=(.*)$/: ${\1:=\2}\nexport \1/' "$APACHE_ENVVARS" \
    && . "$APACHE_ENVVARS" \
    && for folder in "$APACHE_LOCK_DIR" "$APACHE_RUN_DIR" "$APACHE_LOG_DIR"; do \
        rm -rf "$folder" && mkdir -p "$folder" && chown "$APACHE_RUN_USER:$APACHE_RUN_GROUP" "$folder" && chmod 1777 "$folder"; \
    done \
    && rm -rf /var/www/html/* \
    && ln -s /proc/self/fd/2 "$APACHE_LOG_DIR/error.log" \
    && ln -s /proc/self/fd/1 "$APACHE_LOG_DIR/access.log" && ln -s /proc/self/fd/1 "$APACHE_LOG_DIR/other_vhosts_access.log"
COPY --from=tree /apache/ /
RUN a2dismod mpm_event && a2enmod mpm_prefork \
    && echo 'LoadModule php_module /usr/lib/apache2/modules/libphp.so' > /etc/apache2/mods-available/php.load && a2enmod php \
    && printf '%s\n' '<FilesMatch \.php$>' '    SetHandler application/x-httpd-php' '</FilesMatch>' 'DirectoryIndex index.php index.html' \
        '<Directory /var/www/>' '    Options -Indexes' '    AllowOverride All' '</Directory>' > /etc/apache2/conf-available/docker-php.conf \
    && a2enconf docker-php
COPY --chmod=755 <<'SCRIPT' /usr/local/bin/apache2-foreground
#!/bin/bash
# The variables of envvars, no old process id, and every folder that they name.
set -e
: "${APACHE_CONFDIR:=/etc/apache2}" "${APACHE_ENVVARS:=$APACHE_CONFDIR/envvars}"
[ ! -f "$APACHE_ENVVARS" ] || . "$APACHE_ENVVARS"
rm -f "$APACHE_PID_FILE"
for name in "${!APACHE_@}"; do
    case "$name=${!name}" in *_DIR=/*) mkdir -p "$(realpath -m "${!name}")" ;; esac
done
exec apache2 -DFOREGROUND "$@"
SCRIPT
WORKDIR /var/www/html
STOPSIGNAL SIGWINCH
EXPOSE 80
CMD ["apache2-foreground"]
