ARG BASE
FROM localhost/stand-in/debian-trixie AS unpack
WORKDIR /packages
RUN apt-get update && apt-get download busybox-static && mkdir -p /tree/busybox \
    && dpkg-deb --fsys-tarfile *.deb | tar -x -C /packages ./usr/bin/busybox \
    && cp usr/bin/busybox /tree/busybox/busybox \
    && /tree/busybox/busybox --list | while read -r name; do \
        [ "$name" = busybox ] || ln -s /busybox/busybox "/tree/busybox/$name"; \
    done
FROM localhost/stand-in/${BASE}
COPY --from=unpack /tree/ /
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/busybox
