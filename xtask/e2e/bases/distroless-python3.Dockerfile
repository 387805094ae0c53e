FROM localhost/stand-in/debian-trixie AS unpack
WORKDIR /packages
RUN apt-get update && apt-get download libbz2-1.0 libcom-err2 libcrypt1 libdb5.3t64 libexpat1 libffi8 libgssapi-krb5-2 \
        libk5crypto3 libkeyutils1 libkrb5-3 libkrb5support0 liblzma5 libncursesw6 libnsl2 libpython3.13-minimal \
        libpython3.13-stdlib libreadline8t64 libsqlite3-0 libtinfo6 libtirpc3t64 libuuid1 python3.13-minimal \
    && mkdir -p /tree/var/lib/dpkg/status.d \
    && for package in *.deb; do \
        dpkg-deb --fsys-tarfile "$package" | tar -x -C /tree --keep-directory-symlink; \
        dpkg-deb --field "$package" > "/tree/var/lib/dpkg/status.d/${package%%_*}"; \
    done \
    && rm -rf /tree/usr/share/man /tree/usr/share/lintian \
    && ln -s python3.13 /tree/usr/bin/python3 && ln -s python3.13 /tree/usr/bin/python
FROM localhost/stand-in/distroless-cc
COPY --from=unpack /tree/ /
ENV LANG=C.UTF-8
ENTRYPOINT ["/usr/bin/python3.13"]
