ARG MAJOR
FROM localhost/stand-in/debian-trixie AS unpack
ARG MAJOR
RUN mkdir -p /usr/share/man/man1 && apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates-java openjdk-${MAJOR}-jre-headless \
    && mkdir -p /tree/usr/lib/jvm /tree/usr/bin && rm -f /usr/lib/jvm/java-${MAJOR}-openjdk-amd64/docs \
    && cp -RL /usr/lib/jvm/java-${MAJOR}-openjdk-amd64 /tree/usr/lib/jvm/temurin${MAJOR}_jre_amd64 \
    # Temurin's opens libpcsclite by name, Debian's is linked to it.
    && rm /tree/usr/lib/jvm/temurin${MAJOR}_jre_amd64/lib/libj2pcsc.so \
    && ln -s ../lib/jvm/temurin${MAJOR}_jre_amd64/bin/java /tree/usr/bin/java
FROM localhost/stand-in/distroless-java-base
ARG MAJOR
COPY --from=unpack /tree/ /
ENV JAVA_VERSION=${MAJOR}
ENTRYPOINT ["/usr/bin/java", "-jar"]
