# Apache of Debian's packages below /usr/local/apache2. What the binary has built in as its folder leads there.
FROM localhost/stand-in/debian-trixie
ENV HTTPD_PREFIX=/usr/local/apache2
ENV PATH=/usr/local/apache2/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
WORKDIR /usr/local/apache2
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates libapr1t64 libaprutil1t64 libaprutil1-ldap libbrotli1 libcrypt1 \
        libcurl4t64 libjansson4 libldap-common liblua5.4-0 libnghttp2-14 libpcre2-8-0 libssl3t64 libxml2 zlib1g \
    && cd /tmp && apt-get download apache2-bin apache2-utils apache2-data \
    && for package in *.deb; do dpkg-deb -x "$package" /tmp/tree; done \
    && rm -rf /var/lib/apt/lists/* \
    && mkdir -p "$HTTPD_PREFIX/bin" "$HTTPD_PREFIX/logs" "$HTTPD_PREFIX/conf/extra" "$HTTPD_PREFIX/htdocs" /etc/apache2 \
    && cp tree/usr/sbin/apache2 "$HTTPD_PREFIX/bin/httpd" \
    && cp tree/usr/bin/ab tree/usr/bin/htpasswd tree/usr/bin/htdigest tree/usr/bin/rotatelogs "$HTTPD_PREFIX/bin/" \
    && mv tree/usr/lib/apache2/modules "$HTTPD_PREFIX/modules" \
    && ln -s "$HTTPD_PREFIX/conf/httpd.conf" /etc/apache2/apache2.conf \
    && rm -rf /tmp/*
COPY <<'CONF' /usr/local/apache2/conf/httpd.conf
ServerRoot "/usr/local/apache2"
Listen 80
PidFile logs/httpd.pid

LoadModule mpm_event_module modules/mod_mpm_event.so
LoadModule authn_file_module modules/mod_authn_file.so
LoadModule authn_core_module modules/mod_authn_core.so
LoadModule authz_host_module modules/mod_authz_host.so
LoadModule authz_user_module modules/mod_authz_user.so
LoadModule authz_core_module modules/mod_authz_core.so
LoadModule auth_basic_module modules/mod_auth_basic.so
LoadModule reqtimeout_module modules/mod_reqtimeout.so
LoadModule filter_module modules/mod_filter.so
#LoadModule deflate_module modules/mod_deflate.so
LoadModule mime_module modules/mod_mime.so
LoadModule env_module modules/mod_env.so
#LoadModule expires_module modules/mod_expires.so
LoadModule headers_module modules/mod_headers.so
LoadModule setenvif_module modules/mod_setenvif.so
#LoadModule proxy_module modules/mod_proxy.so
#LoadModule proxy_http_module modules/mod_proxy_http.so
LoadModule status_module modules/mod_status.so
LoadModule autoindex_module modules/mod_autoindex.so
LoadModule dir_module modules/mod_dir.so
LoadModule alias_module modules/mod_alias.so
#LoadModule rewrite_module modules/mod_rewrite.so

User www-data
Group www-data
ServerAdmin you@example.com

<Directory />
    AllowOverride none
    Require all denied
</Directory>

DocumentRoot "/usr/local/apache2/htdocs"
<Directory "/usr/local/apache2/htdocs">
    Options Indexes FollowSymLinks
    AllowOverride None
    Require all granted
</Directory>

DirectoryIndex index.html
ErrorLog /proc/self/fd/2
LogLevel warn
LogFormat "%h %l %u %t \"%r\" %>s %b" common
CustomLog /proc/self/fd/1 common
TypesConfig conf/mime.types
CONF
COPY <<'TYPES' /usr/local/apache2/conf/mime.types
application/json json
application/javascript js
image/svg+xml svg
text/css css
text/html html htm
text/plain txt
TYPES
COPY <<'PAGE' /usr/local/apache2/htdocs/index.html
<html><body><h1>It works!</h1></body></html>
PAGE
COPY --chmod=755 <<'SCRIPT' /usr/local/bin/httpd-foreground
#!/bin/sh
# A process id file of an earlier run must not stand in the way.
set -e
rm -f /usr/local/apache2/logs/httpd.pid
exec httpd -DFOREGROUND "$@"
SCRIPT
ENV HTTPD_VERSION=2.4.68 HTTPD_SHA256= HTTPD_PATCHES=
STOPSIGNAL SIGWINCH
EXPOSE 80
CMD ["httpd-foreground"]
