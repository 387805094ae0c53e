FROM localhost/stand-in/debian-trixie AS unpack
WORKDIR /packages
RUN apt-get update && apt-get download fontconfig-config fonts-dejavu-core gcc-14-base libbrotli1 libbz2-1.0 libcrypt1 \
        libexpat1 libfontconfig1 libfreetype6 libgcc-s1 libjpeg62-turbo liblcms2-2 libpng16-16t64 libstdc++6 libuuid1 zlib1g \
    && mkdir -p /tree/var/lib/dpkg/status.d \
    && for package in *.deb; do \
        dpkg-deb --fsys-tarfile "$package" | tar -x -C /tree --keep-directory-symlink; \
        dpkg-deb --field "$package" > "/tree/var/lib/dpkg/status.d/${package%%_*}"; \
    done \
    && rm -rf /tree/usr/share/man /tree/usr/share/lintian
FROM localhost/stand-in/distroless-base-nossl
COPY --from=unpack /tree/ /
ENV LANG=C.UTF-8
