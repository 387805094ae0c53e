FROM localhost/stand-in/debian-trixie
RUN groupadd --system --gid 101 nginx \
    && useradd --system --gid nginx --no-create-home --home /nonexistent --comment "nginx user" --shell /bin/false --uid 101 nginx \
    && apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates curl gettext-base libcrypt1 libpcre2-8-0 libssl3t64 zlib1g \
    && cd /tmp && apt-get download nginx && dpkg-deb -x nginx_*.deb /tmp/nginx && cp /tmp/nginx/usr/sbin/nginx /usr/sbin/ \
    && rm -rf /var/lib/apt/lists/* /tmp/nginx* \
    && mkdir -p /etc/nginx/conf.d /usr/share/nginx/html /docker-entrypoint.d /usr/lib/nginx/modules /var/cache/nginx \
        /var/lib/nginx /var/log/nginx \
    && ln -s /usr/lib/nginx/modules /etc/nginx/modules
COPY <<'CONF' /etc/nginx/nginx.conf

user  nginx;
worker_processes  auto;

error_log  /var/log/nginx/error.log notice;
pid        /run/nginx.pid;


events {
    worker_connections  1024;
}


http {
    include       /etc/nginx/mime.types;
    default_type  application/octet-stream;

    # The official binary has these paths built in.
    client_body_temp_path /var/cache/nginx/client_temp;
    proxy_temp_path       /var/cache/nginx/proxy_temp;
    fastcgi_temp_path     /var/cache/nginx/fastcgi_temp;
    uwsgi_temp_path       /var/cache/nginx/uwsgi_temp;
    scgi_temp_path        /var/cache/nginx/scgi_temp;

    access_log  /var/log/nginx/access.log;
    sendfile        on;
    keepalive_timeout  65;

    include /etc/nginx/conf.d/*.conf;
}
CONF
COPY <<'CONF' /etc/nginx/mime.types
types {
    text/html                             html htm;
    text/css                              css;
    application/javascript                js;
    application/json                      json;
    image/svg+xml                         svg svgz;
    image/png                             png;
}
CONF
COPY <<'CONF' /etc/nginx/conf.d/default.conf
server {
    listen       80;
    server_name  localhost;

    location / {
        root   /usr/share/nginx/html;
        index  index.html index.htm;
    }
}
CONF
COPY <<'PAGE' /usr/share/nginx/html/index.html
<!DOCTYPE html>
<title>Welcome to nginx!</title>
PAGE
COPY --chmod=755 <<'SCRIPT' /docker-entrypoint.sh
#!/bin/sh
# Start-time work is in /docker-entrypoint.d.
set -e
for script in /docker-entrypoint.d/*.sh; do
    [ ! -x "$script" ] || "$script"
done
exec "$@"
SCRIPT
ENV NGINX_VERSION=1.28.0
ENTRYPOINT ["/docker-entrypoint.sh"]
EXPOSE 80
STOPSIGNAL SIGQUIT
CMD ["nginx", "-g", "daemon off;"]
