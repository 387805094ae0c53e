# Alpine builds its BusyBox with the nc that has -z, Debian without; and Debian's shell takes its own nc before PATH.
FROM localhost/stand-in/debian-trixie AS unpack
RUN apt-get update && apt-get install -y --no-install-recommends netcat-openbsd \
    && mkdir -p /tree/bin /tree/usr/local/bin /tree/lib64 && cp /usr/bin/nc.openbsd /tree/usr/local/bin/nc \
    && cp /usr/bin/dash /tree/bin/sh \
    && ldd /usr/bin/nc.openbsd /usr/bin/dash | grep -o ' /[^ ]*\|^\s*/[^ ]*' | tr -d ' \t' | sort -u | grep -v ':$' | xargs -I{} cp --parents -L {} /tree
FROM localhost/stand-in/pod-busybox
COPY --from=unpack /tree/ /
