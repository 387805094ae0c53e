ARG MAJOR
FROM localhost/stand-in/node-tree-${MAJOR} AS tree
FROM localhost/stand-in/distroless-cc
COPY --from=tree /usr/local/bin/node /nodejs/bin/node
ENTRYPOINT ["/nodejs/bin/node"]
