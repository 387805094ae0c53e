ARG BASE
FROM localhost/stand-in/${BASE}
USER 65532
WORKDIR /home/nonroot
