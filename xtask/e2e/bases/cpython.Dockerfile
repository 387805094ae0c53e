# CPython below /usr/local, as the official image configures it: shared library, pip, no tests.
FROM localhost/stand-in/debian-trixie AS build
RUN printf 'deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] mirror+file:/etc/apt/mirrors/debian.list trixie main\n' \
        > /etc/apt/sources.list.d/sources.list \
    && apt-get update \
    && apt-get install -y --no-install-recommends dpkg-dev gcc libbz2-dev libc6-dev libffi-dev libgdbm-dev liblzma-dev \
        libncursesw5-dev libreadline-dev libsqlite3-dev libssl-dev make pkg-config tk-dev uuid-dev xz-utils zlib1g-dev
WORKDIR /source
RUN apt-get source --download-only python3.13 && tar -xf python3.13_*.orig.tar.xz --strip-components=1
RUN ./configure --prefix=/usr/local --enable-shared --enable-loadable-sqlite-extensions --with-ensurepip --disable-test-modules OPT='-DNDEBUG -O1' > configure.log \
    && make -j"$(nproc)" LDFLAGS=-Wl,--strip-all > make.log 2>&1 \
    && rm python \
    && make LDFLAGS='-Wl,--strip-all,-rpath=\$$ORIGIN/../lib' python >> make.log 2>&1 \
    && make install DESTDIR=/out COMPILEALL_OPTS='-j0 -r 0' > install.log 2>&1
RUN cd /out/usr/local/bin \
    && for name in idle3 pip3 pydoc3 python3 python3-config; do ln -s "$name" "$(echo "$name" | tr -d 3)"; done \
    && find /out -depth \( \( -type d -a \( -name test -o -name tests -o -name idle_test \) \) -o \( -type f -a -name '*.a' \) \) \
        -exec rm -rf {} +

FROM scratch
COPY --from=build /out/usr/local/ /usr/local/
