ARG BASE
FROM localhost/stand-in/debian-trixie AS unpack
ARG PACKAGES
WORKDIR /packages
RUN apt-get update && apt-get download ${PACKAGES} && mkdir -p /tree/var/lib/dpkg/status.d \
    && for package in *.deb; do \
        dpkg-deb --fsys-tarfile "$package" | tar -x -C /tree --keep-directory-symlink; \
        dpkg-deb --field "$package" > "/tree/var/lib/dpkg/status.d/${package%%_*}"; \
    done \
    && rm -rf /tree/usr/share/man /tree/usr/share/lintian
FROM localhost/stand-in/${BASE}
COPY --from=unpack /tree/ /
