ARG BASE
FROM localhost/stand-in/cpython AS tree
FROM localhost/stand-in/${BASE}
ENV PATH=/usr/local/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
# The libraries of a slim image are those that its interpreter and modules are linked with, tk's excepted.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates libbz2-1.0 libffi8 libgdbm6t64 liblzma5 libncursesw6 \
        libreadline8t64 libsqlite3-0 libssl3t64 libuuid1 netbase tzdata zlib1g \
    && rm -rf /var/lib/apt/lists/*
COPY --from=tree /usr/local/ /usr/local/
RUN ldconfig && python -c 'import bz2, ctypes, lzma, readline, sqlite3, ssl, uuid, zlib'
CMD ["python3"]
