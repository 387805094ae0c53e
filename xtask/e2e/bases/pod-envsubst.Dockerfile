FROM localhost/stand-in/debian-trixie AS unpack
RUN apt-get update && apt-get install -y --no-install-recommends gettext-base \
    && mkdir -p /tree/usr/bin /tree/lib64 && cp /usr/bin/envsubst /tree/usr/bin/ \
    && ldd /usr/bin/envsubst | grep -o '/[^ ]*' | sort -u | xargs -I{} cp --parents -L {} /tree
FROM localhost/stand-in/pod-busybox
COPY --from=unpack /tree/ /
