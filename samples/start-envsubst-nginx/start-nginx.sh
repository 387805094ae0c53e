#!/usr/bin/env bash
set -e

# only our own variables: nginx has its own $host, $uri ...
envsubst '${API_HOST} ${API_PORT} ${SERVER_NAME}' \
    < /etc/nginx/templates/site.conf.template \
    > /etc/nginx/conf.d/site.conf

exec nginx -g 'daemon off;'
