# Images of Python up to 3.12 set a locale, later ones do not.
ARG BASE
FROM localhost/stand-in/${BASE}
ENV LANG=C.UTF-8
