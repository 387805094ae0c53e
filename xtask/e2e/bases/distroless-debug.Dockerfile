ARG BASE
FROM localhost/stand-in/debian-trixie AS unpack
WORKDIR /packages
# The names of the real one, whether this busybox knows them or not.
RUN apt-get update && apt-get download busybox-static && mkdir -p /tree/busybox \
    && dpkg-deb --fsys-tarfile *.deb | tar -x -C /packages ./usr/bin/busybox \
    && cp usr/bin/busybox /tree/busybox/busybox \
    && for name in ar arp arping ash brctl cat chmod chown cp cut date dpkg echo ed env find ftpget ftpput fuser grep head \
            hush id ifconfig iostat ip killall less ln ls lsof mkdir mount mpstat mv nc netstat passwd pgrep ping ping6 pkill \
            pmap printf ps pstree pwd rm rmdir route rpm sed sh sleep sort su tail telnet telnetd test tftp top touch tr \
            traceroute traceroute6 true umount uname vi w watch wc wget which whois xargs; do \
        ln -s /busybox/busybox "/tree/busybox/$name"; \
    done
FROM localhost/stand-in/${BASE}
COPY --from=unpack /tree/ /
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/busybox
