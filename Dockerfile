FROM oven/bun:1.4.5-debian AS packages
WORKDIR /app
COPY package.json bun.lock bunfig.toml ./
RUN bun install --frozen-lockfile --production

FROM debian:bookworm-slim
RUN apt-get update \
  && apt-get install -y --no-install-recommends ffmpeg ca-certificates \
  && rm -rf /var/lib/apt/lists/* \
  && useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin weir \
  && install -d -o weir -g weir -m 0700 /data
COPY --from=packages /usr/local/bin/bun /usr/local/bin/bun
COPY --from=packages /app/node_modules /app/node_modules
COPY package.json tsconfig.json /app/
COPY src /app/src
COPY static /app/static
COPY migrations /app/migrations
RUN printf '#!/bin/sh\nexec bun /app/src/main.ts "$@"\n' > /usr/local/bin/weir && chmod +x /usr/local/bin/weir
USER weir
WORKDIR /app
ENV DATA_DIR=/data ENVIRONMENT=production
VOLUME /data
EXPOSE 8080/tcp 1935/tcp 5000-5100/udp 8900-8990/udp
HEALTHCHECK --interval=30s --timeout=5s --start-period=5s CMD ["weir", "health"]
ENTRYPOINT ["weir"]
