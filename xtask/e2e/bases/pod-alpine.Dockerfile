# Alpine builds its BusyBox with the nc that has -z, Debian without.
FROM localhost/stand-in/debian-trixie AS unpack
RUN apt-get update && apt-get install -y --no-install-recommends netcat-openbsd \
    && mkdir -p /tree/usr/local/bin /tree/lib64 && cp /usr/bin/nc.openbsd /tree/usr/local/bin/nc \
    && ldd /usr/bin/nc.openbsd | grep -o '/[^ ]*' | sort -u | xargs -I{} cp --parents -L {} /tree
FROM localhost/stand-in/pod-busybox
COPY --from=unpack /tree/ /
