ARG CODENAME
FROM localhost/stand-in/buildpack-deps-${CODENAME}
RUN apt-get update \
    && apt-get install -y --no-install-recommends cargo rustc \
    && rm -rf /var/lib/apt/lists/* /usr/share/cargo
ENV RUSTUP_HOME=/usr/local/rustup CARGO_HOME=/usr/local/cargo RUST_VERSION=1.85.0
ENV PATH=/usr/local/cargo/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
RUN mkdir -p "$CARGO_HOME/bin" "$RUSTUP_HOME" \
    && for program in cargo rustc; do mv "/usr/bin/$program" "$CARGO_HOME/bin/"; done \
    && ln -s cargo "$CARGO_HOME/bin/rustup"
