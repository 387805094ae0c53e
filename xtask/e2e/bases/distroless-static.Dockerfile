FROM localhost/stand-in/debian-trixie AS unpack
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates
WORKDIR /packages
RUN apt-get download base-files media-types netbase tzdata && mkdir -p /tree/var/lib/dpkg/status.d \
    && for package in *.deb; do \
        dpkg-deb --fsys-tarfile "$package" | tar -x -C /tree --keep-directory-symlink; \
        dpkg-deb --field "$package" > "/tree/var/lib/dpkg/status.d/${package%%_*}"; \
    done
WORKDIR /tree
RUN rm -rf usr/share/doc/*/changelog* usr/share/man \
    && mkdir -p etc/ssl/certs home root tmp && chmod 700 root && chmod 1777 tmp \
    && install -d -m 700 -o 65532 -g 65532 home/nonroot \
    && cp /etc/ssl/certs/ca-certificates.crt etc/ssl/certs/ \
    && printf 'root:x:0:0:root:/root:/sbin/nologin\nnobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n' > etc/passwd \
    && printf 'root:x:0:\nnobody:x:65534:\ntty:x:5:\nstaff:x:50:\nnonroot:x:65532:\n' > etc/group \
    && printf 'passwd: files\ngroup: files\nhosts: files dns\n' > etc/nsswitch.conf

FROM scratch
COPY --from=unpack /tree/ /
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
USER 0
WORKDIR /
