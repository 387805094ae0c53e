FROM localhost/stand-in/debian-trixie AS unpack
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates curl \
    && mkdir -p /tree/usr/bin /tree/lib64 /tree/home/curl_user && cp /usr/bin/curl /tree/usr/bin/ \
    && ldd /usr/bin/curl | grep -o '/[^ ]*' | sort -u | xargs -I{} cp --parents -L {} /tree \
    && cp /etc/ssl/certs/ca-certificates.crt /tree/cacert.pem && chown 100:101 /tree/home/curl_user
FROM localhost/stand-in/pod-alpine
COPY --from=unpack /tree/ /
RUN echo 'curl_user:x:100:101:Linux User,,,:/home/curl_user:/sbin/nologin' >> /etc/passwd && echo 'curl_group:x:101:curl_user' >> /etc/group
COPY --chmod=755 <<'SCRIPT' /entrypoint.sh
#!/bin/sh
# Options alone are curl's.
case "$1" in -*) set -- curl "$@" ;; esac
exec "$@"
SCRIPT
ENV CURL_CA_BUNDLE=/cacert.pem
WORKDIR /home/curl_user
USER curl_user
ENTRYPOINT ["/entrypoint.sh"]
CMD ["curl"]
