# docker build --tag pipeline-preflight .
# docker run --rm --volume "$PWD:/pipelines:ro" pipeline-preflight check snapshot/
FROM rust:1.95-trixie AS build
WORKDIR /source
COPY . .
RUN cargo build --release --locked

# With a shell, for CI services that run their scripts inside of the image.
FROM debian:trixie-slim
# Certificates for `--live`, git for `--against REVISION`. Versions are those of the release of Debian.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --no-install-recommends --yes ca-certificates git \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin preflight
COPY LICENSE THIRD-PARTY-LICENSES.md /usr/share/doc/pipeline-preflight/
COPY --from=build /source/target/release/pipeline-preflight /usr/local/bin/pipeline-preflight
LABEL org.opencontainers.image.title="pipeline-preflight" \
      org.opencontainers.image.description="Finds every IAM, KMS and S3 permission a cross-account AWS CodePipeline lacks, before it runs" \
      org.opencontainers.image.licenses="Apache-2.0"
USER 10001:10001
WORKDIR /pipelines
ENTRYPOINT ["/usr/local/bin/pipeline-preflight"]
CMD ["--help"]
