ARG BASE
ARG MAJOR
FROM localhost/stand-in/node-tree-${MAJOR} AS tree
FROM localhost/stand-in/${BASE}
ARG VERSION
RUN groupadd --gid 1000 node && useradd --uid 1000 --gid node --shell /bin/bash --create-home node
COPY --from=tree / /
RUN ln -s /opt/yarn-v1.22.22/bin/yarn /opt/yarn-v1.22.22/bin/yarnpkg /usr/local/bin/ && ln -s node /usr/local/bin/nodejs
COPY --chmod=755 <<'SCRIPT' /usr/local/bin/docker-entrypoint.sh
#!/bin/sh
# An option, or a name that is no command, is for node.
set -e
case "${1:-}" in
    -*) set -- node "$@" ;;
    *) [ -n "$(command -v "${1:-}")" ] && { [ ! -f "${1:-}" ] || [ -x "${1:-}" ]; } || set -- node "$@" ;;
esac
exec "$@"
SCRIPT
ENV NODE_VERSION=${VERSION} YARN_VERSION=1.22.22
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["node"]
