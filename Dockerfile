# The gateway in one image: `gateway`, `gatewayctl`, `demo-app` and the tenant migrations. The role is the command:
#
#   docker build --tag gateway:local .
#   docker run gateway:local serve | worker | migrate | health | …
#   docker build --tag gateway-demo-app:local --target demo-app .    # the same programs; starts the demo app
#
# Builds with BuildKit and with the classic builder. Pin the bases by digest: --build-arg RUNTIME_IMAGE=debian@sha256:…
ARG NODE_IMAGE=node:22-bookworm
ARG RUST_IMAGE=rust:1.95-bookworm
ARG RUNTIME_IMAGE=debian:bookworm-slim

# The console. It becomes part of the program `gateway`.
FROM ${NODE_IMAGE} AS console
WORKDIR /src/admin-spa
COPY admin-spa/package.json admin-spa/package-lock.json ./
# As .ci/spa does it: `npm ci` refuses a lock file without the optional packages of other platforms.
RUN npm install --no-save --no-audit --no-fund --no-progress --loglevel=error
COPY gateway/docs/errors.md /src/gateway/docs/errors.md
COPY admin-spa/ ./
RUN npm run build --silent

# The programs. Dependencies are built before the source is there, so that a change of it builds only the crate anew.
FROM ${RUST_IMAGE} AS programs
WORKDIR /src
ENV SQLX_OFFLINE=true CARGO_TERM_COLOR=never
COPY Cargo.toml Cargo.lock build.rs ./
RUN mkdir -p gateway/src/bin demo-app tests/it benches/engine \
    && touch gateway/src/lib.rs tests/it/main.rs benches/engine/main.rs \
    && for program in gateway/src/bin/gateway.rs gateway/src/bin/gatewayctl.rs demo-app/main.rs; do \
        echo 'fn main() {}' > "$program"; done \
    && cargo build --release --locked --bins
COPY .sqlx/ .sqlx/
COPY migrations/ migrations/
COPY traefik/ traefik/
COPY gateway/ gateway/
COPY demo-app/ demo-app/
COPY --from=console /src/admin-spa/dist/ admin-spa/dist/
# The empty crate is newer than the source that was copied over it.
RUN find gateway demo-app build.rs -name '*.rs' -exec touch {} + \
    && cargo build --release --locked --bins \
    && mkdir /out \
    && for program in gateway gatewayctl demo-app; do strip -o "/out/$program" "target/release/$program"; done \
    && cp /etc/ssl/certs/ca-certificates.crt /out/

# What runs. Nothing is run to make it, so that any base with glibc will do, one without a shell too.
FROM ${RUNTIME_IMAGE} AS runtime
COPY --from=programs /out/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY migrations/tenant/ /usr/local/share/gateway/migrations/tenant/
COPY LICENSE LICENSE-APACHE LICENSE-MIT /usr/local/share/gateway/
COPY --from=programs /out/gateway /out/gatewayctl /out/demo-app /usr/local/bin/
ENV GATEWAY_TENANT_MIGRATIONS_DIR=/usr/local/share/gateway/migrations/tenant \
    GATEWAY_WORKER_PULSE_FILE=/tmp/worker.pulse \
    GATEWAY_LISTEN_ADDRESS=0.0.0.0 \
    GATEWAY_ADMIN_LISTEN_ADDRESS=0.0.0.0
# Numeric, so that an orchestrator can see that it is not root.
USER 10001:10001
WORKDIR /tmp
ARG VERSION=0.1.0
ARG REVISION=unknown
ARG CREATED=1970-01-01T00:00:00Z
ARG SOURCE=
LABEL org.opencontainers.image.title="gateway" \
    org.opencontainers.image.description="Gives every tenant of a SaaS its own database, network and route" \
    org.opencontainers.image.licenses="MIT OR Apache-2.0" \
    org.opencontainers.image.version="${VERSION}" \
    org.opencontainers.image.revision="${REVISION}" \
    org.opencontainers.image.created="${CREATED}" \
    org.opencontainers.image.source="${SOURCE}"

# The demo app, for containers of tenants, which are started without a command.
FROM runtime AS demo-app
ENV PORT=8080
EXPOSE 8080
ENTRYPOINT ["/usr/local/bin/demo-app"]

FROM runtime AS gateway
EXPOSE 8000 8001
STOPSIGNAL SIGTERM
# Asks the process of this container, whatever its role is.
HEALTHCHECK --interval=10s --timeout=10s --start-period=30s --retries=6 CMD ["/usr/local/bin/gateway", "health"]
ENTRYPOINT ["/usr/local/bin/gateway"]
CMD ["serve"]
