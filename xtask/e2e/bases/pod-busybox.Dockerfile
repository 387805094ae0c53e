FROM localhost/stand-in/debian-trixie AS unpack
WORKDIR /packages
RUN apt-get update && apt-get download busybox-static && dpkg-deb --fsys-tarfile *.deb | tar -x -C /packages ./usr/bin/busybox \
    && mkdir -p /tree/bin /tree/etc /tree/home /tree/root /tree/usr/bin /tree/usr/sbin /tree/var/spool/mail /tree/tmp /tree/etc/ssl \
    && chmod 1777 /tree/tmp && cp usr/bin/busybox /tree/bin/busybox \
    && for name in $(usr/bin/busybox --list); do [ "$name" = busybox ] || ln /tree/bin/busybox "/tree/bin/$name"; done \
    && printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/home:/bin/false\n' > /tree/etc/passwd \
    && printf 'root:x:0:\nnobody:x:65534:\n' > /tree/etc/group
FROM scratch
COPY --from=unpack /tree/ /
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
CMD ["sh"]
