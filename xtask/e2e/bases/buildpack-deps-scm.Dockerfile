ARG CODENAME
FROM localhost/stand-in/debian-${CODENAME}
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates curl gnupg netbase tzdata wget \
    && if apt-cache show sq > /dev/null 2>&1; then apt-get install -y --no-install-recommends sq; fi \
    && apt-get install -y --no-install-recommends git mercurial openssh-client procps subversion \
    && rm -rf /var/lib/apt/lists/*
