# syntax=docker/dockerfile:1
# MinIO, built from source, because its project is archived and publishes no images.

FROM golang:1.26-bookworm AS build
ARG MINIO_VERSION=latest
ENV GOCACHE=/go/cache
RUN --mount=type=cache,target=/go/pkg/mod \
    --mount=type=cache,target=/go/cache \
    CGO_ENABLED=0 go install -ldflags='-s -w' "github.com/minio/minio@${MINIO_VERSION}"

FROM debian:12-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10002 --home-dir /data --create-home --shell /usr/sbin/nologin minio
COPY --from=build /go/bin/minio /usr/local/bin/

USER minio
VOLUME /data
EXPOSE 9000
HEALTHCHECK --interval=5s --timeout=5s --start-period=30s --retries=5 \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/9000 && printf 'GET /minio/health/ready HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200 '"]
ENTRYPOINT ["minio"]
CMD ["server", "--address", ":9000", "/data"]
